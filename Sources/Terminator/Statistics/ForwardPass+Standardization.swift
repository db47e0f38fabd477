import Runtime
import Tensors

extension ForwardPass {
    /// Features `[B, C, *S]` standardized over space, for each sample and channel; or, as the form says, by the moments of
    /// the samples so far or of the training batches.
    mutating func standardized(_ features: Tensor, named name: String) -> Tensor {
        switch form {
        case .whole: return features.standardized(over: .instance, lengths: lengths)
        case .prefix: return prefixStandardized(features, named: name)
        case .frozen:
            if let moments = givenMoments(named: name) {
                return moments.standardized(features, over: .batch)
            }
            let (standardized, moments) = features.standardizedAndMoments(over: .batch, lengths: lengths)
            observe(moments, name)
            return standardized
        }
    }

    /// (gelu(standardize(x)) + offset) ⊙ factors for `[B, C, *S]`, where the mean and variance over batch and space are
    /// those given, if any, and factors `[B, C]` and the offset are optional. Forms that are causal have one extent for all
    /// channels.
    mutating func standardizedGELU(
        _ features: Tensor, over extent: StandardizationExtent, offset: Tensor?, factors: Tensor? = nil,
        named name: String
    ) -> Tensor {
        if form == .prefix {
            let activated = prefixStandardized(features, named: name).gelu()
            let moved = offset.map { activated + $0 } ?? activated
            return factors.map { moved * $0.reshaped(to: $0.shape + [1]) } ?? moved
        }
        let extent = form == .frozen ? .batch : extent
        if let moments = givenMoments(named: name) {
            require(factors == nil, "there is no dropout with given statistics")
            let activated = moments.standardized(features, over: extent, lengths: lengths).gelu()
            let moved = offset.map { activated + $0 } ?? activated
            return lengths.map { moved.masked(toLengths: $0) } ?? moved
        }
        let (activated, moments) = features.standardizedGELUAndMoments(
            over: extent, offset: offset, factors: factors, lengths: lengths)
        observe(moments, name)
        return activated
    }

    /// gelu(standardize(a ⊙ b)) + bias, where a and b are the halves of the channels of `factors` `[B, 2C, *S]`.
    mutating func gatedStandardizedGELU(_ factors: Tensor, bias: Tensor?, named name: String) -> Tensor {
        guard form.isCausal else { return factors.gatedStandardizedGELU(bias: bias, lengths: lengths) }
        let channels = factors.shape[1] / 2
        let halves = factors.slices(alongAxis: 1, [0..<channels, channels..<2 * channels])
        let activated = standardized(halves[0] * halves[1], named: name).gelu()
        return bias.map { activated + $0 } ?? activated
    }

    /// The means of features `[B, C, *S]` over space, `[B, C, 1, ...]`; or, as the form says, those of the samples so far,
    /// `[B, C, L]`, or of the training batches, `[1, C, 1]`.
    mutating func meanOverSpace(_ features: Tensor, named name: String) -> Tensor {
        switch form {
        case .whole: ownMeans(of: features)
        case .prefix: prefixMeans(features, named: name)
        case .frozen: ofMean(of: features, named: name, Self.means)
        }
    }

    /// The means of features `[B, C, *S]` over each sample's own positions, `[B, C, 1, ...]`.
    func ownMeans(of features: Tensor) -> Tensor { Self.means(features, lengths: lengths) }

    private static func means(_ features: Tensor, lengths: [Int]?) -> Tensor {
        lengths.map { features.mean(overLengths: $0) }
            ?? features.mean(overAxes: Array(2..<features.rank), keepingAxes: true)
    }

    /// The means of the samples so far, `[B, C, L]`.
    mutating func prefixMeans(_ features: Tensor, named name: String) -> Tensor {
        guard stream != nil else { return features.prefixMeans() }
        return features.prefixMeans(continuing: &stream!.moments[self.name(name), of: features])
    }

    private mutating func prefixStandardized(_ features: Tensor, named name: String) -> Tensor {
        guard stream != nil else { return features.prefixStandardized(epsilon: prefixEpsilon) }
        return features.prefixStandardized(
            continuing: &stream!.moments[self.name(name), of: features], epsilon: prefixEpsilon)
    }
}

extension [String: PrefixMoments] {
    /// The moments of that name, those before the first sample where there are none.
    fileprivate subscript(name: String, of features: Tensor) -> PrefixMoments {
        get { self[name, default: PrefixMoments(rows: features.shape[0] * features.shape[1])] }
        _modify {
            yield &self[name, default: PrefixMoments(rows: features.shape[0] * features.shape[1])]
        }
    }
}

extension ChannelMoments {
    /// Standardizes with these moments what `extent` standardizes over the batch.
    fileprivate func standardized(
        _ features: Tensor, over extent: StandardizationExtent, epsilon: Float = 1e-5, lengths: [Int]? = nil
    ) -> Tensor {
        switch extent {
        case .instance:
            return features.standardized(over: .instance, epsilon: epsilon, lengths: lengths)
        case .batch:
            return (features - mean) * (variance + epsilon).squareRoot().reciprocal
        case .alternating(let groups):
            let width = features.shape[1] / groups
            let ranges = (0..<groups).map { $0 * width..<($0 + 1) * width }
            let parts = features.slices(alongAxis: 1, ranges).enumerated().map { group, features in
                channel(ranges[group]).standardized(
                    features, over: group % 2 == 0 ? .batch : .instance,
                    epsilon: epsilon, lengths: lengths)
            }
            return .concatenated(parts, alongAxis: 1)
        }
    }

    private func channel(_ range: Range<Int>) -> ChannelMoments {
        ChannelMoments(
            mean: mean.slice(alongAxis: 1, range), variance: variance.slice(alongAxis: 1, range))
    }
}

extension Tensor {
    /// 1 / x for each scalar of a constant.
    fileprivate var reciprocal: Tensor {
        Tensor(shape: shape, scalars: scalars.map { 1 / $0 })
    }
}
