import Foundation
import Tensors
import Terminator
import TestSupport
import Testing

@testable import Training

/// Data sets and images come through named pipes as from files.
@Suite struct PipedDataTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Makes a named pipe with the contents of a file, which are written late and in parts: one byte, two, all others.
    func pipe(_ bytes: [UInt8], _ name: String) throws -> String {
        let path = folder.file(name)
        try #require(mkfifo(path, 0o600) == 0)
        Thread.detachNewThread {
            usleep(20_000)
            guard let file = fopen(path, "w") else { return }
            for part in [bytes.prefix(1), bytes.dropFirst(1).prefix(2), bytes.dropFirst(3)] {
                fwrite(Array(part), 1, part.count, file)
                fflush(file)
                usleep(5_000)
            }
            fclose(file)
        }
        return path
    }

    func compressed(_ bytes: [UInt8]) throws -> [UInt8] {
        let file = try folder.writeCompressed([bytes], to: "compressed")
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
    }

    static let array = idx([50, 60, 70], (0..<210_000).map { UInt8(truncatingIfNeeded: $0 * 7) })

    @Test func arrays() throws {
        let expected = try IDXArray(contentsOf: folder.write(Self.array, to: "file"), rank: 3)
        #expect(expected.bytes.elementsEqual(Self.array.dropFirst(16)))
        #expect(try IDXArray(contentsOf: pipe(Self.array, "plain"), rank: 3) == expected)
        #expect(try IDXArray(contentsOf: pipe(compressed(Self.array), "array.gz"), rank: 3) == expected)
    }

    @Test func foldersOfArrays() throws {
        _ = try pipe(idx([2, 1, 2], [1, 2, 3, 4]), "train-images-idx3-ubyte")
        _ = try pipe(compressed(idx([2], [1, 0])), "train-labels-idx1-ubyte.gz")
        let data = try DataSet(.training, folder: folder.path, classCount: 2)
        #expect(data.bytes == [1, 2, 3, 4] && data.labels == [1, 0])
    }

    @Test func cifar() throws {
        let batches = [[[3], [9]], [[0]]].map { RecordDataTests.cifar(labels: $0) }
        _ = try pipe(batches[0], "data_batch_1.bin")
        _ = try pipe(compressed(batches[1]), "data_batch_2.bin.gz")
        let data = try DataSet(cifar10: .training, folder: folder.path)
        #expect(data.labels == [3, 9, 0])
        #expect(data.bytes == [0, 1, 0].flatMap { RecordDataTests.image(3072, $0) })
        _ = try pipe(RecordDataTests.cifar(labels: [[1, 99]]), "test.bin")
        #expect(try DataSet(cifar100: .test, folder: folder.path).labels == [99])
    }

    @Test func stl10() throws {
        let size = 3 * 96 * 96
        _ = try pipe(RecordDataTests.image(2 * size, 0), "train_X.bin")
        _ = try pipe([10, 1], "train_y.bin")
        let data = try DataSet(stl10: .training, folder: folder.path)
        #expect(data.labels == [9, 0] && data.bytes.count == 2 * size)
        // The second byte of the file is the first one of the second row.
        #expect(data.bytes[96] == RecordDataTests.image(2, 0)[1])
    }

    @Test func images() throws {
        let image = RasterImageTests.image(30, 20, 3)
        #expect(try RasterImage(contentsOf: pipe(image.png, "png")) == image)
        let map = Array("P6 30 20 255\n".utf8) + image.bytes
        #expect(try RasterImage(contentsOf: pipe(map, "ppm")) == image)
        #expect(try RasterImage(contentsOf: pipe(compressed(map), "ppm.gz")) == image)
    }

    /// A network, its normalization and its record are one reading of the file.
    @Test func networks() throws {
        var randomNumbers = RandomNumbers(seed: 3)
        let trained = TrainedNetwork(
            Network(.digits(form: .image), using: &randomNumbers),
            normalization: Normalization(means: [0.3], deviations: [0.4]))
        let file = folder.file("model")
        try trained.save(to: file)
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
        for (index, expected) in [nil, NetworkConfiguration.digits(form: .image)].enumerated() {
            let read = try TrainedNetwork(contentsOf: pipe(bytes, "pipe\(index)"), expecting: expected)
            #expect(read.normalization == trained.normalization)
            #expect(read.network.parameters.map(\.name) == trained.network.parameters.map(\.name))
        }
    }

    /// A pipe that nobody writes to is given up, and a folder is refused in the system's words.
    @Test func neitherWriterNorFile() throws {
        let path = folder.file("pipe")
        try #require(mkfifo(path, 0o600) == 0)
        #expect(
            throws: DataFileError(
                file: path, reason: .unreadable("nothing was written to the pipe within 1 seconds"))
        ) { try ByteStream(path: path, waitingForWriter: 1) }
        #expect(throws: DataFileError(file: folder.path, reason: .unreadable("Is a directory"))) {
            try RasterImage(contentsOf: folder.path)
        }
        #expect(throws: DataFileError(file: folder.path, reason: .unreadable("Is a directory"))) {
            try IDXArray(contentsOf: folder.path, rank: 1)
        }
    }

    /// A pipe that is closed without a byte is an empty file.
    @Test func emptyPipe() throws {
        #expect(throws: DataFileError.self) { try RasterImage(contentsOf: pipe([], "pipe")) }
    }

    /// Bytes that were peeked at or read one by one stay in order with those read in bulk.
    @Test func readingInTurns() throws {
        for path in [
            try folder.write(Self.array, to: "file"), try folder.writeCompressed([Self.array], to: "file.gz"),
        ] {
            let stream = try ByteStream(path: path)
            var found = try stream.read(upTo: 1)
            #expect(try stream.peek(upTo: 8) == Array(Self.array[1..<9]))
            found.append(try #require(try stream.next()))
            found += try stream.read(upTo: 100_000)
            #expect(try stream.peek(upTo: 3) == Array(Self.array[100_002..<100_005]))
            while let byte = try stream.next() { found.append(byte) }
            #expect(found == Self.array)
            #expect(try stream.peek(upTo: 8).isEmpty)
            #expect(try stream.read(upTo: 8).isEmpty)
        }
    }
}
