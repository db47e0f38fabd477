extension Tensor {
    /// The pointwise linear map (a 1 x 1 convolution) of this tensor of shape [B, C, *S], with any number of spatial
    /// axes, none included: y[b, o, s] = bias[o] + Σ over c of weight[o, c] x[b, c, s].
    ///
    /// - Parameters:
    ///   - weight: A matrix of shape [O, C].
    ///   - bias: A vector of shape [O], or `nil` for none.
    /// - Returns: Shape [B, O, *S].
    /// - Complexity: O(B · O · C · S), where S is the number of points.
    public func pointwise(weight: Tensor, bias: Tensor? = nil) -> Tensor {
        Tensor.pointwise([self], weight: weight, bias: bias)
    }

    /// ``pointwise(weight:bias:)`` of several tensors concatenated along their channels, without copying them. A tensor
    /// may occur more than once.
    ///
    /// - Parameters:
    ///   - inputs: At least one tensor; shapes [B, C, *S] that differ in C alone.
    ///   - weight: A matrix of shape [O, ΣC].
    ///   - bias: A vector of shape [O], or `nil` for none.
    public static func pointwise(_ inputs: [Tensor], weight: Tensor, bias: Tensor? = nil) -> Tensor {
        let map = PointwiseMap(inputShapes: inputs.map(\.shape), weightShape: weight.shape)
        let result = map.apply(weight, to: inputs, bias: bias)
        let isRecorded = inputs.map(\.isRecorded)
        let keptInputs = weight.isRecorded ? inputs.map(\.detached) : nil
        let keptWeight = isRecorded.contains(true) ? weight.detached : nil
        let (hasBias, wantsBias) = (bias != nil, bias?.isRecorded ?? false)
        return [result].recorded(from: inputs + [weight] + (bias.map { [$0] } ?? [])) { cotangents in
            let cotangent = cotangents[0]!
            let pulledBack =
                keptWeight.map { map.applyTransposed($0, to: cotangent, wanted: isRecorded) }
                ?? isRecorded.map { _ in nil }
            let parameters: [Tensor?]
            if let keptInputs {
                let (weight, bias) = map.parameterCotangents(
                    inputs: keptInputs, cotangent: cotangent, wantsBias: wantsBias)
                parameters = [weight, bias]
            } else {
                parameters = [nil, wantsBias ? map.biasCotangent(cotangent) : nil]
            }
            return pulledBack + parameters.prefix(hasBias ? 2 : 1)
        }[0]
    }
}
