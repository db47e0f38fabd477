import Convolution
import Runtime

/// Long convolutions of signals whose samples are distributed over processes: contexts that are too long for one machine.
///
/// ```swift
/// let convolution = try DistributedConvolution<Float>(
///     batch: 1, channels: 64, length: 1 << 24, kernelLength: 1 << 24, boundary: .causal, over: mpi)
/// // This process has convolution.samples of each signal, and convolution.taps of each kernel.
/// try convolution.apply(signal, kernel: kernel, into: output)
/// ```
///
/// Of P processes, number r has the samples ⌊r L / P⌋ ..< ⌊(r + 1) L / P⌋ of every row. An all-to-all exchange turns the rows, so
/// that each process has whole rows of the channels ⌊r C / P⌋ ..< ⌊(r + 1) C / P⌋; the engine convolves them; another exchange
/// turns them back. P need divide neither L nor C. With more processes than channels some have no rows to convolve, and
/// only their samples.
///
/// The engine is called channel by channel, so the bits do not depend on the number of processes, provided that all run
/// on processors with the same instruction set. With one process nothing is exchanged.
///
/// A process holds about 1/P of all operands twice, beside the workspace of one row: a row has to fit into one machine's
/// memory. It sends at most (1 - 1/P) of its samples, taps and outputs, each in P - 1 messages.
///
/// Source: I. T. Foster, P. H. Worley, "Parallel algorithms for the spectral transform method", SIAM J. Sci. Comput. 18
/// (1997), the transpose method.
public struct DistributedConvolution<Scalar: ConvolutionScalar>: Sendable {
    private let convolution: LongConvolution<Scalar>
    private let signalTurn: RowTurn<Scalar>
    private let kernelTurn: RowTurn<Scalar>
    /// The number B of samples in a batch.
    public let batch: Int
    /// The number C of channels.
    public let channels: Int

    /// - Parameters:
    ///   - batch: The number B of rows of each channel, from 1.
    ///   - channels: The number C of channels, each of which has a kernel; from 1.
    ///   - length: The length L of the rows, from 1.
    ///   - kernelLength: The length K of the kernels, from 1; not above L for `.circular`.
    ///   - boundary: `.causal`, `.centred` or `.circular`: outputs are as long as signals.
    ///   - communicator: The processes; all of them create the same convolution.
    /// - Throws: `ConvolutionError` when the extents break a rule, or one row needs more memory than there is.
    public init(
        batch: Int, channels: Int, length: Int, kernelLength: Int, boundary: Boundary,
        over communicator: any Communicator
    ) throws(ConvolutionError) {
        require(batch >= 1 && channels >= 1, "expected at least 1 row, got \(batch) of \(channels) channels")
        require(
            boundary != .full && boundary != .valid,
            "expected outputs as long as the signals, got the boundary \(boundary)")
        convolution = try LongConvolution(length: length, kernelLength: kernelLength, boundary: boundary)
        self.batch = batch
        self.channels = channels
        signalTurn = RowTurn(rows: batch, channels: channels, length: length, communicator)
        kernelTurn = RowTurn(rows: 1, channels: channels, length: kernelLength, communicator)
    }

    /// The samples of every signal, and of every output, that this process has.
    public var samples: Range<Int> { signalTurn.ownElements }
    /// The elements of every kernel that this process has.
    public var taps: Range<Int> { kernelTurn.ownElements }
    /// The channels that this process convolves.
    public var convolvedChannels: Range<Int> { signalTurn.ownChannels }

    /// output = signal * kernel. All processes call it.
    ///
    /// - Parameters:
    ///   - signal: `[B, C, samples.count]`
    ///   - kernel: `[C, taps.count]`
    ///   - output: `[B, C, samples.count]`
    /// - Throws: `ConvolutionError` when there is not enough memory on this process; the others then wait for it, until it ends.
    public func apply(
        _ signal: UnsafeBufferPointer<Scalar>, kernel: UnsafeBufferPointer<Scalar>,
        into output: UnsafeMutableBufferPointer<Scalar>
    ) throws(ConvolutionError) {
        let (x, k) = (signalTurn.wholeRows(of: signal), kernelTurn.wholeRows(of: kernel))
        let y = signalTurn.emptyRows()
        for channel in 0..<convolvedChannels.count {
            try convolution.apply(
                signalTurn.rows(channel, of: x), kernel: kernelTurn.rows(channel, of: k),
                .shared(batch: batch, channels: 1), into: signalTurn.mutableRows(channel, of: y))
        }
        signalTurn.turnBack(y, into: output)
    }

    /// The gradients with respect to signal and kernel, the latter summed over the batch. All processes call it, and want the
    /// same gradients.
    ///
    /// - Parameters:
    ///   - signal: `[B, C, samples.count]`
    ///   - kernel: `[C, taps.count]`
    ///   - upstream: ∂/∂output, `[B, C, samples.count]`
    ///   - signalGradient: Receives ∂/∂signal; `nil` if it is not wanted.
    ///   - kernelGradient: Receives ∂/∂kernel, `[C, taps.count]`; `nil` if it is not wanted.
    /// - Throws: `ConvolutionError` when there is not enough memory on this process; the others then wait for it, until it ends.
    public func gradients(
        _ signal: UnsafeBufferPointer<Scalar>, kernel: UnsafeBufferPointer<Scalar>,
        upstream: UnsafeBufferPointer<Scalar>, signalGradient: UnsafeMutableBufferPointer<Scalar>?,
        kernelGradient: UnsafeMutableBufferPointer<Scalar>?
    ) throws(ConvolutionError) {
        let (x, g) = (signalTurn.wholeRows(of: signal), signalTurn.wholeRows(of: upstream))
        let k = kernelTurn.wholeRows(of: kernel)
        let dx = signalGradient.map { _ in signalTurn.emptyRows() }
        let dk = kernelGradient.map { _ in kernelTurn.emptyRows() }
        for channel in 0..<convolvedChannels.count {
            try convolution.gradients(
                signalTurn.rows(channel, of: x), kernel: kernelTurn.rows(channel, of: k),
                .shared(batch: batch, channels: 1), upstream: signalTurn.rows(channel, of: g),
                signalGradient: dx.map { signalTurn.mutableRows(channel, of: $0) },
                kernelGradient: dk.map { kernelTurn.mutableRows(channel, of: $0) })
        }
        if let dx, let signalGradient { signalTurn.turnBack(dx, into: signalGradient) }
        if let dk, let kernelGradient { kernelTurn.turnBack(dk, into: kernelGradient) }
    }

    /// The bytes that this process sends in ``apply(_:kernel:into:)``.
    public var sentByteCount: Int {
        signalTurn.sentByteCount + kernelTurn.sentByteCount + signalTurn.returnedByteCount
    }
}
