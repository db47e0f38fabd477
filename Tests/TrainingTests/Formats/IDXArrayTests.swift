import Foundation
import TestSupport
import Testing

@testable import Training

@Suite struct IDXArrayTests {
    let folder: TemporaryFolder
    let pixels: [UInt8] = (0..<24).map { $0 * 10 }

    init() throws { folder = try TemporaryFolder() }

    /// Why `file` is refused, `nil` if it is not.
    func refusal(of file: String, rank: Int = 3, maximum: Int = 1 << 20) -> DataFileError.Reason? {
        do {
            _ = try IDXArray(contentsOf: file, rank: rank, maximumByteCount: maximum)
            return nil
        } catch {
            #expect(error.file == file)
            #expect(error.description.hasPrefix(file) && !error.description.contains("\n"))
            return error.reason
        }
    }

    @Test func readsPlainFiles() throws {
        let file = try folder.write(idx([2, 3, 4], pixels), to: "images")
        let array = try IDXArray(contentsOf: file, rank: 3)
        #expect(array.shape == [2, 3, 4])
        #expect(array.bytes == pixels)
    }

    @Test func readsCompressedFiles() throws {
        let file = try folder.writeCompressed([idx([2, 3, 4], pixels)], to: "images.gz")
        let array = try IDXArray(contentsOf: file, rank: 3)
        #expect(array.shape == [2, 3, 4])
        #expect(array.bytes == pixels)
    }

    /// Longer than the chunks in which files are read (1 MiB) and inflated (64 KiB compressed).
    @Test func readsLongFiles() throws {
        var state: UInt32 = 1
        let noise = (0..<3_000_000).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(state >> 24)
        }
        let file = try folder.writeCompressed([idx([noise.count], noise)], to: "noise.gz")
        #expect(try IDXArray(contentsOf: file, rank: 1).bytes == noise)
    }

    /// What `cat a.gz b.gz` makes is a gzip file, too (RFC 1952, section 2.2).
    @Test func readsFilesOfSeveralMembers() throws {
        let bytes = idx([2, 3, 4], pixels)
        let first = try folder.writeCompressed([Array(bytes[..<20])], to: "first.gz")
        let second = try folder.writeCompressed([Array(bytes[20...])], to: "second.gz")
        let both = try [first, second].flatMap { try Data(contentsOf: URL(fileURLWithPath: $0)) }
        let file = try folder.write(both, to: "both.gz")
        #expect(try IDXArray(contentsOf: file, rank: 3).bytes == pixels)
    }

    @Test func refusesWhatCannotBeRead() throws {
        #expect(refusal(of: folder.path + "/missing") == .unreadable("No such file or directory"))
        #expect(refusal(of: folder.path) == .unreadable("Is a directory"))
    }

    /// Every possible end, inside the magic number, the sizes and the data.
    @Test func refusesTruncatedFiles() throws {
        let bytes = idx([2, 3, 4], pixels)
        for count in bytes.indices {
            let file = try folder.write(Array(bytes[..<count]), to: "images")
            let expected = count < 4 ? 4 : count < 16 ? 16 : bytes.count
            #expect(refusal(of: file) == .truncated(expectedBytes: expected, foundBytes: count))
        }
    }

    @Test func refusesTruncatedCompressedFiles() throws {
        let whole = try folder.writeCompressed([idx([2, 3, 4], pixels)], to: "whole.gz")
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: whole)))
        for count in 2..<bytes.count {
            let file = try folder.write(Array(bytes[..<count]), to: "images.gz")
            #expect(refusal(of: file) == .damagedCompression("the data end too early"), "\(count) bytes")
        }
    }

    /// A changed byte anywhere in the compressed data or in their checksum and length is noticed.
    @Test func refusesDamagedCompressedFiles() throws {
        let whole = try folder.writeCompressed([idx([2, 3, 4], pixels)], to: "whole.gz")
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: whole)))
        for index in 10..<bytes.count {
            var damaged = bytes
            damaged[index] ^= 0x55
            let file = try folder.write(damaged, to: "images.gz")
            #expect(refusal(of: file) != nil, "byte \(index)")
        }
    }

    @Test func refusesTrailingBytes() throws {
        let bytes = idx([2, 3, 4], pixels)
        let plain = try folder.write(bytes + [0], to: "images")
        #expect(refusal(of: plain) == .trailingBytes(expectedBytes: bytes.count))
        let compressed = try folder.writeCompressed([bytes + [0]], to: "images.gz")
        #expect(refusal(of: compressed) == .trailingBytes(expectedBytes: bytes.count))
        let behind =
            try Data(contentsOf: URL(fileURLWithPath: folder.writeCompressed([bytes], to: "a.gz"))) + [1, 2]
        #expect(
            refusal(of: try folder.write(Array(behind), to: "b.gz"))
                == .damagedCompression("something other than gzip data follows them"))
    }

    @Test func refusesOtherFormats() throws {
        let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A]
        #expect(refusal(of: try folder.write(png, to: "a.png")) == .notIDX(foundBytes: Array(png[..<4])))
        let unknown = try folder.write(idx([1], type: 0x07, [0]), to: "unknown")
        #expect(refusal(of: unknown) == .notIDX(foundBytes: [0, 0, 7, 1]))
        let floats = try folder.write(idx([2], type: 0x0D, Array(repeating: 0, count: 8)), to: "floats")
        #expect(refusal(of: floats) == .elementType(foundCode: 0x0D))
        let labels = try folder.write(idx([2], [0, 1]), to: "labels")
        #expect(refusal(of: labels) == .rank(expected: 3, found: 1))
    }

    @Test func refusesImpossibleSizes() throws {
        let empty = try folder.write(idx([2, 0, 4], []), to: "empty")
        #expect(refusal(of: empty) == .emptyAxis(1))
        let huge = Array(repeating: Int(UInt32.max), count: 3)
        #expect(
            refusal(of: try folder.write(idx(huge, []), to: "huge"))
                == .tooLarge(shape: huge, maximumBytes: 1 << 20))
        let exact = try folder.write(idx([2, 3, 4], pixels), to: "exact")
        #expect(refusal(of: exact, maximum: 24) == nil)
        #expect(refusal(of: exact, maximum: 23) == .tooLarge(shape: [2, 3, 4], maximumBytes: 23))
    }

    /// A header that announces more than the file has must not make the reader take memory for it: 64 TiB would not
    /// be there.
    @Test func takesNoMemoryForWhatIsOnlyAnnounced() throws {
        let file = try folder.write(idx([1 << 31, 1 << 15], [1, 2, 3]), to: "boast")
        #expect(
            refusal(of: file, rank: 2, maximum: 1 << 46)
                == .truncated(expectedBytes: 12 + (1 << 46), foundBytes: 15))
    }

    /// 256 MiB of zeros in about 256 KiB, behind a header that announces 24 bytes: the file is not read to its end.
    @Test func inflatesNoMoreThanTheHeaderAnnounces() throws {
        let zeros = [UInt8](repeating: 0, count: 1 << 20)
        let file = try folder.writeCompressed(
            [idx([2, 3, 4], [])] + Array(repeating: zeros, count: 256), to: "bomb.gz")
        #expect(refusal(of: file) == .trailingBytes(expectedBytes: 40))
        let stream = try ByteStream(path: file)
        #expect(try stream.read(upTo: 40).count == 40)
        #expect(try stream.read(upTo: 1).count == 1)
        #expect(stream.fileByteCount <= 1 << 16)
    }
}
