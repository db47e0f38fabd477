import Runtime
import Tensors

/// A batch of samples: network inputs and targets.
public struct Batch: Sendable {
    /// The samples: batch, channels, spatial extents.
    public var inputs: Tensor
    /// The targets of the samples.
    public var targets: Targets

    /// Samples with their targets, equally many for each.
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

/// A data set divided into batches, which are made lazily.
public struct Batches: Sequence, Sendable {
    /// The data set.
    public let data: DataSet
    /// The normalization of its scalars.
    public let normalization: Normalization
    /// The number of samples in each batch; the last may have fewer.
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
    public var batchCount: Int { Self.count(of: batchSize, for: order.count) }

    /// The number of batches of `size` samples that `sampleCount` samples make, the last of which may have fewer. No size
    /// overflows.
    static func count(of size: Int, for sampleCount: Int) -> Int {
        sampleCount / size + (sampleCount % size > 0 ? 1 : 0)
    }

    /// Makes the batches, one after the other.
    public func makeIterator() -> some IteratorProtocol<Batch> {
        // One batch of all samples is the largest.
        let size = Swift.min(batchSize, Swift.max(order.count, 1))
        return stride(from: 0, to: order.count, by: size).lazy
            .map { batch(of: order[$0..<Swift.min($0 + size, order.count)]) }
            .makeIterator()
    }

    private func batch(of indices: ArraySlice<Int>) -> Batch {
        let inputs =
            switch data.scalars {
            case .bytes(let bytes): inputs(of: indices) { Float(bytes[$0]) / 255 }
            case .floats(let floats): inputs(of: indices) { floats[$0] }
            }
        return Batch(
            inputs: inputs, targets: data.targets.subset(indices, width: data.task.targetsPerSample))
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
