import CRuntime

/// Memory that will be read or written soon, asked for a little at a time while transforms keep the core busy.
///
/// The rows that a lane meets one after the other are short and lie apart, so that the processor does not foresee
/// them. Asked for all at once they would be waited for just the same: a core has some dozen misses under way.
final class PrefetchQueue {
    private struct Item {
        var next: UnsafeMutableRawPointer
        var end: UnsafeMutableRawPointer
        var isWritten: Bool
    }

    /// A row of a backward pass asks for five: both gradients, and the upstream, signal and kernel that come next.
    private static let capacity = 5
    private let items: UnsafeMutablePointer<Item>
    private var first = 0
    private var end = 0
    /// How many bytes are asked for in one step.
    private var share = 0

    init() { items = .allocate(capacity: Self.capacity) }
    deinit { items.deallocate() }

    /// Forgets what is left and takes up what is asked for from now on.
    func reset() {
        first = 0
        end = 0
        share = 0
    }

    /// Adds memory that will be read.
    func read(_ memory: UnsafeRawPointer, byteCount: Int) {
        append(UnsafeMutableRawPointer(mutating: memory), byteCount, isWritten: false)
    }

    /// Adds memory that will be written.
    func write(_ memory: UnsafeMutableRawPointer, byteCount: Int) {
        append(memory, byteCount, isWritten: true)
    }

    private func append(_ memory: UnsafeMutableRawPointer, _ byteCount: Int, isWritten: Bool) {
        guard byteCount > 0, end < Self.capacity else { return }
        items[end] = Item(next: memory, end: memory + byteCount, isWritten: isWritten)
        end += 1
        share += byteCount
    }

    /// Divides what was added into so many steps.
    func divide(into steps: Int) {
        let line = Int(runtime_cache_line)
        share = (share + steps * line - 1) / (steps * line) * line
    }

    /// Asks for the next part.
    @inline(__always)
    func step() {
        if first < end { issue() }
    }

    private func issue() {
        var budget = share
        while budget > 0, first < end {
            let item = items[first]
            let byteCount = min(budget, item.end - item.next)
            if item.isWritten {
                runtime_prefetch_for_writing(item.next, byteCount)
            } else {
                runtime_prefetch(item.next, byteCount)
            }
            budget -= byteCount
            items[first].next = item.next + byteCount
            if items[first].next >= item.end { first += 1 }
        }
    }
}
