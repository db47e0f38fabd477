import CLongConvolution
import Convolution
import Runtime

/// A convolution with one kernel, or with a pair of them in both directions.
struct ConvolutionKind<Scalar: ConvolutionScalar>: Sendable {
    /// The convolution of the engine, which for a pair takes joined kernels.
    let convolution: LongConvolution<Scalar>
    let pair: BidirectionalConvolution<Scalar>?

    init(_ description: Description) throws(ConvolutionError) {
        let (signal, kernel) = (description.signalExtents, description.kernelExtents)
        guard !description.parts.contains(.reverseKernel) else {
            let pair = try BidirectionalConvolution<Scalar>(
                length: signal[0], kernelLength: kernel[0], lag: description.lag, rigour: description.rigour)
            (convolution, self.pair) = (pair.joined, pair)
            return
        }
        pair = nil
        if signal.count == 1 {
            convolution = try LongConvolution(
                length: signal[0], kernelLength: kernel[0], boundary: description.boundary,
                center: description.center, orientation: description.orientation,
                exactHead: description.exactHead, rigour: description.rigour)
        } else {
            convolution = try LongConvolution(
                height: signal[0], width: signal[1], kernelHeight: kernel[0], kernelWidth: kernel[1],
                boundary: description.boundary, center: description.center,
                orientation: description.orientation, rigour: description.rigour)
        }
    }

    /// The joined kernels of a pair; `nil` without one.
    ///
    /// - Parameter kernels: The forward and the backward kernels.
    func joined(_ kernels: [TileRows<Scalar>]) throws(Refusal) -> ContiguousRows<Scalar>? {
        guard let pair else { return nil }
        let joined = try ContiguousRows<Scalar>(
            count: kernels[0].samples * kernels[0].channels, rowCount: joinedLength)
        for index in 0..<joined.count {
            pair.join(
                forward: kernels[0].row(index), backward: kernels[1].row(index), into: joined.row(index))
        }
        return joined
    }

    /// Writes the gradients of a pair from that of its joined kernels.
    func split(_ joined: ContiguousRows<Scalar>, forward: TileRows<Scalar>?, backward: TileRows<Scalar>?) {
        for index in 0..<joined.count {
            pair?.split(
                UnsafeBufferPointer(joined.row(index)), forward: forward?.mutableRow(index),
                backward: backward?.mutableRow(index))
        }
    }

    /// The taps of a joined kernel.
    var joinedLength: Int { convolution.kernelExtents[0] }
}

/// Rows one after the other in memory of the call's own.
struct ContiguousRows<Scalar: ConvolutionScalar> {
    let count: Int
    private let rowCount: Int
    private let memory: PooledArray<Scalar>

    /// Refuses rows that need more memory than this process may use.
    init(count: Int, rowCount: Int) throws(Refusal) {
        self.count = count
        self.rowCount = rowCount
        let (scalars, overflows) = count.multipliedReportingOverflow(by: rowCount)
        let (bytes, bytesOverflow) = scalars.multipliedReportingOverflow(by: MemoryLayout<Scalar>.stride)
        try expectMemory(overflows || bytesOverflow ? nil : bytes)
        memory = PooledArray(count: scalars)
    }

    var start: UnsafeMutablePointer<Scalar> { memory.pointer }
    var input: UnsafeBufferPointer<Scalar> { UnsafeBufferPointer(start: start, count: count * rowCount) }
    var output: UnsafeMutableBufferPointer<Scalar> {
        UnsafeMutableBufferPointer(start: start, count: count * rowCount)
    }
    func row(_ index: Int) -> UnsafeMutableBufferPointer<Scalar> {
        UnsafeMutableBufferPointer(start: start + index * rowCount, count: rowCount)
    }

    /// As rows of one sample.
    var rows: TileRows<Scalar> {
        TileRows(
            start: start, samples: 1, channels: count, rowCount: rowCount,
            strides: RowStrides(sample: 0, channel: rowCount))
    }
}

/// Refuses to allocate more bytes than this process may use, of which the memory pool rounds up by up to a quarter.
///
/// - Parameter byteCount: `nil` where it overflows.
func expectMemory(_ byteCount: Int?) throws(Refusal) {
    try expect(
        byteCount.map { $0 <= Machine.memory / 5 * 4 } ?? false, LONGCONV_OUT_OF_MEMORY,
        "\(byteCount.map { "\($0)" } ?? "too many") bytes of workspace are needed, this machine has \(Machine.memory)"
    )
}
