import ArgumentParser
import Foundation
import Training

/// Whether a training is distributed over processes.
struct DistributionOptions: ParsableArguments {
    @Flag(
        help: ArgumentHelp(
            "Train over the processes that mpirun or srun has started.",
            discussion: "The network is the same, to the last bit, for any number of processes."))
    var distributed = false

    /// Calls `body` with the processes, `nil` if there is this one alone, and ends them all together.
    ///
    /// The first process alone says what there is to say. An error that all processes have is said by the first; one that a
    /// process has for itself ends all others. The exit code is that of the error without `--distributed`.
    func run(_ body: (MPI?) throws -> Void) throws {
        guard distributed else { return try body(nil) }
        let mpi = try MPI.start()
        if mpi.rank > 0 { StandardOutput.mute() }
        if mpi.rank < 2 { sayWhereItStops(mpi) }
        do {
            try body(mpi)
        } catch let error as TrainingInterruption {
            mpi.end()
            guard mpi.rank == 0 else { Foundation.exit(error.exitCode) }
            throw error
        } catch {
            // The first process says it, and ends this one, if it has the same error.
            if mpi.rank > 0 { sleep(2) }
            removeEmptyFolders()
            mpi.abort("\(error)", exitCode: Self.exitCode(for: error).rawValue)
        }
        mpi.end()
    }

    /// Says at which step a signal asks this process to end, as a launcher does once another process has died: that one cannot say
    /// it, and the others may be killed before they reach the step's end. Two processes do, as one of them may be the dead one.
    private func sayWhereItStops(_ mpi: MPI) {
        Thread.detachNewThread {
            while StopSignal.received == nil { usleep(50_000) }
            // A process without a share of the batches has no phase.
            let place = mpi.phase.isEmpty ? "" : " at \(mpi.phase)"
            StandardStream.error.write("process \(mpi.rank): asked to end\(place)\n")
        }
    }
}

extension Communicator {
    /// The path of a file with the contents of the first process's file at `path`: the same path there, that of a temporary
    /// file elsewhere, which need not see the first one's folders.
    func copy(ofFirst path: String) throws -> String {
        let bytes = rank == 0 ? try [UInt8](Data(contentsOf: URL(fileURLWithPath: path))) : []
        let received = valuesOfFirst(bytes)
        guard rank > 0 else { return path }
        let copy = FileManager.default.temporaryDirectory.appendingPathComponent(
            "\(UUID().uuidString)-\(URL(fileURLWithPath: path).lastPathComponent)")
        try Data(received).write(to: copy)
        return copy.path
    }

    /// Bytes of the first process, whose number the others do not know, on all processes.
    func valuesOfFirst(_ bytes: [UInt8]) -> [UInt8] {
        let count = broadcast([bytes.count])[0]
        return broadcast(rank == 0 ? bytes : [UInt8](repeating: 0, count: count))
    }

    /// The signal that asked one of the processes to end, if one did: the same on all.
    func signal(_ own: Int32?) -> Int32? {
        let signals = gather([own ?? 0], counts: Array(repeating: 1, count: size))
        return signals.map { $0[0] }.max().flatMap { $0 == 0 ? nil : $0 }
    }
}
