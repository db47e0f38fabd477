import Foundation

/// A temporary folder, removed with its value.
final class WorkFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("faults-\(UUID())").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }
}

/// The contents of the file at `path`, or `nil` if there is none.
func contents(_ path: String) -> Data? { try? Data(contentsOf: URL(fileURLWithPath: path)) }

/// Removes what is at `path` and puts a copy of what is at `original` there, if anything is.
func restore(_ path: String, from original: String?) throws {
    let files = FileManager.default
    if files.fileExists(atPath: path) { try files.removeItem(atPath: path) }
    if let original, files.fileExists(atPath: original) { try files.copyItem(atPath: original, toPath: path) }
}
