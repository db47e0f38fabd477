import CVectorLoops

/// A transform in which convolution is a product, in three stages whose tasks and blocks are independent:
///
///     row -> open (tasks) -> work -> transform (blocks) -> spectrum -> untransform (blocks) -> work -> close (tasks) -> row
///
/// A block goes through transform, product and untransform before the next one, while it is in the cache. Counts are
/// of complex numbers (interleaved) except where they say otherwise.
protocol SpectralTransform<Scalar>: Sendable {
    associatedtype Scalar: ConvolutionScalar

    /// A whole spectrum: `blockCount` blocks of `blockLength`.
    var spectrumCount: Int { get }
    var workCount: Int { get }
    /// Private memory of the worker that carries out a task or a block.
    var scratchCount: Int { get }
    var blockCount: Int { get }
    var blockLength: Int { get }
    /// The complex points that FFTW transforms for one row: a measure of work.
    var transformedCount: Int { get }

    /// The number of tasks in which rows of this role are opened and closed.
    func taskCount(_ role: Role) -> Int

    func open(
        _ task: Int, of source: UnsafePointer<Scalar>, _ role: Role, into work: UnsafeMutablePointer<Scalar>,
        scratch: UnsafeMutablePointer<Scalar>, loops: Loops)

    func transform(
        _ block: Int, of work: UnsafeMutablePointer<Scalar>, _ role: Role,
        into spectrum: UnsafeMutablePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>, loops: Loops)

    /// The block's part of `work` is written for rows of this role; `spectrum`, one block, is destroyed.
    func untransform(
        _ block: Int, from spectrum: UnsafeMutablePointer<Scalar>, _ role: Role,
        into work: UnsafeMutablePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>, loops: Loops)

    func close(
        _ task: Int, _ work: UnsafeMutablePointer<Scalar>, _ role: Role,
        into target: UnsafeMutablePointer<Scalar>,
        scratch: UnsafeMutablePointer<Scalar>, loops: Loops)

    /// Only FFTW's part of opening or closing a task: `work` and `scratch` hold anything afterwards.
    func executeOpening(
        _ task: Int, _ role: Role, _ work: UnsafeMutablePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>
    )
    /// Only FFTW's part of transforming a block.
    func executeBlock(
        _ block: Int, _ work: UnsafeMutablePointer<Scalar>, into spectrum: UnsafeMutablePointer<Scalar>,
        scratch: UnsafeMutablePointer<Scalar>
    )

    /// Called before the first ``close(_:_:_:into:scratch:loops:)`` of a row.
    func prepare(_ target: UnsafeMutablePointer<Scalar>, _ role: Role)
    /// Whether tasks add to the same elements of a row, so that they must run one after the other.
    func closesInOrder(_ role: Role) -> Bool
}

/// The vector loops of one precision.
typealias Loops = UnsafePointer<vl_spectral_loops>

extension SpectralTransform {
    func prepare(_ target: UnsafeMutablePointer<Scalar>, _ role: Role) {}
    func closesInOrder(_ role: Role) -> Bool { false }
}
