import Convolution
import Foundation
import Tensors
import Terminator
import Training

extension OutputOptions {
    /// Expects that all processes begin with the same, and says how many share the batches.
    ///
    /// - Returns: Those that do; `nil` in the others.
    func begin(
        _ trainer: Trainer<Network, Kar>, settings: TrainingSettings, over mpi: MPI
    ) throws -> (any Communicator)? {
        try TrainingAgreement(trainer, settings: settings, instructionSet: Engine.instructionSet)
            .check(over: mpi)
        let count = BatchPartition(of: settings.batchSize, over: mpi).workerCount
        let idle = mpi.size - count
        announce(
            "distributed", ["processes": .integer(count), "idle": .integer(idle)],
            text: "processes     \(count) (\(mpi.libraryVersion))"
                + (idle > 0
                    ? "; \(idle) more are idle: batches of \(settings.batchSize) are summed in \(count) groups"
                    : ""))
        return mpi.rank < count ? FirstProcesses(count, of: mpi) : nil
    }

    /// Says what each process has done.
    func announceShares(
        of trainer: Trainer<Network, Kar>, steps: Int, since traffic: Traffic,
        over processes: any Communicator
    ) {
        DistributionReport(
            samples: trainer.readSampleCount, processorSeconds: processorSeconds(), since: traffic,
            steps: steps,
            over: processes
        ).announce(with: self)
    }
}

/// What each process of a training has done.
private struct DistributionReport {
    /// The numbers of one process.
    private struct Share {
        let samples: Int
        let processorSeconds: Double
        let exchangeSeconds: Double
        let sentBytes: Int
        let messages: Int
    }

    private let shares: [Share]
    private let steps: Int

    /// Gathers the numbers of all processes since the training began.
    ///
    /// - Parameters:
    ///   - samples: The samples that this process has read for training.
    ///   - processorSeconds: Its processor time.
    ///   - traffic: What it had sent before the first step.
    init(
        samples: Int, processorSeconds: Double, since traffic: Traffic, steps: Int,
        over processes: any Communicator
    ) {
        let now = processes.traffic
        let own = Share(
            samples: samples, processorSeconds: processorSeconds,
            exchangeSeconds: now.seconds - traffic.seconds,
            sentBytes: now.sentByteCount - traffic.sentByteCount,
            messages: now.messageCount - traffic.messageCount)
        self.steps = steps
        shares = processes.gather([own], counts: Array(repeating: 1, count: processes.size)).map { $0[0] }
    }

    /// Says the numbers of each process.
    func announce(with announcer: OutputOptions) {
        let lines = shares.enumerated().map { rank, share in
            "process \(rank)     \(share.samples) samples, \(decimal(share.processorSeconds, 1)) s of processor time, "
                + "\(decimal(share.exchangeSeconds, 1)) s in exchanges, "
                + "\(share.sentBytes / max(1, steps)) bytes in \(share.messages / max(1, steps)) messages a step"
        }
        announcer.announce(
            "processes",
            [
                "samples": .numbers(shares.map { Double($0.samples) }),
                "processorSeconds": .numbers(shares.map(\.processorSeconds)),
                "exchangeSeconds": .numbers(shares.map(\.exchangeSeconds)),
                "sentBytes": .numbers(shares.map { Double($0.sentBytes) }),
                "messages": .numbers(shares.map { Double($0.messages) }),
            ], text: lines.joined(separator: "\n"))
    }
}

/// The processor time of this process so far, in seconds, of all its threads.
private func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
