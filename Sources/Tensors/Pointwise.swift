extension Tensor {
    /// The same linear map at every point: y[b, o, s] = Σ over c of weight[o, c] x[b, c, s], plus bias[o].
    ///
    /// The tensor's shape is [B, C, *S] and the result's [B, O, *S], with any number of spatial axes, none included.
    ///
    /// - Parameters:
    ///   - weight: A matrix of shape [O, C].
    ///   - bias: A vector of shape [O], or `nil` for none.
    /// - Complexity: O(B · O · C · S), where S is the number of points.
    public func pointwise(weight: Tensor, bias: Tensor? = nil) -> Tensor {
        Tensor.pointwise([self], weight: weight, bias: bias)
    }

    /// ``pointwise(weight:bias:)`` of the channels of several tensors, one tensor's behind the other's, without
    /// putting them together in memory. A tensor may occur more than once.
    ///
    /// - Parameters:
    ///   - inputs: Shapes [B, C, *S] that differ in C alone; at least one.
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
