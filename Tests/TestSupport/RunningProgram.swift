import Foundation

/// What a program that ran to its end said.
public struct Outcome: Sendable {
    /// The exit status.
    public let status: Int32
    /// What the program wrote to standard output.
    public let output: String
    /// What the program wrote to standard error.
    public let errors: String

    /// The lines of standard output that are not empty.
    public var outputLines: [String] { output.split(separator: "\n").map(String.init) }
    /// The lines of standard error that are not empty.
    public var errorLines: [String] { errors.split(separator: "\n").map(String.init) }
}

/// A program that was started.
public struct RunningProgram {
    // Files, unlike pipes, do not fill up.
    private let folder: TemporaryFolder
    private let process = Process()

    /// Starts a program; it writes errors to `errors`, if that is given, and its outcome then has none.
    init(_ file: URL, _ arguments: [String], errors: FileHandle? = nil) throws {
        folder = try TemporaryFolder()
        process.executableURL = file
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try handle(for: folder.file("output"))
        let ownErrors = try handle(for: folder.file("errors"))
        process.standardError = errors ?? ownErrors
        try process.run()
    }

    /// Whether the program has not ended yet.
    public var isRunning: Bool { process.isRunning }

    /// Sends the program a signal, if it still runs.
    public func send(_ signal: Int32) { if isRunning { kill(process.processIdentifier, signal) } }

    /// Waits for the program's end.
    public func outcome() throws -> Outcome {
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus,
            output: try String(contentsOfFile: folder.file("output"), encoding: .utf8),
            errors: try String(contentsOfFile: folder.file("errors"), encoding: .utf8))
    }

    private func handle(for path: String) throws -> FileHandle {
        try Data().write(to: URL(fileURLWithPath: path))
        return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    }
}
