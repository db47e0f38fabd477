import Runtime

/// The distances of the rows of a batch `[B, C, ...]`, in scalars. A row (or plane) itself is contiguous.
///
/// With them the operands of a call may be slices of larger arrays, or batches with the channels first, without being
/// copied; and an input whose distance is 0 along an axis is repeated along it.
public struct RowStrides: Sendable, Hashable {
    /// From a row to that of the next sample.
    public var sample: Int
    /// From a row to that of the next channel.
    public var channel: Int

    /// Distances from 0; those of what is written leave the rows apart from each other.
    public init(sample: Int, channel: Int) {
        self.sample = sample
        self.channel = channel
    }
}

/// How the operands of a call lie in memory; `nil` stands for rows one after the other, samples first.
///
/// A gradient lies as the operand does that it belongs to, and the upstream cotangent as the output.
public struct OperandStrides: Sendable, Hashable {
    /// Of each signal.
    public var signal: RowStrides?
    /// Of the kernel; where all samples share it, only the distance of channels counts.
    public var kernel: RowStrides?
    /// Of each output.
    public var output: RowStrides?

    /// The given distances; the defaults are rows one after the other.
    public init(signal: RowStrides? = nil, kernel: RowStrides? = nil, output: RowStrides? = nil) {
        self.signal = signal
        self.kernel = kernel
        self.output = output
    }
}

/// Where the rows of one operand lie in its buffer.
struct RowMap {
    private let samples: Int
    private let channels: Int
    private let rowCount: Int
    private let strides: RowStrides
    private let isContiguous: Bool

    init(samples: Int, channels: Int, rowCount: Int, strides: RowStrides?) {
        self.samples = samples
        self.channels = channels
        self.rowCount = rowCount
        self.strides = strides ?? RowStrides(sample: channels * rowCount, channel: rowCount)
        isContiguous = strides == nil
        require(
            self.strides.sample >= 0 && self.strides.channel >= 0,
            "distances of rows are at least 0, got \(self.strides)")
    }

    /// Where row `sample · channels + channel` begins.
    func offset(of row: Int) -> Int {
        if isContiguous { return row * rowCount }
        let (sample, channel) = row.quotientAndRemainder(dividingBy: channels)
        return sample * strides.sample + channel * strides.channel
    }

    /// A row of an operand that is read.
    func row<Scalar>(_ index: Int, of buffer: UnsafeBufferPointer<Scalar>) -> UnsafePointer<Scalar> {
        buffer.baseAddress! + offset(of: index)
    }

    /// A row of an operand that is written.
    func row<Scalar>(
        _ index: Int, of buffer: UnsafeMutableBufferPointer<Scalar>
    ) -> UnsafeMutablePointer<Scalar> {
        buffer.baseAddress! + offset(of: index)
    }

    /// Sets all rows to zero, and nothing between them.
    func clear<Scalar: ConvolutionScalar>(_ buffer: UnsafeMutableBufferPointer<Scalar>) {
        for index in 0..<samples * channels { row(index, of: buffer).update(repeating: 0, count: rowCount) }
    }

    /// Traps unless a buffer of `count` scalars holds all rows.
    func check(_ count: Int, _ name: String) {
        if isContiguous {
            let expected = samples * channels * rowCount
            require(
                count == expected,
                "\(name) needs \(samples * channels) rows of \(rowCount) = \(expected) scalars, got \(count)")
        } else if samples > 0, channels > 0 {
            let end = offset(of: samples * channels - 1) + rowCount
            require(
                count >= end,
                "\(name) needs \(end) scalars for \(samples) x \(channels) rows of \(rowCount) that lie \(strides.sample) and \(strides.channel) apart, got \(count)"
            )
        }
    }

    /// Traps unless the rows are apart, as what is written must be.
    func checkApart(_ name: String) {
        guard !isContiguous else { return }
        let (inner, innerCount, outer, outerCount) =
            strides.channel <= strides.sample
            ? (strides.channel, channels, strides.sample, samples)
            : (strides.sample, samples, strides.channel, channels)
        let isApart =
            (innerCount <= 1 || inner >= rowCount)
            && (outerCount <= 1 || outer >= max(innerCount - 1, 0) * inner + rowCount)
        require(
            isApart,
            "\(name) is written, so its rows of \(rowCount) must be apart; they lie \(strides.sample) (samples) and \(strides.channel) (channels) apart"
        )
    }
}

/// Where the rows of all operands of a call lie.
struct RowMaps {
    let signal: RowMap
    let kernel: RowMap
    let output: RowMap

    init(_ pairing: Pairing, _ strides: OperandStrides, _ key: PlanKey) {
        func map(_ samples: Int, _ channels: Int, _ role: Role, _ strides: RowStrides?) -> RowMap {
            RowMap(samples: samples, channels: channels, rowCount: key.count(role), strides: strides)
        }
        switch pairing {
        case .shared(let batch, let channels):
            signal = map(batch, channels, .signal, strides.signal)
            kernel = map(1, channels, .kernel, strides.kernel)
            output = map(batch, channels, .output, strides.output)
        case .perSample(let batch, let channels):
            signal = map(batch, channels, .signal, strides.signal)
            kernel = map(batch, channels, .kernel, strides.kernel)
            output = map(batch, channels, .output, strides.output)
        case .dense(let batch, let inputs, let outputs):
            require(
                strides == OperandStrides(),
                "a dense pairing takes rows one after the other, got \(strides)")
            signal = map(batch, inputs, .signal, nil)
            kernel = map(outputs, inputs, .kernel, nil)
            output = map(batch, outputs, .output, nil)
        }
    }
}
