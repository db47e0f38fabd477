import Runtime

extension WaveHeader {
    /// Reads a file up to its first sample. Nothing is sought, so that a pipe may bring it.
    init(reading file: InputFile) throws(SignalFileError) {
        var chunks = WaveChunks(file: file)
        try chunks.begin()
        var description: SignalDescription?
        while true {
            let (name, length) = try chunks.next()
            switch name {
            case "fmt ":
                guard description == nil else { throw chunks.error("describes its format twice") }
                description = try chunks.description(length)
            case "data":
                guard let description else { throw chunks.error("has no description of its format") }
                self.description = description
                byteCount = try chunks.sampleByteCount(length, frame: description.frameByteCount)
                return
            default: try chunks.skip(name, length)
            }
        }
    }
}

/// The chunks of a WAV file, one after the other: a name of four characters, a length n, and n bytes, which begin at
/// an even place.
private struct WaveChunks {
    let file: InputFile
    /// The bytes of samples that a long form says.
    private var longByteCount: Int?
    private var isLong = false

    init(file: InputFile) { self.file = file }

    func error(_ reason: String) -> SignalFileError { SignalFileError(file.path, reason) }

    private func read(_ count: Int) throws(SignalFileError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let found = try asSignalFileError(file.path, "cannot be read") { () throws(FileError) in
            try bytes.withUnsafeMutableBufferPointer { (memory) throws(FileError) in
                try file.read(into: UnsafeMutableRawBufferPointer(memory))
            }
        }
        bytes.removeLast(count - found)
        return bytes
    }

    /// The number in `count` bytes at `start`, the lowest first; what has no `Int` is `nil`.
    private func number(_ bytes: [UInt8], _ start: Int, _ count: Int) -> Int? {
        Int(exactly: (0..<count).reduce(UInt64(0)) { $0 | UInt64(bytes[start + $1]) << (8 * $1) })
    }

    /// Reads the beginning of a file and, in a long form, its lengths.
    mutating func begin() throws(SignalFileError) {
        let bytes = try read(12)
        guard bytes.count == 12, bytes[8...].elementsEqual("WAVE".utf8) else {
            throw error("expected a WAV file, found none")
        }
        switch String(decoding: bytes[..<4], as: UTF8.self) {
        case "RIFF": return
        case "RF64", "BW64": isLong = true
        case let name where name == "RIFX":
            throw error("expected samples with the lowest byte first, found a WAV file of the form RIFX")
        default: throw error("expected a WAV file, found none")
        }
        let (name, length) = try next()
        guard name == "ds64", (WaveHeader.longLengthsByteCount...1 << 20).contains(length) else {
            throw error("expected the lengths of a long WAV file, found the chunk '\(name)'")
        }
        let lengths = try whole("ds64", length)
        guard let byteCount = number(lengths, 8, 8) else {
            throw error("expected fewer than 2^63 bytes of samples, found more")
        }
        longByteCount = byteCount
    }

    /// Reads a chunk's name and length.
    func next() throws(SignalFileError) -> (name: String, length: Int) {
        let bytes = try read(8)
        if bytes.isEmpty { throw error("has no samples") }
        guard bytes.count == 8 else { throw error("is truncated: it ends in the name of a chunk") }
        // A name is shown in messages.
        let name = String(decoding: bytes[..<4].map { 0x20...0x7E ~= $0 ? $0 : 0x3F }, as: UTF8.self)
        return (name, number(bytes, 4, 4)!)
    }

    /// The bytes of a chunk, and what makes its length even.
    private func whole(_ name: String, _ length: Int) throws(SignalFileError) -> [UInt8] {
        let bytes = try read(length + length % 2)
        guard bytes.count >= length else { throw truncated(name, length, bytes.count) }
        return bytes
    }

    private func truncated(_ name: String, _ needed: Int, _ found: Int) -> SignalFileError {
        error("is truncated: '\(name)' needs \(needed) bytes, found \(found)")
    }

    /// Reads a chunk that says nothing of the samples.
    func skip(_ name: String, _ length: Int) throws(SignalFileError) {
        guard length < WaveHeader.longLength else { throw error("has a chunk '\(name)' of 4 GiB or more") }
        var rest = length
        while rest > 0 {
            let part = min(rest, 1 << 16)
            let found = try read(part + (part == rest ? rest % 2 : 0)).count
            guard found >= part else { throw truncated(name, length, length - rest + found) }
            rest -= part
        }
    }

    /// Reads the description of the format.
    func description(_ length: Int) throws(SignalFileError) -> SignalDescription {
        guard (16...1 << 16).contains(length) else {
            throw error("expected a description of the format of 16 to 65536 bytes, found \(length)")
        }
        let bytes = try whole("fmt ", length)
        func field(_ start: Int, _ count: Int = 2) -> Int { number(bytes, start, count)! }
        var code = field(0)
        let (channels, rate, frame, bits) = (field(2), field(4, 4), field(12), field(14))
        if code == WaveHeader.extensibleCode, length >= 40 {
            // A GUID whose beginning is the code of the format.
            guard bytes[26..<40].elementsEqual(Self.codeSuffix) else {
                throw error("has samples of a format that is none of the known ones")
            }
            code = field(24)
        }
        let format: SampleFormat
        switch (code, bits) {
        case (WaveHeader.integerCode, 16): format = .int16
        case (WaveHeader.integerCode, 24): format = .int24
        case (WaveHeader.integerCode, 32): format = .int32
        case (WaveHeader.floatCode, 32): format = .float32
        case (WaveHeader.floatCode, 64): format = .float64
        default:
            throw error(
                "expected integers of 16, 24 or 32 bits or floats of 32 or 64 bits, found format \(code) of \(bits) bits"
            )
        }
        let description = SignalDescription(format: format, channels: channels, sampleRate: rate)
        guard channels >= 1, rate >= 1, frame == description.frameByteCount else {
            throw error("has a description of its format that contradicts itself")
        }
        return description
    }

    private static let codeSuffix: [UInt8] = [
        0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xAA, 0x00, 0x38, 0x9B, 0x71,
    ]

    /// The bytes of samples, by the length of their chunk; `nil` where they go to the end of the file.
    func sampleByteCount(_ length: Int, frame: Int) throws(SignalFileError) -> Int? {
        let left = file.byteCount.map { $0 - file.position }
        var needed: Int? = length
        if length == WaveHeader.longLength {
            // Without a long form: a program that could not go back wrote it.
            needed = isLong ? longByteCount : left.map { $0 / frame * frame }
        }
        guard let needed else { return nil }
        guard needed > 0 else { throw error("has no samples") }
        if let left, needed > left { throw truncated("data", needed, left) }
        guard needed.isMultiple(of: frame) else {
            throw error("expected whole frames of \(frame) bytes, found \(needed) bytes")
        }
        return needed
    }
}
