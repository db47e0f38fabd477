/// An error of reading or writing a data file: the file, what was expected and what was found.
public struct DataFileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The path of the file, as it was given.
    public let file: String
    /// The reason.
    public let reason: Reason

    /// The reasons for refusing a data file.
    public enum Reason: Equatable, Sendable {
        /// The file cannot be opened or read, for the reason the system gives.
        case unreadable(String)
        /// The compressed bytes are damaged, in the words of zlib.
        case damagedCompression(String)
        /// The file ends too early.
        case truncated(expectedBytes: Int, foundBytes: Int)
        /// There is more in the file than its header announces.
        case trailingBytes(expectedBytes: Int)
        /// The first four bytes are not those of an IDX file.
        case notIDX(foundBytes: [UInt8])
        /// The elements are not unsigned bytes.
        case elementType(foundCode: UInt8)
        /// The number of axes is not the expected one.
        case rank(expected: Int, found: Int)
        /// An axis has the size zero.
        case emptyAxis(Int)
        /// The file does not consist of records of the given size, or of none.
        case notWholeRecords(recordBytes: Int, foundBytes: Int)
        /// There is more in the file than is allowed.
        case tooManyBytes(maximumBytes: Int)
        /// A compressed file inflates to more than its size allows for.
        case inflatesTooFar(compressedBytes: Int, maximumBytes: Int)
        /// The announced sizes ask for more memory than is allowed.
        case tooLarge(shape: [Int], maximumBytes: Int)
        /// There are not as many labels as samples.
        case labelCount(expected: Int, found: Int)
        /// A label names no class.
        case label(Int, classCount: Int, index: Int)
        /// A label names no class in a file that counts the classes from 1.
        case labelFromOne(Int, classCount: Int, index: Int)
        /// The samples have another size than those they are to be used with.
        case sampleShape(expected: [Int], found: [Int])
        /// The first bytes are those of no kind of image that can be read.
        case notImage(foundBytes: [UInt8])
        /// The image is damaged, in the words of libpng or of the reader of Netpbm files.
        case damagedImage(String)
        /// The bytes are not those of a text.
        case notUTF8
        /// The file is not the history of a training.
        case notHistory
        /// The file cannot be written, for the reason the system gives.
        case unwritable(String)
        /// The folder cannot be created, for the reason the system gives.
        case uncreatable(String)
        /// Another program has locked the folder.
        case inUse
        /// The folder cannot be locked, for the reason the system gives.
        case unlockable(String)
    }

    /// An error about the file at the path `file`.
    public init(file: String, reason: Reason) {
        self.file = file
        self.reason = reason
    }

    /// One line: the file, what was expected, what was found.
    public var description: String { "\(file): \(reason)" }
}

extension DataFileError.Reason: CustomStringConvertible {
    /// The expected and the found content, without the file.
    public var description: String {
        switch self {
        case .unreadable(let reason):
            "cannot be read: \(reason)"
        case .damagedCompression(let reason):
            "expected gzip data, found damage: \(reason)"
        case .truncated(let expected, let found):
            "truncated: expected \(expected) bytes, found \(found)"
        case .trailingBytes(let expected):
            "expected \(expected) bytes, found more"
        case .notIDX(let bytes):
            "not an IDX file: expected it to begin with 00 00 08, found \(hexadecimal(bytes))"
        case .elementType(let code):
            "expected elements of the IDX type 08 (unsigned bytes), found \(hexadecimal([code])) "
                + "(\(idxTypeName(code)))"
        case .rank(let expected, let found):
            "expected \(expected) axes, found \(found)"
        case .emptyAxis(let axis):
            "expected at least one element along each axis, found none along axis \(axis)"
        case .notWholeRecords(let record, let found):
            "expected one or more records of \(record) bytes, found \(found) bytes"
        case .tooManyBytes(let maximum):
            "expected at most \(maximum) bytes of data, found more"
        case .inflatesTooFar(let compressed, let maximum):
            "\(compressed) compressed bytes become more than \(maximum) bytes; uncompressed, the file can be read"
        case .tooLarge(let shape, let maximum):
            "expected at most \(maximum) bytes of data, found the sizes \(shape)"
        case .labelCount(let expected, let found):
            "expected \(expected) labels, one for each sample, found \(found)"
        case .label(let label, let classCount, let index):
            "expected labels from 0 to \(classCount - 1), found \(label) at index \(index)"
        case .labelFromOne(let label, let classCount, let index):
            "expected labels from 1 to \(classCount), found \(label) at index \(index)"
        case .sampleShape(let expected, let found):
            "expected samples of shape \(expected), found \(found)"
        case .notImage(let bytes):
            "not an image: expected PNG, PBM, PGM or PPM (P1 to P6), found \(hexadecimal(bytes))"
        case .damagedImage(let reason):
            "expected an image, found damage: \(reason)"
        case .notUTF8:
            "expected a text in UTF-8, found other bytes"
        case .notHistory:
            "expected the history of a training, in JSON, found something else"
        case .unwritable(let reason):
            "cannot be written: \(reason)"
        case .uncreatable(let reason):
            "cannot be created: \(reason)"
        case .inUse:
            "another program is using this folder"
        case .unlockable(let reason):
            "cannot be locked: \(reason)"
        }
    }
}

private func idxTypeName(_ code: UInt8) -> String {
    switch code {
    case 0x08: "unsigned bytes"
    case 0x09: "signed bytes"
    case 0x0B: "16-bit integers"
    case 0x0C: "32-bit integers"
    case 0x0D: "32-bit floating-point numbers"
    case 0x0E: "64-bit floating-point numbers"
    default: "no known type"
    }
}

private func hexadecimal(_ bytes: [UInt8]) -> String {
    guard !bytes.isEmpty else { return "nothing" }
    return bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
}
