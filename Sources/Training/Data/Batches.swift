import Runtime
import Tensors

/// A batch of samples: network inputs and targets.
public struct Batch: Sendable {
    /// The samples: batch, channels, spatial extents. Of a batch that is distributed over processes those of this process.
    public var inputs: Tensor
    /// The targets of these samples.
    public var targets: Targets
    /// The targets of the whole batch.
    let wholeTargets: Targets

    /// Samples with their targets, equally many for each.
    public init(inputs: Tensor, targets: Targets) {
        require(
            inputs.rank >= 3 && inputs.shape[0] >= 1 && targets.count % inputs.shape[0] == 0
                && targets.count > 0,
            "expected as many targets for each of the samples, got inputs \(inputs.shape) and \(targets.count) "
                + "targets")
        self.init(inputs: inputs, targets: targets, wholeTargets: targets)
    }

    fileprivate init(inputs: Tensor, targets: Targets, wholeTargets: Targets) {
        self.inputs = inputs
        self.targets = targets
        self.wholeTargets = wholeTargets
    }

    /// The number of samples of this process.
    public var count: Int { inputs.shape[0] }
    /// The number of samples of the whole batch.
    public var wholeCount: Int { inputs.partition?.sampleCount ?? count }
    /// The samples of this process, among those of the whole batch.
    public var samples: Range<Int> { inputs.partition?.samples ?? 0..<count }
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
    /// The processes over which each batch is distributed, if it is.
    public let processes: (any ProcessGroup)?

    /// The samples of `data` in the given order, by default their own, in batches of `batchSize`. Of each batch a process has
    /// the samples of its `BatchPartition`.
    public init(
        of data: DataSet, normalization: Normalization, batchSize: Int, order: [Int]? = nil,
        over processes: (any ProcessGroup)? = nil
    ) {
        require(batchSize >= 1, "a batch has at least 1 sample, got \(batchSize)")
        require(
            normalization.means.count == data.sampleShape[0],
            "expected constants for \(data.sampleShape[0]) channels, got \(normalization.means.count)")
        self.data = data
        self.normalization = normalization
        self.batchSize = batchSize
        self.order = order ?? Array(0..<data.count)
        self.processes = processes
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
        (0..<batchCount).lazy.map { self[$0] }.makeIterator()
    }

    /// A batch.
    subscript(index: Int) -> Batch {
        let indices = indices(ofBatch: index)
        let targets = targets(of: indices)
        guard let processes else { return Batch(inputs: inputs(of: indices), targets: targets) }
        let partition = BatchPartition(of: indices.count, over: processes)
        let own = indices.dropFirst(partition.samples.lowerBound).prefix(partition.samples.count)
        return Batch(
            inputs: inputs(of: own).distributed(in: partition), targets: self.targets(of: own),
            wholeTargets: targets)
    }

    /// The targets of a batch.
    func targets(ofBatch index: Int) -> Targets {
        targets(of: indices(ofBatch: index))
    }

    private func indices(ofBatch index: Int) -> ArraySlice<Int> {
        // A batch of all samples is the largest.
        let size = Swift.min(batchSize, order.count)
        return order[index * size..<Swift.min((index + 1) * size, order.count)]
    }

    private func targets(of indices: ArraySlice<Int>) -> Targets {
        data.targets.subset(indices, width: data.task.targetsPerSample)
    }

    private func inputs(of indices: ArraySlice<Int>) -> Tensor {
        switch data.scalars {
        case .bytes(let bytes): inputs(of: indices) { Float(bytes[$0]) / 255 }
        case .floats(let floats): inputs(of: indices) { floats[$0] }
        }
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
