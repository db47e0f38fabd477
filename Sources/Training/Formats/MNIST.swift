import Foundation

extension DataSet {
    /// The parts into which the MNIST database, and those made after it, are divided.
    public enum Part: String, Sendable {
        /// To train and validate on: files named `train-...`.
        case training = "train"
        /// To test on, once: files named `t10k-...`.
        case test = "t10k"
    }

    /// Reads a part of a data set from a folder with files named as those of the MNIST database:
    /// `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-...`, plain or with the ending `.gz`.
    ///
    /// - Throws: ``DataFileError``, naming the file that is at fault.
    public init(_ part: Part, folder: String, classCount: Int) throws(DataFileError) {
        try self.init(
            imageFile: Self.plainOrCompressed("\(folder)/\(part.rawValue)-images-idx3-ubyte"),
            labelFile: Self.plainOrCompressed("\(folder)/\(part.rawValue)-labels-idx1-ubyte"),
            classCount: classCount)
    }

    /// The path of the file, or of its compressed form where only that exists.
    static func plainOrCompressed(_ file: String) -> String {
        let files = FileManager.default
        return !files.fileExists(atPath: file) && files.fileExists(atPath: file + ".gz") ? file + ".gz" : file
    }
}
