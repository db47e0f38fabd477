import Runtime

/// A causal convolution of a stream with kernels that arrive with it: y[t] = Σ k[s] x[t-s] is returned when x[t] and k[t]
/// have arrived. Context-dependent kernels are such: Ŵ[s] = W[s] · z1[s] arrives with z1[s].
///
/// A sample takes O(log² t) operations a channel, amortized. A kernel of limited length K takes O(K) memory: when its last
/// tap has arrived, the stream continues as a ``StreamingConvolution``, which takes O(K log K) once. Without a limit, memory
/// is O(t); it is allocated anew each time that t reaches a power of two.
///
/// A stream is a value: a copy continues by itself. After an assignment the first push into either of the two allocates memory, after
/// ``copy()`` none does; a stream whose kernel has a limited length allocates nothing else.
///
/// Each channel is computed by itself. A NaN or an infinity in x[t] or k[t] spoils outputs of its channel alone, and none
/// before t. With a kernel of limited length one in x spoils none from max(t, K) + 4 · max(K, 16) on.
///
/// Errors are those of ``LongConvolution``, relative to the norms of kernel and signal. Results do not depend on how the
/// samples are split into pushes, to the bit, nor on the number of threads, which is
/// that of ``Threads/count`` where the stream is made.
///
/// Source: J. van der Hoeven, "Lazy multiplication of formal power series" (1997), doi 10.1145/258726.258738, and "New
/// algorithms for relaxed multiplication" (2007), doi 10.1016/j.jsc.2007.04.004. Context-dependent kernels: HyperZ·Z·W, arXiv
/// 2401.17948.
public struct StreamingContextConvolution<Scalar: ConvolutionScalar>: Sendable {
    /// The number C of channels.
    public let channels: Int
    /// The number K of taps; `nil` without a limit.
    public let kernelLength: Int?
    let workerCount: Int
    /// The rows until the kernel is complete; `nil` then.
    var arriving: RelaxedRows<Scalar>?
    /// The rows from then on; `nil` for kernels without a limit.
    var steady: HalfOnlineRows<Scalar>?

    /// The beginning of a stream.
    ///
    /// - Parameters:
    ///   - channels: The number C of channels, from 1.
    ///   - kernelLength: The number K of taps, from 1: later ones are not read. `nil` for kernels that go on.
    /// - Throws: ``ConvolutionError`` when there is not enough memory.
    public init(channels: Int, kernelLength: Int?) throws(ConvolutionError) {
        requireStream(channels: channels, kernelLength: kernelLength ?? 1)
        self.channels = channels
        self.kernelLength = kernelLength
        workerCount = streamWorkerCount(channels: channels)
        let tiling = try Self.tiling(kernelLength, capacity: Self.firstCapacity)
        let byteCount = try RelaxedRows.byteCount(tiling, channels: channels, workerCount: workerCount)
        try Machine.checkMemory(byteCount)
        if let kernelLength {
            let tiling = try HalfOnlineTiling<Scalar>(kernelLength: kernelLength)
            try Machine.checkMemory(
                checkedSum([byteCount, tiling.byteCount(channels: channels, workerCount: workerCount)]))
            steady = HalfOnlineRows(
                HalfOnlineKernel(tiling, channels: channels), workerCount: workerCount)
        }
        arriving = RelaxedRows(tiling, channels: channels, workerCount: workerCount)
    }

    /// The samples of each channel that have arrived.
    public var position: Int { arriving?.position ?? steady!.position }

    /// Takes n samples and taps of each channel and writes as many outputs. The process ends where a kernel that goes on needs more
    /// memory than there is; ``reserveCapacity(_:)`` throws.
    ///
    /// - Parameters:
    ///   - signal: `[C, n]`, n from 0.
    ///   - kernel: `[C, n]`; taps beyond K are not read.
    ///   - outputs: `[C, n]`; it may be the same memory as `signal` or `kernel`.
    /// - Complexity: O(C n log² t), amortized.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public mutating func push(
        _ signal: UnsafeBufferPointer<Scalar>, kernel: UnsafeBufferPointer<Scalar>,
        into outputs: UnsafeMutableBufferPointer<Scalar>
    ) {
        let count = checkedCount(signal, kernel, outputs)
        guard count > 0 else { return }
        push(signal.baseAddress!, kernel.baseAddress!, into: outputs.baseAddress!, 0..<count, stride: count)
    }

    /// Makes room for the first `count` samples of a kernel that goes on, so that pushes up to there allocate nothing. With a kernel
    /// of limited length there always is.
    ///
    /// - Throws: ``ConvolutionError`` when there is not enough memory; the stream is unchanged then.
    /// - Complexity: O(C `count`).
    public mutating func reserveCapacity(_ count: Int) throws(ConvolutionError) {
        guard kernelLength == nil, let rows = arriving, rows.tiling.capacity < count else { return }
        let tiling = try largerTiling(atLeast: count, beside: 0)
        arriving = RelaxedRows(copying: rows, into: tiling)
    }

    /// Takes n samples and taps of each channel, `[C, n]`, and returns as many outputs.
    public mutating func push(_ signal: [Scalar], kernel: [Scalar]) -> [Scalar] {
        var outputs = signal
        signal.withUnsafeBufferPointer { signal in
            kernel.withUnsafeBufferPointer { kernel in
                outputs.withUnsafeMutableBufferPointer { push(signal, kernel: kernel, into: $0) }
            }
        }
        return outputs
    }

    /// A copy with memory of its own, so that no push into either of the two allocates but for a kernel that goes on.
    ///
    /// - Complexity: O(C min(t, K)) with a kernel that goes on, O(C K) otherwise.
    public func copy() -> Self {
        var copy = self
        copy.makeUnique()
        return copy
    }

    /// Starts anew.
    public mutating func reset() {
        if let rows = arriving {
            arriving = RelaxedRows(rows.tiling, channels: channels, workerCount: workerCount)
            return
        }
        do throws(ConvolutionError) {
            arriving = try emptyArriving(atLeast: 0)
        } catch {
            // The stream has begun with as much.
            fatalError("a stream that starts anew: \(error)")
        }
        steady = emptySteady()
    }

    func checkedCount(
        _ signal: UnsafeBufferPointer<Scalar>, _ kernel: UnsafeBufferPointer<Scalar>,
        _ outputs: UnsafeMutableBufferPointer<Scalar>
    ) -> Int {
        require(
            kernel.count == signal.count,
            "expected \(signal.count) taps, one for each sample, got \(kernel.count)")
        return sampleCount(signal.count, outputs.count, channels: channels)
    }
}

