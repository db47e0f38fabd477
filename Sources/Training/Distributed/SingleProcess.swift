import Runtime

/// A computation of one process.
public final class SingleProcess: Communicator {
    /// A communicator of this process alone.
    public init() {}

    /// The number of this process.
    public var rank: Int { 0 }
    /// The number of processes.
    public var size: Int { 1 }
    /// Nothing: there is no other process.
    public var traffic: Traffic { Traffic() }

    /// All-to-all, of bytes.
    public func exchange(_ sent: [UnsafeRawBufferPointer], into received: [UnsafeMutableRawBufferPointer]) {
        require(
            sent.count == 1 && received.count == 1 && sent[0].count == received[0].count,
            "expected one part of equal sizes, got \(sent.map(\.count)) and \(received.map(\.count)) bytes")
        if sent[0].count > 0 { received[0].copyMemory(from: sent[0]) }
    }

    /// Ends all processes, with the reason on standard error.
    public func abort(_ reason: String) -> Never { endProcess(reason) }

    /// Names what the processes do now, for messages.
    public func setPhase(_ phase: String) {}
}
