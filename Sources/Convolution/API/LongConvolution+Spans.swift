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
    ///   - signal: As many scalars as ``signalExtents`` say.
    ///   - kernel: As many scalars as ``kernelExtents`` say.
    /// - Returns: As many scalars as ``outputExtents`` say.
    public func callAsFunction(_ signal: [Scalar], _ kernel: [Scalar]) throws(ConvolutionError) -> [Scalar] {
        var output = [Scalar](repeating: 0, count: outputExtents.reduce(1, *))
        try apply(signal, kernel: kernel, .shared(batch: 1, channels: 1), into: &output)
        return output
    }

    /// Both gradients, on arrays: of a scalar with respect to the signal and the kernel, given that with respect to
    /// the output.
    ///
    /// - Returns: ∂/∂signal and ∂/∂kernel, in the shapes of `signal` and `kernel`.
    public func gradients(
        _ signal: [Scalar], kernel: [Scalar], _ pairing: Pairing, upstream: [Scalar]
    ) throws(ConvolutionError) -> (signal: [Scalar], kernel: [Scalar]) {
        var signalGradient = [Scalar](repeating: 0, count: signal.count)
        var kernelGradient = [Scalar](repeating: 0, count: kernel.count)
        var signalSpan = signalGradient.mutableSpan
        var kernelSpan = kernelGradient.mutableSpan
        try signal.span.withUnsafeBufferPointer { (signal) throws(ConvolutionError) in
            try kernel.span.withUnsafeBufferPointer { (kernel) throws(ConvolutionError) in
                try upstream.span.withUnsafeBufferPointer { (upstream) throws(ConvolutionError) in
                    try signalSpan.withUnsafeMutableBufferPointer { (dx) throws(ConvolutionError) in
                        try kernelSpan.withUnsafeMutableBufferPointer { (dk) throws(ConvolutionError) in
                            try gradients(
                                signal, kernel: kernel, pairing, upstream: upstream, signalGradient: dx,
                                kernelGradient: dk)
                        }
                    }
                }
            }
        }
        return (signalGradient, kernelGradient)
    }
}
