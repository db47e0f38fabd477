import Foundation

/// A reader that is given any bytes.
public struct FuzzTarget: Sendable {
    /// The name of the target and of its corpus.
    public let name: String
    private let body: @Sendable (UnsafeRawBufferPointer) throws -> Void

    init(_ name: String, _ body: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void) {
        self.name = name
        self.body = body
    }

    /// Reads the bytes, and uses what was read. Errors are what a reader is to give for what it does not accept; a trap, a
    /// sanitizer's finding or a result that contradicts itself ends the process.
    ///
    /// - Returns: The message of the error; `nil` if the bytes were accepted.
    public func run(_ bytes: UnsafeRawBufferPointer) -> String? {
        do {
            try body(bytes)
            return nil
        } catch {
            // Messages are made of what was found, too.
            let message = "\(error)"
            precondition(!message.isEmpty)
            return message
        }
    }

    /// All targets.
    public static let all: [FuzzTarget] =
        tensorFiles + dataFiles + pictures + configurations + archives + [
            wisdom, history, cInterface, streamState, networkState, wave,
        ]
}

/// What may not fail any more, after the bytes were accepted: an error there is a finding.
func withoutError<Result>(_ body: () throws -> Result) -> Result {
    do { return try body() } catch {
        fatalError("expected no error after the bytes were accepted, found: \(error)")
    }
}

/// The folder with the files that readers are given; in memory where the system has such a place.
enum InputFolder {
    static let path: String = {
        let parent = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
        let path = "\(parent)/fuzz-\(getpid())"
        try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        atexit { try? FileManager.default.removeItem(atPath: InputFolder.path) }
        return path
    }()

    /// Writes a file and returns its path.
    static func write(_ parts: [UnsafeRawBufferPointer], to name: String = "input") -> String {
        let path = path + "/" + name
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        for part in parts {
            var done = 0
            while done < part.count {
                done += Foundation.write(descriptor, part.baseAddress! + done, part.count - done)
            }
        }
        close(descriptor)
        return path
    }

    static func write(_ bytes: UnsafeRawBufferPointer, to name: String = "input") -> String {
        write([bytes], to: name)
    }

    static func write(_ bytes: [UInt8], to name: String = "input") -> String {
        bytes.withUnsafeBytes { write($0, to: name) }
    }
}
