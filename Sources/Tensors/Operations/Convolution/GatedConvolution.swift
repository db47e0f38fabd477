import Convolution
import Runtime

extension Tensor {
    /// The gated convolution of Hyena and H3, `outputGate ⊙ (kernel * v + skip[c] v)` with `v = inputGate ⊙ self`; parts that
    /// are `nil` are left out, and cost nothing.
    ///
    /// - Parameters:
    ///   - kernel: Shape [C, *K], shared by the batch, or [B, C, *K], one for each sample.
    ///   - boundary: The outputs that are kept.
    ///   - center: The center of kernels of even length, for `.centred`.
    ///   - skip: Shape [C]; for outputs as many as scalars of the signal.
    ///   - inputGate: The shape of this tensor.
    ///   - outputGate: The shape of the outputs.
    ///   - lengths: The length of each sample's rows, `[B]`, in one dimension and not for `.circular`: what lies beyond counts
    ///     as zero, whatever it is, has a gradient of zero, and outputs beyond those of such a signal are zero.
    /// - Returns: [B, C, *outputs] for a tensor of shape [B, C, *S], S having one or two axes.
    /// - Complexity: O(N log N) for each row or plane of N scalars, forward and backward.
    public func gatedLongConvolution(
        kernel: Tensor, boundary: Boundary, center: Center = .upper, skip: Tensor? = nil,
        inputGate: Tensor? = nil, outputGate: Tensor? = nil, lengths: [Int]? = nil
    ) -> Tensor {
        let (convolution, pairing) = Tensor.convolutionPlan(
            signal: shape, kernel: kernel.shape, boundary: boundary, center: center)
        let outputShape = Array(shape.prefix(2)) + convolution.outputExtents
        for (gate, expected, name) in [
            (inputGate, shape, "an input gate"), (outputGate, outputShape, "an output gate"),
            (skip, [shape[1]], "a skip"),
        ] {
            require(
                gate == nil || gate!.shape == expected,
                "expected \(name) of shape \(expected), got \(gate?.shape ?? [])")
        }
        let parts = GatedOperands(
            signal: self, kernel: kernel, inputGate: inputGate, outputGate: outputGate, skip: skip)
        // What the output gate multiplies is kept for its gradient.
        let keepsUngated = outputGate?.isRecorded ?? false
        let results = Tensor.tensors(
            shapes: Array(repeating: outputShape, count: keepsUngated ? 2 : 1)
        ) { results in
            parts.withScalars { signal, kernel, gates in
                requireSuccess { () throws(ConvolutionError) in
                    try convolution.apply(
                        signal, kernel: kernel, pairing, gates: gates, lengths: lengths, into: results[0],
                        ungated: keepsUngated ? results[1] : nil)
                }
            }
        }
        let ungated = keepsUngated ? results[1] : nil
        return [results[0]].recorded(from: parts.operands) { upstreams in
            let upstream = upstreams[0]!
            // One gradient for each recorded operand, in their order.
            let wanted = parts.operands.filter(\.isRecorded).map(\.shape)
            var gradients = Tensor.tensors(shapes: wanted) { memory in
                parts.withScalars { signal, kernel, gates in
                    Tensor.withScalars(of: [upstream] + (ungated.map { [$0] } ?? [])) { given in
                        func pullBack(
                            _ gradients: GatedGradients<Float>, _ sums: SumsOverGroups<Float>?,
                            _ skipTerms: UnsafeMutablePointer<Double>? = nil
                        ) {
                            requireSuccess { () throws(ConvolutionError) in
                                try convolution.gradients(
                                    signal, kernel: kernel, pairing, gates: gates, lengths: lengths,
                                    upstream: given[0], ungated: given.count > 1 ? given[1] : nil,
                                    into: gradients, sums: sums, skipTerms: skipTerms)
                            }
                        }
                        let (gradients, shape) = (parts.gradients(memory), parts.signal.shape)
                        guard let partition = parts.signal.partition else {
                            return pullBack(gradients, SumsOverGroups(BatchGroups(samples: shape[0])))
                        }
                        var ofSamples = gradients
                        ofSamples.skip = nil
                        if parts.kernel.rank < shape.count { ofSamples.kernel = nil }
                        convolution.sumOverBatch(
                            channels: shape[1], in: partition,
                            kernel: ofSamples.kernel == nil ? gradients.kernel : nil, skip: gradients.skip
                        ) { [ofSamples] in pullBack(ofSamples, $0, $1) }
                    }
                }
            }[...]
            return parts.operands.map { $0.isRecorded ? gradients.removeFirst() : nil }
        }[0]
    }

