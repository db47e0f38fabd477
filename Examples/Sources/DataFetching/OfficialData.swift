/// The data sets that can be fetched, each as its authors published it.
///
/// Sizes and SHA-256 digests of the archives are those that TensorFlow Datasets publishes for the same files
/// (`tensorflow_datasets/url_checksums`). The digests of the unpacked files are those that are known for them: MNIST's are
/// computed from the files; CIFAR's are those by which Apache MXNet (`gluon.data.vision`) recognizes the files of the same
/// archives, STL-10's those of torchvision (`torchvision.datasets.STL10`).
public enum OfficialData: String, Sendable, CaseIterable {
    /// The MNIST database.
    case mnist
    /// CIFAR-10, binary version.
    case cifar10
    /// CIFAR-100, binary version.
    case cifar100
    /// STL-10, binary version. Its archive also has 100,000 images without labels, which are passed over.
    case stl10

    /// The archives that have it.
    public var archives: [Archive] {
        switch self {
        case .mnist:
            [
                Self.mnist(
                    "train-images-idx3-ubyte", plainByteCount: 47_040_016,
                    plainDigest: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                    byteCount: 9_912_422,
                    digest: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
                Self.mnist(
                    "train-labels-idx1-ubyte", plainByteCount: 60_008,
                    plainDigest: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
                    byteCount: 28_881,
                    digest: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
                Self.mnist(
                    "t10k-images-idx3-ubyte", plainByteCount: 7_840_016,
                    plainDigest: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                    byteCount: 1_648_877,
                    digest: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
                Self.mnist(
                    "t10k-labels-idx1-ubyte", plainByteCount: 10_008,
                    plainDigest: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
                    byteCount: 4_542,
                    digest: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
            ]
        case .cifar10:
            [
                Archive(
                    name: "cifar-10-binary.tar.gz", byteCount: 170_052_171,
                    digest: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
                    mirrors: ["https://www.cs.toronto.edu/~kriz/"],
                    contents: .tar(
                        folder: "cifar-10-batches-bin",
                        files: [
                            ("data_batch_1.bin", "aadd24acce27caa71bf4b10992e9e7b2d74c2540"),
                            ("data_batch_2.bin", "c0ba65cce70568cd57b4e03e9ac8d2a5367c1795"),
                            ("data_batch_3.bin", "1dd00a74ab1d17a6e7d73e185b69dbf31242f295"),
                            ("data_batch_4.bin", "aab85764eb3584312d3c7f65fd2fd016e36a258e"),
                            ("data_batch_5.bin", "26e2849e66a845b7f1e4614ae70f4889ae604628"),
                            ("test_batch.bin", "67eb016db431130d61cd03c7ad570b013799c88c"),
                        ].map { ExpectedFile($0, byteCount: 10_000 * 3_073, digest: .sha1($1)) }))
            ]
        case .cifar100:
            [
                Archive(
                    name: "cifar-100-binary.tar.gz", byteCount: 168_513_733,
                    digest: "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
                    mirrors: ["https://www.cs.toronto.edu/~kriz/"],
                    contents: .tar(
                        folder: "cifar-100-binary",
                        files: [
                            ExpectedFile(
                                "train.bin", byteCount: 50_000 * 3_074,
                                digest: .sha1("e207cd2e05b73b1393c74c7f5e7bea451d63e08e")),
                            ExpectedFile(
                                "test.bin", byteCount: 10_000 * 3_074,
                                digest: .sha1("8fb6623e830365ff53cf14adec797474f5478006")),
                        ]))
            ]
        case .stl10:
            [
                Archive(
                    name: "stl10_binary.tar.gz", byteCount: 2_640_397_119,
                    digest: "f31fd99273a1acb8609c8db427cebb1de3f71de77758cdc0e22956e1289b9866",
                    mirrors: [
                        "https://cs.stanford.edu/~acoates/stl10/", "https://ai.stanford.edu/~acoates/stl10/",
                    ],
                    contents: .tar(
                        folder: "stl10_binary",
                        files: [
                            ExpectedFile(
                                "train_X.bin", byteCount: 5_000 * 27_648,
                                digest: .md5("918c2871b30a85fa023e0c44e0bee87f")),
                            ExpectedFile(
                                "train_y.bin", byteCount: 5_000,
                                digest: .md5("5a34089d4802c674881badbb80307741")),
                            ExpectedFile(
                                "test_X.bin", byteCount: 8_000 * 27_648,
                                digest: .md5("7f263ba9f9e0b06b93213547f721ac82")),
                            ExpectedFile(
                                "test_y.bin", byteCount: 8_000,
                                digest: .md5("36f9794fa4beb8a2c72628de14fa638e")),
                        ]))
            ]
        }
    }

    private static func mnist(
        _ name: String, plainByteCount: Int, plainDigest: String, byteCount: Int, digest: String
    ) -> Archive {
        Archive(
            name: name + ".gz", byteCount: byteCount, digest: digest,
            mirrors: [
                "https://ossci-datasets.s3.amazonaws.com/mnist/",
                "https://storage.googleapis.com/cvdf-datasets/mnist/", "https://yann.lecun.com/exdb/mnist/",
            ],
            contents: .compressedFile(
                ExpectedFile(
                    name, byteCount: plainByteCount, digest: .sha256(plainDigest))))
    }
}
