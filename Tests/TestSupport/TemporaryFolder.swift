import Foundation

/// A folder that is there for as long as its value: a suite that holds one leaves nothing behind.
public final class TemporaryFolder: Sendable {
    /// The path of the folder.
    public let path: String

    /// Makes an empty folder of a new name.
    public init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("tests-\(UUID())").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of a file in the folder, whether it is there or not.
    public func file(_ name: String) -> String { path + "/" + name }

    /// Writes `bytes` to a new file and answers its path.
    public func write(_ bytes: [UInt8], to name: String) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
        return file(name)
    }
}
