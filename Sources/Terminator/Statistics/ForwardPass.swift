import Runtime
import Tensors

/// A forward pass through a network: the statistics that it takes over its batch and its sequences, or receives in their
/// place, and in a stream what it remembers.
///
/// Statistics over the batch make a sample's output depend on the rest of its batch. Training observes them; evaluation uses
/// the averages of the observed ones (``RunningStatistics``). Each has a name, formed like a parameter's, and so has all that
/// a stream remembers.
struct ForwardPass {
    /// What means and variances are taken over.
    let form: SequenceStatistics
    /// What is added to the variances of the samples so far. (Those of few samples may be tiny.)
    var prefixEpsilon: Float = 1e-5
    /// The statistics observed so far, by name: constants.
    private(set) var observed: [String: Tensor] = [:]
    /// The numbers of the samples' own positions in sequences `[B, C, L]`; `nil` where all are.
    var lengths: [Int]?
    /// What the stream remembers; `nil` where whole sequences are read.
    var stream: StreamingNetworkState?
    private let given: [String: Tensor]?
    private let isObserving: Bool
    private var path = StatisticsPath()

    /// Statistics of the batch itself, recorded in `observed` if `isObserving`.
    init(_ form: SequenceStatistics = .whole, isObserving: Bool = false) {
        self.form = form
        given = nil
        self.isObserving = isObserving
    }

    /// Statistics that do not depend on the batch, in a stream if there is one.
    init(
        _ form: SequenceStatistics = .whole, given: [String: Tensor], stream: StreamingNetworkState? = nil
    ) {
        self.form = form
        self.given = given
        self.stream = stream
        isObserving = false
    }

    static func meanName(_ name: String) -> String { "\(name).mean" }
    static func varianceName(_ name: String) -> String { "\(name).variance" }

    /// Calls `body` with the part's name, and the index of a part of a list, before every name.
    mutating func within<Part: RawRepresentable<String>, Result>(
        _ part: Part, _ index: Int? = nil, _ body: (inout ForwardPass) -> Result
    ) -> Result {
        let outer = path
        path.append(part, index)
        defer { path = outer }
        return body(&self)
    }

    /// The whole name of a statistic or of something that a stream remembers.
    func name(_ name: String) -> String { path.name(name) }

    /// What follows from the parameters alone; a stream computes it once.
    mutating func constant(named name: String, _ make: () -> Tensor) -> Tensor {
        guard stream != nil else { return make() }
        let name = path.name(name)
        if let kept = stream!.constants[name] { return kept }
        let made = make()
        stream!.constants[name] = made
        return made
    }
}

// MARK: - Statistics over the batch

extension ForwardPass {
    /// The mean over the batch, `[1, ...]`, of what a linear `body` makes of each sample of `[B, ...]` and its own positions;
    /// or the given statistic.
    mutating func ofMean(
        of features: Tensor, named name: String, _ body: (_ features: Tensor, _ lengths: [Int]?) -> Tensor
    ) -> Tensor {
        if let given { return self.given(name, in: given) }
        func mean(_ tensor: Tensor) -> Tensor { tensor.mean(overAxes: [0], keepingAxes: true) }
        // Linear, so that the mean comes first, where samples have the same positions.
        let made = lengths == nil ? body(mean(features), nil) : mean(body(features, lengths))
        observe(made, name)
        return made
    }

    /// The given moments of the channels, or else `nil`.
    func givenMoments(named name: String) -> ChannelMoments? {
        given.map {
            ChannelMoments(
                mean: given(Self.meanName(name), in: $0), variance: given(Self.varianceName(name), in: $0))
        }
    }

    /// Records the moments of the channels.
    mutating func observe(_ moments: ChannelMoments, _ name: String) {
        observe(moments.mean, Self.meanName(name))
        observe(moments.variance, Self.varianceName(name))
    }

    private func given(_ name: String, in values: [String: Tensor]) -> Tensor {
        guard let value = values[path.name(name)] else {
            fatalError("expected statistics '\(path.name(name))', found none of that name")
        }
        return value
    }

    private mutating func observe(_ value: Tensor, _ name: String) {
        guard isObserving else { return }
        let replaced = observed.updateValue(value.detached, forKey: path.name(name))
        require(
            replaced == nil, "expected statistics of different names, got '\(path.name(name))' twice")
    }
}
