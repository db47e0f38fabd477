import Convolution
import Runtime

/// The convolution of signals in files of any length with kernels in a file, in memory that depends on the kernels alone.
///
/// ```swift
/// let input = try SignalReader(contentsOf: "concert.wav")
/// let kernel = try SignalReader(contentsOf: "church.wav")
/// let outcome = try FileConvolution().run(input, kernel: kernel, into: "output.wav") { frames in print(frames) }
/// ```
///
/// Signal and kernel have as many channels, or one of them has one channel that meets each of the other's. The signal goes
/// through overlap-save in blocks of a length that is chosen by the engine's cost model; with K taps and C channels a frame
/// takes O(C log K) operations, and the memory is O(C K).
///
/// The output gets its name only once complete.
public struct FileConvolution: Sendable {
    /// The outputs that are kept; not `.circular`.
    public var boundary: Boundary = .full
    /// The factor of all outputs.
    public var gain = 1.0
    /// How samples of the output are written; `nil` for as those of the input.
    public var outputFormat: SampleFormat?
    /// Whether all is computed in `Double`; `nil` for where the format of input, kernel or output has more bits than a `Float`.
    public var isDouble: Bool?
    /// Whether the output is without a header.
    public var isRaw = false
    /// The samples of all channels that are convolved at a time, about: enough work for several threads.
    var samplesAtOnce = 1 << 20

    /// What came of a convolution.
    public struct Outcome: Sendable {
        /// How the output is written.
        public let description: SignalDescription
        /// The frames of the input, of the kernel and of the output.
        public let inputFrames, kernelFrames, frames: Int
        /// The output's peak, and how many samples of it were clipped.
        public let levels: SampleLevels
        /// The outputs of a block of the engine.
        public let blockLength: Int
    }

    /// A convolution with all outputs, in the format of the input.
    public init() {}

    /// Convolves what is left of `input` with what is left of `kernel`.
    ///
    /// - Parameters:
    ///   - input: The signal.
    ///   - kernel: The kernel, which is read into memory.
    ///   - path: The path of the output.
    ///   - progress: Is told the number of input frames that are done, many times a second. An error from it ends the
    ///     convolution, and no output is left.
    /// - Throws: ``SignalFileError`` for what is wrong with a file, `ConvolutionError` when there is not enough memory, and
    ///   what `progress` throws.
    public func run(
        _ input: SignalReader, kernel: SignalReader, into path: String,
        progress: (_ frames: Int) throws -> Void = { _ in }
    ) throws -> Outcome {
        require(boundary != .circular, "a signal in a file does not repeat, got the boundary circular")
        let (signals, kernels) = (input.description.channels, kernel.description.channels)
        guard signals == 1 || kernels == 1 || signals == kernels else {
            throw SignalFileError(
                kernel.path,
                "expected \(signals == 1 ? "any number of" : "1 or \(signals)") channels, found \(kernels)")
        }
        let rates = (input.description.sampleRate, kernel.description.sampleRate)
        if let rate = rates.0, let other = rates.1, rate != other {
            throw SignalFileError(kernel.path, "expected \(rate) samples a second, found \(other)")
        }
        var description = input.description
        description.channels = max(signals, kernels)
        description.sampleRate = rates.0 ?? rates.1
        description.format = outputFormat ?? description.format
        let isDouble =
            isDouble
            ?? (input.description.format.needsDouble || kernel.description.format.needsDouble
                || description.format.needsDouble)
        return isDouble
            ? try run(input, kernel, into: path, description, progress, as: Double.self)
            : try run(input, kernel, into: path, description, progress, as: Float.self)
    }

    private func run<Scalar: ConvolutionScalar>(
        _ input: SignalReader, _ kernel: SignalReader, into path: String, _ description: SignalDescription,
        _ progress: (Int) throws -> Void, as _: Scalar.Type
    ) throws -> Outcome {
        var taps: [Scalar] = try kernel.readToEnd()
        for index in taps.indices { taps[index] *= Scalar(gain) }
        let kernelFrames = taps.count / kernel.description.channels
        let kept = KeptFrames(boundary: boundary, kernelLength: kernelFrames)
        if let frames = input.frameCount, kept.range(inputFrames: frames) == nil {
            throw kept.error(input.path, frames)
        }
        let convolution = try taps.withUnsafeBufferPointer {
            try OverlapSaveConvolution(
                kernels: $0, kernelLength: kernelFrames, rowCount: description.channels)
        }
        taps = []
        let frames = input.frameCount.flatMap { kept.range(inputFrames: $0)?.count }
        let output =
            isRaw
            ? try SignalWriter(raw: path, description)
            : try SignalWriter(wave: path, description, frameCount: frames)
        let blocks = try FileBlocks(
            convolution, signals: input.description.channels, outputs: description.channels,
            samplesAtOnce: samplesAtOnce)
        try blocks.convolve(input, into: output, kept, progress)
        try output.commit()
        return Outcome(
            description: description, inputFrames: input.position, kernelFrames: kernelFrames,
            frames: output.position, levels: output.levels, blockLength: convolution.blockLength)
    }
}

/// Which of the outputs of a full convolution are kept.
struct KeptFrames {
    let boundary: Boundary
    let kernelLength: Int

    /// The first one.
    var first: Int {
        switch boundary {
        case .centred: kernelLength / 2
        case .valid: kernelLength - 1
        case .causal, .full, .circular: 0
        }
    }

    /// All of them; `nil` where there is none.
    func range(inputFrames: Int) -> Range<Int>? {
        let end =
            switch boundary {
            case .full: inputFrames + kernelLength - 1
            case .centred: first + inputFrames
            case .causal, .valid, .circular: inputFrames
            }
        return first < end ? first..<end : nil
    }

    func error(_ path: String, _ frames: Int) -> SignalFileError {
        SignalFileError(
            path,
            "expected at least as many frames as the kernel, \(kernelLength), for a valid convolution, found \(frames)"
        )
    }
}
