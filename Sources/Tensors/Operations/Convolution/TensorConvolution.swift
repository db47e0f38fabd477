import Convolution
import Runtime

extension Tensor {
    /// The convolution of each row or plane of this tensor with its kernel, by fast Fourier transforms.
    ///
    /// - Parameters:
    ///   - kernel: Shape [C, *K], shared by the batch, or [B, C, *K], one for each sample.
    ///   - boundary: The outputs that are kept.
    /// - Returns: [B, C, *outputs] for a tensor of shape [B, C, *S], S having one or two axes.
    /// - Complexity: O(N log N) for each row or plane of N scalars, forward and backward.
    public func longConvolution(kernel: Tensor, boundary: Boundary) -> Tensor {
        Tensor.longConvolution([self], kernel: kernel, boundary: boundary)[0]
    }

    /// ``longConvolution(kernel:boundary:)`` of several tensors of one shape with the same kernel, which is transformed
    /// once.
    ///
    /// - Parameters:
    ///   - signals: The tensors, [B, C, *S].
    ///   - kernel: Shape [C, *K], shared by the batch, or [B, C, *K], one for each sample.
    ///   - boundary: The outputs that are kept.
    ///   - exactHead: How many of the first outputs of a causal row are computed as sums, each accurate by itself; see
    ///     `LongConvolution`.
    public static func longConvolution(
        _ signals: [Tensor], kernel: Tensor, boundary: Boundary, exactHead: Int = 0
    ) -> [Tensor] {
        guard let first = signals.first else { return [] }
        for signal in signals {
            require(
                signal.shape == first.shape,
                "expected signals of one shape, \(first.shape), got \(signal.shape)")
        }
        let (convolution, pairing) = convolutionPlan(
            signal: first.shape, kernel: kernel.shape, boundary: boundary, exactHead: exactHead)
        let outputShape = first.shape.prefix(2) + convolution.outputExtents
        let outputs = tensors(shapes: signals.map { _ in Array(outputShape) }) { outputs in
            withScalars(of: signals) { signals in
                kernel.withScalars { kernel in
                    requireSuccess { () throws(ConvolutionError) in
                        try convolution.apply(signals, kernel: kernel, pairing, into: outputs)
                    }
                }
            }
        }
        return outputs.recorded(from: signals + [kernel]) { upstreams in
            // One gradient for each recorded operand, in their order.
            let wanted = (signals + [kernel]).filter(\.isRecorded).map(\.shape)
            var gradients = tensors(shapes: wanted) { gradients in
                var gradients = gradients[...]
                let signalGradients = signals.map { $0.isRecorded ? gradients.removeFirst() : nil }
                withScalars(of: signals + [kernel] + upstreams.compactMap { $0 }) { operands in
                    var upstreamOperands = operands.dropFirst(signals.count + 1)
                    let upstreams = upstreams.map { $0 == nil ? nil : upstreamOperands.removeFirst() }
                    func pullBack(
                        _ kernelGradient: UnsafeMutableBufferPointer<Float>?, _ sums: SumsOverGroups<Float>?
                    ) {
                        requireSuccess { () throws(ConvolutionError) in
                            try convolution.gradients(
                                Array(operands.prefix(signals.count)), kernel: operands[signals.count],
                                pairing, upstreams: upstreams, signalGradients: signalGradients,
                                kernelGradient: kernelGradient, sums: sums)
                        }
                    }
                    if let partition = first.partition, let kernelGradient = gradients.first,
                        kernel.rank < first.rank
                    {
                        convolution.sumOverBatch(
                            channels: first.shape[1], in: partition, kernel: kernelGradient
                        ) { sums, _ in pullBack(nil, sums) }
                    } else {
                        pullBack(gradients.first, SumsOverGroups(BatchGroups(samples: first.shape[0])))
                    }
                }
            }[...]
            return (signals + [kernel]).map { $0.isRecorded ? gradients.removeFirst() : nil }
        }
    }

    /// The convolution of tensors of the given shapes.
    static func convolutionPlan(
        signal: [Int], kernel: [Int], boundary: Boundary, center: Center = .upper, exactHead: Int = 0
    ) -> (LongConvolution<Float>, Pairing) {
        let axes = signal.count - 2
        require(
            (1...2).contains(axes), "expected a signal [B, C, *S] with one or two axes S, got \(signal)")
        let isShared = kernel.count == signal.count - 1
        require(
            isShared
                ? kernel[0] == signal[1]
                : kernel.count == signal.count && kernel.prefix(2) == signal.prefix(2),
            "expected a kernel [C, *K] or [B, C, *K] for the signal \(signal), got \(kernel)")
        let (batch, channels) = (signal[0], signal[1])
        let extents = kernel.suffix(axes)
        let convolution = requireSuccess { () throws(ConvolutionError) in
            axes == 1
                ? try LongConvolution<Float>(
                    length: signal[2], kernelLength: extents.last!, boundary: boundary, center: center,
                    exactHead: exactHead)
                : try LongConvolution<Float>(
                    height: signal[2], width: signal[3], kernelHeight: extents.first!,
                    kernelWidth: extents.last!, boundary: boundary, center: center)
        }
        return (
            convolution,
            isShared
                ? .shared(batch: batch, channels: channels) : .perSample(batch: batch, channels: channels)
        )
    }
}

/// The result of a convolution of tensors. As these are in memory, it fails only by a programming error or for lack of
/// memory.
func requireSuccess<Result>(_ body: () throws(ConvolutionError) -> Result) -> Result {
    do { return try body() } catch { fatalError(error.description) }
}
