import Runtime

/// The convolvers of one call, and how its tasks are spread over threads: a convolver for each thread, or, for few long
/// rows, one convolver whose every row is shared by all threads. The results are the same either way.
struct WorkerTeam<Scalar: ConvolutionScalar> {
    private let convolvers: [RowConvolver<Scalar>]
    private let nanoseconds: Double

    /// The convolvers for `rows` rows in `tasks` tasks.
    ///
    /// - Throws: ``ConvolutionError/insufficientMemory(required:available:)``
    init(_ plan: Plan<Scalar>, rows: Int, tasks: Int) throws(ConvolutionError) {
        let threads = Threads.count
        nanoseconds = Double(rows * plan.costOfRow)
        let isWorthwhile = isWorthSpreading(nanoseconds: nanoseconds)
        switch plan.method {
        case .spectral(let transform):
            let sharesRows =
                transform.sizes.transformedCount >= CostModel.sharedRowLength || tasks < threads
            let workerCount = isWorthwhile && sharesRows ? threads : 1
            let convolverCount = isWorthwhile && !sharesRows ? min(threads, tasks) : 1
            let layout = SpectralRowConvolver<Scalar>.WorkspaceLayout(
                transform, plan.key, workerCount: workerCount)
            try Machine.checkMemory(convolverCount * layout.byteCount)
            convolvers = (0..<convolverCount).map { _ in
                .spectral(SpectralRowConvolver(transform, plan.key, workerCount: workerCount))
            }
        case .direct:
            let convolverCount = isWorthwhile ? min(threads, tasks) : 1
            convolvers = (0..<convolverCount).map { _ in .direct(DirectRowConvolver(plan.key)) }
        }
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
