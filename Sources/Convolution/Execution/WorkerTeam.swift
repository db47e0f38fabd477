import Runtime

/// The convolvers of one call, and how its tasks are spread over threads: a convolver for each thread, or, for few long
/// rows, one convolver whose every row is shared by all threads. The results are the same either way.
struct WorkerTeam<Scalar: ConvolutionScalar> {
    private let convolvers: [RowConvolver<Scalar>]
    private let nanoseconds: Double

    /// The convolvers for a call.
    ///
    /// - Parameters:
    ///   - plan: The plan of the convolution.
    ///   - rows: The rows that are convolved, or lots of `rowsAtOnce` rows.
    ///   - rowsAtOnce: The rows of a lot.
    ///   - tasks: The number of tasks.
    ///   - arrays: The bytes of each array that the call allocates besides the convolvers.
    /// - Throws: ``ConvolutionError/insufficientMemory(required:available:)`` or
    ///   ``ConvolutionError/sizeOverflow(extents:)``, before anything is allocated.
    init(
        _ plan: Plan<Scalar>, rows: Int, rowsAtOnce: Int = 1, tasks: Int, besides arrays: [Int] = []
    ) throws(ConvolutionError) {
        let threads = Threads.count
        nanoseconds = Double(rows) * Double(rowsAtOnce) * Double(plan.costOfRow)
        var arrayBytes = 0
        for array in arrays { arrayBytes = try checkedSum([arrayBytes, Self.pooled(array)]) }
        let isWorthwhile = isWorthSpreading(nanoseconds: nanoseconds)
        switch plan.method {
        case .spectral(let transform):
            let sharesRows =
                transform.sizes.transformedCount >= CostModel.sharedRowLength || tasks < threads
            let workerCount = isWorthwhile && sharesRows ? threads : 1
            let convolverCount = isWorthwhile && !sharesRows ? min(threads, tasks) : 1
            let layout = SpectralRowConvolver<Scalar>.WorkspaceLayout(
                transform.sizes, plan.key, workerCount: workerCount)
            let convolverBytes = try checkedProduct([
                convolverCount, Self.pooled(layout.checkedByteCount()),
            ])
            try Machine.checkMemory(checkedSum([convolverBytes, arrayBytes]))
            convolvers = (0..<convolverCount).map { _ in
                .spectral(SpectralRowConvolver(transform, plan.key, workerCount: workerCount))
            }
        case .direct:
            let convolverCount = isWorthwhile ? min(threads, tasks) : 1
            let convolverBytes = try checkedProduct([
                convolverCount, Self.pooled(DirectRowConvolver<Scalar>.byteCount(plan.key)),
            ])
            try Machine.checkMemory(checkedSum([convolverBytes, arrayBytes]))
            convolvers = (0..<convolverCount).map { _ in .direct(DirectRowConvolver(plan.key)) }
        }
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
        guard convolvers.count > 1 else {
            for task in 0..<count { body(task, convolvers[0]) }
            return
        }
        // A thread takes consecutive tasks, of which it prefetches the next one's rows.
        let grain = max(1, count / (8 * convolvers.count))
        parallelFor(count, nanoseconds: nanoseconds, workers: convolvers.count, grain: grain) {
            task, worker in body(task, convolvers[worker])
        }
    }
}
