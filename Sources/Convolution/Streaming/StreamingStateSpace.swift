import Runtime

/// One mode of a diagonal state space in discrete time: its part of the kernel is Re(gain · factor^l).
public struct DiagonalMode: Sendable, Equatable {
    /// The real and the imaginary part of what its state is multiplied by from sample to sample.
    public var factor: SIMD2<Double>
    /// The real and the imaginary part of its weight in the output.
    public var gain: SIMD2<Double>

    /// A mode from its two complex numbers.
    public init(factor: SIMD2<Double>, gain: SIMD2<Double>) {
        self.factor = factor
        self.gain = gain
    }
}

/// A causal convolution of a stream with kernels that have a recurrence: sums of N complex exponentials, as those of diagonal
/// state spaces.
///
///     s_n[t] = factor_n s_n[t-1] + x[t],   y[t] = Re Σ_n gain_n s_n[t]
///     k[l] = Re Σ_n gain_n factor_n^l
///
/// ```swift
/// let decay = DiagonalMode(factor: [0.99, 0], gain: [0.01, 0])
/// var stream = StreamingStateSpace<Float>(modes: [decay], channels: 1)
/// for sample in samples { print(stream.push([sample])[0]) }
/// ```
///
/// A sample takes O(N) operations a channel, each like any other, and the stream remembers N complex numbers a channel. The kernel
/// has no last tap: outputs are those of a convolution with as many taps as samples have arrived.
///
/// States are computed in double precision for both scalars: a phase that were rounded to `Float` in each step would be lost after
/// a few thousand. The error is that of the powers, at most about 2 t ε of the norm of the terms with ε = 2⁻⁵³ and t the samples
/// so far, or those until a mode has faded. A state below 2⁻⁹⁰⁰ is zero from the next multiple of 64 samples on.
///
/// A stream is a value: a copy continues by itself. After an assignment the first push into either of the two allocates memory,
/// after ``copy()`` none does; no other push on one thread allocates, and one that threads share allocates their closure. Results
/// do not depend on how the samples are split into pushes, to the bit, nor on the number of threads. A NaN or an infinity spoils all
/// later outputs of its channel, and no other.
///
/// Source: A. Gu et al., *On the Parameterization and Initialization of Diagonal State Space Models*, arXiv 2206.11893, section
/// 2.
public struct StreamingStateSpace<Scalar: ConvolutionScalar>: Sendable {
    /// The number C of channels.
    public let channels: Int
    /// The number N of modes of a channel.
    public let modeCount: Int
    /// The samples of each channel that have arrived.
    public private(set) var position = 0
    /// The real parts of the factors of a channel's modes, the imaginary ones, then those of the gains, `[C, 4, N]`.
    private let coefficients: AlignedArray<Double>
    /// The real parts of a channel's states and the imaginary ones, `[C, 2, N]`.
    private var states: AlignedArray<Double>

    /// The beginning of a stream.
    ///
    /// - Parameters:
    ///   - modes: `[C, N]`, N from 1.
    ///   - channels: The number C of channels, from 1.
    public init(modes: [DiagonalMode], channels: Int) {
        requireStream(channels: channels, kernelLength: 1)
        require(
            !modes.isEmpty && modes.count % channels == 0,
            "expected as many modes, at least 1, for each of \(channels) channels, got \(modes.count)")
        self.channels = channels
        modeCount = modes.count / channels
        coefficients = AlignedArray(zeros: 4 * modes.count)
        states = AlignedArray(zeros: 2 * modes.count)
        for (index, mode) in modes.enumerated() {
            let (channel, n) = index.quotientAndRemainder(dividingBy: modeCount)
            let parts = [mode.factor.x, mode.factor.y, mode.gain.x, mode.gain.y]
            for (part, value) in parts.enumerated() {
                coefficients.pointer[(4 * channel + part) * modeCount + n] = value
            }
        }
    }

    /// Takes n samples of each channel and writes as many outputs.
    ///
    /// - Parameters:
    ///   - samples: `[C, n]`, n from 0.
    ///   - outputs: `[C, n]`; it may be the same memory.
    /// - Complexity: O(C n N).
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public mutating func push(
        _ samples: UnsafeBufferPointer<Scalar>, into outputs: UnsafeMutableBufferPointer<Scalar>
    ) {
        let count = sampleCount(samples.count, outputs.count, channels: channels)
        guard count > 0 else { return }
        makeUnique()
        // About 1.5 ns a mode: two multiplications of complex numbers, by vectors of two.
        let nanoseconds = 1.5 * Double(count * channels * modeCount)
        let (source, target, width) = (samples.baseAddress!, outputs.baseAddress!, modeCount)
        let (coefficients, states, start) = (coefficients.pointer, states.pointer, position)
        forEachStreamedChannel(channels, workers: Threads.count, nanoseconds: { nanoseconds }) { channel, _ in
            let modes = ChannelModes(
                coefficients: coefficients + 4 * channel * width, states: states + 2 * channel * width,
                count: width)
            let first = channel * count
            for index in 0..<count {
                target[first + index] = Scalar(modes.output(of: Double(source[first + index])))
                if (start + index) % Self.samplesBetweenFlushes == 0 { modes.flushToZero() }
            }
        }
        position += count
    }

