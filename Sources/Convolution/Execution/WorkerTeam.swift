import Runtime

/// The convolvers of one call, and how its tasks are spread over threads: a convolver for each thread, or, for few long
/// rows, one convolver whose every row is shared by all threads. The results are the same either way.
struct WorkerTeam<Scalar: ConvolutionScalar> {
    private let convolvers: [RowConvolver<Scalar>]
    /// Room for rows that change before or after their convolution, for each convolver.
    private let staging: [PooledArray<Scalar>]
    private let nanoseconds: Double
    /// The threads that share every row.
    let threadsOfRow: Int

    /// The convolvers for a call.
    ///
    /// - Parameters:
    ///   - plan: The plan of the convolution.
    ///   - rows: The rows that are convolved, or lots of `rowsAtOnce` rows.
    ///   - rowsAtOnce: The rows of a lot.
    ///   - tasks: The number of tasks.
    ///   - stagedCount: The scalars of the rows that each convolver's tasks stage.
    ///   - arrays: The bytes of each array that the call allocates besides the convolvers.
    /// - Throws: ``ConvolutionError/insufficientMemory(required:available:)`` or
    ///   ``ConvolutionError/sizeOverflow(extents:)``, before anything is allocated.
    init(
        _ plan: Plan<Scalar>, rows: Int, rowsAtOnce: Int = 1, tasks: Int, stagedCount: Int = 0,
        besides arrays: [Int] = []
    ) throws(ConvolutionError) {
        let threads = Threads.count
        nanoseconds = Double(rows) * Double(rowsAtOnce) * Double(plan.costOfRow)
        var arrayBytes = 0
        for array in arrays { arrayBytes = try checkedSum([arrayBytes, Self.pooled(array)]) }
        let isWorthwhile = isWorthSpreading(nanoseconds: nanoseconds)
        let sharesRows = plan.sharesRows || (plan.method.isShareable && tasks < threads)
        threadsOfRow = isWorthwhile && sharesRows ? threads : 1
        let convolverCount = isWorthwhile && !sharesRows ? min(threads, tasks) : 1
        let stagedBytes =
            try stagedCount == 0
            ? 0 : Self.pooled(checkedProduct([stagedCount, MemoryLayout<Scalar>.stride]))
        let convolverBytes = try checkedSum([
            Self.pooled(plan.workspaceByteCount(workerCount: threadsOfRow)), stagedBytes,
        ])
        try Machine.checkMemory(checkedSum([checkedProduct([convolverCount, convolverBytes]), arrayBytes]))
        let workerCount = threadsOfRow
        convolvers = (0..<convolverCount).map { _ in RowConvolver(plan, workerCount: workerCount) }
        staging = stagedCount == 0 ? [] : (0..<convolverCount).map { _ in PooledArray(count: stagedCount) }
    }

    /// The bytes that the pool allocates for `byteCount`.
    private static func pooled(_ byteCount: Int) throws(ConvolutionError) -> Int {
        try Machine.checkMemory(byteCount)
        return MemoryPool.sizeClass(byteCount)
    }

    /// Throws if not even one convolver's workspace fits into this process's memory.
    static func checkMemory(ofConvolver byteCount: Int) throws(ConvolutionError) {
        try Machine.checkMemory(pooled(byteCount))
    }

    /// The bytes of all workspaces.
    var byteCount: Int { convolvers.reduce(0) { $0 + $1.byteCount } }

    /// Fills all workspaces with zeros.
    func clear() {
        for case .spectral(let convolver) in convolvers { convolver.clear() }
    }

    /// Calls `body` once for each task 0 ..< `count`, with the convolver of the thread that runs it.
    func forEachTask(_ count: Int, _ body: (_ task: Int, _ convolver: RowConvolver<Scalar>) -> Void) {
        forEachTask(count) { task, worker in body(task, convolvers[worker]) }
    }

    /// Calls `body` with the thread's room for staged rows, if there is any, as well.
    func forEachTask(
        _ count: Int,
        _ body: (_ task: Int, _ convolver: RowConvolver<Scalar>, _ staged: UnsafeMutablePointer<Scalar>?) ->
            Void
    ) {
        forEachTask(count) { task, worker in
            body(task, convolvers[worker], staging.isEmpty ? nil : staging[worker].pointer)
        }
    }

    private func forEachTask(_ count: Int, _ body: (_ task: Int, _ worker: Int) -> Void) {
        guard convolvers.count > 1 else {
            for task in 0..<count { body(task, 0) }
            return
        }
        // A thread takes consecutive tasks, of which it prefetches the next one's rows.
        let grain = max(1, count / (8 * convolvers.count))
        parallelFor(count, nanoseconds: nanoseconds, workers: convolvers.count, grain: grain, body)
    }
}
