import CRuntime

/// Memory to be prefetched for reading or writing, a little at a time between the transforms.
///
/// The rows that a convolver processes one after the other are short and lie apart, so hardware prefetchers do not
/// foresee them. A core sustains about a dozen outstanding misses, so prefetches are spread between the transforms.
final class PrefetchQueue {
    private struct Item {
        var next: UnsafeMutableRawPointer
        var end: UnsafeMutableRawPointer
        var isWritten: Bool
    }

    /// A row of a backward pass has five: both gradients, and the next upstream, signal and kernel. One with gates has nine:
    /// three gradients of rows and the kernel's, and the next signal, upstream, gates and ungated output.
    private static let capacity = 9
    private let items: UnsafeMutablePointer<Item>
    private var first = 0
    private var end = 0
    /// The bytes that one step prefetches.
    private var share = 0

    init() { items = .allocate(capacity: Self.capacity) }
    deinit { items.deallocate() }

    /// Empties the queue.
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

    /// Divides what was added into `steps` steps, in whole cache lines.
    func divide(into steps: Int) {
        let line = Int(runtime_cache_line)
        share = (share + steps * line - 1) / (steps * line) * line
    }

    /// Prefetches the next share.
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
