import Foundation
import Training

/// Brings data sets into a folder.
///
/// A file gets its name when it is complete and not before. An existing file stays untouched: one whose data have the
/// expected size and digest counts as fetched, whether it is plain or compressed; any other is refused. An interrupted
/// download resumes from a file with the ending `.part`.
public struct Fetcher: Sendable {
    /// Where archives come from.
    public enum Origin: Sendable, Equatable {
        /// The archives' mirrors, and before them the one at the given address, if there is one.
        case mirrors(first: String?)
        /// A folder on this machine.
        case folder(String)
    }

    /// What was done about an archive.
    public enum Outcome: String, Sendable {
        /// Its files were there, with the expected data.
        case kept
        /// Its files were brought.
        case fetched
    }

    /// The folder for the files.
    public let folder: String
    /// Where archives come from.
    public let origin: Origin
    /// The seconds after which a server that says nothing is given up.
    public let timeout: TimeInterval
    /// Is told of an archive how many of its bytes there are.
    public let progress: @Sendable (Archive, Int) -> Void

    /// How often a mirror is asked for the rest of a file after a connection that broke off.
    private static let maximumAttemptCount = 5

    /// A fetcher into a folder, which is created if it is not there.
    public init(
        into folder: String, from origin: Origin = .mirrors(first: nil), timeout: TimeInterval = 60,
        progress: @escaping @Sendable (Archive, Int) -> Void = { _, _ in }
    ) {
        self.folder = folder
        self.origin = origin
        self.timeout = timeout
        self.progress = progress
    }

    /// Brings the files of `archive`, unless they are there.
    ///
    /// - Throws: ``DataFetchError``.
    public func fetch(_ archive: Archive) throws -> Outcome {
        let lock = try lockedFolder()
        defer { withExtendedLifetime(lock) {} }
        let missing = try archive.files.filter { file in try !file.isComplete(in: folder) }
        if missing.isEmpty { return .kept }
        switch origin {
        case .folder(let source):
            let path = "\(source)/\(archive.name)"
            try archive.check(path)
            try install(missing, of: archive, at: path, isOurs: false)
        case .mirrors(let first):
            let path = "\(folder)/\(archive.name).part"
            try download(archive, to: path, mirrors: (first.map { [$0] } ?? []) + archive.mirrors)
            try install(missing, of: archive, at: path, isOurs: true)
        }
        return .fetched
    }

    /// Creates the folder, unless it exists, and keeps other programs from fetching into it.
    private func lockedFolder() throws(DataFetchError) -> FolderLock {
        do throws(DataFileError) {
            _ = try OutputFolder(folder)
            return try FolderLock(folder)
        } catch {
            switch error.reason {
            case .inUse: throw DataFetchError(folder, .busy)
            case .uncreatable(let reason), .unwritable(let reason), .unlockable(let reason):
                throw DataFetchError(folder, .system(reason))
            case let reason: throw DataFetchError(folder, .system("\(reason)"))
            }
        }
    }

    // MARK: - Downloading

    private func download(_ archive: Archive, to path: String, mirrors: [String]) throws(DataFetchError) {
        var failures: [DataFetchError] = []
        for mirror in mirrors {
            let address = mirror.hasSuffix("/") ? mirror + archive.name : "\(mirror)/\(archive.name)"
            do throws(DataFetchError) {
                return try download(archive, to: path, from: address)
            } catch {
                switch error.reason {
                // Another mirror does not mend a full disk.
                case .system, .noFile: throw error
                default: failures.append(error)
                }
            }
        }
        // There is nothing to go on from.
        if (try? fileSize(path)) == 0 { unlink(path) }
        throw DataFetchError(archive.name, .unavailable(failures))
    }

    private func download(_ archive: Archive, to path: String, from address: String) throws(DataFetchError) {
        let output = try OutputFile(path)
        if output.byteCount > archive.byteCount { try output.clear() }
        let isContinued = output.byteCount > 0
        try transfer(archive, into: output, from: address)
        try output.synchronize()
        do throws(DataFetchError) {
            try archive.check(path)
        } catch {
            guard case .digest(let expected, let found) = error.reason else { throw error }
            try output.clear()
            // Perhaps it was the first part, which came from elsewhere or long ago.
            if isContinued { return try download(archive, to: path, from: address) }
            throw DataFetchError(address, .digest(expected: expected, found: found))
        }
    }

    private func transfer(
        _ archive: Archive, into output: OutputFile, from address: String
    ) throws(DataFetchError) {
        for attempt in 1... {
            let before = output.byteCount
            if before == archive.byteCount { return }
            do throws(DataFetchError) {
                return try Transfer.run(
                    address, into: output, byteCount: archive.byteCount,
                    timeout: Int(min(max(timeout.rounded(.up), 1), 1e6))
                ) { [progress] in progress(archive, $0) }
            } catch {
                // A connection that broke off after some bytes is worth another one, and so is a beginning that the
                // server does not know: it was taken away.
                let isWorthAnother =
                    switch error.reason {
                    case .connection: output.byteCount > before
                    case .status(416): before > 0
                    default: false
                    }
                guard isWorthAnother, attempt < Self.maximumAttemptCount else { throw error }
            }
        }
    }

    // MARK: - Installing

    /// Gives the files of a checked archive their places.
    private func install(
        _ files: [ExpectedFile], of archive: Archive, at path: String, isOurs: Bool
    ) throws {
        switch archive.contents {
        case .compressedFile:
            let copied = "\(folder)/\(archive.name).copying"
            if !isOurs { try copy(path, to: copied) }
            try move(isOurs ? path : copied, to: "\(folder)/\(archive.name)", in: folder)
        case .tar(let source, let all):
            let temporary = "\(folder)/\(archive.name).unpacking"
            // One that a killed program left; the folder is locked.
            try? FileManager.default.removeItem(atPath: temporary)
            guard mkdir(temporary, 0o755) == 0 else { throw systemError(temporary) }
            defer { try? FileManager.default.removeItem(atPath: temporary) }
            try TarArchive(path: path).unpack(all, from: source, into: temporary)
            for file in files {
                try move("\(temporary)/\(file.name)", to: "\(folder)/\(file.name)", in: folder)
            }
            if isOurs { unlink(path) }
        }
    }

    private func copy(_ source: String, to target: String) throws(DataFetchError) {
        // One that a killed program left.
        unlink(target)
        let output = try OutputFile(target)
        do throws(DataFetchError) {
            let pieces = try FilePieces(source)
            while let piece = try pieces.next() { try output.append(piece) }
            try output.synchronize()
        } catch {
            unlink(target)
            throw error
        }
    }
}
