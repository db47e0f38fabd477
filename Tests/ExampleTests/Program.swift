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
    func run(_ arguments: [String] = []) throws -> Outcome { try start(arguments).outcome() }

    /// Runs the program to its end; it may write no file of more than `kibibytes`.
    func run(_ arguments: [String], writingAtMost kibibytes: Int) throws -> Outcome {
        // The shell of Debian counts in blocks of 512 bytes, as POSIX has it.
        let command = "ulimit -f \(2 * kibibytes); exec \"$0\" \"$@\""
        return try RunningProgram(
            URL(fileURLWithPath: "/bin/sh"), ["-c", command, file.path] + arguments
        ).outcome()
    }

    /// Starts the program, and sends it a signal once it has written `file`, which it takes away at its end.
    ///
    /// A program that was faster than the signal is started again, without `results`, the folders that it wrote.
    func interrupt(
        _ arguments: [String], with signal: Int32, after file: String, results: [String]
    ) throws -> Outcome {
        let files = FileManager.default
        for _ in 0..<10 {
            let running = try start(arguments)
            while running.isRunning, !files.fileExists(atPath: file) { usleep(1000) }
            running.send(signal)
            let outcome = try running.outcome()
            if files.fileExists(atPath: file) { return outcome }
            // A program that failed will not do better the next time.
            try #require(outcome.status == 0, "\(outcome)")
            for result in results { try files.removeItem(atPath: result) }
        }
        throw CameTooLate()
    }

    struct CameTooLate: Error {}

    /// Runs the program.
    func start(_ arguments: [String]) throws -> RunningProgram { try RunningProgram(file, arguments) }
}

/// A program that was started.
struct RunningProgram {
    // Files, unlike pipes, do not fill up.
    private let folder: TemporaryFolder
    private let process = Process()

    init(_ file: URL, _ arguments: [String]) throws {
        folder = try TemporaryFolder()
        process.executableURL = file
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try handle(for: folder.file("output"))
        process.standardError = try handle(for: folder.file("errors"))
        try process.run()
    }

    var isRunning: Bool { process.isRunning }

    /// Sends the program a signal, if it still runs.
    func send(_ signal: Int32) { if isRunning { kill(process.processIdentifier, signal) } }

    /// Waits for the program's end.
    func outcome() throws -> Outcome {
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

/// The package's folder.
let packageFolder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
