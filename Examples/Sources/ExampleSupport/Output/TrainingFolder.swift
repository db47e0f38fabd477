import ArgumentParser
import Foundation
import Training

/// The folder in which a training keeps its model, its history and, until it is over, its checkpoint.
struct TrainingFolder {
    /// The network after the last whole epoch.
    let model: String
    /// Everything that the training needs to go on.
    let checkpoint: String
    /// What came of each epoch.
    let historyFile: String

    /// Creates the folder if it is not there.
    init(_ path: String) throws {
        model = try modelFile(in: path)
        checkpoint = path + "/checkpoint.safetensors"
        historyFile = path + "/history.json"
    }

    /// What came of the epochs before a training that goes on behind the first `epochCount`.
    func history(ofFirst epochCount: Int) throws -> TrainingHistory {
        guard epochCount > 0, FileManager.default.fileExists(atPath: historyFile) else {
            return TrainingHistory()
        }
        var history = try TrainingHistory(contentsOf: historyFile)
        history.keepFirst(epochCount)
        return history
    }

    private var hasCheckpoint: Bool { FileManager.default.fileExists(atPath: checkpoint) }

    /// A training that is to go on needs a checkpoint; one that begins must not write over one.
    func expectCheckpoint(resuming: Bool) throws {
        if resuming {
            try expect(hasCheckpoint, "--resume: expected a checkpoint, found no file \(checkpoint)")
        } else {
            try expect(
                !hasCheckpoint,
                "\(checkpoint) belongs to an unfinished training: resume it (--resume), remove it, or choose "
                    + "another --output")
        }
    }

    /// The training is over.
    func removeCheckpoint() throws {
        guard hasCheckpoint, unlink(checkpoint) != 0 else { return }
        throw DataFileError(file: checkpoint, reason: .unwritable(String(cString: strerror(errno))))
    }
}
