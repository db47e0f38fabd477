import Runtime

extension PartitionedConvolution {
    /// Takes the beginning of a stream at once, at the speed of ``LongConvolution``; a stream that has begun, and what is not much
    /// longer than the kernel, is taken as ``push(_:into:)`` does. Outputs that follow have the bits that they have behind
    /// pushes.
    ///
    /// - Parameters:
    ///   - samples: `[C, n]`, n from 0 and a multiple of ``blockLength``.
    ///   - outputs: `[C, n]`, or `nil` if they are not wanted; it overlaps no input.
    /// - Throws: ``ConvolutionError`` when there is not enough memory; the stream is unchanged then.
    /// - Complexity: O(C n log n) at the beginning, and as many pushes as about five kernels have blocks.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public mutating func prefill(
        _ samples: UnsafeBufferPointer<Scalar>, into outputs: UnsafeMutableBufferPointer<Scalar>?
    ) throws(ConvolutionError) {
        let count = sampleCount(samples.count, outputs?.count ?? samples.count, channels: channels)
        let schedule = rows.kernel.schedule
        guard position == 0, count > schedule.historyLength else {
            return pushing(samples, into: outputs) { push($0, into: $1) }
        }
        let (blocks, rest) = count.quotientAndRemainder(dividingBy: blockLength)
        require(rest == 0, "expected blocks of \(blockLength) samples, got \(count) samples")
        if let outputs {
            let convolution = try LongConvolution<Scalar>(
                length: count, kernelLength: kernelLength, boundary: .causal)
            try convolution.apply(
                samples, kernel: rows.kernel.rows, .shared(batch: 1, channels: channels), into: outputs)
        }
        makeUnique()
        rows.restore(
            phase: blocks % schedule.period, position: count,
            from: samples.baseAddress! + count - schedule.historyLength, stride: count)
    }

    /// Takes the beginning of a stream at once, whole blocks `[C, n]`, and returns as many outputs.
    ///
    /// - Throws: ``ConvolutionError`` when there is not enough memory; the stream is unchanged then.
    public mutating func prefill(_ samples: [Scalar]) throws(ConvolutionError) -> [Scalar] {
        let outputs = UnsafeMutableBufferPointer<Scalar>.allocate(capacity: samples.count)
        defer { outputs.deallocate() }
        outputs.initialize(repeating: 0)
        try samples.withUnsafeBufferPointer { (samples) throws(ConvolutionError) in
            try prefill(samples, into: outputs)
        }
        return Array(outputs)
    }
}
