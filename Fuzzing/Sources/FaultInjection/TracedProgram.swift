import Foundation

/// How a program ended.
struct Ending {
    /// The exit status, or the number of the signal that ended the program.
    let status: Int32
    let isSignal: Bool
    /// What the program wrote to standard error.
    let errors: String

    var isSuccess: Bool { !isSignal && status == 0 }
    var description: String {
        (isSignal ? "signal \(status)" : "status \(status)") + ": " + errors.suffix(300)
    }
}

/// A program that runs under `strace`, which records its system calls and makes one of them fail.
struct TracedProgram {
    let file: String
    let folder: WorkFolder

    /// The file with the trace of the last run.
    private var trace: String { folder.path + "/trace" }

    /// Runs the program to its end; one that does not end within two minutes is killed, which counts as a failure.
    func run(_ arguments: [String], fault: Fault? = nil) throws -> Ending {
        let names = SystemCall.all.map(\.name).joined(separator: ",")
        var command = [
            "strace", "-f", "--seccomp-bpf", "-qq", "-y", "-s", "0", "-o", trace, "-e", "trace=\(names)",
        ]
        if let fault { command += ["-e", fault.expression] }
        return try Self.run(command + [file] + arguments, in: folder)
    }

    /// Runs the program without `strace`, with a library before those that it loads; kills it as soon as a condition holds.
    func runUntraced(
        _ arguments: [String], preloading library: String? = nil, killedWhen isDue: () -> Bool = { false }
    ) throws -> Ending {
        try Self.run(
            [file] + arguments, in: folder, environment: library.map { ["LD_PRELOAD": $0] } ?? [:],
            killedWhen: isDue)
    }

    private static func run(
        _ command: [String], in folder: WorkFolder, environment: [String: String] = [:],
        killedWhen isDue: () -> Bool = { false }
    ) throws -> Ending {
        let errorFile = folder.path + "/errors"
        try Data().write(to: URL(fileURLWithPath: errorFile))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        process.environment = ProcessInfo.processInfo.environment
            .merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errorFile))
        try process.run()
        let limit = ContinuousClock.now + .seconds(120)
        while process.isRunning, ContinuousClock.now < limit, !isDue() { usleep(500) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        let errors = try Data(contentsOf: URL(fileURLWithPath: errorFile))
        return Ending(
            status: process.terminationStatus, isSignal: process.terminationReason == .uncaughtSignal,
            errors: String(decoding: errors, as: UTF8.self))
    }

    /// The trace of the last run.
    func traceLines() throws -> [TraceLine] {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: trace)), as: UTF8.self)
            .split(separator: "\n").map(TraceLine.init)
    }
}

/// A line of a trace: the thread, the name of the call, its arguments and its result.
struct TraceLine {
    let text: Substring
    let thread: Substring
    /// `nil` where no call begins.
    let call: Substring?

    init(_ line: Substring) {
        let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        thread = parts.first ?? ""
        // Short numbers are padded.
        text = parts.count > 1 ? parts[1].drop { $0 == " " } : ""
        let name = text.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        call = !name.isEmpty && text.dropFirst(name.count).first == "(" ? name : nil
    }

    /// The path of the file descriptor that is the first argument, as `strace -y` shows it.
    var path: Substring? {
        guard let start = text.firstIndex(of: "<"), let end = text[start...].firstIndex(of: ">") else {
            return nil
        }
        return text[text.index(after: start)..<end]
    }

    /// The arguments in quotation marks.
    var quoted: [Substring] {
        text.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }.map(\.element)
    }

    var succeeded: Bool { !text.contains("= -1 ") && !text.contains("<unfinished") }

    /// The largest number of calls of each name that a thread made.
    static func callCounts(_ lines: [TraceLine]) -> [String: Int] {
        var counts: [String: [Substring: Int]] = [:]
        for line in lines {
            guard let call = line.call else { continue }
            counts[String(call), default: [:]][line.thread, default: 0] += 1
        }
        return counts.mapValues { $0.values.max() ?? 0 }
    }
}
