import ArgumentParser
import Foundation

/// A program with a command line: what goes wrong is said in one line on standard error.
public protocol ExampleCommand: ParsableCommand {}

extension ExampleCommand {
    /// Parses the command line and runs the command.
    public static func main() {
        // A file that may not grow further is an error of writing, and no reason to end the program.
        signal(SIGXFSZ, SIG_IGN)
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            // Requests for help are errors to the parser, with the exit code of success.
            guard exitCode(for: error) != .success else { exit(withError: error) }
            let message = message(for: error).split(separator: "\n").joined(separator: " ")
            FileHandle.standardError.write(Data("error: \(message)\n".utf8))
            Foundation.exit((error as? TrainingInterruption)?.exitCode ?? exitCode(for: error).rawValue)
        }
    }
}

/// Writes a line to standard output at once: where both go to one file, it stays in order with the progress.
public func say(_ line: String) { FileHandle.standardOutput.write(Data("\(line)\n".utf8)) }

/// Refuses the command line unless `isMet`.
public func expect(_ isMet: Bool, _ message: @autoclosure () -> String) throws {
    if !isMet { throw ValidationError(message()) }
}

/// The path of the model in `folder`, which is created if it is not there.
public func modelFile(in folder: String) throws -> String {
    try createFolder(folder)
    return folder + "/model.safetensors"
}

/// Creates the folder that `--output` names if it is not there, and refuses one that cannot be written to.
func createFolder(_ folder: String) throws {
    do {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
        throw ValidationError("--output: \(folder) cannot be created: \(error.localizedDescription)")
    }
    guard FileManager.default.isWritableFile(atPath: folder) else {
        throw ValidationError("--output: \(folder) cannot be written to")
    }
}

/// `value` with a number of decimals.
public func decimal(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