// The two phases.
extension StreamingContextConvolution {
    /// Takes a range of rows that are `stride` apart.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    mutating func push(
        _ signal: UnsafePointer<Scalar>, _ kernel: UnsafePointer<Scalar>,
        into outputs: UnsafeMutablePointer<Scalar>, _ range: Range<Int>, stride: Int
    ) {
        var start = range.lowerBound
        while start < range.upperBound, arriving != nil {
            let count = min(range.upperBound - start, arriving!.room)
            if count == 0 {
                do throws(ConvolutionError) {
                    try reserveCapacity(position + 1)
                } catch {
                    fatalError("a stream of \(position + 1) samples: \(error)")
                }
                continue
            }
            makeUnique()
            arriving!.push(
                signal + start, kernel + start, into: outputs + start, stride: stride, count: count)
            start += count
            if arriving!.position == kernelLength { completeKernel() }
        }
        guard start < range.upperBound else { return }
        makeUnique()
        steady!.push(
            signal + start, into: outputs + start, stride: stride, count: range.upperBound - start)
    }

    /// Gives the stream memory of its own, that which it will need when its kernel is complete too.
    private mutating func makeUnique() {
        if arriving != nil {
            if !isKnownUniquelyReferenced(&arriving) { arriving = RelaxedRows(copying: arriving!) }
            if steady != nil, !isKnownUniquelyReferenced(&steady) { steady = emptySteady() }
        } else if !isKnownUniquelyReferenced(&steady) {
            steady = HalfOnlineRows(copying: steady!)
        }
    }

    /// The room of a stream without a limit at first.
    static var firstCapacity: Int { 1024 }

    /// The tiling of an arriving kernel. One of limited length needs no outputs behind its end: ``completeKernel()`` starts
    /// from the rows themselves.
    static func tiling(
        _ kernelLength: Int?, capacity: Int
    ) throws(ConvolutionError) -> RelaxedTiling<Scalar> {
        try RelaxedTiling(
            capacity: kernelLength ?? capacity, outputCount: kernelLength ?? 2 * capacity)
    }

    /// A tiling with room for at least that number of elements, for which there is memory beside that number of bytes.
    func largerTiling(
        atLeast count: Int, beside otherByteCount: Int
    ) throws(ConvolutionError) -> RelaxedTiling<Scalar> {
        var capacity = Self.firstCapacity
        while capacity < count {
            let (double, overflows) = capacity.multipliedReportingOverflow(by: 2)
            guard !overflows else { throw .sizeOverflow(extents: [count]) }
            capacity = double
        }
        let tiling = try Self.tiling(kernelLength, capacity: capacity)
        let byteCount = try RelaxedRows.byteCount(tiling, channels: channels, workerCount: workerCount)
        try Machine.checkMemory(checkedSum([byteCount, otherByteCount]))
        return tiling
    }

    func emptySteady() -> HalfOnlineRows<Scalar>? {
        steady.map {
            HalfOnlineRows(
                HalfOnlineKernel($0.kernel.tiling, channels: channels), workerCount: workerCount)
        }
    }

    /// Continues with known kernels, all K taps of which have arrived.
    private mutating func completeKernel() {
        guard let rows = arriving, let length = kernelLength else { return }
        let arrived = rows.arrived
        completeKernel(
            arrived.kernel, kernelStride: arrived.stride, behind: arrived.signal,
            signalStride: arrived.stride, available: length, position: length)
        withExtendedLifetime(rows) {}
    }

    /// The same with kernels and samples at other places.
    mutating func completeKernel(
        _ kernel: UnsafePointer<Scalar>, kernelStride: Int, behind signal: UnsafePointer<Scalar>,
        signalStride: Int, available: Int, position: Int
    ) {
        // A copy of this stream may have the same rows, whose kernels are still empty, or have been completed by it.
        if !isKnownUniquelyReferenced(&steady) { steady = emptySteady() }
        steady!.writeKernel(kernel, stride: kernelStride)
        steady!.begin(behind: signal, stride: signalStride, available: available, position: position)
        arriving = nil
    }
}
