import Runtime
import Tensors

/// The Terminator network (HyperZ·Z·W, arXiv 2401.17948) for sequences or images.
///
/// A chain of slow-fast blocks, each of which reads the output of the one before and of those it skips from; then
/// the mean over space, or each position as it is, and a linear classifier.
public struct Network: Module {
    /// What the network was made from.
    public let configuration: NetworkConfiguration
    /// The blocks, first to last.
    public var blocks: [SlowFastBlock]
    /// The last block's channels, their means or those of each position, to logits.
    public var classifier: PointwiseLayer
    /// What evaluation knows of the training batches; empty until ``updateStatistics(from:)``.
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

    /// What the network says of a batch.
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

    /// Reads a batch in training: with dropout and the statistics of the batch.
    ///
    /// Statistics that evaluation is to use are in the output; pass it to ``updateStatistics(from:)``.
    ///
    /// - Parameters:
    ///   - input: `[B, C, *S]`.
    ///   - randomNumbers: where the dropped channels are drawn from.
    public func callAsFunction(_ input: Tensor, dropout randomNumbers: inout RandomNumbers) -> Output {
        var statistics = BatchStatistics(isObserving: configuration.evaluationStatistics != .batch)
        return read(input, statistics: &statistics) { block in
            block.dropoutFactors(batch: input.shape[0], using: &randomNumbers)
        }
    }

    /// Reads a batch in evaluation.
    ///
    /// The answer for an input does not depend on the others, once statistics were collected in training, unless the
    /// configuration asks for the batch's own.
    ///
    /// - Parameter input: `[B, C, *S]`.
    public func callAsFunction(_ input: Tensor) -> Output {
        var statistics = evaluationStatistics
        return read(input, statistics: &statistics) { _ in nil }
    }

    /// What evaluation knows of other inputs than its own.
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
            let (output, kernel) = statistics.within("blocks.\(index)") {
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

    /// Takes the statistics of a training batch into the running ones.
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
    public mutating func forEachParameter(_ body: (String, inout Tensor) throws -> Void) rethrows {
        try Self.visit("blocks", &blocks, body)
        try Self.visit("classifier", &classifier, body)
    }
}

extension BlockConfiguration {
    /// What dropout multiplies the channels of the block's output by, `[B, C']`: zero with the probability that is the
    /// rate, and else as much as keeps the mean. `nil` if nothing is dropped.
    fileprivate func dropoutFactors(batch: Int, using randomNumbers: inout RandomNumbers) -> Tensor? {
        guard dropout > 0 else { return nil }
        return Tensor(shape: [batch, outputChannels]) { factors in
            for index in factors.indices {
                factors[index] = randomNumbers.uniform(in: 0..<1) < dropout ? 0 : 1 / (1 - dropout)
            }
        }
    }
}
