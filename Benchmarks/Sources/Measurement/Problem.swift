import Convolution

/// A workload with its plan and its buffers, ready to be computed again and again.
public final class Problem {
    /// What this is a problem of.
    public let workload: Workload
    /// The plan.
    public let convolution: LongConvolution<Float>
    /// `[B, C, ...extents]`
    public let signal: UnsafeMutableBufferPointer<Float>
    /// `[C, ...kernelExtents]` or `[B, C, ...kernelExtents]`
    public let kernel: UnsafeMutableBufferPointer<Float>
    /// ∂/∂output, `[B, C, ...extents]`
    public let upstream: UnsafeMutableBufferPointer<Float>
    /// `[B, C, ...extents]`
    public let output: UnsafeMutableBufferPointer<Float>
    /// ∂/∂signal, `[B, C, ...extents]`
    public let signalGradient: UnsafeMutableBufferPointer<Float>
    /// ∂/∂kernel, of the kernel's shape.
    public let kernelGradient: UnsafeMutableBufferPointer<Float>

    /// Plans the convolution and allocates its buffers, which hold noise (inputs) and zeros (results).
    ///
    /// - Throws: `ConvolutionError` when there is no such convolution.
    public init(_ workload: Workload, rigour: Rigour) throws {
        self.workload = workload
        let (extents, kernel) = (workload.extents, workload.kernelExtents)
        convolution =
            extents.count == 1
            ? try LongConvolution(
                length: extents[0], kernelLength: kernel[0], boundary: workload.boundary, rigour: rigour)
            : try LongConvolution(
                height: extents[0], width: extents[1], kernelHeight: kernel[0], kernelWidth: kernel[1],
                boundary: workload.boundary, rigour: rigour)
        var noise = Noise()
        signal = .allocate(workload.signalCount, filledBy: { noise.next() })
        self.kernel = .allocate(workload.kernelCount, filledBy: { noise.next() })
        upstream = .allocate(workload.signalCount, filledBy: { noise.next() })
        output = .allocate(workload.signalCount, filledBy: { 0 })
        signalGradient = .allocate(workload.signalCount, filledBy: { 0 })
        kernelGradient = .allocate(workload.kernelCount, filledBy: { 0 })
    }

    deinit {
        for buffer in [signal, kernel, upstream, output, signalGradient, kernelGradient] {
            buffer.deallocate()
        }
    }

    /// output = signal * kernel
    ///
    /// - Parameter method: Another convolution of the same shape than the plan's.
    public func computeOutput(by method: LongConvolution<Float>? = nil) throws {
        try (method ?? convolution).apply(
            UnsafeBufferPointer(signal), kernel: UnsafeBufferPointer(kernel), workload.pairing, into: output)
    }

    /// Both gradients.
    ///
    /// - Parameter method: Another convolution of the same shape than the plan's.
    public func computeGradients(by method: LongConvolution<Float>? = nil) throws {
        try (method ?? convolution).gradients(
            UnsafeBufferPointer(signal), kernel: UnsafeBufferPointer(kernel), workload.pairing,
            upstream: UnsafeBufferPointer(upstream), signalGradient: signalGradient,
            kernelGradient: kernelGradient)
    }
}
