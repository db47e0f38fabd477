import Runtime

/// The lanes of one call, and how its pieces are spread over threads: a lane for each thread, or, for few long rows,
/// one lane whose every row occupies all threads. The results are the same either way.
struct Crew<Scalar: ConvolutionScalar> {
    private let lanes: [Lane<Scalar>]
    private let nanoseconds: Double

    /// - Throws: ``ConvolutionError/insufficientMemory(required:available:)``
    init(_ plan: Plan<Scalar>, rows: Int, pieces: Int) throws(ConvolutionError) {
        let threads = Threads.count
        nanoseconds = Double(rows * plan.costOfRow)
        let isWorthwhile = isWorthSpreading(nanoseconds: nanoseconds)
        switch plan.method {
        case .spectral(let transform):
            let sharesRows = transform.transformedCount >= Self.sharedRowLength || pieces < threads
            let sharing = isWorthwhile && sharesRows ? threads : 1
            let laneCount = isWorthwhile && !sharesRows ? min(threads, pieces) : 1
            let layout = SpectralLane<Scalar>.Layout(transform, plan.key, crew: sharing)
            try Machine.checkMemory(laneCount * layout.byteCount)
            lanes = (0..<laneCount).map { _ in .spectral(SpectralLane(transform, plan.key, crew: sharing)) }
        case .direct:
            let laneCount = isWorthwhile ? min(threads, pieces) : 1
            lanes = (0..<laneCount).map { _ in .direct(DirectLane(plan.key)) }
        }
    }

    /// From this many points on, all threads work on one row: its spectra no longer fit into a core's cache.
    private static var sharedRowLength: Int { 1 << 17 }

    /// The bytes of all workspaces.
    var byteCount: Int { lanes.reduce(0) { $0 + $1.byteCount } }

    /// Fills all workspaces with zeros.
    func clear() {
        for case .spectral(let lane) in lanes { lane.clear() }
    }

    func forEachPiece(_ count: Int, _ body: (_ piece: Int, _ lane: Lane<Scalar>) -> Void) {
        guard lanes.count > 1 else {
            for piece in 0..<count { body(piece, lanes[0]) }
            return
        }
        // Neighboring pieces go to one thread, which asks for the next one's memory beforehand.
        let grain = max(1, count / (8 * lanes.count))
        parallelFor(count, nanoseconds: nanoseconds, workers: lanes.count, grain: grain) { piece, worker in
            body(piece, lanes[worker])
        }
    }
}
