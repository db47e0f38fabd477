import Runtime
import Tensors

/// The processes of a distributed computation, and what they send each other.
///
/// Every operation is collective: all processes call it, in the same order, and it returns when the calling process has
/// sent and received its parts. Everything is built from one operation, `exchange(_:into:)`, which moves bytes
/// unchanged: no sum is left to the communication library, whose order of additions would be its own. In an exchange the
/// counts may differ, and may be zero, where nothing is sent; what a process sends to itself is copied. It takes as many
/// messages as there are parts for other processes that are not empty.
///
/// A lost process, a mismatch of sizes or a time limit ends the process, and with it the computation, with a message: a
/// computation that has lost one of its parts cannot continue. Start it again from its checkpoint.
public protocol Communicator: ProcessGroup {
    /// What this process has sent and received so far.
    var traffic: Traffic { get }

    /// Ends all processes, with the reason on standard error.
    func abort(_ reason: String) -> Never

    /// What the processes do now, such as "step 17", for the message if one of them is lost.
    func setPhase(_ phase: String)
}

/// What a process has sent to and received from others.
public struct Traffic: Equatable, Sendable {
    /// The number of messages sent to other processes.
    public var messageCount = 0
    /// The bytes sent to other processes.
    public var sentByteCount = 0
    /// The bytes received from other processes.
    public var receivedByteCount = 0
    /// The number of exchanges.
    public var exchangeCount = 0
    /// The time spent in exchanges, in seconds.
    public var seconds = 0.0

    /// Nothing sent yet.
    public init() {}
}

extension Communicator {
    /// Sends `parts[p]` to each process p.
    ///
    /// - Parameters:
    ///   - parts: What each process is sent.
    ///   - counts: The number of elements that each process sends to this one.
    /// - Returns: What each process has sent to this one.
    public func allToAll<Element: BitwiseCopyable>(_ parts: [[Element]], counts: [Int]) -> [[Element]] {
        expectOne(parts, "part to send to")
        expectOne(counts, "count to receive from")
        let sent = parts.flatMap { $0 }
        var offset = 0
        return sent.withUnsafeBytes { sent in
            received(counts: counts) { received in
                exchange(
                    parts.map { part in
                        let start = offset
                        offset += part.count * MemoryLayout<Element>.stride
                        return UnsafeRawBufferPointer(rebasing: sent[start..<offset])
                    }, into: received)
            }
        }
    }

    /// Gathers `values` from all processes, on all of them.
    ///
    /// - Parameters:
    ///   - values: What this process contributes.
    ///   - counts: The number of elements that each process contributes.
    /// - Returns: The values of each process, in the order of ranks.
    public func gather<Element: BitwiseCopyable>(_ values: [Element], counts: [Int]) -> [[Element]] {
        expectOne(counts, "count to receive from")
        require(
            counts[rank] == values.count,
            "expected \(counts[rank]) values from process \(rank), got \(values.count)")
        return values.withUnsafeBytes { values in
            received(counts: counts) { exchange(Array(repeating: values, count: size), into: $0) }
        }
    }

    /// Gathers values whose number is not known from all processes, on all of them: their counts first.
    public func gather<Element: BitwiseCopyable>(_ values: [Element]) -> [[Element]] {
        gather(values, counts: gather([values.count], counts: Array(repeating: 1, count: size)).map { $0[0] })
    }

    /// The values that process `root` has, on all processes, which pass as many.
    public func broadcast<Element: BitwiseCopyable>(_ values: [Element], from root: Int = 0) -> [Element] {
        require(0..<size ~= root, "expected a process below \(size), got \(root)")
        let counts = (0..<size).map { $0 == root ? values.count : 0 }
        return values.withUnsafeBytes { values in
            received(counts: counts) { received in
                let part = rank == root ? values : UnsafeRawBufferPointer(start: nil, count: 0)
                exchange(Array(repeating: part, count: size), into: received)
            }
        }[root]
    }

    /// The sums over all processes of numbers that each has, on all processes.
    ///
    /// The numbers of neighboring ranks are added in pairs, then pairs of pairs, as the groups of a batch are: all processes
    /// find the same bits, which depend on the number of processes.
    public func sum<Number: BitwiseCopyable & AdditiveArithmetic>(_ values: [Number]) -> [Number] {
        var sums = gather(values, counts: Array(repeating: values.count, count: size))
        var distance = 1
        while distance < size {
            for target in stride(from: 0, to: size - distance, by: 2 * distance) {
                for index in values.indices { sums[target][index] += sums[target + distance][index] }
            }
            distance *= 2
        }
        return sums[0]
    }

    /// Waits until all processes have come here.
    public func barrier() { _ = gather([UInt8(0)], counts: Array(repeating: 1, count: size)) }

    /// Arrays of `counts` elements, whose bytes `body` writes.
    private func received<Element: BitwiseCopyable>(
        counts: [Int], _ body: ([UnsafeMutableRawBufferPointer]) -> Void
    ) -> [[Element]] {
        let memory = UnsafeMutableBufferPointer<Element>.allocate(capacity: max(1, counts.reduce(0, +)))
        defer { memory.deallocate() }
        var starts = [0]
        for count in counts { starts.append(starts.last! + count) }
        let parts = zip(starts, counts).map { UnsafeMutableBufferPointer(rebasing: memory[$0..<$0 + $1]) }
        body(parts.map { UnsafeMutableRawBufferPointer($0) })
        return parts.map(Array.init)
    }

    private func expectOne(_ values: [some Any], _ what: String) {
        require(values.count == size, "expected a \(what) each of \(size) processes, got \(values.count)")
    }
}
