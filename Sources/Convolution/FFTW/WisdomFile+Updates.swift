import Runtime

/// Files of wisdom are updated by one process after the other, so that no one's plans are lost.
extension WisdomFile {
    static func contents(of path: String) throws(ConvolutionError) -> [UInt8] {
        do {
            return try InputFile.contents(of: path, limit: largestByteCount)
        } catch {
            throw .wisdom(path: path, reason: "\(error.reason)")
        }
    }

    /// Replaces a file's contents with those that `update` computes from the present ones, `nil` if there is no file.
    ///
    /// A lock on the folder, which is created if there is none, serializes updates, across processes too. A symbolic link
    /// stays, and the file that it names is replaced.
    ///
    /// - Throws: ``ConvolutionError/wisdom(path:reason:)`` with the system's reason, or if something other than a regular
    ///   file is there; then nothing has changed.
    static func update(
        _ path: String, _ update: ([UInt8]?) throws(ConvolutionError) -> [UInt8]
    ) throws(ConvolutionError) {
        do {
            let target = try followLinks(path)
            let folder = folder(of: target)
            try makeFolder(folder)
            let lock = try AdvisoryLock(onFolder: folder, isWaiting: true)
            defer { withExtendedLifetime(lock) {} }
            let isThere = try isRegularFile(path)
            let contents = isThere ? try InputFile.contents(of: path, limit: largestByteCount) : nil
            try FileReplacement.write(try update(contents), to: path)
        } catch let error as FileError {
            throw .wisdom(path: path, reason: "\(error.reason)")
        } catch let error as ConvolutionError {
            throw error
        } catch {
            fatalError("expected errors of files and of wisdom only, got \(error)")
        }
    }
}
