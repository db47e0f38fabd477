import Runtime
import Tensors

/// Some samples of a data set, ready for a network.
public struct Batch: Sendable {
    /// The samples: batch, channels, spatial extents.
    public var inputs: Tensor
    /// Their answers.
    public var targets: Targets

    /// Samples with their answers, as many for each.
    public init(inputs: Tensor, targets: Targets) {
        require(
            inputs.rank >= 3 && inputs.shape[0] >= 1 && targets.count % inputs.shape[0] == 0
                && targets.count > 0,
            "expected as many targets for each of the samples, got inputs \(inputs.shape) and \(targets.count) "
                + "targets")
        self.inputs = inputs
        self.targets = targets
    }

    /// The number of samples.
    public var count: Int { inputs.shape[0] }
}

/// A data set cut into batches, which are made one at a time.
public struct Batches: Sequence, Sendable {
    /// The data set.
    public let data: DataSet
    /// What makes inputs of its bytes.
    public let normalization: Normalization
    /// The number of samples in each batch but the last, which has what is left.
    public let batchSize: Int
    /// The samples in the order in which they appear.
    public let order: [Int]

    /// The samples of `data` in the given order, by default their own, in batches of `batchSize`.
    public init(of data: DataSet, normalization: Normalization, batchSize: Int, order: [Int]? = nil) {
        require(batchSize >= 1, "a batch has at least 1 sample, got \(batchSize)")
        require(
            normalization.means.count == data.sampleShape[0],
            "expected constants for \(data.sampleShape[0]) channels, got \(normalization.means.count)")
        self.data = data
        self.normalization = normalization
        self.batchSize = batchSize
        self.order = order ?? Array(0..<data.count)
    }

    /// The samples of `data`, each once, in an order drawn from `randomNumbers`.
    public init(
        shuffling data: DataSet, normalization: Normalization, batchSize: Int,
        using randomNumbers: inout RandomNumbers
    ) {
        self.init(
            of: data, normalization: normalization, batchSize: batchSize,
            order: randomNumbers.permutation(of: data.count))
    }

    /// The number of batches.
    public var batchCount: Int { (order.count + batchSize - 1) / batchSize }

    /// Makes the batches, one after the other.
    public func makeIterator() -> some IteratorProtocol<Batch> {
        stride(from: 0, to: order.count, by: batchSize).lazy
            .map { batch(of: order[$0..<Swift.min($0 + batchSize, order.count)]) }
            .makeIterator()
    }

    private func batch(of indices: ArraySlice<Int>) -> Batch {
        let inputs =
            switch data.scalars {
            case .bytes(let bytes): inputs(of: indices) { Float(bytes[$0]) / 255 }
            case .floats(let floats): inputs(of: indices) { floats[$0] }
            }
        return Batch(
            inputs: inputs, targets: data.targets.subset(indices, width: data.question.targetsPerSample))
    }

    @inline(__always)
    private func inputs(of indices: ArraySlice<Int>, scalar: (Int) -> Float) -> Tensor {
        let channels = data.sampleShape[0]
        let extent = data.sampleShape[1...].reduce(1, *)
        return Tensor(shape: [indices.count] + data.sampleShape) { inputs in
            for (position, index) in indices.enumerated() {
                for channel in 0..<channels {
                    let mean = normalization.means[channel]
                    let deviation = normalization.deviations[channel]
                    let source = (index * channels + channel) * extent
                    let target = (position * channels + channel) * extent
                    for offset in 0..<extent {
                        inputs[target + offset] = (scalar(source + offset) - mean) / deviation
                    }
                }
            }
        }
    }
}
