import SignalFiles

/// The sound in a WAV file, in memory.
struct Sound {
    let description: SignalDescription
    /// The samples of each channel.
    let channels: [[Float]]

    /// The samples of each channel.
    var count: Int { channels[0].count }

    init(channels: [[Float]], format: SampleFormat, sampleRate: Int?) {
        self.channels = channels
        description = SignalDescription(format: format, channels: channels.count, sampleRate: sampleRate)
    }

    /// Reads the file at `path`.
    ///
    /// - Throws: `SignalFileError`
    init(contentsOf path: String) throws {
        let reader = try SignalReader(contentsOf: path)
        let samples: [Float] = try reader.readToEnd()
        description = reader.description
        let count = reader.position
        channels = (0..<description.channels).map { Array(samples[$0 * count..<($0 + 1) * count]) }
    }

    /// Writes the file at `path`, which gets its name only once complete. Integers are rounded, and clipped at -1 and 1.
    ///
    /// - Returns: The number of samples that were clipped.
    /// - Throws: `SignalFileError`
    func write(to path: String) throws -> Int {
        let writer = try SignalWriter(wave: path, description, frameCount: count)
        let samples = channels.flatMap { $0 }
        try samples.withUnsafeBufferPointer {
            try writer.write($0.baseAddress!, stride: count, count: count)
        }
        try writer.commit()
        return writer.levels.clippedCount
    }
}
