import Foundation
import TestSupport
import Testing

/// What a program that ran to its end said.
struct Outcome {
    let status: Int32
    let output: String
    let errors: String

    var outputLines: [String] { output.split(separator: "\n").map(String.init) }
    var errorLines: [String] { errors.split(separator: "\n").map(String.init) }
}

/// A program of the package, built beside the tests.
struct Program {
    private let file: URL

    init(_ name: String) throws {
        // The tests run from the folder into which everything is built, or from a bundle in it.
        var folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        while folder.path != "/", !FileManager.default.isExecutableFile(atPath: folder.path + "/" + name) {
            folder.deleteLastPathComponent()
        }
        file = folder.appendingPathComponent(name)
        try #require(folder.path != "/", "\(name) is not built")
    }

    /// Runs the program to its end.
    func run(_ arguments: [String] = []) throws -> Outcome {
        // Files, unlike pipes, do not fill up.
        let folder = try TemporaryFolder()
        let (output, errors) = (folder.path + "/output", folder.path + "/errors")
        let process = Process()
        process.executableURL = file
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try handle(for: output)
        process.standardError = try handle(for: errors)
        try process.run()
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus, output: try String(contentsOfFile: output, encoding: .utf8),
            errors: try String(contentsOfFile: errors, encoding: .utf8))
    }

    private func handle(for path: String) throws -> FileHandle {
        try Data().write(to: URL(fileURLWithPath: path))
        return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    }
}

/// The package's folder.
let packageFolder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
