/// What is known of the samples in a file: frames of one sample of each channel, one after the other.
public struct SignalDescription: Sendable, Hashable {
    /// How a sample is written.
    public var format: SampleFormat
    /// The number of channels, from 1 to 65,535.
    public var channels: Int
    /// The frames of a second; `nil` where the file does not say.
    public var sampleRate: Int?

    /// - Parameters:
    ///   - format: How a sample is written.
    ///   - channels: The number of channels, from 1 to 65,535.
    ///   - sampleRate: The frames of a second, from 1 to 2^32 - 1; `nil` if that is not known.
    public init(format: SampleFormat, channels: Int, sampleRate: Int?) {
        self.format = format
        self.channels = channels
        self.sampleRate = sampleRate
    }

    /// The bytes of a frame.
    public var frameByteCount: Int { channels * format.byteCount }

    /// The largest number of channels that a header can say.
    public static let largestChannelCount = Int(UInt16.max)
}

/// How samples lie in a file.
public enum SignalContainer: Sendable, Hashable {
    /// Behind the header of a WAV file, which describes them.
    case wave
    /// Alone, as described.
    case raw(SignalDescription)
}
