import Tensors

/// Some samples of a data set, ready for a network.
public struct Batch: Sendable {
    /// The samples: batch, channels, spatial extents.
    public var inputs: Tensor
    /// The class of each sample.
    public var labels: [Int]

    /// A batch of inputs `[B, C, *S]` with B labels.
    public init(inputs: Tensor, labels: [Int]) {
        precondition(
            inputs.rank >= 1 && inputs.shape[0] == labels.count,
            "expected a label for each input, got \(labels.count) for inputs \(inputs.shape)")
        self.inputs = inputs
        self.labels = labels
    }

    /// The number of samples.
    public var count: Int { labels.count }
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
        precondition(batchSize >= 1, "a batch has at least 1 sample, got \(batchSize)")
        precondition(
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
        let channels = data.sampleShape[0]
        let extent = data.sampleShape[1...].reduce(1, *)
        let inputs = Tensor(shape: [indices.count] + data.sampleShape) { inputs in
            for (position, index) in indices.enumerated() {
                for channel in 0..<channels {
                    let mean = normalization.means[channel]
                    let deviation = normalization.deviations[channel]
                    let source = (index * channels + channel) * extent
                    let target = (position * channels + channel) * extent
                    for offset in 0..<extent {
                        inputs[target + offset] =
                            (Float(data.bytes[source + offset]) / 255 - mean) / deviation
                    }
                }
            }
        }
        return Batch(inputs: inputs, labels: indices.map { data.labels[$0] })
    }
}
