import CVectorLoops
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
/// A convolution of a signal of length L with a kernel of length K takes O((L + K) log(L + K)) operations, and O(L log K) with
/// kernels much shorter than the signal, where rows and planes are convolved in blocks that stay in the cache. Every row
/// is computed by itself: a NaN, an infinity or a huge value in one row touches no other. A dense pairing transforms whole rows,
/// whatever the kernel's length.
///
/// ## Accuracy
///
/// For a signal x, a kernel k and their convolution y, ε being `Scalar.ulpOfOne` and n = L + K (in two dimensions the
/// product of that over the axes):
///
///     ‖y - exact‖ ≤ ε · log2(max(n, 4)) · max(‖x‖₁·‖k‖, ‖x‖·‖k‖₁)
///
/// with 2-norms ‖·‖ and sums of magnitudes ‖·‖₁. On nearly all rows, random ones among them, max(‖x‖·‖k‖, ‖y‖) does in
/// place of the last factor; the exceptions are pairs of which each holds nearly everything at one frequency, and not the
/// same one. The error is relative to whole rows, not to each output, as in every convolution by Fourier transforms. The
/// gradients are convolutions of the upstream cotangent with the kernel and with the signal, and as accurate. What is a sum
/// over B rows (the gradient of a kernel that they share, the outputs and gradients of a dense pairing) has the sum of
/// their errors, and log2 grows by B/2.
///
/// ## Range
///
/// That holds as long as ‖x‖, ‖k‖, for gradients also the upstream cotangent's ‖g‖, and the products of two of them are
/// 0 or between 64·n·`Scalar.leastNormalMagnitude` and `Scalar.greatestFiniteMagnitude` / 8; over all rows that are
/// summed. Within it no intermediate value overflows. Beyond it a row may become infinite or NaN; below it results lose
/// bits to underflow, at most about n·`Scalar.leastNonzeroMagnitude`·max(1, ‖x‖, ‖k‖) each.
///
/// An infinity or a NaN spoils the whole row, and what is summed over rows; a kernel's spoils all rows that meet the
/// kernel. Kernels of up to 24 taps, or 25 in two dimensions, that are no longer than the signal are summed directly, and so
/// is an exact head: there it spoils only what meets it, the zeros beyond a row's ends included. Where rows are convolved in
/// blocks it spoils the blocks that meet it. A dense pairing does neither.
///
/// Beyond its operands a call takes, for each thread, at most twelve times the memory of one row's transform, fifteen times for
/// gradients of shared kernels, and for these fewer than 32 + C spectra in all; a dense pairing takes the spectra of all rows.
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
    ///   - center: The center of kernels of even length, for `.centred`.
    ///   - orientation: Whether the kernel is flipped.
    ///   - exactHead: How many of the first outputs of a causal row, up to ``longestExactHead``, are computed as sums,
    ///     each accurate by itself: to 4·ε of the sum of its terms' magnitudes. 0 for other boundaries; without effect on
    ///     a dense pairing.
    ///   - rigour: How long FFTW may look for a fast plan.
    /// - Throws: ``ConvolutionError`` when the extents break a rule or overflow, or one row's workspace needs more memory
    ///   than there is.
    public init(
        length: Int, kernelLength: Int, boundary: Boundary, center: Center = .upper,
        orientation: Orientation = .convolution, exactHead: Int = 0, rigour: Rigour = .estimate
    ) throws(ConvolutionError) {
        require(
            (0...Self.longestExactHead).contains(exactHead),
            "an exact head has 0 to \(Self.longestExactHead) outputs, got \(exactHead)")
        require(
            exactHead == 0 || (boundary == .causal && orientation == .convolution),
            "an exact head is for causal convolution, got \(boundary) \(orientation)")
        let axis = try Axis(signal: length, kernel: kernelLength, boundary: boundary, center: center)
        plan = try PlanCache.plan(
            PlanKey(axes: [axis], orientation: orientation, rigour: rigour, exactHead: exactHead))
    }

    /// The largest number of outputs in an exact head.
    public static var longestExactHead: Int { Int(VL_LONGEST_HEAD) }

    /// A convolution in two dimensions, of planes `[height, width]` with kernels `[kernelHeight, kernelWidth]`.
    ///
    /// - Parameters:
    ///   - height: The number of rows of the signal, from 1.
    ///   - width: The length of its rows, from 1.
    ///   - kernelHeight: The number of rows of the kernel, from 1.
    ///   - kernelWidth: The length of its rows, from 1.
    ///   - boundary: Which outputs are kept, on both axes; not `.causal`.
    ///   - center: The center of kernels of even height or width, for `.centred`.
    ///   - orientation: Whether the kernel is flipped.
    ///   - rigour: How long FFTW may look for a fast plan.
    /// - Throws: ``ConvolutionError`` when the extents break a rule or overflow, or one row's workspace needs more memory
    ///   than there is.
    public init(
        height: Int, width: Int, kernelHeight: Int, kernelWidth: Int, boundary: Boundary,
        center: Center = .upper, orientation: Orientation = .convolution, rigour: Rigour = .estimate
    ) throws(ConvolutionError) {
        guard boundary != .causal else {
            throw .invalidExtent(
                signal: width, kernel: kernelWidth, boundary: boundary, rule: "it is for one dimension")
        }
        let vertical = try Axis(
            signal: height, kernel: kernelHeight, boundary: boundary, center: center)
        let horizontal = try Axis(
            signal: width, kernel: kernelWidth, boundary: boundary, center: center)
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
