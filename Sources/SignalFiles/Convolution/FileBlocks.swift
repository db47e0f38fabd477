import Convolution
import Runtime

/// The blocks of a signal on their way from a file through a convolution to another file.
struct FileBlocks<Scalar: ConvolutionScalar> {
    private let convolution: OverlapSaveConvolution<Scalar>
    private let signals: Int
    private let outputs: Int
    /// The blocks that are convolved at a time.
    private let blockCount: Int
    /// `[signals, K - 1 + frames]`: behind the last samples of the blocks before.
    private let input: PooledArray<Scalar>
    /// `[outputs, frames]`
    private let output: PooledArray<Scalar>

    /// The frames that are convolved at a time.
    private var frames: Int { blockCount * convolution.blockLength }
    private var history: Int { convolution.historyLength }

    /// - Parameter samplesAtOnce: The samples that are convolved at a time, about, of all channels.
    /// - Throws: `ConvolutionError` when there is not enough memory.
    init(
        _ convolution: OverlapSaveConvolution<Scalar>, signals: Int, outputs: Int, samplesAtOnce: Int
    ) throws {
        self.convolution = convolution
        self.signals = signals
        self.outputs = outputs
        blockCount = max(1, samplesAtOnce / (outputs * convolution.blockLength))
        let frames = blockCount * convolution.blockLength
        let (inputCount, overflows) = signals.multipliedReportingOverflow(
            by: frames + convolution.historyLength)
        let (outputCount, alsoOverflows) = outputs.multipliedReportingOverflow(by: frames)
        let limit = Machine.memory / MemoryLayout<Scalar>.stride
        guard !overflows, !alsoOverflows, inputCount <= limit, outputCount <= limit - inputCount else {
            throw ConvolutionError.sizeOverflow(extents: [outputs, frames])
        }
        input = PooledArray(count: inputCount)
        output = PooledArray(count: outputCount)
    }

    /// Convolves all that is left of a signal.
    func convolve(
        _ reader: SignalReader, into writer: SignalWriter, _ kept: KeptFrames,
        _ progress: (_ frames: Int) throws -> Void
    ) throws {
        let stride = history + frames
        for channel in 0..<signals { (input.pointer + channel * stride).update(repeating: 0, count: history) }
        var start = 0
        var end = Int.max
        while start < end {
            try progress(reader.position)
            var found = 0
            if end == .max {
                found = try reader.read(frames, into: input.pointer + history, stride: stride)
                // The disk reads while the processors convolve.
                reader.prefetch(frames)
                if found < frames || reader.position == reader.frameCount {
                    guard let range = kept.range(inputFrames: reader.position) else {
                        throw kept.error(reader.path, reader.position)
                    }
                    end = range.upperBound
                }
            }
            for channel in 0..<signals {
                (input.pointer + channel * stride + history + found).update(
                    repeating: 0, count: frames - found)
            }
            try convolution.apply(
                UnsafeBufferPointer(start: input.pointer, count: signals * stride), signalCount: signals,
                blockCount: blockCount,
                into: UnsafeMutableBufferPointer(start: output.pointer, count: outputs * frames))
            let wanted = (start..<start + frames).clamped(to: kept.first..<max(kept.first, end))
            if !wanted.isEmpty {
                try writer.write(
                    output.pointer + wanted.lowerBound - start, stride: frames, count: wanted.count)
                try writer.beginWriteback()
            }
            for channel in 0..<signals {
                let row = input.pointer + channel * stride
                row.update(from: row + frames, count: history)
            }
            start += frames
        }
        try progress(reader.position)
    }
}
