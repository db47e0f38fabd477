extension DataSet {
    /// Reads STL-10 (binary version) from a folder: `train_X.bin` and `train_y.bin`, or `test_X.bin` and `test_y.bin`,
    /// each plain or with the ending `.gz`, of up to 13,000 samples. Samples are `[3, 96, 96]`: red, green and blue.
    ///
    /// The files have images column by column and count classes from 1; here they are row by row, and from 0.
    ///
    /// Source: A. Coates, H. Lee, A. Y. Ng, *An Analysis of Single-Layer Networks in Unsupervised Feature Learning*,
    /// AISTATS 2011, <https://cs.stanford.edu/~acoates/stl10/>.
    ///
    /// - Throws: ``DataFileError``, naming the file that is at fault.
    public init(stl10 part: Part, folder: String) throws(DataFileError) {
        let name = part == .training ? "train" : "test"
        let (channels, side, classCount) = (3, 96, 10)
        // As many have labels, in both parts together.
        let maximumCount = 13_000
        let classes = try RecordFile(
            contentsOf: Self.plainOrCompressed("\(folder)/\(name)_y.bin"), recordByteCount: 1,
            maximumRecordCount: maximumCount)
        if let index = classes.bytes.firstIndex(where: { !(1...classCount ~= Int($0)) }) {
            throw DataFileError(
                file: classes.path,
                reason: .labelFromOne(Int(classes.bytes[index]), classCount: classCount, index: index))
        }
        let images = try RecordFile(
            contentsOf: Self.plainOrCompressed("\(folder)/\(name)_X.bin"),
            recordByteCount: channels * side * side, maximumRecordCount: maximumCount)
        guard classes.recordCount == images.recordCount else {
            throw DataFileError(
                file: classes.path,
                reason: .labelCount(expected: images.recordCount, found: classes.recordCount))
        }
        self.init(
            sampleShape: [channels, side, side],
            bytes: Self.transposed(images.bytes, side: side), labels: classes.bytes.map { Int($0) - 1 },
            classCount: classCount)
    }

    /// Square planes, each transposed.
    private static func transposed(_ planes: [UInt8], side: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: planes.count) { rows, count in
            planes.withUnsafeBufferPointer { planes in
                for plane in stride(from: 0, to: planes.count, by: side * side) {
                    for row in 0..<side {
                        for column in 0..<side {
                            rows[plane + row * side + column] = planes[plane + column * side + row]
                        }
                    }
                }
            }
            count = planes.count
        }
    }
}
