import Runtime

// Prefixes.
extension StreamingContextConvolution {
    /// Takes the beginning of a stream at once, most of it at the speed of ``LongConvolution`` and with its exact head; a stream that has begun takes
    /// it as ``push(_:kernel:into:)`` does.
    ///
    /// Before a kernel is complete, at least half of the samples are convolved at once: those of the first 2^r - 1
    /// elements, all tiles of which lie among them.
    ///
    /// - Parameters:
    ///   - signal: `[C, n]`, n from 0.
    ///   - kernel: `[C, n]`; taps beyond K are not read.
    ///   - outputs: `[C, n]`; it overlaps no input.
    /// - Throws: ``ConvolutionError`` when there is not enough memory; the stream is unchanged then.
    public mutating func prefill(
        _ signal: UnsafeBufferPointer<Scalar>, kernel: UnsafeBufferPointer<Scalar>,
        into outputs: UnsafeMutableBufferPointer<Scalar>
    ) throws(ConvolutionError) {
        let count = checkedCount(signal, kernel, outputs)
        guard position == 0, count > 0 else { return push(signal, kernel: kernel, into: outputs) }
        let apart = RowStrides(sample: 0, channel: count)
        if let kernelLength, count >= kernelLength {
            let convolution = try LongConvolution<Scalar>(
                length: count, kernelLength: kernelLength, boundary: .causal,
                exactHead: LongConvolution<Scalar>.longestExactHead)
            try convolution.apply(
                signal, kernel: kernel, .shared(batch: 1, channels: channels), into: outputs,
                strides: OperandStrides(kernel: apart))
            return completeKernel(
                kernel.baseAddress!, kernelStride: count, behind: signal.baseAddress!, signalStride: count,
                available: count, position: count)
        }
        // The greatest 2^r - 1 that is not above `count`.
        let whole = (1 << (Int.bitWidth - 1 - (count + 1).leadingZeroBitCount)) - 1
        let convolution = try LongConvolution<Scalar>(
            length: whole, kernelLength: whole, boundary: .causal,
            exactHead: LongConvolution<Scalar>.longestExactHead)
        let pendingCount = try checkedProduct([channels, 2 * whole])
        let rows = try emptyArriving(
            atLeast: whole, beside: checkedProduct([pendingCount, MemoryLayout<Scalar>.stride]))
        let pending = try pendingOutputs(signal.baseAddress!, kernel.baseAddress!, stride: count, whole)
        try convolution.apply(
            signal, kernel: kernel, .shared(batch: 1, channels: channels), into: outputs,
            strides: OperandStrides(signal: apart, kernel: apart, output: apart))
        rows.begin(
            behind: signal.baseAddress!, kernel.baseAddress!, stride: count, pending: pending.pointer + whole,
            pendingStride: 2 * whole, position: whole)
        arriving = rows
        push(
            signal.baseAddress!, kernel.baseAddress!, into: outputs.baseAddress!, whole..<count, stride: count
        )
    }

    /// What all tiles of 2^r - 1 elements add to the outputs behind them: the full convolutions of the rows without their
    /// heads, which outputs meet when they are due. Rows of 2^(r + 1) - 2, of which the second half counts.
    private func pendingOutputs(
        _ signal: UnsafePointer<Scalar>, _ kernel: UnsafePointer<Scalar>, stride: Int, _ whole: Int
    ) throws(ConvolutionError) -> AlignedArray<Scalar> {
        let pending = AlignedArray<Scalar>(zeros: channels * 2 * whole)
        let count = whole - RelaxedTiling<Scalar>.head
        guard count > 0 else { return pending }
        let head = whole - count
        let convolution = try LongConvolution<Scalar>(length: count, kernelLength: count, boundary: .full)
        let apart = RowStrides(sample: 0, channel: stride)
        let rows = (channels - 1) * stride + count
        try convolution.apply(
            UnsafeBufferPointer(start: signal + head, count: rows),
            kernel: UnsafeBufferPointer(start: kernel + head, count: rows),
            .shared(batch: 1, channels: channels),
            // Places in both rows add up.
            into: UnsafeMutableBufferPointer(
                start: pending.pointer + 2 * head, count: pending.count - 2 * head),
            strides: OperandStrides(
                signal: apart, kernel: apart, output: RowStrides(sample: 0, channel: 2 * whole)))
        return pending
    }