    /// The samples from one flush of states to zero to the next. It depends on the position alone when they are flushed, so that bits
    /// do not depend on how samples are split.
    private static var samplesBetweenFlushes: Int { 64 }

    /// Takes n samples of each channel, `[C, n]`, and returns as many outputs.
    public mutating func push(_ samples: [Scalar]) -> [Scalar] {
        var outputs = samples
        samples.withUnsafeBufferPointer { samples in
            outputs.withUnsafeMutableBufferPointer { push(samples, into: $0) }
        }
        return outputs
    }

    /// A copy with memory of its own, so that no push into either of the two allocates its states.
    ///
    /// - Complexity: O(C N).
    public func copy() -> Self {
        var copy = self
        copy.states = AlignedArray(zeros: states.count)
        copy.states.pointer.update(from: states.pointer, count: states.count)
        return copy
    }

    /// Starts anew with the same modes.
    public mutating func reset() {
        makeUnique()
        states.pointer.update(repeating: 0, count: states.count)
        position = 0
    }

    private mutating func makeUnique() {
        if !isKnownUniquelyReferenced(&states) { self = copy() }
    }
}

/// The modes of one channel.
private struct ChannelModes {
    let coefficients: UnsafeMutablePointer<Double>
    let states: UnsafeMutablePointer<Double>
    let count: Int

    /// Adds a sample to the states and returns the output. Sums are taken in the order of the modes, four at a time.
    @inline(__always)
    func output(of sample: Double) -> Double {
        let (factorReal, factorImaginary) = (coefficients, coefficients + count)
        let (gainReal, gainImaginary) = (coefficients + 2 * count, coefficients + 3 * count)
        let (real, imaginary) = (states, states + count)
        var sums = SIMD4<Double>.zero
        var n = 0
        while n + 4 <= count {
            let (a, b) = (vector(factorReal, n), vector(factorImaginary, n))
            let (re, im) = (vector(real, n), vector(imaginary, n))
            let newRe = a * re - b * im + sample
            let newIm = a * im + b * re
            UnsafeMutableRawPointer(real + n).storeBytes(of: newRe, as: SIMD4<Double>.self)
            UnsafeMutableRawPointer(imaginary + n).storeBytes(of: newIm, as: SIMD4<Double>.self)
            sums += vector(gainReal, n) * newRe - vector(gainImaginary, n) * newIm
            n += 4
        }
        var sum = sums.sum()
        while n < count {
            let re = factorReal[n] * real[n] - factorImaginary[n] * imaginary[n] + sample
            let im = factorReal[n] * imaginary[n] + factorImaginary[n] * real[n]
            (real[n], imaginary[n]) = (re, im)
            sum += gainReal[n] * re - gainImaginary[n] * im
            n += 1
        }
        return sum
    }

    /// Flushes states of less than 2⁻⁹⁰⁰ to zero, before they become subnormal: some processors take a hundred cycles for each
    /// operation on a subnormal number, and a state that is multiplied with 0.99 remains one for good.
    func flushToZero() {
        for index in 0..<2 * count where abs(states[index]) < 0x1p-900 { states[index] = 0 }
    }

    @inline(__always)
    private func vector(_ values: UnsafeMutablePointer<Double>, _ index: Int) -> SIMD4<Double> {
        UnsafeRawPointer(values + index).loadUnaligned(as: SIMD4<Double>.self)
    }
}

extension StreamingStateSpace {
    /// What the stream remembers: the real parts of each channel's states, then the imaginary ones, `[C, 2 N]`.
    public var state: StreamingState<Double> {
        StreamingState(
            form: .recurrence, channels: channels, kernelLength: 0, position: position, phase: 0,
            kernelChecksum: checksum,
            values: Array(UnsafeBufferPointer(start: states.pointer, count: states.count)))
    }

    /// Continues where a stream with the same modes was; it then returns the same bits as that stream.
    ///
    /// - Throws: ``StreamingError/mismatch(part:expected:found:)``; the stream is unchanged then.
    public mutating func restore(_ state: StreamingState<Double>) throws(StreamingError) {
        try state.check(
            .recurrence, channels: channels, kernelLength: 0, phases: 0..<1, checksum: checksum,
            count: 2 * modeCount)
        states = AlignedArray(state.values)
        position = state.position
    }

    private var checksum: UInt64 {
        kernelChecksum(UnsafeBufferPointer(start: coefficients.pointer, count: coefficients.count))
    }
}
