import CVectorLoops
import Testing

@testable import Convolution

/// What a row's loops prefetch: every line once, in order, evenly over their calls. Prefetches fault nowhere, so the memory
/// need not be there.
@Suite struct PrefetchQueueTests {
    static func memory(_ line: Int) -> UnsafeMutableRawPointer {
        UnsafeMutableRawPointer(bitPattern: 4096 + line * Int(vl_cache_line))!
    }

    /// The lines that `calls` steps prefetch, by range: the first line of the current range after each.
    static func lines(_ queue: PrefetchQueue, calls: Int) -> [Int] {
        var lines = [Int]()
        for _ in 0..<calls {
            let before = queue.prefetches.pointee
            queue.step()
            let after = queue.prefetches.pointee
            let isNew = after.next != before.next
            let start =
                isNew ? after.ranges(Int(after.next) - 1).first : before.current.first
            guard let start, let end = after.current.first else { continue }
            let count = (end - start) / Int(vl_cache_line)
            let first = (Int(bitPattern: start) - 4096) / Int(vl_cache_line)
            lines += first..<first + count
        }
        return lines
    }

    @Test func everyLineOnce() {
        let queue = PrefetchQueue()
        defer { queue.deallocate() }
        for calls in [3, 7, 16, 40, 200] {
            for _ in 0..<3 {
                queue.write(Self.memory(0), byteCount: 640)
                queue.read(Self.memory(100), byteCount: 1)
                queue.read(Self.memory(200), byteCount: 64 * 33)
                queue.read(Self.memory(300), byteCount: 0)
                queue.divide()
                // The loops of another pass over the same row go on.
                let first = Self.lines(queue, calls: calls / 2)
                queue.divide()
                let found = first + Self.lines(queue, calls: calls - calls / 2)
                let all = Array(0..<10) + [100] + Array(200..<233)
                #expect(found == Array(all.prefix(found.count)))
                // A range's last call may be short, so ranges take up to three calls more than the lines do.
                let share = Int(queue.prefetches.pointee.share) / Int(vl_cache_line)
                #expect(found.count >= min(all.count, (calls - 3) * share))
            }
            // From the second row on, the share follows the number of calls.
            #expect(queue.prefetches.pointee.share == (44 + calls - 1) / calls * Int(vl_cache_line))
        }
    }

    @Test func nothingToPrefetch() {
        let queue = PrefetchQueue()
        defer { queue.deallocate() }
        queue.divide()
        #expect(Self.lines(queue, calls: 5) == [])
    }

    @Test func atMostNine() {
        let queue = PrefetchQueue()
        defer { queue.deallocate() }
        for range in 0..<20 { queue.read(Self.memory(range), byteCount: 64) }
        queue.divide()
        #expect(Self.lines(queue, calls: 40) == Array(0..<9))
    }

    /// What a row needs goes to the second-level cache where much is read; what is written does not count.
    @Test func secondLevel() {
        let queue = PrefetchQueue()
        defer { queue.deallocate() }
        for (read, isFar) in [(8192, false), (8193, true), (4096, false)] {
            queue.read(Self.memory(0), byteCount: read)
            queue.write(Self.memory(1000), byteCount: 65_536)
            queue.divide()
            #expect((queue.prefetches.pointee.to_second_level != 0) == isFar)
        }
    }
}

extension vl_prefetches {
    fileprivate func ranges(_ index: Int) -> vl_prefetched_range {
        withUnsafeBytes(of: ranges) {
            $0.load(
                fromByteOffset: index * MemoryLayout<vl_prefetched_range>.stride, as: vl_prefetched_range.self
            )
        }
    }
}
