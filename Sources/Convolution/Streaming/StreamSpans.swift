// Pushes on spans.

extension StreamingConvolution {
    /// ``push(_:into:)-(UnsafeBufferPointer<Scalar>,_)`` on spans, `[C, n]` both.
    public mutating func push(_ samples: Span<Scalar>, into outputs: inout MutableSpan<Scalar>) {
        samples.withUnsafeBufferPointer { samples in
            outputs.withUnsafeMutableBufferPointer { push(samples, into: $0) }
        }
    }
}

extension PartitionedConvolution {
    /// ``push(_:into:)-(UnsafeBufferPointer<Scalar>,_)`` on spans, whole blocks `[C, n]` both.
    public mutating func push(_ samples: Span<Scalar>, into outputs: inout MutableSpan<Scalar>) {
        samples.withUnsafeBufferPointer { samples in
            outputs.withUnsafeMutableBufferPointer { push(samples, into: $0) }
        }
    }
}

extension StreamingStateSpace {
    /// ``push(_:into:)-(UnsafeBufferPointer<Scalar>,_)`` on spans, `[C, n]` both.
    public mutating func push(_ samples: Span<Scalar>, into outputs: inout MutableSpan<Scalar>) {
        samples.withUnsafeBufferPointer { samples in
            outputs.withUnsafeMutableBufferPointer { push(samples, into: $0) }
        }
    }
}

extension StreamingContextConvolution {
    /// ``push(_:kernel:into:)-(UnsafeBufferPointer<Scalar>,_,_)`` on spans, `[C, n]` all.
    public mutating func push(
        _ signal: Span<Scalar>, kernel: Span<Scalar>, into outputs: inout MutableSpan<Scalar>
    ) {
        signal.withUnsafeBufferPointer { signal in
            kernel.withUnsafeBufferPointer { kernel in
                outputs.withUnsafeMutableBufferPointer { push(signal, kernel: kernel, into: $0) }
            }
        }
    }
}