    /// The kernels of pairs that reach into the past and the future as one kernel each, for a centred convolution:
    ///
    ///     y[t] = Σ_s forward[s] x[t - s] + Σ_s backward[s] x[t + s + lag]
    ///
    /// - Parameters:
    ///   - forward: Shape [..., K].
    ///   - backward: The same shape.
    ///   - lag: 0, where both kernels act on the present, or 1, where only `forward` does.
    /// - Returns: Shape [..., 2 K - 1 + lag], with the center at ⌊K'/2⌋ of the last axis.
    public static func bidirectionalKernel(forward: Tensor, backward: Tensor, lag: Int) -> Tensor {
        require(
            forward.shape == backward.shape && forward.rank > 0,
            "expected two kernels of one shape, got \(forward.shape) and \(backward.shape)")
        let kernelLength = forward.shape[forward.rank - 1]
        let convolution = requireSuccess { () throws(ConvolutionError) in
            try BidirectionalConvolution<Float>(length: kernelLength, kernelLength: kernelLength, lag: lag)
        }
        let joined = Tensor(shape: forward.shape.dropLast() + [2 * kernelLength - 1 + lag]) { joined in
            withScalars(of: [forward, backward]) {
                convolution.join(forward: $0[0], backward: $0[1], into: joined)
            }
        }
        return joined.recorded(from: forward, backward) { cotangent in
            let gradients = tensors(shapes: [forward.shape, backward.shape]) { gradients in
                cotangent.withScalars {
                    convolution.split($0, forward: gradients[0], backward: gradients[1])
                }
            }
            return [gradients[0], gradients[1]]
        }
    }
}

/// The operands of a gated convolution.
private struct GatedOperands: Sendable {
    let signal: Tensor
    let kernel: Tensor
    let inputGate: Tensor?
    let outputGate: Tensor?
    let skip: Tensor?

    /// Those that are there: signal, kernel, gates, skip.
    var operands: [Tensor] { [signal, kernel] + [inputGate, outputGate, skip].compactMap { $0 } }

    func withScalars(
        _ body: (UnsafeBufferPointer<Float>, UnsafeBufferPointer<Float>, Gates<Float>) -> Void
    ) {
        Tensor.withScalars(of: operands) { scalars in
            var optional = scalars.dropFirst(2)
            func next(_ part: Tensor?) -> UnsafeBufferPointer<Float>? {
                part == nil ? nil : optional.removeFirst()
            }
            let (input, output) = (next(inputGate), next(outputGate))
            body(scalars[0], scalars[1], Gates(input: input, output: output, skip: next(skip)))
        }
    }

    /// The gradients' memory by its operands: there is one for each that is recorded, in their order.
    func gradients(_ memory: [UnsafeMutableBufferPointer<Float>]) -> GatedGradients<Float> {
        var rest = memory[...]
        func next(_ operand: Tensor?) -> UnsafeMutableBufferPointer<Float>? {
            operand?.isRecorded ?? false ? rest.removeFirst() : nil
        }
        let (signal, kernel, input, output) = (
            next(signal), next(kernel), next(inputGate), next(outputGate)
        )
        return GatedGradients(
            signal: signal, kernel: kernel, inputGate: input, outputGate: output, skip: next(skip))
    }
}
