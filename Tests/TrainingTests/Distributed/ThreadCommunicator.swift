import Foundation
import Runtime

@testable import Training

/// Threads of this process in place of processes: what is sent is copied through memory that they share.
final class ThreadCommunicator: Communicator {
    let rank: Int
    var size: Int { mailbox.size }
    private let mailbox: Mailbox
    private let ownTraffic = LockedValue(Traffic())

    /// The messages between the threads: `NSCondition` guards them.
    ///
    /// `@unchecked Sendable`: `messages` is accessed only while `condition` is locked.
    private final class Mailbox: @unchecked Sendable {
        let size: Int
        let condition = NSCondition()
        /// By sender, receiver and number of the exchange.
        var messages: [[Int]: [UInt8]] = [:]

        init(size: Int) { self.size = size }
    }

    private init(rank: Int, _ mailbox: Mailbox) {
        self.rank = rank
        self.mailbox = mailbox
    }

    /// Runs `body` on `size` threads, each with its communicator, and returns the results in the order of ranks.
    static func run<Result: Sendable>(
        _ size: Int, _ body: @escaping @Sendable (ThreadCommunicator) throws -> Result
    ) throws -> [Result] {
        let mailbox = Mailbox(size: size)
        let results = LockedValue<[Int: Swift.Result<Result, any Error>]>([:])
        let group = DispatchGroup()
        for rank in 0..<size {
            group.enter()
            let thread = Thread {
                let result = Swift.Result { try body(ThreadCommunicator(rank: rank, mailbox)) }
                results.withLock { $0[rank] = result }
                group.leave()
            }
            thread.stackSize = 8 << 20
            thread.start()
        }
        group.wait()
        return try results.withLock { results in try (0..<size).map { try results[$0]!.get() } }
    }

    var traffic: Traffic { ownTraffic.withLock { $0 } }

    func exchange(_ sent: [UnsafeRawBufferPointer], into received: [UnsafeMutableRawBufferPointer]) {
        precondition(sent.count == size && received.count == size)
        let number = ownTraffic.withLock { traffic in
            traffic.exchangeCount += 1
            return traffic.exchangeCount
        }
        mailbox.condition.lock()
        for (peer, bytes) in sent.enumerated() where !bytes.isEmpty {
            mailbox.messages[[rank, peer, number]] = Array(bytes)
        }
        mailbox.condition.broadcast()
        for (peer, memory) in received.enumerated() where !memory.isEmpty {
            let key = [peer, rank, number]
            while mailbox.messages[key] == nil {
                // A test that hangs says nothing.
                let isInTime = mailbox.condition.wait(until: Date(timeIntervalSinceNow: 60))
                precondition(isInTime, "process \(rank): nothing from process \(peer) in exchange \(number)")
            }
            let bytes = mailbox.messages.removeValue(forKey: key)!
            precondition(bytes.count == memory.count, "expected \(memory.count) bytes, got \(bytes.count)")
            memory.copyBytes(from: bytes)
        }
        mailbox.condition.unlock()
        ownTraffic.withLock { traffic in
            for (peer, bytes) in sent.enumerated() where peer != rank && !bytes.isEmpty {
                traffic.messageCount += 1
                traffic.sentByteCount += bytes.count
            }
            for (peer, bytes) in received.enumerated() where peer != rank {
                traffic.receivedByteCount += bytes.count
            }
        }
    }

    func abort(_ reason: String) -> Never { fatalError("process \(rank): \(reason)") }

    func setPhase(_ phase: String) {}
}
