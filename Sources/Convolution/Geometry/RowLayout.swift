import Runtime

/// Where the rows of one operand lie in its buffer.
struct RowLayout {
    private let samples: Int
    private let channels: Int
    private let rowCount: Int
    private let strides: RowStrides
    private let isContiguous: Bool

    init(samples: Int, channels: Int, rowCount: Int, strides: RowStrides?) {
        self.samples = samples
        self.channels = channels
        self.rowCount = rowCount
        // Not used for rows one after the other.
        self.strides = strides ?? RowStrides(sample: 0, channel: 0)
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
            let (expected, overflows) = (samples * channels).multipliedReportingOverflow(by: rowCount)
            require(
                !overflows && count == expected,
                "\(name) needs \(samples * channels) rows of \(rowCount) = \(overflows ? "too many" : "\(expected)") scalars, got \(count)"
            )
        } else if samples > 0, channels > 0 {
            let end = try? checkedSum([
                checkedProduct([samples - 1, strides.sample]),
                checkedProduct([channels - 1, strides.channel]),
                rowCount,
            ])
            require(
                end.map { count >= $0 } ?? false,
                "\(name) needs \(end.map { "\($0)" } ?? "too many") scalars for \(samples) x \(channels) rows of \(rowCount) that lie \(strides.sample) and \(strides.channel) apart, got \(count)"
            )
        }
    }

    /// Traps unless the rows are apart, as what is written must be.
    func requireDisjointRows(_ name: String) {
        guard !isContiguous else { return }
        let (inner, innerCount, outer, outerCount) =
            strides.channel <= strides.sample
            ? (strides.channel, channels, strides.sample, samples)
            : (strides.sample, samples, strides.channel, channels)
        let innerExtent = try? checkedSum([checkedProduct([max(innerCount - 1, 0), inner]), rowCount])
        let areDisjoint =
            (innerCount <= 1 || inner >= rowCount)
            && (outerCount <= 1 || innerExtent.map { outer >= $0 } ?? false)
        require(
            areDisjoint,
            "\(name) is written, so its rows of \(rowCount) must be apart; they lie \(strides.sample) (samples) and \(strides.channel) (channels) apart"
        )
    }
}

/// Where the rows of all operands of a call lie.
struct RowLayouts {
    let signal: RowLayout
    let kernel: RowLayout
    let output: RowLayout

    init(_ pairing: Pairing, _ strides: OperandStrides, _ key: PlanKey) {
        pairing.check()
        func map(_ samples: Int, _ channels: Int, _ role: OperandRole, _ strides: RowStrides?) -> RowLayout {
            RowLayout(samples: samples, channels: channels, rowCount: key.count(role), strides: strides)
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
