import Convolution
import Runtime

/// The samples in a file, a pipe or a device, read from front to back.
///
/// Samples are numbers; integers of n bits are divided by 2^(n-1), so that they lie in -1 ..< 1.
public final class SignalReader {
    /// How the samples are written.
    public let description: SignalDescription
    /// The number of frames; `nil` where it shows only at the end.
    public let frameCount: Int?
    /// The number of frames that were read.
    public private(set) var position = 0

    private let file: InputFile
    /// Bytes that are not decoded yet.
    private let bytes: PooledArray<UInt8>
    private let bufferedFrameCount: Int

    /// Opens the file at `path` and reads its header.
    ///
    /// - Throws: ``SignalFileError``, also if the file is shorter than its header says.
    public init(contentsOf path: String, as container: SignalContainer = .wave) throws(SignalFileError) {
        let file = try asSignalFileError(path, "cannot be read") { () throws(FileError) in
            try InputFile(path)
        }
        self.file = file
        switch container {
        case .wave:
            let header = try WaveHeader(reading: file)
            description = header.description
            frameCount = header.byteCount.map { $0 / header.description.frameByteCount }
        case .raw(let raw):
            description = raw
            if let byteCount = file.byteCount {
                let (frames, rest) = byteCount.quotientAndRemainder(dividingBy: raw.frameByteCount)
                guard rest == 0 else { throw Self.brokenFrame(path, raw, byteCount) }
                guard frames > 0 else { throw SignalFileError(path, "has no samples") }
                frameCount = frames
            } else {
                frameCount = nil
            }
        }
        bufferedFrameCount = max(1, bufferByteCount / description.frameByteCount)
        bytes = PooledArray(count: bufferedFrameCount * description.frameByteCount)
    }

    /// The path, as it was given.
    public var path: String { file.path }

    /// Reads up to `count` frames.
    ///
    /// - Parameters:
    ///   - count: The largest number of frames.
    ///   - samples: Where the samples of each channel are written.
    ///   - stride: The number of scalars from one channel to the next.
    /// - Returns: The number of frames: fewer than `count` only at the end.
    /// - Throws: ``SignalFileError``, also for samples that are not finite and files that end too soon.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func read<Scalar: ConvolutionScalar>(
        _ count: Int, into samples: UnsafeMutablePointer<Scalar>, stride: Int
    ) throws(SignalFileError) -> Int {
        let wanted = min(count, (frameCount ?? .max) - position)
        var done = 0
        while done < wanted {
            let frames = min(wanted - done, bufferedFrameCount)
            let found = try fillBuffer(frames)
            try decode(found, into: samples + done, stride: stride)
            done += found
            position += found
            if found < frames { break }
        }
        if done == 0, position == 0, count > 0 { throw SignalFileError(path, "has no samples") }
        return done
    }

    /// All samples that are left, `[channels, n]`.
    ///
    /// - Throws: ``SignalFileError``, also where they need more memory than this process may use.
    public func readToEnd<Scalar: ConvolutionScalar>() throws(SignalFileError) -> [Scalar] {
        let channels = description.channels
        func check(_ frames: Int) throws(SignalFileError) {
            let (count, overflows) = frames.multipliedReportingOverflow(
                by: channels * MemoryLayout<Scalar>.stride)
            guard !overflows, count <= Machine.memory else {
                throw SignalFileError(
                    path,
                    "its \(frames) frames need more memory than the \(Machine.memory) bytes that there are")
            }
        }
        if let frameCount {
            let count = frameCount - position
            try check(count)
            var samples = [Scalar](repeating: 0, count: channels * count)
            try samples.withUnsafeMutableBufferPointer { (samples) throws(SignalFileError) in
                if count > 0 { _ = try read(count, into: samples.baseAddress!, stride: count) }
            }
            return samples
        }
        var parts: [(frames: Int, samples: [Scalar])] = []
        while true {
            var part = [Scalar](repeating: 0, count: channels * bufferedFrameCount)
            let frames = try part.withUnsafeMutableBufferPointer { (part) throws(SignalFileError) in
                try read(bufferedFrameCount, into: part.baseAddress!, stride: bufferedFrameCount)
            }
            try check(position)
            parts.append((frames, part))
            if frames < bufferedFrameCount { break }
        }
        return (0..<channels).flatMap { channel in
            parts.flatMap { part in
                part.samples[channel * bufferedFrameCount..<channel * bufferedFrameCount + part.frames]
            }
        }
    }

    /// Lets the system read the next frames ahead.
    func prefetch(_ count: Int) { file.prefetch(byteCount: count * description.frameByteCount) }

    private static func brokenFrame(
        _ path: String, _ description: SignalDescription, _ byteCount: Int
    ) -> SignalFileError {
        SignalFileError(
            path, "expected whole frames of \(description.frameByteCount) bytes, found \(byteCount) bytes")
    }

    /// Reads up to `frames` frames.
    private func fillBuffer(_ frames: Int) throws(SignalFileError) -> Int {
        let size = description.frameByteCount
        let memory = UnsafeMutableRawBufferPointer(start: bytes.pointer, count: frames * size)
        let count = try asSignalFileError(path, "cannot be read") { () throws(FileError) in
            try file.read(into: memory)
        }
        if count < memory.count, let frameCount {
            throw SignalFileError(
                path,
                "is truncated: its \(frameCount) frames need \(frameCount * size) bytes, found \(position * size + count)"
            )
        }
        guard count.isMultiple(of: size) else {
            throw Self.brokenFrame(path, description, position * size + count)
        }
        return count / size
    }

    /// Decodes what was read, in tiles that several threads share.
    private func decode<Scalar: ConvolutionScalar>(
        _ frames: Int, into samples: UnsafeMutablePointer<Scalar>, stride: Int
    ) throws(SignalFileError) {
        let (format, channels, size) = (description.format, description.channels, description.frameByteCount)
        let start = UnsafeRawPointer(bytes.pointer)
        let areFinite = forEachTile(frames, channels: channels) { tile in
            var areFinite = true
            for channel in 0..<channels {
                let isFinite = format.decode(
                    start + tile.lowerBound * size + channel * format.byteCount, step: size,
                    count: tile.count,
                    into: samples + channel * stride + tile.lowerBound)
                areFinite = areFinite && isFinite
            }
            return areFinite
        }
        guard !areFinite.contains(false) else {
            for frame in 0..<frames {
                for channel in 0..<channels where !samples[channel * stride + frame].isFinite {
                    throw SignalFileError(
                        path,
                        "has a sample that is not finite: number \(position + frame) of channel \(channel + 1)"
                    )
                }
            }
            return
        }
    }
}

/// The bytes that are read, or encoded, at a time: they stay in the cache.
let bufferByteCount = 1 << 20

/// Calls `body` for tiles of frames, on several threads if that is worth it, and returns the results in order.
func forEachTile<Result>(_ frames: Int, channels: Int, _ body: (Range<Int>) -> Result) -> [Result] {
    let length = max(1, (1 << 14) / channels), count = (frames + length - 1) / length
    return [Result](unsafeUninitializedCapacity: count) { results, initialized in
        nonisolated(unsafe) let results = results.baseAddress!
        // About half a nanosecond a sample.
        parallelFor(count, nanoseconds: 0.5 * Double(frames * channels)) { tile, _ in
            (results + tile).initialize(to: body(tile * length..<min((tile + 1) * length, frames)))
        }
        initialized = count
    }
}
