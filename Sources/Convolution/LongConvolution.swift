import CVectorKernels
import Runtime

/// A convolution with kernels that may be as long as the signal, in one or two dimensions: a plan for one shape.
///
/// ```swift
/// let convolution = try LongConvolution<Float>(length: 784, kernelLength: 784, boundary: .causal)
/// try convolution.apply(signal, kernel: kernel, .shared(batch: 16, channels: 64), into: &output)
/// ```
///
/// Creating one is cheap when a convolution of the same shape was created before: plans are kept in ``PlanCache``.
/// A plan is a value, may be used by many threads at once, and gives the same bits for any number of
/// ``Threads/count``.
///
/// A convolution of a signal of length L with a kernel of length K takes O((L + K) log(L + K)) operations. Every row
/// is computed by itself: a NaN, an infinity or a huge value in one row touches no other.
///
/// The relative error ‖y - exact‖ / ‖y‖ is at most ε·log2(L + K) on random signals, ε being `Scalar.ulpOfOne`, and on
/// any others it is that relative to ‖x‖·‖k‖. It is relative to the whole output, not to each of its elements, as in
/// every convolution by Fourier transforms.
///
/// Beyond its operands a call takes, for each thread, at most twelve times the memory of one row's transform; a dense
/// pairing takes the spectra of all rows.
public struct LongConvolution<Scalar: ConvolutionScalar>: Sendable {
    let plan: Plan<Scalar>

    /// A convolution by a plan at hand.
    init(plan: Plan<Scalar>) { self.plan = plan }

    /// A convolution in one dimension.
    ///
    /// - Parameters:
    ///   - length: The length L of the signal, from 1.
    ///   - kernelLength: The length K of the kernel, from 1; not above L for `.circular` and `.valid`.
    ///   - boundary: Which outputs are kept.
    ///   - orientation: Whether the kernel is flipped.
    ///   - exactHead: How many of the first outputs of a causal row, up to ``longestExactHead``, are computed as sums,
    ///     each accurate by itself: to 4·ε of the sum of its terms' magnitudes. 0 for other boundaries; without effect on
    ///     a dense pairing.
    ///   - rigour: How long FFTW may look for a fast plan.
    /// - Throws: ``ConvolutionError`` when the extents break a rule or overflow.
    public init(
        length: Int, kernelLength: Int, boundary: Boundary, orientation: Orientation = .convolution,
        exactHead: Int = 0, rigour: Rigour = .estimate
    ) throws(ConvolutionError) {
        require(
            (0...Self.longestExactHead).contains(exactHead),
            "an exact head has 0 to \(Self.longestExactHead) outputs, got \(exactHead)")
        require(
            exactHead == 0 || (boundary == .causal && orientation == .convolution),
            "an exact head is for causal convolution, got \(boundary) \(orientation)")
        let axis = try Axis(signal: length, kernel: kernelLength, boundary: boundary)
        plan = try PlanCache.plan(
            PlanKey(axes: [axis], orientation: orientation, rigour: rigour, exactHead: exactHead))
    }

    /// The largest number of outputs in an exact head.
    public static var longestExactHead: Int { Int(VK_LONGEST_HEAD) }

    /// A convolution in two dimensions, of planes `[height, width]` with kernels `[kernelHeight, kernelWidth]`.
    ///
    /// - Parameters:
    ///   - height: The number of rows of the signal, from 1.
    ///   - width: The length of its rows, from 1.
    ///   - kernelHeight: The number of rows of the kernel, from 1.
    ///   - kernelWidth: The length of its rows, from 1.
    ///   - boundary: Which outputs are kept, on both axes; not `.causal`.
    ///   - orientation: Whether the kernel is flipped.
    ///   - rigour: How long FFTW may look for a fast plan.
    /// - Throws: ``ConvolutionError`` when the extents break a rule or overflow.
    public init(
        height: Int, width: Int, kernelHeight: Int, kernelWidth: Int, boundary: Boundary,
        orientation: Orientation = .convolution, rigour: Rigour = .estimate
    ) throws(ConvolutionError) {
        guard boundary != .causal else {
            throw .invalidExtent(
                signal: width, kernel: kernelWidth, boundary: boundary, rule: "it is for one dimension")
        }
        let vertical = try Axis(signal: height, kernel: kernelHeight, boundary: boundary)
        let horizontal = try Axis(signal: width, kernel: kernelWidth, boundary: boundary)
        plan = try PlanCache.plan(
            PlanKey(axes: [vertical, horizontal], orientation: orientation, rigour: rigour))
    }

    /// The extents of one row (or plane) of signal: `[L]` or `[H, W]`.
    public var signalExtents: [Int] { plan.key.axes.map(\.signal) }
    /// The extents of one kernel.
    public var kernelExtents: [Int] { plan.key.axes.map(\.kernel) }
    /// The extents of one row (or plane) of output.
    public var outputExtents: [Int] { plan.key.axes.map(\.output) }
}
