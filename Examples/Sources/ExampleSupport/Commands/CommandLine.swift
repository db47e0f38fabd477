import ArgumentParser
import Foundation
import Training

/// A program with a command line: what goes wrong is said in one line on standard error.
public protocol ExampleCommand: ParsableCommand {
    /// Whether the command ends (by SIGPIPE) when nobody reads what it writes any more. A command that works for more than
    /// its reader goes on.
    static var endsWithItsReader: Bool { get }
}

extension ExampleCommand {
    /// True: what the command writes is all that it is for.
    public static var endsWithItsReader: Bool { true }

    /// Parses the command line and runs the command.
    ///
    /// Exit codes: 0 if everything was done and said, 64 for a wrong command line, 1 for any other error, 128 + n for a
    /// command that signal n stopped.
    public static func main() {
        // A file that may not grow further is an error of writing, and no reason to end the program.
        signal(SIGXFSZ, SIG_IGN)
        occupyClosedStreams()
        do {
            var command = try parseAsRoot()
            if (type(of: command) as? any ExampleCommand.Type)?.endsWithItsReader == false {
                signal(SIGPIPE, SIG_IGN)
            }
            try command.run()
        } catch {
            // Requests for help are errors to the parser, with the exit code of success.
            guard exitCode(for: error) == .success else { end(with: error) }
            say(fullMessage(for: error))
        }
        do {
            try StandardOutput.expectComplete()
        } catch {
            end(with: error)
        }
    }

    private static func end(with error: any Error) -> Never {
        removeEmptyFolders()
        let message = message(for: error).split(separator: "\n").joined(separator: " ")
        StandardStream.error.write("error: \(message)\n")
        Foundation.exit((error as? any SignalInterruption)?.exitCode ?? exitCode(for: error).rawValue)
    }
}

/// Opens standard streams that are closed, so that no file gets their descriptors and with them what is said.
private func occupyClosedStreams() {
    // Writing to what was opened for reading fails as writing to a closed stream does.
    for (stream, mode) in [
        (STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY),
    ] where fcntl(stream, F_GETFD) == -1 {
        // A new descriptor is the lowest that is free.
        _ = open("/dev/null", mode)
    }
}

/// Refuses the command line unless `isMet`.
public func expect(_ isMet: Bool, _ message: @autoclosure () -> String) throws {
    if !isMet { throw ValidationError(message()) }
}

/// The path of the model in `folder`, which is created if it is not there.
public func modelFile(in folder: String) throws -> String {
    try createFolder(folder)
    return folder + "/model.safetensors"
}

/// `value` with a number of decimals.
public func decimal(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
