/// The header of a WAV file, in its plain form and in that for more than 4 GiB (RF64).
///
/// Source: IBM and Microsoft, "Multimedia Programming Interface and Data Specifications 1.0" (1991); Microsoft, "Multiple
/// channel audio data and WAVE files" (2007) for the extensible form; EBU Tech 3306, "MBWF / RF64" (2009), and ITU-R
/// BS.2088 (2019) for the long forms.
struct WaveHeader: Equatable {
    /// The format, the channels and the rate.
    var description: SignalDescription
    /// The bytes of samples; `nil` where they go to the end of the file.
    var byteCount: Int?

    /// The codes of integers, of floats, and of the extensible form, which has the code of these later.
    static let (integerCode, floatCode, extensibleCode) = (1, 3, 0xFFFE)
    /// What stands for lengths of 4 GiB and more, and for unknown ones.
    static let longLength = Int(UInt32.max)
    /// The bytes of the chunk with long lengths: those of the file and of the samples, the number of frames, and an empty table.
    static let longLengthsByteCount = 28

    /// The bytes before the samples.
    ///
    /// - Parameter hasRoom: Whether the header has the same length for any number of samples: where long lengths would stand is
    ///   a chunk that readers skip.
    func bytes(hasRoom: Bool) -> [UInt8] {
        let byteCount = byteCount ?? 0
        let frame = description.frameByteCount, padded = byteCount + byteCount % 2
        let short = 36 + padded
        let isLong = short + (hasRoom ? 8 + Self.longLengthsByteCount : 0) >= Self.longLength
        let fileLength = short + (isLong || hasRoom ? 8 + Self.longLengthsByteCount : 0)
        var bytes: [UInt8] = []
        func append(_ value: Int, _ count: Int) {
            for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
        }
        func append(_ name: String) { bytes.append(contentsOf: name.utf8) }
        append(isLong ? "RF64" : "RIFF")
        append(isLong ? Self.longLength : fileLength, 4)
        append("WAVE")
        if isLong || hasRoom {
            append(isLong ? "ds64" : "JUNK")
            append(Self.longLengthsByteCount, 4)
            for value in [fileLength, byteCount, byteCount / frame] { append(isLong ? value : 0, 8) }
            append(0, 4)
        }
        append("fmt ")
        append(16, 4)
        append(description.format.isInteger ? Self.integerCode : Self.floatCode, 2)
        append(description.channels, 2)
        append(description.sampleRate ?? 0, 4)
        append(min((description.sampleRate ?? 0) * frame, Self.longLength), 4)
        append(frame, 2)
        append(8 * description.format.byteCount, 2)
        append("data")
        append(isLong ? Self.longLength : byteCount, 4)
        return bytes
    }
}
