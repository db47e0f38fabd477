import Convolution

/// A workload with its plan and its buffers, ready to be computed again and again.
public final class Problem {
    /// What this is a problem of.
    public let workload: Workload
    /// The plan.
    public let convolution: LongConvolution<Float>
    /// `[B, C, ...extents]`
    public let signal: UnsafeMutableBufferPointer<Float>
    /// `[C, ...extents]` or `[B, C, ...extents]`
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
        let extents = workload.extents
        convolution =
            extents.count == 1
            ? try LongConvolution(
                length: extents[0], kernelLength: extents[0], boundary: workload.boundary, rigour: rigour)
            : try LongConvolution(
                height: extents[0], width: extents[1], kernelHeight: extents[0], kernelWidth: extents[1],
                boundary: workload.boundary, rigour: rigour)
        var noise = Noise()
        signal = .allocate(workload.signalCount, filledBy: { noise.next() })
        kernel = .allocate(workload.kernelCount, filledBy: { noise.next() })
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
    public func computeOutput() throws {
        try convolution.apply(
            UnsafeBufferPointer(signal), kernel: UnsafeBufferPointer(kernel), workload.pairing, into: output)
    }

    /// Both gradients.
    public func computeGradients() throws {
        try convolution.gradients(
            UnsafeBufferPointer(signal), kernel: UnsafeBufferPointer(kernel), workload.pairing,
            upstream: UnsafeBufferPointer(upstream), signalGradient: signalGradient,
            kernelGradient: kernelGradient)
    }
}

extension UnsafeMutableBufferPointer<Float> {
    /// Memory whose every page has been touched, so that no page fault is measured.
    public static func allocate(_ count: Int, filledBy scalar: () -> Float) -> Self {
        let buffer = allocate(capacity: count)
        for index in 0..<count { buffer.initializeElement(at: index, to: scalar()) }
        return buffer
    }
}

/// Uniform noise in -1 ..< 1, the same in every run.
public struct Noise {
    private var state: UInt32 = 1

    /// The beginning of the noise.
    public init() {}

    /// The next number.
    public mutating func next() -> Float {
        // The constants of Numerical Recipes; good enough for inputs whose values do not matter.
        state = state &* 1_664_525 &+ 1_013_904_223
        return Float(Int32(bitPattern: state)) * 0x1p-31
    }
}
