import TestSupport
import Testing

@testable import Training

/// Small compressed files that inflate to a gigabyte: how many bytes are inflated before they are refused.
@Suite struct InflationTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// 1 GiB of zeros, in 1024 members of 1 MiB.
    static let zeros = [[UInt8]](
        repeating: GzipTests.member([UInt8](repeating: 0, count: 1 << 20)), count: 1024
    ).flatMap { $0 }

    /// A stream of `start` and then 1 GiB of zeros.
    func bomb(_ start: [UInt8]) throws -> ByteStream {
        let bytes = GzipTests.member(start) + Self.zeros
        #expect(bytes.count < 5 << 18)
        return try ByteStream(path: folder.write(bytes, to: "bomb.gz"))
    }

    /// What the stream may inflate to by the part of the file that was read, and the chunk that goes beyond it.
    func allowed(_ stream: ByteStream) -> Int {
        ByteStream.inflationAllowance.byteCount
            + ByteStream.inflationAllowance.perFileByte * stream.fileByteCount + 1 << 20
    }

    func expectInflatesTooFar(
        _ stream: ByteStream, sourceLocation: SourceLocation = #_sourceLocation, _ read: () throws -> Void
    ) {
        let error = #expect(throws: DataFileError.self, sourceLocation: sourceLocation) { try read() }
        guard case .inflatesTooFar? = error?.reason else {
            Issue.record("\(error as Any)", sourceLocation: sourceLocation)
            return
        }
        #expect(stream.byteCount <= allowed(stream), sourceLocation: sourceLocation)
        // A uniform bomb of 1000 bytes for each of its own is found out after 64 MiB * 1000 / (1000 - 256), and what is read
        // of the file in one go, 64 KiB, times 256: together, with the chunk of 1 MiB, less than 104 MiB.
        #expect(stream.byteCount < 104 << 20, sourceLocation: sourceLocation)
    }

    /// A header that announces the gigabyte does not help.
    @Test func arrays() throws {
        for shape in [[1 << 30], [1 << 10, 1 << 10, 1 << 10]] {
            let stream = try bomb(idx(shape, []))
            expectInflatesTooFar(stream) { _ = try IDXArray(stream, rank: shape.count) }
        }
        // 16 bytes of header, 24 of data and one more.
        let stream = try bomb(idx([2, 3, 4], []))
        #expect(throws: DataFileError(file: stream.path, reason: .trailingBytes(expectedBytes: 40))) {
            try IDXArray(stream, rank: 3)
        }
        #expect(stream.byteCount == 41)
    }

    /// Labels are counted by their header: these have none behind it.
    @Test func labelsAreCountedBeforeTheyAreRead() throws {
        let images = try folder.write(idx([2, 1, 1], [1, 2]), to: "images")
        let labels = try folder.write(idx([1 << 29], []), to: "labels")
        #expect(throws: DataFileError(file: labels, reason: .labelCount(expected: 2, found: 1 << 29))) {
            try DataSet(imageFile: images, labelFile: labels, classCount: 2)
        }
    }

    @Test func records() throws {
        var stream = try bomb([1])
        expectInflatesTooFar(stream) {
            _ = try RecordFile(stream, recordByteCount: 3073, maximumRecordCount: 50_000)
        }
        stream = try bomb([1])
        #expect(throws: DataFileError(file: stream.path, reason: .tooManyBytes(maximumBytes: 13_000))) {
            try RecordFile(stream, recordByteCount: 1, maximumRecordCount: 13_000)
        }
        #expect(stream.byteCount == 13_001)
        // The limit of a data set, which no other one refuses before.
        let labels = try folder.write([UInt8](repeating: 1, count: 13_001), to: "train_y.bin")
        #expect(throws: DataFileError(file: labels, reason: .tooManyBytes(maximumBytes: 13_000))) {
            try DataSet(stl10: .training, folder: folder.path)
        }
    }

    /// Samples of two bytes count as such.
    @Test func maps() throws {
        var stream = try bomb(Array("P5 8192 8193 65535 ".utf8))
        #expect(
            throws: DataFileError(
                file: stream.path, reason: .tooLarge(shape: [8193, 8192, 1, 2], maximumBytes: 1 << 27))
        ) { try RasterImage(stream, maximumByteCount: 1 << 27) }
        #expect(stream.byteCount <= 1 << 16)
        for map in ["P4 32768 16384 ", "P5 8192 8192 65535 ", "P6 8192 5461 255 "] {
            stream = try bomb(Array(map.utf8))
            expectInflatesTooFar(stream) { _ = try RasterImage(stream, maximumByteCount: 1 << 29) }
        }
        // A small map before the zeros.
        stream = try bomb(Array("P5 1 1 255 a".utf8))
        expectInflatesTooFar(stream) { _ = try RasterImage(stream, maximumByteCount: 1 << 27) }
        stream = try bomb(RasterImage.signatureOfPNG)
        expectInflatesTooFar(stream) { _ = try RasterImage(stream, maximumByteCount: 1 << 27) }
    }

    /// Large files that are compressed as data are.
    @Test func whatIsAllowed() throws {
        // A tenth of each member is noise: it is compressed to a tenth.
        var numbers = seededNumbers()
        let chunk =
            (0..<100_000).map { _ in UInt8.random(in: 0...255, using: &numbers) }
            + [UInt8](repeating: 0, count: 900_000)
        let member = GzipTests.member(chunk)
        let bytes = [[UInt8]](repeating: member, count: 100).flatMap { $0 }
        let path = try folder.write(GzipTests.member(idx([100, 1_000_000], [])) + bytes, to: "array.gz")
        let array = try IDXArray(contentsOf: path, rank: 2)
        #expect(array.bytes.count == 100_000_000 && array.bytes[99_000_000...].elementsEqual(chunk))
    }

    /// Compressed files are read to their ends: a cut is noticed also where more follows the image.
    @Test(arguments: ["P5 1 1 255 abcdef", "P5 1 1 255 a", "P4 1 1 \u{1}\n\n", "P2 1 1 255 7 8 9\n"])
    func cutsBehindAnImage(map: String) throws {
        let whole = GzipTests.member(Array(map.utf8))
        _ = try RasterImage(contentsOf: folder.write(whole, to: "map.gz"))
        for count in 1..<whole.count - 2 {
            let path = try folder.write(whole.dropLast(count), to: "map.gz")
            #expect(
                throws: DataFileError(file: path, reason: .damagedCompression("the data end too early"))
            ) { try RasterImage(contentsOf: path) }
        }
    }
}
