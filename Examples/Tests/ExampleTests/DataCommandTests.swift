import ExampleTestSupport
import Foundation
import Testing

/// `data fetch` from outside, without the net: what it does with folders, and what the other commands say of it.
@Suite struct DataCommandTests {
    let folder: TemporaryFolder
    var data: String { folder.file("data") }

    init() throws { folder = try TemporaryFolder() }

    /// Files of the official sizes, which take no room on the disk.
    func makeFiles(_ files: [(name: String, byteCount: Int)]) throws {
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        for file in files {
            let path = data + "/" + file.name
            try Data().write(to: URL(fileURLWithPath: path))
            #expect(truncate(path, file.byteCount) == 0)
        }
    }

    static let filesOfMNIST = [
        (name: "train-images-idx3-ubyte", byteCount: 47_040_016),
        (name: "train-labels-idx1-ubyte", byteCount: 60_008),
        (name: "t10k-images-idx3-ubyte", byteCount: 7_840_016),
        (name: "t10k-labels-idx1-ubyte", byteCount: 10_008),
    ]

    /// A folder with MNIST, plain or compressed, from outside: the data are not part of the repository.
    static let folderOfMNIST = ProcessInfo.processInfo.environment["LONGCONV_TEST_MNIST"]

    @Test(.enabled(if: folderOfMNIST != nil, "LONGCONV_TEST_MNIST names no folder with MNIST"))
    func keepsWhatIsThere() throws {
        let data = try #require(Self.folderOfMNIST)
        for arguments in [["data", "fetch"], ["data", "fetch", "mnist"]] {
            let outcome = try Program("SequentialMNIST").run(arguments + ["--data", data])
            #expect(outcome.status == 0 && outcome.errors == "")
            #expect(
                outcome.outputLines
                    == Self.filesOfMNIST.map { "kept          \($0.name).gz" } + ["data          \(data)"])
        }
        let outcome = try Program("SequentialMNIST").run(["data", "fetch", "mnist", "--data", data, "--json"])
        #expect(outcome.status == 0)
        let events = try outcome.outputLines.map { line in
            try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String])
        }
        #expect(events.map { $0["event"] } == Array(repeating: "archive", count: 4) + ["data"])
        #expect(events.prefix(4).allSatisfy { $0["outcome"] == "kept" })
    }

    /// Files of the right names and sizes that hold something else: each data set is recognized by its data.
    @Test(arguments: [
        ("SequentialMNIST", filesOfMNIST, "SHA-256 ba891046"),
        (
            "CIFAR10",
            (1...5).map { ("data_batch_\($0).bin", 30_730_000) } + [("test_batch.bin", 30_730_000)],
            "SHA-1 aadd24ac"
        ),
        ("CIFAR100", [("train.bin", 153_700_000), ("test.bin", 30_740_000)], "SHA-1 e207cd2e"),
        (
            "STL10",
            [
                ("train_X.bin", 138_240_000), ("train_y.bin", 5_000), ("test_X.bin", 221_184_000),
                ("test_y.bin", 8_000),
            ],
            "MD5 918c2871"
        ),
    ]) func refusesOtherData(program: String, files: [(name: String, byteCount: Int)], digest: String) throws
    {
        try makeFiles(files)
        let outcome = try Program(program).run(["data", "fetch", "--data", data])
        #expect(outcome.status != 0 && outcome.output == "" && outcome.errorLines.count == 1)
        #expect(
            outcome.errors.hasPrefix(
                "error: \(data)/\(files[0].name): expected no file or one whose data have the \(digest)"))
        #expect(outcome.errors.hasSuffix("; it is left as it is: move it away\n"))
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: data).sorted() == files.map(\.name).sorted())
        for file in files {
            let size = try FileManager.default.attributesOfItem(atPath: data + "/" + file.name)[.size] as? Int
            #expect(size == file.byteCount)
        }
    }

    /// One line says which file, what was expected and what was found; nothing is left in the folder.
    @Test func refusesOtherArchives() throws {
        let archive = try folder.write([1, 2, 3], to: "cifar-10-binary.tar.gz")
        let outcome = try Program("SequentialCIFAR10").run(
            ["data", "fetch", "--from", folder.path, "--data", data])
        #expect(outcome.status != 0 && outcome.output == "")
        #expect(outcome.errors == "error: \(archive): expected 170052171 bytes, found 3\n")
        #expect(!FileManager.default.fileExists(atPath: data))

        let missing = try Program("STL10").run(["data", "fetch", "--from", folder.path, "--data", data])
        #expect(missing.status != 0)
        #expect(
            missing.errors == "error: \(folder.file("stl10_binary.tar.gz")): No such file or directory\n")
    }

    @Test func leavesOtherFilesAlone() throws {
        var files = Self.filesOfMNIST
        files[0].byteCount = 12
        try makeFiles(files)
        let outcome = try Program("PermutedMNIST").run(["data", "fetch", "--data", data])
        #expect(outcome.status != 0)
        #expect(outcome.errorLines.count == 1)
        #expect(
            outcome.errors.hasPrefix("error: \(data)/train-images-idx3-ubyte: expected no file or one with"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: data + "/" + files[0].name)).count == 12)
    }

    @Test(arguments: [
        ["--from", "a", "--mirror", "https://b"], ["--mirror", "ftp://b"], ["mnist2"],
    ]) func refusesOptions(arguments: [String]) throws {
        let outcome = try Program("SequentialMNIST").run(["data", "fetch", "--data", data] + arguments)
        #expect(outcome.status != 0 && outcome.errorLines.count == 1)
        #expect(!FileManager.default.fileExists(atPath: data))
    }

    /// Where data are missing, the error says what brings them.
    @Test(arguments: [
        "SequentialMNIST", "PermutedMNIST", "SequentialCIFAR10", "CIFAR10", "CIFAR100", "STL10",
    ]) func isNamedWhereDataAreMissing(name: String) throws {
        let outcome = try Program(name).run(["train", "--data", data])
        #expect(outcome.status != 0 && outcome.errorLines.count == 1)
        #expect(outcome.errors.hasSuffix("; '\(name) data fetch --data \(data)' fetches the data\n"))
    }

    /// What is not official cannot be fetched.
    @Test func isNoneOfDigits() throws {
        #expect(try Program("Digits").run(["data", "fetch"]).status != 0)
        let outcome = try Program("Digits").run(["train", "--data", data])
        #expect(outcome.status != 0 && !outcome.errors.contains("fetch"))
    }
}
