import Foundation

extension DataSet {
    /// Reads CIFAR-10 (binary version) from a folder: `data_batch_1.bin` and those that follow it without a gap, or
    /// `test_batch.bin`, each plain or with the ending `.gz`. Samples are `[3, 32, 32]`: red, green and blue.
    ///
    /// The official data set has five training files of 10,000 samples; a prefix of them is accepted, to work with a
    /// part. A file may have up to 50,000 samples.
    ///
    /// Source: A. Krizhevsky, *Learning Multiple Layers of Features from Tiny Images*, 2009,
    /// <https://www.cs.toronto.edu/~kriz/cifar.html>.
    ///
    /// - Throws: ``DataFileError``, naming the file that is at fault.
    public init(cifar10 part: Part, folder: String) throws(DataFileError) {
        var files: [String]
        switch part {
        case .training:
            files = (1...5).map { Self.plainOrCompressed("\(folder)/data_batch_\($0).bin") }
            // A missing batch is skipped only where no later one exists.
            while files.count > 1, !FileManager.default.fileExists(atPath: files[files.count - 1]) {
                files.removeLast()
            }
        case .test:
            files = [Self.plainOrCompressed("\(folder)/test_batch.bin")]
        }
        try self.init(cifarFiles: files, labelCount: 1, classCount: 10)
    }

    /// Reads CIFAR-100 (binary version) with its fine labels from a folder: `train.bin` or `test.bin`, plain or with
    /// the ending `.gz`, of up to 50,000 samples. Samples are `[3, 32, 32]`: red, green and blue.
    ///
    /// Source: that of ``init(cifar10:folder:)``.
    ///
    /// - Throws: ``DataFileError``, naming the file that is at fault.
    public init(cifar100 part: Part, folder: String) throws(DataFileError) {
        let file = Self.plainOrCompressed("\(folder)/\(part == .training ? "train" : "test").bin")
        try self.init(cifarFiles: [file], labelCount: 2, classCount: 100)
    }

    /// Records of `labelCount` labels, the last of which counts, and an image.
    private init(cifarFiles files: [String], labelCount: Int, classCount: Int) throws(DataFileError) {
        let shape = [3, 32, 32]
        let recordByteCount = labelCount + shape.reduce(1, *)
        var bytes: [UInt8] = []
        var labels: [Int] = []
        for path in files {
            // The larger part of either data set.
            let file = try RecordFile(
                contentsOf: path, recordByteCount: recordByteCount, maximumRecordCount: 50_000)
            for index in 0..<file.recordCount {
                let image = index * recordByteCount + labelCount
                let label = Int(file.bytes[image - 1])
                guard label < classCount else {
                    throw DataFileError(
                        file: path, reason: .label(label, classCount: classCount, index: index))
                }
                labels.append(label)
                bytes.append(contentsOf: file.bytes[image..<(index + 1) * recordByteCount])
            }
        }
        self.init(sampleShape: shape, bytes: bytes, labels: labels, classCount: classCount)
    }
}
