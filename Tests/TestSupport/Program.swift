import Foundation

/// A program of the package, built beside the tests.
public struct Program {
    private let file: URL

    /// The program with the given name.
    ///
    /// - Throws: ``NotBuilt``.
    public init(_ name: String) throws {
        // The tests run from the folder into which everything is built, or from a bundle in it.
        var folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        while folder.path != "/", !FileManager.default.isExecutableFile(atPath: folder.path + "/" + name) {
            folder.deleteLastPathComponent()
        }
        guard folder.path != "/" else { throw NotBuilt(name: name) }
        file = folder.appendingPathComponent(name)
    }

    /// Runs the program to its end.
    public func run(_ arguments: [String] = []) throws -> Outcome { try start(arguments).outcome() }

    /// Runs the program to its end from a shell, as `exec "$0" "$@"` in `script`: with other streams or signals.
    ///
    /// Signals have their default actions unless the script changes them.
    public func run(_ arguments: [String] = [], inShell script: String) throws -> Outcome {
        try start(arguments, inShell: script).outcome()
    }

    /// Starts the program from a shell.
    public func start(_ arguments: [String], inShell script: String) throws -> RunningProgram {
        let shell = ["/bin/sh", "-c", script, file.path] + arguments
        #if os(Linux)
        // A shell cannot give signals their default actions that were ignored when it was started.
        let defaults = ["--default-signal=PIPE,HUP,INT,TERM"]
        #else
        let defaults: [String] = []
        #endif
        return try RunningProgram(URL(fileURLWithPath: "/usr/bin/env"), defaults + shell)
    }

    /// Copies the program to the file `path`, without what was built beside it.
    public func copy(to path: String) throws -> Program {
        try FileManager.default.copyItem(atPath: file.path, toPath: path)
        return Program(path: path)
    }

    /// The program in the file `path`.
    public init(path: String) { file = URL(fileURLWithPath: path) }

    /// Runs the program to its end; it may write no file of more than `kibibytes`.
    public func run(_ arguments: [String], writingAtMost kibibytes: Int) throws -> Outcome {
        // The shell of Debian counts in blocks of 512 bytes, as POSIX has it.
        let command = "ulimit -f \(2 * kibibytes); exec \"$0\" \"$@\""
        return try RunningProgram(
            URL(fileURLWithPath: "/bin/sh"), ["-c", command, file.path] + arguments
        ).outcome()
    }

    /// Starts the program, and sends it a signal once it has written `file`, which it removes at its end.
    ///
    /// A program that was faster than the signal is started again, without `results`, the folders that it wrote.
    ///
    /// - Throws: ``SignalTooLate`` if the program ended before the signal ten times.
    public func interrupt(
        _ arguments: [String], with signal: Int32, after file: String, results: [String]
    ) throws -> Outcome {
        let files = FileManager.default
        for _ in 0..<10 {
            // Whoever started the tests may ignore the signal, which programs inherit.
            let running = try start(arguments, inShell: "exec \"$0\" \"$@\"")
            while running.isRunning, !files.fileExists(atPath: file) { usleep(1000) }
            running.send(signal)
            let outcome = try running.outcome()
            if files.fileExists(atPath: file) { return outcome }
            // A program that failed will not do better the next time.
            guard outcome.status == 0 else { throw UnexpectedFailure(outcome: outcome) }
            for result in results { try files.removeItem(atPath: result) }
        }
        throw SignalTooLate()
    }

    /// Starts the program.
    public func start(_ arguments: [String]) throws -> RunningProgram { try RunningProgram(file, arguments) }

    /// Starts the program with a terminal for standard error, and changes of the environment.
    public func start(
        _ arguments: [String], on terminal: PseudoTerminal, environment: [String] = []
    ) throws -> RunningProgram {
        try RunningProgram(
            URL(fileURLWithPath: "/usr/bin/env"), environment + [file.path] + arguments,
            errors: FileHandle(fileDescriptor: terminal.descriptor))
    }

    /// No program of the name was built with the tests.
    public struct NotBuilt: Error {
        /// The program's name.
        public let name: String
    }

    /// A program that was to be interrupted failed before.
    public struct UnexpectedFailure: Error {
        /// What it said.
        public let outcome: Outcome
    }

    /// A program ended each time before the signal reached it.
    public struct SignalTooLate: Error {}
}
