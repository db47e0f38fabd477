import Runtime

/// Samples of one shape with their targets, for one learning task.
public struct DataSet: Equatable, Sendable {
    /// The scalars of samples.
    public enum Scalars: Equatable, Sendable {
        /// Pixels: 0 to 255 stands for 0 to 1.
        case bytes([UInt8])
        /// Any finite numbers.
        case floats([Float])

        /// The number of scalars.
        public var count: Int {
            switch self {
            case .bytes(let bytes): bytes.count
            case .floats(let floats): floats.count
            }
        }
    }

    /// The shape of one sample: channels, then the spatial extents.
    public let sampleShape: [Int]
    /// The scalars of all samples, one after the other, each in row-major order.
    public let scalars: Scalars
    /// The learning task.
    public let task: LearningTask
    /// The targets of all samples.
    public let targets: Targets

    /// The number of samples.
    public var count: Int { targets.count / task.targetsPerSample }

    /// Samples of shape `sampleShape` with targets of the task's kind.
    public init(sampleShape: [Int], scalars: Scalars, task: LearningTask, targets: Targets) {
        require(
            sampleShape.count >= 2 && sampleShape.allSatisfy { $0 >= 1 },
            "a sample has channels and at least one spatial axis, none of them empty; got the shape \(sampleShape)"
        )
        let count = targets.count / task.targetsPerSample
        require(
            scalars.count == count * sampleShape.reduce(1, *)
                && targets.count == count * task.targetsPerSample,
            "expected \(count * sampleShape.reduce(1, *)) scalars for \(count) samples of shape \(sampleShape), got "
                + "\(scalars.count), and \(task.targetsPerSample) targets each, got \(targets.count)")
        Self.check(targets, answer: task, sampleShape: sampleShape)
        self.sampleShape = sampleShape
        self.scalars = scalars
        self.task = task
        self.targets = targets
    }

    private static func check(_ targets: Targets, answer task: LearningTask, sampleShape: [Int]) {
        switch (task, targets) {
        case (.classes(let classCount, let positions), .labels(let labels)):
            require(
                labels.allSatisfy { 0..<classCount ~= $0 },
                "expected labels from 0 to \(classCount - 1), got "
                    + "\(labels.first { !(0..<classCount ~= $0) } ?? 0)")
            require(
                positions.map { $0.count == sampleShape[1...].reduce(1, *) } ?? true,
                "expected \(sampleShape[1...].reduce(1, *)) positions, got \(positions?.count ?? 1)")
        case (.number, .numbers(let numbers)):
            require(numbers.allSatisfy(\.isFinite), "expected finite numbers, got others")
        case (.classes, .numbers), (.number, .labels):
            fatalError("expected labels for classes or numbers for a number, got the other")
        }
    }
}

// MARK: - Classified samples

extension DataSet {
    /// Samples of shape `sampleShape` whose scalars are `bytes`, with their classes.
    public init(sampleShape: [Int], bytes: [UInt8], labels: [Int], classCount: Int) {
        self.init(
            sampleShape: sampleShape, scalars: .bytes(bytes), task: .classes(count: classCount),
            targets: .labels(labels))
    }

    /// The scalars of samples that consist of bytes; others trap.
    public var bytes: [UInt8] {
        guard case .bytes(let bytes) = scalars else {
            fatalError("expected samples of bytes, got floating-point numbers")
        }
        return bytes
    }

    /// The labels of samples that have classes; others trap.
    public var labels: [Int] {
        guard case .labels(let labels) = targets else { fatalError("expected labels, got numbers") }
        return labels
    }

    /// The number of classes; traps for regression.
    public var classCount: Int {
        guard case .classes(let count, _) = task else {
            fatalError("expected a task for classes, got one for numbers")
        }
        return count
    }

    /// Reads gray images (IDX, three axes: samples, rows, columns) and their labels (IDX, one axis), each file plain
    /// or gzip-compressed. The shape of a sample is `[1, rows, columns]`.
    ///
    /// - Throws: ``DataFileError``, naming the file that is at fault.
    public init(imageFile: String, labelFile: String, classCount: Int) throws(DataFileError) {
        let images = try IDXArray(contentsOf: imageFile, rank: 3)
        let classes = try IDXArray(ByteStream(path: labelFile), rank: 1) { shape in
            shape[0] == images.shape[0]
                ? nil : .labelCount(expected: images.shape[0], found: shape[0])
        }
        if let index = classes.bytes.firstIndex(where: { $0 >= classCount }) {
            throw DataFileError(
                file: labelFile,
                reason: .label(Int(classes.bytes[index]), classCount: classCount, index: index))
        }
        self.init(
            sampleShape: [1] + images.shape[1...], bytes: images.bytes, labels: classes.bytes.map(Int.init),
            classCount: classCount)
    }
}

extension DataSet {
    /// The same samples as sequences: their spatial axes flattened to one, in row-major order.
    public var asSequences: DataSet {
        DataSet(
            sampleShape: [sampleShape[0], sampleShape[1...].reduce(1, *)], scalars: scalars,
            task: task, targets: targets)
    }

    /// The samples at `indices`, in that order.
    public func subset(_ indices: some Sequence<Int>) -> DataSet {
        let indices = Array(indices)
        let size = sampleShape.reduce(1, *)
        func chosen<Element>(_ all: [Element]) -> [Element] {
            var selected: [Element] = []
            selected.reserveCapacity(indices.count * size)
            for index in indices { selected.append(contentsOf: all[index * size..<(index + 1) * size]) }
            return selected
        }
        let selected: Scalars =
            switch scalars {
            case .bytes(let bytes): .bytes(chosen(bytes))
            case .floats(let floats): .floats(chosen(floats))
            }
        return DataSet(
            sampleShape: sampleShape, scalars: selected, task: task,
            targets: targets.subset(indices, width: task.targetsPerSample))
    }
}
