import CVectorLoops

/// What a row's loops prefetch: the memory of its results and of the next row, a few cache lines at a time.
///
/// All of it is in memory of its own: the properties of a class would be checked for exclusive access for each row.
struct PrefetchQueue {
    private struct State {
        /// For the loops; the first member, so that a pointer to one is a pointer to the other.
        var prefetches = vl_prefetches()
        /// The cache lines that were added for the row, and those of them that are read.
        var (lineCount, readCount) = (0, 0)
        /// How often the loops of the last row asked: as often as those of the next one will.
        var callCount = 16
        /// Whether the row's loops are running.
        var isInUse = false
    }

    private let state: UnsafeMutablePointer<State>
    /// For the loops.
    let prefetches: UnsafeMutablePointer<vl_prefetches>
    /// Whether what is added is prefetched at once: the queue takes a short row longer than it spares.
    private let isImmediate: Bool

    init(isImmediate: Bool = false) {
        self.isImmediate = isImmediate
        state = .allocate(capacity: 1)
        state.initialize(to: State())
        prefetches = UnsafeMutableRawPointer(state).assumingMemoryBound(to: vl_prefetches.self)
    }

    func deallocate() { state.deallocate() }

    /// Adds memory that will be read.
    func read(_ memory: UnsafeRawPointer, byteCount: Int) {
        append(UnsafeMutableRawPointer(mutating: memory), byteCount, isWritten: false)
    }

    /// Adds memory that will be written.
    func write(_ memory: UnsafeMutableRawPointer, byteCount: Int) {
        append(memory, byteCount, isWritten: true)
    }

    @inline(__always)
    private func append(_ memory: UnsafeMutableRawPointer, _ byteCount: Int, isWritten: Bool) {
        let lines = (byteCount + Int(vl_cache_line) - 1) / Int(vl_cache_line)
        let first = memory.assumingMemoryBound(to: CChar.self)
        if isImmediate {
            return vl_prefetch_lines(first, first + lines * Int(vl_cache_line), isWritten ? 1 : 0, 0)
        }
        if state.pointee.isInUse { reset() }
        let count = Int(prefetches.pointee.count)
        guard byteCount > 0, count < Int(vl_most_prefetches) else { return }
        withUnsafeMutablePointer(to: &prefetches.pointee.ranges) {
            $0.withMemoryRebound(to: vl_prefetched_range.self, capacity: Int(vl_most_prefetches)) {
                $0[count] = vl_prefetched_range(
                    first: first, end: first + lines * Int(vl_cache_line), is_written: isWritten ? 1 : 0)
            }
        }
        prefetches.pointee.count += 1
        state.pointee.lineCount += lines
        if !isWritten { state.pointee.readCount += lines }
    }

    /// Divides what was added over the loops that follow, up to those of the next row.
    func divide() {
        guard !isImmediate, !state.pointee.isInUse else { return }
        state.pointee.isInUse = true
        prefetches.pointee.calls = 0
        let (lineCount, callCount) = (state.pointee.lineCount, state.pointee.callCount)
        prefetches.pointee.share = (lineCount + callCount - 1) / callCount * Int(vl_cache_line)
        prefetches.pointee.to_second_level =
            state.pointee.readCount * Int(vl_cache_line) > CostModel.mostReadsToFirstLevelCache ? 1 : 0
    }

    /// Prefetches the next share.
    @inline(__always)
    func step() {
        if !isImmediate { vl_prefetch(prefetches) }
    }

    /// Empties the queue, for another row.
    private func reset() {
        if state.pointee.lineCount > 0 { state.pointee.callCount = max(1, prefetches.pointee.calls) }
        prefetches.pointee.current.first = prefetches.pointee.current.end
        prefetches.pointee.next = 0
        prefetches.pointee.count = 0
        state.pointee.lineCount = 0
        state.pointee.readCount = 0
        state.pointee.isInUse = false
    }
}
