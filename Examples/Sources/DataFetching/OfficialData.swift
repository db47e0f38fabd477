/// The data sets that can be fetched, each as its authors published it.
///
/// Sizes and SHA-256 digests are those that TensorFlow Datasets publishes for the same files
/// (`tensorflow_datasets/url_checksums`).
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
                    "train-images-idx3-ubyte", plainByteCount: 47_040_016, byteCount: 9_912_422,
                    digest: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
                Self.mnist(
                    "train-labels-idx1-ubyte", plainByteCount: 60_008, byteCount: 28_881,
                    digest: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
                Self.mnist(
                    "t10k-images-idx3-ubyte", plainByteCount: 7_840_016, byteCount: 1_648_877,
                    digest: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
                Self.mnist(
                    "t10k-labels-idx1-ubyte", plainByteCount: 10_008, byteCount: 4_542,
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
                        files: ((1...5).map { "data_batch_\($0).bin" } + ["test_batch.bin"])
                            .map { ExpectedFile($0, byteCount: 10_000 * 3_073) }))
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
                            ExpectedFile("train.bin", byteCount: 50_000 * 3_074),
                            ExpectedFile("test.bin", byteCount: 10_000 * 3_074),
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
                            ExpectedFile("train_X.bin", byteCount: 5_000 * 27_648),
                            ExpectedFile("train_y.bin", byteCount: 5_000),
                            ExpectedFile("test_X.bin", byteCount: 8_000 * 27_648),
                            ExpectedFile("test_y.bin", byteCount: 8_000),
                        ]))
            ]
        }
    }

    private static func mnist(
        _ name: String, plainByteCount: Int, byteCount: Int, digest: String
    ) -> Archive {
        Archive(
            name: name + ".gz", byteCount: byteCount, digest: digest,
            mirrors: [
                "https://ossci-datasets.s3.amazonaws.com/mnist/",
                "https://storage.googleapis.com/cvdf-datasets/mnist/", "https://yann.lecun.com/exdb/mnist/",
            ],
            contents: .compressedFile(ExpectedFile(name, byteCount: plainByteCount)))
    }
}
