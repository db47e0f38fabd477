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
        // Not used for contiguous rows.
        self.strides = strides ?? RowStrides(sample: 0, channel: 0)
        isContiguous = strides == nil
        require(
            self.strides.sample >= 0 && self.strides.channel >= 0,
            "strides are at least 0, got \(self.strides)")
    }

    /// The same rows with other strides, if any are given.
    func strided(_ strides: RowStrides?) -> RowLayout {
        guard let strides else { return self }
        return RowLayout(samples: samples, channels: channels, rowCount: rowCount, strides: strides)
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
                "\(name) needs \(end.map { "\($0)" } ?? "too many") scalars for \(samples) x \(channels) rows of \(rowCount) with strides \(strides.sample) and \(strides.channel), got \(count)"
            )
        }
    }

    /// Traps if rows overlap, which those of what is written must not.
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
            "\(name) is written, so its rows of \(rowCount) must not overlap; their strides are \(strides.sample) (samples) and \(strides.channel) (channels)"
        )
    }
}

/// Where the rows of all operands of a call lie.
struct RowLayouts {
    let signal: RowLayout
    let kernel: RowLayout
    let output: RowLayout
    let signalGradient: RowLayout
    let kernelGradient: RowLayout

    init(_ pairing: Pairing, _ strides: OperandStrides, _ key: PlanKey) {
        pairing.check()
        func map(_ rows: (Int, Int), _ role: OperandRole, _ strides: RowStrides?) -> RowLayout {
            RowLayout(samples: rows.0, channels: rows.1, rowCount: key.count(role), strides: strides)
        }
        let rows: (signals: (Int, Int), kernels: (Int, Int), outputs: (Int, Int))
        switch pairing {
        case .shared(let batch, let channels):
            rows = ((batch, channels), (1, channels), (batch, channels))
        case .perSample(let batch, let channels):
            rows = ((batch, channels), (batch, channels), (batch, channels))
        case .dense(let batch, let inputs, let outputs):
            require(
                strides == OperandStrides(),
                "a dense pairing takes rows one after the other, got \(strides)")
            rows = ((batch, inputs), (outputs, inputs), (batch, outputs))
        }
        signal = map(rows.signals, .signal, strides.signal)
        kernel = map(rows.kernels, .kernel, strides.kernel)
        output = map(rows.outputs, .output, strides.output)
        signalGradient = map(rows.signals, .signal, strides.signalGradient ?? strides.signal)
        kernelGradient = map(rows.kernels, .kernel, strides.kernelGradient ?? strides.kernel)
    }
}
