import Runtime

/// Texts as sequences of bytes: predict the next byte of UTF-8 at each position.
///
/// A byte is two symbols out of sixteen, its upper and its lower half, one-hot over 32 channels. So every text has the same
/// channels and classes, whatever its script.
public enum TextBytes {
    /// The channels of an input: sixteen for each half of a byte.
    public static let channelCount = 32
    /// The classes: the values of a byte.
    public static let classCount = 256
    /// The most sequences to test on.
    public static let largestTestCount = 16

    /// The two channels that are 1 for `byte`.
    public static func channels(of byte: UInt8) -> (upper: Int, lower: Int) {
        (Int(byte >> 4), 16 + Int(byte & 15))
    }

    /// Reads a text file in UTF-8, plain or gzip-compressed, of up to 64 MiB.
    ///
    /// - Throws: ``DataFileError`` where the file cannot be read, is too large or not UTF-8.
    public static func contents(of file: String) throws(DataFileError) -> [UInt8] {
        let largest = 1 << 26
        let text = try ByteStream(path: file).read(upTo: largest + 1)
        guard text.count <= largest else {
            throw DataFileError(file: file, reason: .tooManyBytes(maximumBytes: largest))
        }
        guard String(validating: text, as: UTF8.self) != nil else {
            throw DataFileError(file: file, reason: .notUTF8)
        }
        return text
    }

    /// The test's part of a text of `count` bytes: the last tenth, and at least one sequence of `length` with the byte behind it.
    static func testCount(of count: Int, length: Int) -> Int { max(count / 10, length + 1) }
}

extension DataSet {
    /// Sequences of `length` bytes, `[32, length]`, that begin every `step` bytes of a text, each with the byte after each
    /// position as its label.
    ///
    /// - Parameters:
    ///   - text: at least `length` + 1 bytes.
    ///   - length: the positions of a sequence, at least 1.
    ///   - step: the distance from one sequence's beginning to that of the next, at least 1.
    public init(text: some Collection<UInt8>, length: Int, step: Int) {
        require(
            length >= 1 && step >= 1 && text.count > length,
            "expected sequences of at least 1 of more bytes than that, got \(length), every \(step), of \(text.count)"
        )
        let text = Array(text)
        let starts = stride(from: 0, to: text.count - length, by: step)
        let channels = TextBytes.channelCount
        var bytes = [UInt8](repeating: 0, count: starts.underestimatedCount * channels * length)
        var labels: [Int] = []
        for (sequence, start) in starts.enumerated() {
            for place in 0..<length {
                let (upper, lower) = TextBytes.channels(of: text[start + place])
                for channel in [upper, lower] {
                    bytes[(sequence * channels + channel) * length + place] = 255
                }
                labels.append(Int(text[start + place + 1]))
            }
        }
        self.init(
            sampleShape: [channels, length], scalars: .bytes(bytes),
            task: .classes(
                count: TextBytes.classCount, positions: LabeledPositions(count: length)),
            targets: .labels(labels))
    }

    /// Reads a part of a text file in UTF-8, plain or gzip-compressed: the last tenth of it, but at least one sequence, is the
    /// test's part, read in up to 16 sequences one after the other; everything before it is the training's, whose sequences
    /// begin every `step` bytes.
    ///
    /// - Throws: ``DataFileError`` as ``TextBytes/contents(of:)``, and where the text is too short for a sequence in each part.
    public init(textFile file: String, part: Part, length: Int, step: Int) throws(DataFileError) {
        let text = try TextBytes.contents(of: file)
        let least = 2 * (length + 1)
        guard text.count >= least else {
            throw DataFileError(
                file: file, reason: .truncated(expectedBytes: least, foundBytes: text.count))
        }
        let split = text.count - TextBytes.testCount(of: text.count, length: length)
        switch part {
        case .training: self.init(text: text[..<split], length: length, step: step)
        case .test:
            let test = text[split...].prefix(TextBytes.largestTestCount * length + 1)
            self.init(text: test, length: length, step: length)
        }
    }
}
