import Runtime

/// A convolution of a signal with a pair of kernels, one that reaches into the past and one into the future:
///
///     y[t] = Σ_s forward[s] · x[t - s] + Σ_s backward[s] · x[t + s + lag]        0 ≤ t < L, 0 ≤ s < K, x = 0 outside
///
/// With a lag of 0 both kernels act on the present, as in safari's `fftconv` with `k_rev` (Hyena and H3); with a lag of 1 only
/// `forward` does, as in S4.
///
/// Source: K. Goel, A. Gu, C. Donahue, C. Ré, "It's raw! Audio generation with state-space models" (2022): S4 in both
/// directions.
///
/// The pair is one kernel of 2K - 1 + lag taps, the backward one reversed before the forward one, whose center is the element
/// that meets x[t]. So a row takes one transform and one inverse, as with a single kernel.
public struct BidirectionalConvolution<Scalar: ConvolutionScalar>: Sendable {
    /// The convolution with joined kernels, whose center is at ⌊K'/2⌋ of their K' = 2K - 1 + lag taps.
    public let joined: LongConvolution<Scalar>
    /// The length K of each kernel.
    public let kernelLength: Int
    /// How far after the present the backward kernel begins: 0 or 1.
    public let lag: Int

    /// - Parameters:
    ///   - length: The length L of the signal, from 1.
    ///   - kernelLength: The length K of each of the two kernels, from 1.
    ///   - lag: 0 or 1.
    ///   - rigour: How long FFTW may look for a fast plan.
    /// - Throws: ``ConvolutionError`` when the extents break a rule or overflow, or one row's workspace needs more memory
    ///   than there is.
    public init(
        length: Int, kernelLength: Int, lag: Int, rigour: Rigour = .estimate
    ) throws(ConvolutionError) {
        require((0...1).contains(lag), "expected a lag of 0 or 1, got \(lag)")
        guard kernelLength <= Int.max / 256 else { throw .sizeOverflow(extents: [length, kernelLength]) }
        guard kernelLength >= 1 else {
            throw .invalidExtent(
                signal: length, kernel: kernelLength, boundary: .centred, rule: "both are at least 1")
        }
        joined = try LongConvolution(
            length: length, kernelLength: 2 * kernelLength - 1 + lag, boundary: .centred, rigour: rigour)
        self.kernelLength = kernelLength
        self.lag = lag
    }

    private var joinedCount: Int { 2 * kernelLength - 1 + lag }
    /// The position of `forward[0]` in the joined kernel.
    private var center: Int { joinedCount / 2 }

    /// The joined kernels of pairs, one after the other: `[kernels, 2K - 1 + lag]`, for ``joined``.
    ///
    /// - Parameters:
    ///   - forward: `[kernels, K]`
    ///   - backward: `[kernels, K]`
    ///   - kernels: Receives the joined kernels.
    public func join(
        forward: UnsafeBufferPointer<Scalar>, backward: UnsafeBufferPointer<Scalar>,
        into kernels: UnsafeMutableBufferPointer<Scalar>
    ) {
        let count = check(forward.count, backward.count, kernels.count)
        for kernel in 0..<count {
            let target = kernels.baseAddress! + kernel * joinedCount
            let (past, future) = (
                forward.baseAddress! + kernel * kernelLength, backward.baseAddress! + kernel * kernelLength
            )
            for element in 0..<kernelLength { target[center - lag - element] = future[element] }
            // With a lag of 0 both have an element at the center.
            if lag == 0 { target[center] += past[0] } else { target[center] = past[0] }
            (target + center + 1).update(from: past + 1, count: kernelLength - 1)
        }
    }

    /// The gradients of the two kernels of each pair from those of the joined kernels: the pullback of
    /// ``join(forward:backward:into:)``.
    public func split(
        _ kernels: UnsafeBufferPointer<Scalar>, forward: UnsafeMutableBufferPointer<Scalar>?,
        backward: UnsafeMutableBufferPointer<Scalar>?
    ) {
        let count = check(forward?.count, backward?.count, kernels.count)
        for kernel in 0..<count {
            let source = kernels.baseAddress! + kernel * joinedCount
            if let forward {
                (forward.baseAddress! + kernel * kernelLength).update(
                    from: source + center, count: kernelLength)
            }
            guard let backward else { continue }
            let future = backward.baseAddress! + kernel * kernelLength
            for element in 0..<kernelLength { future[element] = source[center - lag - element] }
        }
    }

