import CVectorLoops

/// A transform of rows (or planes) under which convolution becomes a pointwise product, in stages that can be spread
/// over threads:
///
///     row -> prepareRow (tasks) -> work -> transform (blocks) -> spectrum -> inverseTransform (blocks) -> work
///         -> finishRow (tasks) -> row
///
/// The tasks of a stage are independent of each other, and so are the blocks. A block goes through transform, product
/// and inverse before the next one, while it is in the cache. The spectrum stays permuted: pointwise products do not
/// depend on its order.
///
/// An enumeration rather than a protocol: the compiler sees through its cases in code that runs for every block.
enum SpectralTransform<Scalar: ConvolutionScalar>: Sendable {
    case rightAngle(RightAngleTransform<Scalar>)
    case residueLanes(ResidueLaneTransform<Scalar>)
    case rowColumn(RowColumnTransform<Scalar>)
    case lanePlane(LanePlaneTransform<Scalar>)
    case kronecker(KroneckerTransform<Scalar>)

    /// The sizes of its stages.
    var sizes: TransformSizes {
        switch self {
        case .rightAngle(let transform): transform.sizes
        case .residueLanes(let transform): transform.sizes
        case .rowColumn(let transform): transform.sizes
        case .lanePlane(let transform): transform.sizes
        case .kronecker(let transform): transform.sizes
        }
    }

    /// Reads one task's part of a row and writes its part of `work`.
    func prepareRow(
        _ task: Int, of source: UnsafePointer<Scalar>, into work: UnsafeMutablePointer<Scalar>,
        _ context: TransformContext<Scalar>
    ) {
        switch self {
        case .rightAngle(let transform): transform.prepareRow(task, of: source, into: work, context)
        case .residueLanes(let transform): transform.prepareRow(task, of: source, into: work, context)
        case .rowColumn(let transform): transform.prepareRow(task, of: source, into: work, context)
        case .lanePlane(let transform): transform.prepareRow(task, of: source, into: work, context)
        case .kronecker(let transform): transform.prepareRow(task, of: source, into: work, context)
        }
    }

    /// Writes one block of the spectrum; its part of `work` is destroyed.
    func transform(
        _ block: Int, of work: UnsafeMutablePointer<Scalar>, into spectrum: UnsafeMutablePointer<Scalar>,
        _ context: TransformContext<Scalar>
    ) {
        switch self {
        case .rightAngle(let transform): transform.transform(block, of: work, into: spectrum, context)
        case .residueLanes(let transform):
            transform.inner.transform(transform.part(block, of: work), into: spectrum)
        case .rowColumn(let transform): transform.transform(block, of: work, into: spectrum, context)
        case .lanePlane(let transform): transform.transform(block, of: work, into: spectrum, context)
        case .kronecker(let transform): transform.transform(block, of: work, into: spectrum, context)
        }
    }

    /// Writes one block's part of `work`; `spectrum`, that block, is destroyed.
    func inverseTransform(
        _ block: Int, from spectrum: UnsafeMutablePointer<Scalar>, into work: UnsafeMutablePointer<Scalar>,
        _ context: TransformContext<Scalar>
    ) {
        switch self {
        case .rightAngle(let transform):
            transform.inverseTransform(block, from: spectrum, into: work, context)
        case .residueLanes(let transform):
            transform.inner.inverseTransform(from: spectrum, into: transform.part(block, of: work))
        case .rowColumn(let transform): transform.inverseTransform(block, from: spectrum, into: work, context)
        case .lanePlane(let transform): transform.inverseTransform(block, from: spectrum, into: work, context)
        case .kronecker(let transform): transform.inverseTransform(block, from: spectrum, into: work, context)
        }
    }

    /// Reads one task's part of `work` and writes its part of a row.
    func finishRow(
        _ task: Int, _ work: UnsafeMutablePointer<Scalar>, into target: UnsafeMutablePointer<Scalar>,
        _ context: TransformContext<Scalar>
    ) {
        switch self {
        case .rightAngle(let transform): transform.finishRow(task, work, into: target, context)
        case .residueLanes(let transform): transform.finishRow(task, work, into: target, context)
        case .rowColumn(let transform): transform.finishRow(task, work, into: target, context)
        case .lanePlane(let transform): transform.finishRow(task, work, into: target, context)
        case .kronecker(let transform): transform.finishRow(task, work, into: target, context)
        }
    }
}

/// The sizes of a transform's stages, in complex numbers (interleaved) unless they say otherwise.
struct TransformSizes: Equatable, Sendable {
    /// A whole spectrum: `blockCount` blocks of `blockLength`.
    var spectrumCount: Int
    var workCount: Int
    /// The private memory of a worker that carries out a task or a block.
    var scratchCount: Int
    var blockCount: Int
    var blockLength: Int
    /// The points that are transformed for one row: a measure of work.
    var transformedCount: Int
    /// The tasks in which a row is prepared and finished.
    var signalTasks: Int
    var kernelTasks: Int
    var outputTasks: Int

    /// The tasks of a row in the given role.
    func taskCount(_ role: OperandRole) -> Int {
        switch role {
        case .signal: signalTasks
        case .kernel: kernelTasks
        case .output: outputTasks
        }
    }
}

/// What every stage of a transform is given.
struct TransformContext<Scalar: ConvolutionScalar> {
    /// What the row is in the convolution, which says where its elements lie.
    let role: OperandRole
    /// Private memory of the worker, ``TransformSizes/scratchCount`` complex numbers.
    let scratch: UnsafeMutablePointer<Scalar>
    let loops: Loops
    /// What the stage prefetches besides; `nil` for nothing.
    let prefetches: UnsafeMutablePointer<vl_prefetches>?

    /// The same context with other things to prefetch.
    func prefetching(_ prefetches: UnsafeMutablePointer<vl_prefetches>) -> TransformContext {
        TransformContext(role: role, scratch: scratch, loops: loops, prefetches: prefetches)
    }

    /// The same context with scratch memory that begins `count` scalars later.
    func skippingScratch(_ count: Int) -> TransformContext {
        TransformContext(role: role, scratch: scratch + count, loops: loops, prefetches: prefetches)
    }
}

// MARK: - The floor under the time

extension SpectralTransform {
    /// FFTW's part of preparing or finishing a row's task, alone: `work` and `scratch` have any contents afterwards.
    func executeTaskFFTs(
        _ task: Int, _ role: OperandRole, _ work: UnsafeMutablePointer<Scalar>,
        scratch: UnsafeMutablePointer<Scalar>
    ) {
        guard case .rowColumn(let transform) = self else { return }
        transform.executeTaskFFTs(task, role, work, scratch: scratch)
    }

    /// FFTW's part of transforming a block, alone.
    func executeBlockFFTs(
        _ block: Int, _ work: UnsafeMutablePointer<Scalar>, into spectrum: UnsafeMutablePointer<Scalar>,
        scratch: UnsafeMutablePointer<Scalar>
    ) {
        switch self {
        case .rightAngle(let transform): transform.executeBlockFFTs(block, work, into: spectrum)
        case .residueLanes(let transform):
            transform.inner.transform(transform.part(block, of: work), into: spectrum)
        case .rowColumn(let transform): transform.executeBlockFFTs(into: spectrum, scratch: scratch)
        case .lanePlane(let transform): transform.columns.transform(scratch, into: spectrum)
        case .kronecker(let transform): transform.executeBlockFFTs(block, work, into: spectrum)
        }
    }
}
