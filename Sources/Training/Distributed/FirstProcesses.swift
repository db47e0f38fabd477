import Runtime
import Tensors

/// The first processes of a communicator, by themselves: the others take no part.
public final class FirstProcesses: Communicator {
    private let whole: any Communicator
    /// The number of processes.
    public let size: Int

    /// The first `count` processes of `whole`, of which this process is one.
    public init(_ count: Int, of whole: any Communicator) {
        require(
            whole.rank < count && count <= whole.size,
            "expected one of the first \(count) of \(whole.size) processes, got process \(whole.rank)")
        self.whole = whole
        size = count
    }

    /// The number of this process.
    public var rank: Int { whole.rank }
    /// What this process has sent and received so far, also to and from others.
    public var traffic: Traffic { whole.traffic }

    /// All-to-all, of bytes.
    public func exchange(_ sent: [UnsafeRawBufferPointer], into received: [UnsafeMutableRawBufferPointer]) {
        let others = whole.size - size
        whole.exchange(
            sent + Array(repeating: UnsafeRawBufferPointer(start: nil, count: 0), count: others),
            into: received
                + Array(repeating: UnsafeMutableRawBufferPointer(start: nil, count: 0), count: others))
    }

    /// Ends all processes, with the reason on standard error.
    public func abort(_ reason: String) -> Never { whole.abort(reason) }

    /// Names what the processes do now, for messages.
    public func setPhase(_ phase: String) { whole.setPhase(phase) }
}
