extension LongConvolution {
    /// ``apply(_:kernel:_:into:strides:)-(UnsafeBufferPointer<Scalar>,_,_,_,_)`` on spans.
    public func apply(
        _ signal: Span<Scalar>, kernel: Span<Scalar>, _ pairing: Pairing,
        into output: inout MutableSpan<Scalar>
    ) throws(ConvolutionError) {
        try signal.withUnsafeBufferPointer { (signal) throws(ConvolutionError) in
            try kernel.withUnsafeBufferPointer { (kernel) throws(ConvolutionError) in
                try output.withUnsafeMutableBufferPointer { (output) throws(ConvolutionError) in
                    try apply(signal, kernel: kernel, pairing, into: output)
                }
            }
        }
    }

    /// ``apply(_:spectrum:_:gates:into:strides:)`` on spans, without gates.
    public func apply(
        _ signal: Span<Scalar>, spectrum: KernelSpectrum<Scalar>, _ pairing: Pairing,
        into output: inout MutableSpan<Scalar>
    ) throws(ConvolutionError) {
        try signal.withUnsafeBufferPointer { (signal) throws(ConvolutionError) in
            try output.withUnsafeMutableBufferPointer { (output) throws(ConvolutionError) in
                try apply(signal, spectrum: spectrum, pairing, into: output)
            }
        }
    }

    /// ``spectrum(of:)-(UnsafeBufferPointer<Scalar>)`` on a span.
    public func spectrum(of kernel: Span<Scalar>) throws(ConvolutionError) -> KernelSpectrum<Scalar> {
        try kernel.withUnsafeBufferPointer { (kernel) throws(ConvolutionError) in try spectrum(of: kernel) }
    }

    /// Both gradients on spans; see
    /// ``gradients(_:kernel:_:upstream:signalGradient:kernelGradient:strides:)-(UnsafeBufferPointer<Scalar>,_,_,_,_,_,_)``.
    public func gradients(
        _ signal: Span<Scalar>, kernel: Span<Scalar>, _ pairing: Pairing, upstream: Span<Scalar>,
        signalGradient: inout MutableSpan<Scalar>, kernelGradient: inout MutableSpan<Scalar>
    ) throws(ConvolutionError) {
        try signal.withUnsafeBufferPointer { (signal) throws(ConvolutionError) in
            try kernel.withUnsafeBufferPointer { (kernel) throws(ConvolutionError) in
                try upstream.withUnsafeBufferPointer { (upstream) throws(ConvolutionError) in
                    try signalGradient.withUnsafeMutableBufferPointer { (dx) throws(ConvolutionError) in
                        try kernelGradient.withUnsafeMutableBufferPointer { (dk) throws(ConvolutionError) in
                            try gradients(
                                signal, kernel: kernel, pairing, upstream: upstream, signalGradient: dx,
                                kernelGradient: dk)
                        }
                    }
                }
            }
        }
    }

    /// ``apply(_:kernel:_:into:strides:)-(UnsafeBufferPointer<Scalar>,_,_,_,_)`` on arrays.
    public func apply(
        _ signal: [Scalar], kernel: [Scalar], _ pairing: Pairing, into output: inout [Scalar]
    ) throws(ConvolutionError) {
        var outputSpan = output.mutableSpan
        try apply(signal.span, kernel: kernel.span, pairing, into: &outputSpan)
    }

    /// The convolution of one signal with one kernel.
    ///
    /// - Parameters:
    ///   - signal: A row or plane of ``signalExtents``.
    ///   - kernel: A row or plane of ``kernelExtents``.
    /// - Returns: A row or plane of ``outputExtents``.
    public func callAsFunction(_ signal: [Scalar], _ kernel: [Scalar]) throws(ConvolutionError) -> [Scalar] {
        var output = [Scalar](repeating: 0, count: outputExtents.reduce(1, *))
        try apply(signal, kernel: kernel, .shared(batch: 1, channels: 1), into: &output)
        return output
    }

    /// Both gradients of a scalar, on arrays, given its gradient with respect to the output.
    ///
    /// - Returns: ∂/∂signal and ∂/∂kernel, in the shapes of `signal` and `kernel`.
    public func gradients(
        _ signal: [Scalar], kernel: [Scalar], _ pairing: Pairing, upstream: [Scalar]
    ) throws(ConvolutionError) -> (signal: [Scalar], kernel: [Scalar]) {
        var signalGradient = [Scalar](repeating: 0, count: signal.count)
        var kernelGradient = [Scalar](repeating: 0, count: kernel.count)
        var signalSpan = signalGradient.mutableSpan
        var kernelSpan = kernelGradient.mutableSpan
        try gradients(
            signal.span, kernel: kernel.span, pairing, upstream: upstream.span, signalGradient: &signalSpan,
            kernelGradient: &kernelSpan)
        return (signalGradient, kernelGradient)
    }
}