    /// The number of pairs.
    private func check(_ forward: Int?, _ backward: Int?, _ joinedTotal: Int) -> Int {
        let (count, rest) = joinedTotal.quotientAndRemainder(dividingBy: joinedCount)
        require(
            rest == 0 && [forward, backward].allSatisfy { $0 == nil || $0 == count * kernelLength },
            "expected kernels of \(kernelLength) scalars and joined ones of \(joinedCount), got \(forward ?? 0), \(backward ?? 0) and \(joinedTotal)"
        )
        return count
    }
}

extension BidirectionalConvolution {
    /// output = outputGate ⊙ (forward and backward kernels * v + skip v), with v = inputGate ⊙ signal.
    ///
    /// - Parameters:
    ///   - signal: `[B, C, L]`
    ///   - forward: `[C, K]` or `[B, C, K]`, as `pairing` says.
    ///   - backward: As `forward`.
    ///   - pairing: Which kernels are applied to which signals; not dense.
    ///   - gates: The gates and the skip, none of them by default.
    ///   - lengths: The length of each sample's rows, `[B]`, or `nil`.
    ///   - output: `[B, C, L]`, every element of which is written.
    /// - Throws: ``ConvolutionError/insufficientMemory(required:available:)`` before anything is written.
    public func apply(
        _ signal: UnsafeBufferPointer<Scalar>, forward: UnsafeBufferPointer<Scalar>,
        backward: UnsafeBufferPointer<Scalar>, _ pairing: Pairing, gates: Gates<Scalar> = Gates(),
        lengths: [Int]? = nil, into output: UnsafeMutableBufferPointer<Scalar>
    ) throws(ConvolutionError) {
        let kernels = try joinedMemory(pairing)
        defer { withExtendedLifetime(kernels) {} }
        join(forward: forward, backward: backward, into: kernels.buffer)
        try joined.apply(
            signal, kernel: UnsafeBufferPointer(kernels.buffer), pairing, gates: gates, lengths: lengths,
            into: output)
    }

    /// The gradients of ``apply(_:forward:backward:_:gates:lengths:into:)``.
    ///
    /// - Parameters:
    ///   - signal: `[B, C, L]`
    ///   - forward: The kernel of the past, as for `apply`.
    ///   - backward: The kernel of the future, as for `apply`.
    ///   - pairing: Which rows meet which kernel.
    ///   - gates: The gates and the skip with which the output was computed.
    ///   - lengths: The length of each sample's rows, `[B]`, or `nil`.
    ///   - upstream: ∂/∂output, `[B, C, L]`
    ///   - gradients: Receives the gradients that are wanted; that of `kernel` is ∂/∂forward.
    ///   - backwardGradient: Receives ∂/∂backward, if it is wanted.
    public func gradients(
        _ signal: UnsafeBufferPointer<Scalar>, forward: UnsafeBufferPointer<Scalar>,
        backward: UnsafeBufferPointer<Scalar>, _ pairing: Pairing, gates: Gates<Scalar> = Gates(),
        lengths: [Int]? = nil, upstream: UnsafeBufferPointer<Scalar>, into gradients: GatedGradients<Scalar>,
        backwardGradient: UnsafeMutableBufferPointer<Scalar>?
    ) throws(ConvolutionError) {
        let kernels = try joinedMemory(pairing)
        join(forward: forward, backward: backward, into: kernels.buffer)
        var ofJoined = gradients
        let isWanted = gradients.kernel != nil || backwardGradient != nil
        let joinedGradient = isWanted ? try joinedMemory(pairing) : nil
        defer { withExtendedLifetime((kernels, joinedGradient)) {} }
        ofJoined.kernel = joinedGradient?.buffer
        try joined.gradients(
            signal, kernel: UnsafeBufferPointer(kernels.buffer), pairing, gates: gates, lengths: lengths,
            upstream: upstream, into: ofJoined)
        if let joinedGradient {
            split(
                UnsafeBufferPointer(joinedGradient.buffer), forward: gradients.kernel,
                backward: backwardGradient)
        }
    }

    private func joinedMemory(_ pairing: Pairing) throws(ConvolutionError) -> JoinedKernels<Scalar> {
        pairing.check()
        let count = try checkedProduct([pairing.kernelCount, joinedCount])
        try Machine.checkMemory(checkedProduct([count, MemoryLayout<Scalar>.stride]))
        return JoinedKernels(count: count)
    }
}

/// Memory for joined kernels.
private struct JoinedKernels<Scalar: ConvolutionScalar> {
    private let memory: PooledArray<Scalar>
    let buffer: UnsafeMutableBufferPointer<Scalar>

    init(count: Int) {
        memory = PooledArray(count: count)
        buffer = UnsafeMutableBufferPointer(start: memory.pointer, count: count)
    }
}
