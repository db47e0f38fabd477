import Runtime

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#endif

/// The processes that `mpirun` or `srun` started, connected by the MPI library of the machine.
///
/// Exchanges are pairs of messages between processes, `MPI_Isend` and `MPI_Irecv`, so that a process that waits knows for
/// whom. Waiting processes first spin, then sleep, and so leave the processor to others where there are more processes than
/// cores; after ``timeLimit`` seconds without a message a process ends all, and names those that it has waited for.
///
/// One exchange runs at a time; a call from a second thread waits for the first.
public final class MPI: Communicator {
    /// The number of this process.
    public let rank: Int
    /// The number of processes.
    public let size: Int
    /// How long a process waits for a message, in seconds: 300, or what the environment variable `LONGCONV_MPI_TIME_LIMIT`
    /// says.
    public let timeLimit: Double
    /// The library, as it names itself, such as "Open MPI v4.1.4".
    public let libraryVersion: String

    private let library: MPILibrary
    /// Held during an exchange.
    private let lockedTraffic = LockedValue(Traffic())
    private let lockedPhase = LockedValue("")

    /// Starts MPI in this process, once.
    ///
    /// - Throws: ``MPIError`` if there is no library, it does not start, or it is not that of the launcher.
    public static func start() throws(MPIError) -> MPI { try MPI(MPILibrary.open()) }

    private init(_ library: MPILibrary) throws(MPIError) {
        self.library = library
        func expectSuccess(_ function: String, _ code: Int32) throws(MPIError) {
            guard code == 0 else { throw .failed(function: function, code: Int(code)) }
        }
        var flag: Int32 = 0
        try expectSuccess("MPI_Finalized", library.isFinalized(&flag))
        guard flag == 0 else { throw .ended }
        try expectSuccess("MPI_Initialized", library.isInitialized(&flag))
        if flag == 0 {
            // Open MPI 4.1 may otherwise look for messages over TCP every 10 ms only: where two processes connect to each
            // other at once, it believes that nobody waits for any.
            setenv("OMPI_MCA_mpi_event_tick_rate", "1", 0)
            // MPI_THREAD_SERIALIZED, 2 in both kinds: any thread calls, one at a time.
            try expectSuccess("MPI_Init_thread", library.initialize(0, 0, 2, &flag))
        }
        var (rank, size) = (Int32(0), Int32(0))
        try expectSuccess("MPI_Comm_rank", library.rank(library.world, &rank))
        try expectSuccess("MPI_Comm_size", library.size(library.world, &size))
        if let launched = MPILauncher.processCount, launched != size {
            throw .processCount(library: library.path, launched: launched, found: Int(size))
        }
        (self.rank, self.size) = (Int(rank), Int(size))
        timeLimit = MPI.timeLimit(onRank: Int(rank))
        libraryVersion = library.version
    }

    /// What the environment says of ``timeLimit``. The first process warns of what is no time.
    static func timeLimit(onRank rank: Int) -> Double {
        guard let setting = environment("LONGCONV_MPI_TIME_LIMIT") else { return 300 }
        guard let seconds = Double(setting), seconds > 0 else {
            if rank == 0 {
                writeWarning(
                    "LONGCONV_MPI_TIME_LIMIT: expected a number of seconds above 0, found \"\(setting)\"; using 300"
                )
            }
            return 300
        }
        return seconds
    }

    /// What this process has sent and received so far.
    public var traffic: Traffic { lockedTraffic.withLock { $0 } }

    /// Names what the processes do now, for messages.
    public func setPhase(_ phase: String) { lockedPhase.withLock { $0 = phase } }

    /// What the processes do now, such as "step 17".
    public var phase: String { lockedPhase.withLock { $0 } }

    /// All-to-all, of bytes.
    public func exchange(_ sent: [UnsafeRawBufferPointer], into received: [UnsafeMutableRawBufferPointer]) {
        require(
            sent.count == size && received.count == size && sent[rank].count == received[rank].count,
            "expected \(size) parts, this process's own of equal sizes, got \(sent.map(\.count)) and "
                + "\(received.map(\.count)) bytes")
        lockedTraffic.withLock { traffic in
            // Consecutive exchanges have different tags: processes that went different ways do not take each other's
            // messages, but wait and end.
            exchange(sent, into: received, tag: traffic.exchangeCount % Self.lastTag, &traffic)
        }
    }

    /// Tags up to 32,767 are guaranteed; this one is that of the last exchange, ``end()``.
    private static let lastTag = 32_767

