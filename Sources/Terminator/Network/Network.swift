import Runtime
import Tensors

/// The Terminator network (HyperZ·Z·W, arXiv 2401.17948) for sequences or images.
///
/// A chain of slow-fast blocks, each of which reads the output of the one before and of those it skips from; then
/// the mean over space, or each position as it is, and a linear classifier.
///
/// Sequences of different lengths may stand in one batch `[B, C, L]`: with `lengths`, sample *b* is its first `lengths[b]`
/// positions, and what lies behind them has no influence, whatever it holds. Means, variances and the readout are over a
/// sample's own positions, statistics of the batch over those of all samples. Such a sample is the beginning of a sequence
/// of the network's extent, on whose grid kernels and biases are sampled, and silent behind its end; so lengths are at most
/// that extent, unless the statistics are causal.
///
/// With causal ``NetworkConfiguration/statistics`` an output depends on no later sample, and a ``StreamingNetwork`` reads a
/// sequence sample by sample.
public struct Network: StructuredModule {
    /// The configuration of the network.
    public let configuration: NetworkConfiguration
    /// The blocks, first to last.
    public var blocks: [SlowFastBlock]
    /// The linear layer from the last block's channels, pooled or at each position, to logits.
    public var classifier: PointwiseLayer
    /// The running statistics of the training batches for evaluation; empty before ``updateStatistics(from:)``.
    public var statistics = RunningStatistics()

    /// A network with random parameters. The configuration must be valid.
    public init(_ configuration: NetworkConfiguration, using randomNumbers: inout RandomNumbers) {
        do {
            try configuration.validate()
        } catch {
            fatalError("not a valid configuration: \(error)")
        }
        self.configuration = configuration
        blocks = configuration.blocks.map { SlowFastBlock($0, in: configuration, using: &randomNumbers) }
        let features = configuration.blocks.last!.outputChannels
        classifier = PointwiseLayer(
            inputs: features, outputs: configuration.classCount, weight: .rectifierGain(fanIn: features),
            bias: .constant(0), using: &randomNumbers)
    }

    /// The result of a forward pass.
    public struct Output: Sendable {
        /// `[B, classes]`, or `[B, classes, *S]` where each position is read.
        public let logits: Tensor
        /// Each block's global hyper-kernel, `[C, *S]`, for the slow neural loss.
        public let kernels: [Tensor]
        /// Each block's output, `[B, C', *S]`.
        let features: [Tensor]
        /// In training, what was taken over the batch, for ``Network/updateStatistics(from:)``.
        let statistics: [String: Tensor]

        /// The same values as constants, which retain nothing that they were computed from.
        public var detached: Output {
            Output(
                logits: logits.detached, kernels: kernels.map(\.detached), features: features.map(\.detached),
                statistics: statistics)
        }
    }

    /// The forward pass in training mode: with dropout and the statistics of the batch.
    ///
    /// The output holds the statistics for evaluation; pass it to ``updateStatistics(from:)``.
    ///
    /// - Parameters:
    ///   - input: `[B, C, *S]`.
    ///   - randomNumbers: the generator that draws the dropped channels.
    public func callAsFunction(_ input: Tensor, dropout randomNumbers: inout RandomNumbers) -> Output {
        self(input, lengths: nil, dropout: &randomNumbers)
    }

    /// The forward pass in training mode for sequences of different lengths.
    ///
    /// - Parameters:
    ///   - input: `[B, C, L]`, not distributed over processes.
    ///   - lengths: the number of each sample's own positions, 1 to L; `nil`: all are.
    ///   - randomNumbers: the generator that draws the dropped channels.
    public func callAsFunction(
        _ input: Tensor, lengths: [Int]?, dropout randomNumbers: inout RandomNumbers
    ) -> Output {
        var pass = ForwardPass(
            configuration.statistics, isObserving: configuration.evaluationStatistics != .batch)
        pass.lengths = lengths
        return read(input, in: &pass) { block in
            block.dropoutFactors(for: input, using: &randomNumbers)
        }
    }

    /// The forward pass in evaluation mode.
    ///
    /// With running statistics the logits of a sample do not depend on the rest of its batch. Before the first update,
    /// or with ``EvaluationStatistics/batch``, they do.
    ///
    /// - Parameter input: `[B, C, *S]`.
    public func callAsFunction(_ input: Tensor) -> Output {
        self(input, lengths: nil)
    }

    /// The forward pass in evaluation mode for sequences of different lengths.
    ///
    /// - Parameters:
    ///   - input: `[B, C, L]`.
    ///   - lengths: the number of each sample's own positions, 1 to L; `nil`: all are. Logits of positions behind them are 0.
    public func callAsFunction(_ input: Tensor, lengths: [Int]?) -> Output {
        var pass = evaluationPass
        pass.lengths = lengths
        return read(input, in: &pass)
    }

