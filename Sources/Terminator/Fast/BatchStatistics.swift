import Runtime
import Tensors

/// The quantities that one pass takes over its batch, or is given instead.
///
/// They make an output depend on what else is in the batch. Training observes them, and evaluation may be given the
/// averages of what training observed (``RunningStatistics``). Every quantity has a name, made like a parameter's.
struct BatchStatistics {
    /// What was observed so far, by name: constants.
    private(set) var observed: [String: Tensor] = [:]
    private let given: [String: Tensor]?
    private let isObserving: Bool
    private var path = ""

    /// Statistics of the batch itself, recorded in `observed` if `isObserving`.
    init(isObserving: Bool = false) {
        given = nil
        self.isObserving = isObserving
    }

    /// Statistics that do not depend on the batch.
    init(given: [String: Tensor]) {
        self.given = given
        isObserving = false
    }

    /// Calls `body` with `name` and a dot before every name.
    mutating func within<Result>(_ name: String, _ body: (inout BatchStatistics) -> Result) -> Result {
        let outer = path
        path += "\(name)."
        defer { path = outer }
        return body(&self)
    }

    /// What is made from the means of `[B, ...]` over the batch, `[1, ...]`; or what is given instead.
    mutating func ofMean(of features: Tensor, named name: String, _ body: (Tensor) -> Tensor) -> Tensor {
        if let given { return self.given(name, in: given) }
        let made = body(features.mean(overAxes: [0], keepingAxes: true))
        observe(made, name)
        return made
    }

    /// (gelu(standardize(x)) + offset) ⊙ factors for `[B, C, *S]`, where the mean and variance over batch and space are
    /// those given, if any, and factors `[B, C]` and the offset are optional.
    mutating func standardizedGELU(
        _ features: Tensor, over extent: StandardizationExtent, offset: Tensor?, factors: Tensor? = nil,
        named name: String
    ) -> Tensor {
        if let given {
            let moments = ChannelMoments(
                mean: self.given("\(name).mean", in: given),
                variance: self.given("\(name).variance", in: given))
            require(factors == nil, "there is no dropout with given statistics")
            let activated = moments.standardized(features, over: extent).gelu()
            return offset.map { activated + $0 } ?? activated
        }
        let (activated, moments) = features.standardizedGELUAndMoments(
            over: extent, offset: offset, factors: factors)
        observe(moments.mean, "\(name).mean")
        observe(moments.variance, "\(name).variance")
        return activated
    }

    private func given(_ name: String, in values: [String: Tensor]) -> Tensor {
        guard let value = values[path + name] else {
            fatalError("expected statistics '\(path + name)', found none of that name")
        }
        return value
    }

    private mutating func observe(_ value: Tensor, _ name: String) {
        guard isObserving else { return }
        let replaced = observed.updateValue(value.detached, forKey: path + name)
        require(replaced == nil, "two statistics are named '\(path + name)'")
    }
}

extension ChannelMoments {
    /// Standardizes with these moments what `extent` standardizes over the batch.
    fileprivate func standardized(
        _ features: Tensor, over extent: StandardizationExtent, epsilon: Float = 1e-5
    ) -> Tensor {
        switch extent {
        case .instance:
            return features.standardized(over: .instance, epsilon: epsilon)
        case .batch:
            return (features - mean) * (variance + epsilon).squareRoot().reciprocal
        case .alternating(let groups):
            let width = features.shape[1] / groups
            let parts = (0..<groups).map { group in
                let channels = group * width..<(group + 1) * width
                return channel(channels).standardized(
                    features.slice(alongAxis: 1, channels), over: group % 2 == 0 ? .batch : .instance,
                    epsilon: epsilon)
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