    /// Takes the beginning of a stream at once, `[C, n]`, and returns as many outputs.
    ///
    /// - Throws: ``ConvolutionError`` when there is not enough memory; the stream is unchanged then.
    public mutating func prefill(_ signal: [Scalar], kernel: [Scalar]) throws(ConvolutionError) -> [Scalar] {
        let outputs = PooledArray<Scalar>(count: signal.count)
        let buffer = UnsafeMutableBufferPointer(start: outputs.pointer, count: signal.count)
        try signal.withUnsafeBufferPointer { (signal) throws(ConvolutionError) in
            try kernel.withUnsafeBufferPointer { (kernel) throws(ConvolutionError) in
                try prefill(signal, kernel: kernel, into: buffer)
            }
        }
        defer { withExtendedLifetime(outputs) {} }
        return Array(buffer)
    }
}

// Saving and restoring.
extension StreamingContextConvolution {
    /// What the stream remembers, its kernels included: O(C min(t, K)) scalars.
    public var state: StreamingState<Scalar> {
        var values: [Scalar] = []
        for channel in 0..<channels {
            if let arriving {
                arriving.save(channel, to: &values)
            } else if let steady {
                values += steady.kernel.row(channel)
                steady.save(channel, to: &values)
            }
        }
        return StreamingState(
            form: .context, channels: channels, kernelLength: kernelLength ?? 0, position: position,
            phase: arriving == nil ? steady!.phase : 0, kernelChecksum: 0, values: values)
    }

    /// Continues where a stream of as many channels and taps was; it then returns the same bits as that stream.
    ///
    /// - Throws: ``StreamingError``; the stream is unchanged then.
    public mutating func restore(_ state: StreamingState<Scalar>) throws(StreamingError) {
        let isComplete = kernelLength.map { state.position >= $0 } ?? false
        let position = max(state.position, 0)
        // More would overflow what follows.
        guard isComplete || position <= state.values.count else {
            throw .mismatch(
                part: "values", expected: "of \(position) samples", found: "\(state.values.count) scalars")
        }
        let count =
            isComplete
            ? kernelLength! + HalfOnlineRows.savedCount(steady!.kernel.tiling)
            : RelaxedRows<Scalar>.savedCount(
                position: position, outputCount: kernelLength ?? 2 * position)
        try state.check(
            .context, channels: channels, kernelLength: kernelLength ?? 0,
            phases: 0..<(isComplete ? steady!.kernel.tiling.largestTile : 1), checksum: 0, count: count)
        let rows: RelaxedRows<Scalar>?
        do {
            rows = isComplete ? nil : try emptyArriving(atLeast: position)
        } catch {
            throw .convolution(error)
        }
        state.values.withUnsafeBufferPointer { values in
            guard let first = values.baseAddress else { return reset() }
            if let rows {
                rows.begin(
                    behind: first, first + position, stride: count, pending: first + 2 * position,
                    pendingStride: count, position: position)
                arriving = rows
                if steady?.position != 0 { steady = emptySteady() }
            } else {
                restoreComplete(state, first, count)
            }
        }
    }

    private mutating func restoreComplete(
        _ state: StreamingState<Scalar>, _ values: UnsafePointer<Scalar>, _ count: Int
    ) {
        let rows = emptySteady()!
        rows.writeKernel(values, stride: count)
        rows.restore(position: state.position, phase: state.phase)
        for channel in 0..<channels {
            rows.restore(channel, from: values + channel * count + kernelLength!)
        }
        steady = rows
        arriving = nil
    }

    /// Rows with room for at least that number of elements, beside which that number of bytes is needed for a while.
    func emptyArriving(
        atLeast count: Int, beside otherByteCount: Int = 0
    ) throws(ConvolutionError) -> RelaxedRows<Scalar> {
        let tiling = try largerTiling(atLeast: count, beside: otherByteCount)
        return RelaxedRows(tiling, channels: channels, workerCount: workerCount)
    }
}