    private func exchange(
        _ sent: [UnsafeRawBufferPointer], into received: [UnsafeMutableRawBufferPointer], tag: Int,
        timeLimit: Double? = nil, _ traffic: inout Traffic
    ) {
        let start = ContinuousClock.now
        let tag = Int32(tag)
        var requests: [Request] = []
        for peer in 0..<size where peer != rank {
            forEachMessage(of: received[peer]) { bytes in
                requests.append(Request(peer: peer))
                check(
                    library.receive(
                        bytes.baseAddress, Int32(bytes.count), library.byte, Int32(peer), tag,
                        library.world,
                        &requests[requests.count - 1].handle), "MPI_Irecv")
            }
        }
        // Each begins with the next rank: not all send to the same one first.
        for peer in (1..<size).map({ (rank + $0) % size }) {
            forEachMessage(of: UnsafeMutableRawBufferPointer(mutating: sent[peer])) { bytes in
                requests.append(Request(peer: peer))
                check(
                    library.send(
                        bytes.baseAddress, Int32(bytes.count), library.byte, Int32(peer), tag,
                        library.world,
                        &requests[requests.count - 1].handle), "MPI_Isend")
                traffic.messageCount += 1
                traffic.sentByteCount += bytes.count
            }
            traffic.receivedByteCount += received[peer].count
        }
        if sent[rank].count > 0 { received[rank].copyMemory(from: sent[rank]) }
        wait(for: &requests, timeLimit: timeLimit ?? self.timeLimit)
        traffic.exchangeCount += 1
        traffic.seconds += (ContinuousClock.now - start) / .seconds(1)
    }

    /// Ends all processes, with the reason on standard error and the exit code 1.
    public func abort(_ reason: String) -> Never { abort(reason, exitCode: 1) }

    /// Ends all processes, with the reason on standard error and an exit code from 1 to 255.
    public func abort(_ reason: String, exitCode: Int32) -> Never {
        writeReason("process \(rank) of \(size): \(reason)")
        _ = library.abort(library.world, exitCode)
        exit(exitCode)
    }

    /// Ends MPI in this process, after all processes have called this, which wait for each other without a time limit;
    /// communicators are of no use afterwards.
    public func end() {
        lockedTraffic.withLock { traffic in
            let byte = [UInt8(0)]
            var all = [UInt8](repeating: 0, count: size)
            byte.withUnsafeBytes { byte in
                all.withUnsafeMutableBytes { all in
                    exchange(
                        Array(repeating: byte, count: size),
                        into: (0..<size).map { UnsafeMutableRawBufferPointer(rebasing: all[$0..<$0 + 1]) },
                        tag: Self.lastTag, timeLimit: .infinity, &traffic)
                }
            }
            _ = library.finalize()
        }
    }
}

// MARK: - Messages

extension MPI {
    /// A message that is on its way.
    private struct Request {
        let peer: Int
        /// `MPI_Request`: a pointer, or an `int` in the low half.
        var handle: MPILibrary.Handle = 0
    }

    /// Calls `body` with the parts of a message that MPI, which counts in `int`, can send; with none if it is empty.
    private func forEachMessage(
        of bytes: UnsafeMutableRawBufferPointer, _ body: (UnsafeMutableRawBufferPointer) -> Void
    ) {
        let largest = 1 << 30
        for start in stride(from: 0, to: bytes.count, by: largest) {
            body(UnsafeMutableRawBufferPointer(rebasing: bytes[start..<min(bytes.count, start + largest)]))
        }
    }

    /// Waits for all messages; ends the computation if none arrives within the time limit.
    private func wait(for requests: inout [Request], timeLimit: Double) {
        guard !requests.isEmpty else { return }
        var progress = ContinuousClock.now
        var polls = 0
        while true {
            var hasProgress = false
            requests.removeAll { request in
                var flag: Int32 = 0
                var copy = request
                check(library.test(&copy.handle, &flag, library.ignoredStatus), "MPI_Test")
                hasProgress = hasProgress || flag != 0
                return flag != 0
            }
            if requests.isEmpty { return }
            if hasProgress {
                (progress, polls) = (ContinuousClock.now, 0)
                continue
            }
            polls += 1
            pause(afterPolls: polls)
            if polls % 1024 == 0, (ContinuousClock.now - progress) / .seconds(1) > timeLimit {
                let missing = Set(requests.map(\.peer)).sorted().map(String.init).joined(separator: ", ")
                abort("\(place)no message from process \(missing) for \(Int(timeLimit)) s")
            }
        }
    }

    /// A poll takes 0.1 to 1 µs. Short waits spin; those that have no core of their own yield; long ones sleep.
    private func pause(afterPolls polls: Int) {
        if polls > 4096 { usleep(100) } else if polls > 256 { sched_yield() }
    }

    private func check(_ code: Int32, _ function: String) {
        if code != 0 { abort("\(place)\(function) failed with the code \(code)") }
    }

    private var place: String {
        let phase = phase
        return phase.isEmpty ? "" : "at \(phase): "
    }
}
