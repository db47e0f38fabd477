import Convolution
import Runtime

/// A file of samples that is written from front to back, and gets its name only once complete.
///
/// Samples go to a temporary file in the same folder. ``commit()`` synchronizes it with the disk and renames it. Without
/// that, as after an error or when the process is interrupted, a file that was there stays as it was.
public final class SignalWriter {
    /// How the samples are written.
    public let description: SignalDescription
    /// The number of frames that were written.
    public private(set) var position = 0
    /// What the samples that were written are like.
    public private(set) var levels = SampleLevels()

    private let path: String
    private let container: SignalContainer
    private let frameCount: Int?
    private let replacement: FileReplacement
    private let bytes: PooledArray<UInt8>
    private let bufferedFrameCount: Int

    /// Begins a WAV file.
    ///
    /// - Parameters:
    ///   - path: Where the file will be when it is whole.
    ///   - description: Its channels, rate and samples.
    ///   - frameCount: The number of frames, if it is known; otherwise the header gets it at the end. Files of 4 GiB and more
    ///     have the form RF64.
    /// - Throws: ``SignalFileError``, also if something other than a regular file is at `path`.
    public convenience init(
        wave path: String, _ description: SignalDescription, frameCount: Int? = nil
    ) throws(SignalFileError) {
        try self.init(path, description, .wave, frameCount: frameCount)
    }

    /// Begins a file of samples without a header.
    ///
    /// - Throws: ``SignalFileError``, also if something other than a regular file is at `path`.
    public convenience init(raw path: String, _ description: SignalDescription) throws(SignalFileError) {
        try self.init(path, description, .raw(description), frameCount: nil)
    }

    private init(
        _ path: String, _ description: SignalDescription, _ container: SignalContainer, frameCount: Int?
    ) throws(SignalFileError) {
        self.path = path
        self.description = description
        self.container = container
        self.frameCount = frameCount
        if container == .wave {
            require(
                1...SignalDescription.largestChannelCount ~= description.channels,
                "expected 1 to \(SignalDescription.largestChannelCount) channels, got \(description.channels)"
            )
            guard description.frameByteCount <= Int(UInt16.max) else {
                throw SignalFileError(
                    path,
                    "expected frames of at most 65535 bytes in a WAV file, got \(description.frameByteCount)")
            }
            guard let rate = description.sampleRate, 1...Int(UInt32.max) ~= rate else {
                throw SignalFileError(path, "a WAV file needs the number of frames of a second")
            }
        }
        replacement = try asSignalFileError(path, "cannot be written") { () throws(FileError) in
            try FileReplacement(of: path)
        }
        bufferedFrameCount = max(1, bufferByteCount / description.frameByteCount)
        bytes = PooledArray(count: bufferedFrameCount * description.frameByteCount)
        if container == .wave {
            let header = header(frameCount ?? 0)
            try write { (replacement) throws(FileError) in
                try withBytes(of: header) { (bytes) throws(FileError) in try replacement.write(bytes) }
            }
        }
    }

    private func write(_ body: (FileReplacement) throws(FileError) -> Void) throws(SignalFileError) {
        try asSignalFileError(path, "cannot be written") { () throws(FileError) in try body(replacement) }
    }

    private func header(_ frames: Int) -> [UInt8] {
        WaveHeader(description: description, byteCount: frames * description.frameByteCount)
            .bytes(hasRoom: frameCount == nil)
    }

    /// Appends `count` frames.
    ///
    /// - Parameters:
    ///   - samples: The samples of each channel.
    ///   - stride: The number of scalars from one channel to the next.
    ///   - count: The number of frames.
    /// - Throws: ``SignalFileError``, also for samples that are not finite in the file's format.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func write<Scalar: ConvolutionScalar>(
        _ samples: UnsafePointer<Scalar>, stride: Int, count: Int
    ) throws(SignalFileError) {
        let size = description.frameByteCount
        var done = 0
        while done < count {
            let frames = min(count - done, bufferedFrameCount)
            try encode(samples + done, stride: stride, count: frames)
            let memory = UnsafeRawBufferPointer(start: bytes.pointer, count: frames * size)
            try write { (replacement) throws(FileError) in try replacement.write(memory) }
            done += frames
            position += frames
        }
    }

    /// Encodes frames, in tiles that several threads share.
    private func encode<Scalar: ConvolutionScalar>(
        _ samples: UnsafePointer<Scalar>, stride: Int, count: Int
    ) throws(SignalFileError) {
        let (format, channels, size) = (description.format, description.channels, description.frameByteCount)
        let start = UnsafeMutableRawPointer(bytes.pointer)
        let tiles = forEachTile(count, channels: channels) { tile in
            var levels = SampleLevels()
            for channel in 0..<channels {
                levels.add(
                    format.encode(
                        samples + channel * stride + tile.lowerBound, count: tile.count,
                        into: start + tile.lowerBound * size + channel * format.byteCount, step: size))
            }
            return levels
        }
        for tile in tiles { levels.add(tile) }
        guard levels.areFinite else {
            throw SignalFileError(
                path, "a sample is too large for \(format.rawValue) from frame \(position) on")
        }
    }

    /// Lets the system begin to write to the disk what it has.
    func beginWriteback() throws(SignalFileError) {
        try write { (replacement) throws(FileError) in try replacement.beginWriteback() }
    }

    /// Gives the file its name.
    ///
    /// - Throws: ``SignalFileError``
    public func commit() throws(SignalFileError) {
        require(
            frameCount.map { $0 == position } ?? true, "expected \(frameCount ?? 0) frames, got \(position)")
        try write { (replacement) throws(FileError) in
            if container == .wave {
                // What makes the chunk's length even.
                let padding = [UInt8](repeating: 0, count: position * description.frameByteCount % 2)
                try withBytes(of: padding) { (bytes) throws(FileError) in try replacement.write(bytes) }
                if frameCount == nil {
                    try withBytes(of: header(position)) { (bytes) throws(FileError) in
                        try replacement.overwriteBeginning(bytes)
                    }
                }
            }
            try replacement.commit()
        }
    }
}
