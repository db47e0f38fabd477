import Runtime

/// Products of polynomials for one size of tiles of a streaming convolution: a transform, and its stages on one thread.
struct TileConvolver<Scalar: ConvolutionScalar>: Sendable {
    let transform: SpectralTransform<Scalar>
    private let sizes: TransformSizes

    /// - Parameter axis: Where the elements of both operands and the wanted ones of their product lie.
    init(_ axis: Axis) throws(ConvolutionError) {
        var key = PlanKey(axes: [axis], orientation: .convolution, rigour: .estimate)
        key.isAlwaysSpectral = true
        let plan: Plan<Scalar> = try PlanCache.plan(key)
        self.init(try plan.withTransform().1)
    }

    /// The convolver by a given transform.
    init(_ transform: SpectralTransform<Scalar>) {
        self.transform = transform
        sizes = transform.sizes
    }

    /// The scalars of a spectrum.
    var spectrumCount: Int { wholeCacheLines(2 * sizes.spectrumCount) }

    /// The estimated nanoseconds of a convolution.
    var cost: Int { CostModel.spectralRow(points: sizes.transformedCount) }

    /// Writes the spectrum of a row.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    func transform(
        _ row: UnsafePointer<Scalar>, _ role: OperandRole, into spectrum: UnsafeMutablePointer<Scalar>,
        _ memory: TileMemory<Scalar>
    ) {
        prepare(row, role, memory)
        transformPrepared(role, into: spectrum, memory)
    }

    /// output = signal * kernel, by the kernel's spectrum.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    func convolve(
        _ signal: UnsafePointer<Scalar>, with spectrum: UnsafePointer<Scalar>,
        into output: UnsafeMutablePointer<Scalar>, _ memory: TileMemory<Scalar>
    ) {
        prepare(signal, .signal, memory)
        for block in 0..<sizes.blockCount {
            transform.convolve(
                block, of: memory.work, with: spectrum + 2 * block * sizes.blockLength, .convolution,
                memory.block)
        }
        finish(into: output, memory)
    }

    /// Writes the row whose spectrum is `spectrum`, which is destroyed.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    func inverseTransform(
        _ spectrum: UnsafeMutablePointer<Scalar>, into output: UnsafeMutablePointer<Scalar>,
        _ memory: TileMemory<Scalar>
    ) {
        inverseTransformPrepared(spectrum, memory)
        finish(into: output, memory)
    }

    /// product = a · b, for all numbers of spectra or a part of them
    @inline(__always)
    func multiply(
        _ a: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>, into product: UnsafeMutablePointer<Scalar>,
        count: Int? = nil, _ loops: Loops
    ) {
        let count = count ?? sizes.spectrumCount
        if let lanes = transform.laneLoops {
            lanes.pointee.multiply(a, b, product, count / Int(lanes.pointee.lanes))
        } else {
            loops.pointee.multiply(a, b, product, count)
        }
    }

    /// sum += a · b, for all numbers of spectra or a part of them
    @inline(__always)
    func accumulate(
        _ a: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>, into sum: UnsafeMutablePointer<Scalar>,
        count: Int? = nil, _ loops: Loops
    ) {
        let count = count ?? sizes.spectrumCount
        if let lanes = transform.laneLoops {
            lanes.pointee.accumulate(a, b, sum, count / Int(lanes.pointee.lanes))
        } else {
            loops.pointee.accumulate(a, b, sum, count)
        }
    }
}

// The stages.
extension TileConvolver {
    /// Reads a row into `memory.work`.
    @inline(__always)
    func prepare(_ row: UnsafePointer<Scalar>, _ role: OperandRole, _ memory: TileMemory<Scalar>) {
        for task in 0..<sizes.taskCount(role) {
            transform.prepareRow(task, of: row, into: memory.work, memory.block.context(role))
        }
    }

    /// Writes the spectrum of `memory.work`, which is destroyed.
    @inline(__always)
    func transformPrepared(
        _ role: OperandRole, into spectrum: UnsafeMutablePointer<Scalar>, _ memory: TileMemory<Scalar>
    ) {
        for block in 0..<sizes.blockCount {
            transform.transform(
                block, of: memory.work, into: spectrum + 2 * block * sizes.blockLength,
                memory.block.context(role))
        }
    }

    /// Writes `memory.work` from a spectrum, which is destroyed.
    @inline(__always)
    func inverseTransformPrepared(_ spectrum: UnsafeMutablePointer<Scalar>, _ memory: TileMemory<Scalar>) {
        for block in 0..<sizes.blockCount {
            transform.inverseTransform(
                block, from: spectrum + 2 * block * sizes.blockLength, into: memory.work,
                memory.block.context(.output))
        }
    }

    /// Writes a row from `memory.work`.
    @inline(__always)
    func finish(into output: UnsafeMutablePointer<Scalar>, _ memory: TileMemory<Scalar>) {
        for task in 0..<sizes.outputTasks {
            transform.finishRow(task, memory.work, into: output, memory.block.context(.output))
        }
    }
}

/// The private memory of a thread that convolves tiles.
struct TileMemory<Scalar: ConvolutionScalar> {
    /// A row in the transform's working form.
    let work: UnsafeMutablePointer<Scalar>
    let block: BlockMemory<Scalar>
    /// Memory for rows and spectra of the caller.
    let rows: UnsafeMutablePointer<Scalar>

    /// The parts of the memory, in scalars.
    struct Layout: Sendable {
        private(set) var work = 0
        private(set) var block = 0
        private(set) var scratch = 0
        private(set) var rows: Int

        /// Memory for each of the convolvers.
        ///
        /// - Parameter rows: The scalars that the caller wants for itself.
        init(_ convolvers: [TileConvolver<Scalar>], rows: Int) {
            self.rows = wholeCacheLines(rows)
            for sizes in convolvers.map(\.transform.sizes) {
                work = max(work, wholeCacheLines(2 * sizes.workCount))
                block = max(block, wholeCacheLines(2 * sizes.blockLength))
                scratch = max(scratch, wholeCacheLines(2 * sizes.scratchCount))
            }
        }

        var count: Int { work + 2 * block + scratch + rows }
    }

    @inline(__always)
    init(_ layout: Layout, at first: UnsafeMutablePointer<Scalar>, _ loops: Loops) {
        work = first
        let blocks = work + layout.work
        block = BlockMemory(
            first: blocks, second: blocks + layout.block, scratch: blocks + 2 * layout.block, loops: loops,
            prefetches: nil)
        rows = blocks + 2 * layout.block + layout.scratch
    }

    private init(
        work: UnsafeMutablePointer<Scalar>, block: BlockMemory<Scalar>, rows: UnsafeMutablePointer<Scalar>
    ) {
        self.work = work
        self.block = block
        self.rows = rows
    }

    /// The same memory with a row elsewhere.
    func with(work: UnsafeMutablePointer<Scalar>) -> TileMemory {
        TileMemory(work: work, block: block, rows: rows)
    }
}
