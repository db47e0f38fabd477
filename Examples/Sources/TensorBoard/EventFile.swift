import Foundation
import SwiftProtobuf

/// A file of observations that TensorBoard shows.
///
/// The file is a sequence of records (TensorFlow's `TFRecord`): the length of the data in 8 bytes, its masked CRC-32C,
/// the data, their masked CRC-32C, numbers with the least significant byte first. The data are an `Event` message.
/// Every file is new: TensorBoard reads the files of a folder in the order of their names as one run.
public final class EventFile {
    /// The path of the file.
    public let path: String
    private let handle: FileHandle

    /// Creates a file in `folder`. Its name is behind those of the event files that are there, in the order in which
    /// TensorBoard reads them.
    ///
    /// - Parameters:
    ///   - folder: the folder for the file, which is created if it is not there.
    ///   - firstStep: the first step that is to come. What earlier files of the folder have of this step and of later
    ///     ones does not count: a training that goes on from a checkpoint takes these steps again.
    /// - Throws: ``EventFileError``.
    public init(in folder: String, firstStep: Int) throws {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let names = try FileManager.default.contentsOfDirectory(atPath: folder)
            let last = names.compactMap(Self.number).max() ?? 0
            path = "\(folder)/\(Self.prefix)\(max(Int(Date().timeIntervalSince1970), last + 1))"
            try Data().write(to: URL(fileURLWithPath: path), options: .withoutOverwriting)
            handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        } catch {
            throw EventFileError(path: folder, reason: Self.systemReason(error))
        }
        try append { $0.fileVersion = "brain.Event:2" }
        try append {
            $0.step = Int64(firstStep)
            $0.sessionLog.status = .start
        }
    }

    /// What all names begin with; TensorBoard knows event files by the word in the middle.
    private static let prefix = "events.out.tfevents."

    /// The number of an event file, by which they are in order; `nil` for the largest, which no number follows.
    private static func number(of name: String) -> Int? {
        guard name.hasPrefix(prefix) else { return nil }
        return Int(name.dropFirst(prefix.count).prefix { $0 != "." }).flatMap { $0 < .max ? $0 : nil }
    }

    deinit { try? handle.close() }

    /// Writes values, each under its tag, for one step. They are in the file when this returns.
    ///
    /// - Throws: ``EventFileError``.
    public func write(_ values: KeyValuePairs<String, ObservedValue>, step: Int) throws {
        try write(Array(values), step: step)
    }

    /// The same for values in an array.
    public func write(_ values: [(key: String, value: ObservedValue)], step: Int) throws {
        try append { event in
            event.step = Int64(step)
            event.summary.value = values.map { tag, value in
                var message = Summary.Value()
                message.tag = tag
                value.set(&message)
                return message
            }
        }
    }

    private func append(_ fill: (inout Event) -> Void) throws {
        var event = Event()
        event.wallTime = Date().timeIntervalSince1970
        fill(&event)
        do {
            try handle.write(contentsOf: Self.record(of: try event.serializedBytes()))
        } catch {
            throw EventFileError(path: path, reason: Self.systemReason(error))
        }
    }

    /// The system's words for what Foundation reports in its own.
    private static func systemReason(_ error: any Error) -> String {
        let error = error as NSError
        if error.domain == NSPOSIXErrorDomain { return String(cString: strerror(Int32(error.code))) }
        return (error.userInfo[NSUnderlyingErrorKey] as? any Error).map(systemReason)
            ?? error.localizedDescription
    }

    /// A record of the given data.
    static func record(of data: [UInt8]) -> [UInt8] {
        func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
            withUnsafeBytes(of: number.littleEndian, Array.init)
        }
        let length = bytes(UInt64(data.count))
        return length + bytes(CyclicRedundancyCheck.maskedCRC32C(length)) + data
            + bytes(CyclicRedundancyCheck.maskedCRC32C(data))
    }
}

/// An event file could not be made or written to.
public struct EventFileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The path of the file, or of the folder for it.
    public let path: String
    /// The system's reason.
    public let reason: String

    /// One line.
    public var description: String { "\(path): events cannot be written: \(reason)" }
}
