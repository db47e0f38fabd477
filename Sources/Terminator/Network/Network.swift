import Runtime
import Tensors

/// The Terminator network (HyperZ·Z·W, arXiv 2401.17948) for sequences or images.
///
/// A chain of slow-fast blocks, each of which reads the output of the one before and of those it skips from; then
/// the mean over space, or each position as it is, and a linear classifier.
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
    }

    /// The forward pass in training mode: with dropout and the statistics of the batch.
    ///
    /// The output holds the statistics for evaluation; pass it to ``updateStatistics(from:)``.
    ///
    /// - Parameters:
    ///   - input: `[B, C, *S]`.
    ///   - randomNumbers: the generator that draws the dropped channels.
    public func callAsFunction(_ input: Tensor, dropout randomNumbers: inout RandomNumbers) -> Output {
        var statistics = BatchStatistics(isObserving: configuration.evaluationStatistics != .batch)
        return read(input, statistics: &statistics) { block in
            block.dropoutFactors(batch: input.shape[0], using: &randomNumbers)
        }
    }

    /// The forward pass in evaluation mode.
    ///
    /// With running statistics the logits of a sample do not depend on the rest of its batch. Before the first update,
    /// or with ``EvaluationStatistics/batch``, they do.
    ///
    /// - Parameter input: `[B, C, *S]`.
    public func callAsFunction(_ input: Tensor) -> Output {
        var statistics = evaluationStatistics
        return read(input, statistics: &statistics) { _ in nil }
    }

    /// The statistics of evaluation: the running ones, or the batch's own where there are none.
    var evaluationStatistics: BatchStatistics {
        configuration.evaluationStatistics == .batch || statistics.values.isEmpty
            ? BatchStatistics() : BatchStatistics(given: statistics.values)
    }

    private func read(
        _ input: Tensor, statistics: inout BatchStatistics,
        dropout: (BlockConfiguration) -> Tensor?
    ) -> Output {
        checkShape(of: input)
        var outputs: [Tensor] = []
        var kernels: [Tensor] = []
        for (index, (block, size)) in zip(blocks, configuration.blocks).enumerated() {
            let (output, kernel) = statistics.within(NetworkPart.blocks, index) {
                block(
                    outputs.last ?? input, skips: size.skips.map { outputs[$0] }, dropout: dropout(size),
                    statistics: &$0)
            }
            outputs.append(output)
            kernels.append(kernel)
        }
        let last = outputs[outputs.count - 1]
        let features =
            switch configuration.readout {
            case .pooled: last.mean(overAxes: Array(2..<last.rank))
            case .positions: last
            }
        return Output(
            logits: classifier(features), kernels: kernels, features: outputs, statistics: statistics.observed
        )
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
        require(isExpected, "expected a batch of inputs \([channels] + extents), got \(input.shape)")
    }

    /// Visits `blocks.<i>` and `classifier`.
    public mutating func forEachParameterPath(_ body: (NetworkPath, inout Tensor) throws -> Void) rethrows {
        for index in blocks.indices {
            try blocks[index].forEachParameterPath { try body(.blocks(index, $0), &$1) }
        }
        try classifier.forEachParameterPath { try body(.classifier($0), &$1) }
    }

    /// The name and shape of everything that a pass takes over its batch (``BatchStatistics``).
    package var statisticsShapes: [String: [Int]] {
        var shapes = StatisticsShapes()
        for (index, block) in blocks.enumerated() {
            shapes.within(NetworkPart.blocks, index, block.declareStatistics)
        }
        return shapes.shapes
    }
}

extension BlockConfiguration {
    /// The dropout factors `[B, C']` of the block's output channels: 0 with probability `dropout`, else 1 / (1 -
    /// dropout), so that the mean stays. `nil` without dropout.
    fileprivate func dropoutFactors(batch: Int, using randomNumbers: inout RandomNumbers) -> Tensor? {
        guard dropout > 0 else { return nil }
        return Tensor(shape: [batch, outputChannels]) { factors in
            for index in factors.indices {
                factors[index] = randomNumbers.uniform(in: 0..<1) < dropout ? 0 : 1 / (1 - dropout)
            }
        }
    }
}
