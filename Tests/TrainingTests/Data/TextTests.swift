import TestSupport
import Testing

@testable import Training

/// Texts as sequences of bytes, and what is refused.
@Suite struct TextTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// The bytes that a data set's inputs stand for, of each sequence.
    private func texts(_ data: DataSet) -> [[UInt8]] {
        let length = data.sampleShape[1]
        return (0..<data.count).map { sequence in
            (0..<length).map { place in
                let set = (0..<32).filter { data.bytes[(sequence * 32 + $0) * length + place] == 255 }
                #expect(set.count == 2 && set[0] < 16 && set[1] >= 16)
                return UInt8(set[0] << 4 | (set[1] - 16))
            }
        }
    }

    @Test func everyByteHasItsChannels() {
        let all = Array(UInt8.min...UInt8.max)
        let data = DataSet(text: all + [0], length: 256, step: 1)
        #expect(data.count == 1 && texts(data) == [all])
        #expect(data.labels == (1..<256).map { $0 } + [0])
    }

    /// Every sequence has a byte behind it; the last one that has begins where the next would not.
    @Test(arguments: [(11, 10, 1), (12, 10, 1), (30, 10, 10), (31, 10, 10), (40, 7, 3)])
    func sequencesBeginEveryStep(count: Int, length: Int, step: Int) {
        let text = (0..<count).map { UInt8($0) }
        let data = DataSet(text: text, length: length, step: step)
        let starts = Array(stride(from: 0, through: count - length - 1, by: step))
        #expect(data.count == starts.count)
        #expect(texts(data) == starts.map { Array(text[$0..<$0 + length]) })
        #expect(data.labels == starts.flatMap { start in (1...length).map { Int(text[start + $0]) } })
    }

    /// No byte is in both parts.
    @Test(arguments: [(4000, 30), (202, 100), (90, 8)]) func lastTenthIsTheTests(count: Int, length: Int)
        throws
    {
        let bytes = (0..<count).map { UInt8(32 + $0 % 90) }
        let file = try folder.write(bytes, to: "text")
        let training = try DataSet(textFile: file, part: .training, length: length, step: 1)
        let test = try DataSet(textFile: file, part: .test, length: length, step: 1)
        let held = max(count / 10, length + 1)
        #expect(training.count == count - held - length)
        #expect(test.count == min(16, (held - 1) / length))
        #expect(texts(test)[0] == Array(bytes[(count - held)...].prefix(length)))
        let compressed = try folder.writeCompressed([bytes], to: "text.gz")
        #expect(try DataSet(textFile: compressed, part: .test, length: length, step: 1) == test)
    }

    @Test func othersAreRefused() throws {
        func reason(_ bytes: [UInt8], length: Int = 4) throws -> DataFileError.Reason? {
            let file = try folder.write(bytes, to: "text")
            do throws(DataFileError) {
                _ = try DataSet(textFile: file, part: .training, length: length, step: 1)
                return nil
            } catch {
                return error.reason
            }
        }
        let text = Array("nine byte".utf8)
        #expect(try reason(text) == .truncated(expectedBytes: 10, foundBytes: 9))
        #expect(try reason(text + [0x20]) == nil)
        #expect(try reason(text + [0xC3]) == .notUTF8)
        #expect(try reason(text + [0xED, 0xA0, 0x80]) == .notUTF8)
        #expect(try reason([]) == .truncated(expectedBytes: 10, foundBytes: 0))
    }
}
