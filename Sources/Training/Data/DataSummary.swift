import CZlib

/// A summary by which data sets are told apart: sizes, task and a checksum.
public struct DataSummary: Codable, Equatable, Sendable, CustomStringConvertible {
    /// The number of samples.
    public let count: Int
    /// The shape of each sample: channels, then the spatial extents.
    public let sampleShape: [Int]
    /// The CRC-32 of all scalars, bytes or the bits of numbers, and then of the targets, four bytes each.
    public let checksum: UInt32
    /// The task, if it is not the classification of each sample.
    public let task: LearningTask?

    private enum CodingKeys: String, CodingKey {
        case count, sampleShape, checksum
        // The name in files.
        case task = "question"
    }

    /// The summary of `data`. Complexity: O(*n*), where *n* is the number of bytes.
    public init(of data: DataSet) {
        count = data.count
        sampleShape = data.sampleShape
        let scalars =
            switch data.scalars {
            case .bytes(let bytes): bytes.withUnsafeBytes { Self.checksum(of: $0) }
            case .floats(let floats): floats.withUnsafeBytes { Self.checksum(of: $0) }
            }
        let targets =
            switch data.targets {
            case .labels(let labels): labels.map { UInt32(truncatingIfNeeded: $0).littleEndian }
            case .numbers(let numbers): numbers.map(\.bitPattern.littleEndian)
            }
        checksum = targets.withUnsafeBytes { Self.checksum(of: $0, after: scalars) }
        task = if case .classes(_, nil) = data.task { nil } else { data.task }
    }

    private static func checksum(of bytes: UnsafeRawBufferPointer, after checksum: UInt32 = 0) -> UInt32 {
        let bytes = bytes.bindMemory(to: UInt8.self)
        // Without bytes there is no pointer to them, and zlib returns its initial value for a null pointer.
        guard let start = bytes.baseAddress else { return checksum }
        return UInt32(truncatingIfNeeded: crc32_z(UInt(checksum), start, bytes.count))
    }

    /// One line for a person.
    public var description: String {
        "\(count) samples of shape \(sampleShape) with the checksum \(String(checksum, radix: 16))"
    }
}