    /// The logits of a causal network at every position, `[B, classes, L]`, in evaluation mode: with
    /// ``Readout/pooled`` those for the mean over the positions so far, of which the last are those of the whole sequence.
    ///
    /// - Parameter input: `[B, C, L]`.
    public func logitsAtPositions(of input: Tensor) -> Tensor {
        require(
            configuration.statistics.isCausal,
            "expected a network with causal statistics, got \(configuration.statistics.rawValue)")
        var pass = evaluationPass
        return read(input, in: &pass, readsEveryPosition: true).logits
    }

    /// A pass of evaluation: with the running statistics, or the batch's own where there are none.
    var evaluationPass: ForwardPass {
        let form = configuration.statistics
        return configuration.evaluationStatistics == .batch || statistics.values.isEmpty
            ? ForwardPass(form) : ForwardPass(form, given: statistics.values)
    }

    /// A pass through all blocks and the classifier.
    ///
    /// - Parameter readsEveryPosition: Whether pooled features are means over the positions so far, one for each.
    func read(
        _ input: Tensor, in pass: inout ForwardPass, readsEveryPosition: Bool = false,
        dropout: (BlockConfiguration) -> Tensor? = { _ in nil }
    ) -> Output {
        let own = pass.lengths.map { ownPositions(of: input, lengths: $0) } ?? input
        checkShape(of: own)
        var outputs: [Tensor] = []
        var kernels: [Tensor] = []
        for (index, (block, size)) in zip(blocks, configuration.blocks).enumerated() {
            let (output, kernel) = pass.within(NetworkPart.blocks, index) {
                block.segment(
                    outputs.last ?? own, skips: size.skips.map { outputs[$0] }, dropout: dropout(size),
                    checkpointing: configuration.checkpointing, in: &$0)
            }
            outputs.append(output)
            kernels.append(kernel)
        }
        let last = outputs[outputs.count - 1]
        let features =
            switch configuration.readout {
            case .pooled where readsEveryPosition:
                pass.prefixMeans(last, named: NetworkPart.classifier.rawValue)
            case .pooled: pass.ownMeans(of: last).reshaped(to: Array(last.shape.prefix(2)))
            case .positions: last
            }
        var logits = classifier(features)
        if let lengths = pass.lengths, configuration.readout == .positions {
            logits = logits.masked(toLengths: lengths, extent: input.shape[2])
        }
        return Output(logits: logits, kernels: kernels, features: outputs, statistics: pass.observed)
    }

    /// Sequences of the given lengths on the network's own grid, or in causal forms, which have one for all lengths, as long as
    /// they are; zeros behind each.
    private func ownPositions(of input: Tensor, lengths: [Int]) -> Tensor {
        require(configuration.extents.count == 1, "lengths are for networks that read sequences")
        return input.masked(
            toLengths: lengths, extent: configuration.statistics.isCausal ? nil : configuration.extents[0])
    }

    /// Updates the running statistics with those of a training batch.
    public mutating func updateStatistics(from output: Output) {
        guard case .running(let momentum) = configuration.evaluationStatistics else { return }
        statistics.add(output.statistics, momentum: momentum)
    }

    func checkShape(of input: Tensor) {
        let (channels, extents) = (configuration.inputChannels, configuration.extents)
        let isExpected =
            input.rank == extents.count + 2 && input.shape[0] >= 1 && input.shape[1] == channels
            && (configuration.spatialBias != .fixed || Array(input.shape.dropFirst(2)) == extents)
            && !input.shape.contains(0)
        require(isExpected, "expected a batch of inputs \([channels] + extents), got \(input.shape)")
    }

    /// Visits `blocks.<i>` and `classifier`.
    public mutating func forEachParameterPath(_ body: (NetworkPath, inout Tensor) throws -> Void) rethrows {
        for index in blocks.indices {
            try blocks[index].forEachParameterPath { try body(.blocks(index, $0), &$1) }
        }
        try classifier.forEachParameterPath { try body(.classifier($0), &$1) }
    }

    /// The name and shape of everything that a pass takes over its batch (``ForwardPass``).
    package var statisticsShapes: [String: [Int]] {
        var shapes = StatisticsShapes()
        for (index, block) in blocks.enumerated() {
            shapes.within(NetworkPart.blocks, index) {
                block.declareStatistics(&$0, form: configuration.statistics)
            }
        }
        return shapes.shapes
    }
}

extension BlockConfiguration {
    /// The dropout factors `[B, C']` of the block's output channels: 0 with probability `dropout`, else 1 / (1 -
    /// dropout), so that the mean stays. `nil` without dropout. They are drawn for the whole batch where it is distributed.
    fileprivate func dropoutFactors(for input: Tensor, using randomNumbers: inout RandomNumbers) -> Tensor? {
        guard dropout > 0 else { return nil }
        let all = Tensor(shape: [input.partition?.sampleCount ?? input.shape[0], outputChannels]) { factors in
            for index in factors.indices {
                factors[index] = randomNumbers.uniform(in: 0..<1) < dropout ? 0 : 1 / (1 - dropout)
            }
        }
        guard let partition = input.partition else { return all }
        return all.slice(alongAxis: 0, partition.samples).distributed(in: partition)
    }
}
