/// Samples of one shape, each with the class it belongs to.
public struct DataSet: Equatable, Sendable {
    /// The shape of one sample: channels, then the spatial extents.
    public let sampleShape: [Int]
    /// The scalars of all samples, one after the other, each in row-major order.
    public let bytes: [UInt8]
    /// The class of each sample, from 0 to ``classCount`` - 1.
    public let labels: [Int]
    /// The number of classes.
    public let classCount: Int

    /// The number of samples.
    public var count: Int { labels.count }

    /// Samples of shape `sampleShape` whose scalars are `bytes`, with their classes.
    public init(sampleShape: [Int], bytes: [UInt8], labels: [Int], classCount: Int) {
        precondition(
            sampleShape.count >= 2 && sampleShape.allSatisfy { $0 >= 1 },
            "a sample has channels and at least one spatial axis, none of them empty; got the shape \(sampleShape)"
        )
        precondition(
            bytes.count == labels.count * sampleShape.reduce(1, *),
            "expected \(labels.count * sampleShape.reduce(1, *)) bytes for \(labels.count) samples of shape "
                + "\(sampleShape), got \(bytes.count)")
        precondition(
            labels.allSatisfy { 0..<classCount ~= $0 },
            "expected labels from 0 to \(classCount - 1), got \(labels.first { !(0..<classCount ~= $0) } ?? 0)"
        )
        self.sampleShape = sampleShape
        self.bytes = bytes
        self.labels = labels
        self.classCount = classCount
    }

    /// Reads gray images (IDX, three axes: samples, rows, columns) and their labels (IDX, one axis), each file plain
    /// or gzip-compressed. The shape of a sample is `[1, rows, columns]`.
    ///
    /// - Throws: ``DataFileError``, naming the file that is at fault.
    public init(imageFile: String, labelFile: String, classCount: Int) throws(DataFileError) {
        let images = try IDXArray(contentsOf: imageFile, rank: 3)
        let classes = try IDXArray(contentsOf: labelFile, rank: 1)
        guard classes.bytes.count == images.shape[0] else {
            throw DataFileError(
                file: labelFile, reason: .labelCount(expected: images.shape[0], found: classes.bytes.count))
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
    /// The same samples as sequences: their spatial axes become one, rows following each other.
    public var asSequences: DataSet {
        DataSet(
            sampleShape: [sampleShape[0], sampleShape[1...].reduce(1, *)], bytes: bytes, labels: labels,
            classCount: classCount)
    }

    /// The samples at `indices`, in that order.
    public func subset(_ indices: some Sequence<Int>) -> DataSet {
        let size = sampleShape.reduce(1, *)
        var selectedBytes: [UInt8] = []
        var selectedLabels: [Int] = []
        for index in indices {
            selectedBytes.append(contentsOf: bytes[index * size..<(index + 1) * size])
            selectedLabels.append(labels[index])
        }
        return DataSet(
            sampleShape: sampleShape, bytes: selectedBytes, labels: selectedLabels, classCount: classCount)
    }
}
