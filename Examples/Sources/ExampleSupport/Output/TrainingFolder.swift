import ArgumentParser
import Foundation
import Training

/// The folder in which a training keeps its model, its history and, until it is over, its checkpoint.
///
/// It is locked for as long as the value lives. A training writes a checkpoint before anything else and removes it after
/// everything else: a folder with a checkpoint holds an unfinished training, one with a model alone a finished one.
struct TrainingFolder {
    /// The network after the last whole epoch, or after the best one.
    let model: String
    /// Everything that the training needs to go on.
    let checkpoint: String
    /// What came of each epoch.
    let historyFile: String
    /// Whether this process writes in the folder: the first one of a training that is distributed.
    let isOfThisProcess: Bool
    private let lock: FolderLock?

    /// Creates the folder if it is not there, and locks it, in the first of the processes, if there are several.
    init(_ path: String, of processes: (any Communicator)? = nil) throws {
        isOfThisProcess = processes == nil || processes!.rank == 0
        model = isOfThisProcess ? try modelFile(in: path) : path + "/model.safetensors"
        checkpoint = path + "/checkpoint.safetensors"
        historyFile = path + "/history.json"
        lock = isOfThisProcess ? try FolderLock(path) : nil
        guard isOfThisProcess else { return }
        // Nobody else writes here now: what is left belongs to trainings that were killed.
        AtomicFile.removeAbandoned(in: path)
    }

    /// What came of the epochs before a training that goes on behind the first `epochCount`.
    ///
    /// - Parameter isNeeded: Whether the training cannot go on without all of them.
    func history(ofFirst epochCount: Int, isNeeded: Bool, on processes: (any Communicator)?) throws
        -> TrainingHistory
    {
        let own = isOfThisProcess ? try history(ofFirst: epochCount, isNeeded: isNeeded) : TrainingHistory()
        guard let processes else { return own }
        return try JSONDecoder().decode(
            TrainingHistory.self, from: Data(processes.valuesOfFirst([UInt8](JSONEncoder().encode(own)))))
    }

    private func history(ofFirst epochCount: Int, isNeeded: Bool) throws -> TrainingHistory {
        guard epochCount > 0 else { return TrainingHistory() }
        var history = TrainingHistory()
        if isNeeded || FileManager.default.fileExists(atPath: historyFile) {
            history = try TrainingHistory(contentsOf: historyFile)
        }
        history.keepFirst(epochCount)
        if isNeeded, history.epochs.map(\.epoch) != Array(1...epochCount) {
            throw ExampleError(
                "\(historyFile): expected the epochs 1 to \(epochCount), which --keep best and --patience need, found "
                    + "\(history.epochs.map(\.epoch))")
        }
        return history
    }

    private func exists(_ file: String) -> Bool { FileManager.default.fileExists(atPath: file) }

    /// A training that is to go on needs a checkpoint; one that begins replaces what is there only if it may.
    func expectState(resuming: Bool, overwriting: Bool) throws {
        guard isOfThisProcess else { return }
        if resuming {
            let advice =
                exists(model) ? "; its training is over: train --from \(model) starts another from it" : ""
            try expect(
                exists(checkpoint), "--resume: expected a checkpoint, found no file \(checkpoint)\(advice)")
        } else if !overwriting {
            try expect(
                !exists(checkpoint),
                "\(checkpoint) belongs to an unfinished training: resume it (--resume), replace it (--overwrite), or "
                    + "choose another --output")
            try expect(
                !exists(model),
                "\(model) is there already: replace it (--overwrite), or choose another --output")
        }
    }

    /// Removes the copy of one of the folder's files that a process made for itself.
    func removeCopy(_ file: String?) {
        if let file, !isOfThisProcess { try? FileManager.default.removeItem(atPath: file) }
    }

    /// The training is over.
    func removeCheckpoint() throws {
        if isOfThisProcess { try AtomicFile.remove(checkpoint) }
    }
}

/// An error that is said as it is.
struct ExampleError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
