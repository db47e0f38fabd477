import CLongConvolution
import Convolution

/// A descriptor whose every field was found to be valid, but for what the engine finds out: which extents exist.
struct Description: Sendable {
    /// What a convolution has besides signal and kernel.
    struct Parts: OptionSet, Sendable {
        let rawValue: Int32
        static let inputGate = Parts(rawValue: Int32(bitPattern: LONGCONV_HAS_INPUT_GATE.rawValue))
        static let outputGate = Parts(rawValue: Int32(bitPattern: LONGCONV_HAS_OUTPUT_GATE.rawValue))
        static let skip = Parts(rawValue: Int32(bitPattern: LONGCONV_HAS_SKIP.rawValue))
        static let reverseKernel = Parts(rawValue: Int32(bitPattern: LONGCONV_IS_BIDIRECTIONAL.rawValue))
        static let all: Parts = [.inputGate, .outputGate, .skip, .reverseKernel]
    }

    let isSinglePrecision: Bool
    let boundary: Boundary
    let center: Center
    let orientation: Orientation
    let isPerSample: Bool
    let rigour: Rigour
    let parts: Parts
    let lag: Int
    let exactHead: Int
    let batch: Int
    let channels: Int
    let signalExtents: [Int]
    let kernelExtents: [Int]
    /// Given strides, by operand.
    private let givenStrides: [[Int]?]

    init(_ pointer: UnsafePointer<longconv_descriptor>?) throws(Refusal) {
        let fields = try versioned(pointer, version: LONGCONV_DESCRIPTOR_VERSION, "longconv_descriptor")
        isSinglePrecision = try isSingle(fields.precision)
        let dimensions = Int(fields.dimensions)
        try expect(1...2 ~= dimensions, "expected dimensions 1 or 2, got \(dimensions)")
        boundary = try choice(
            fields.boundary, "boundary",
            [
                (LONGCONV_CAUSAL.rawValue, .causal), (LONGCONV_CENTRED.rawValue, .centred),
                (LONGCONV_CIRCULAR.rawValue, .circular), (LONGCONV_FULL.rawValue, .full),
                (LONGCONV_VALID.rawValue, .valid),
            ])
        center = try choice(
            fields.center, "center",
            [(LONGCONV_CENTER_UPPER.rawValue, .upper), (LONGCONV_CENTER_LOWER.rawValue, .lower)])
        orientation = try choice(
            fields.orientation, "orientation",
            [
                (LONGCONV_CONVOLUTION.rawValue, .convolution),
                (LONGCONV_CORRELATION.rawValue, .correlation),
            ])
        isPerSample = try choice(
            fields.pairing, "pairing",
            [(LONGCONV_SHARED.rawValue, false), (LONGCONV_PER_SAMPLE.rawValue, true)])
        rigour = try choice(
            fields.rigour, "rigour",
            [
                (LONGCONV_ESTIMATE.rawValue, .estimate), (LONGCONV_MEASURE.rawValue, .measure),
                (LONGCONV_PATIENT.rawValue, .patient),
            ])
        parts = Parts(rawValue: fields.flags)
        try expect(
            Parts.all.isSuperset(of: parts),
            "expected flags of \(Parts.all.rawValue) at most, combined, got \(fields.flags)")
        lag = Int(fields.lag)
        let lags = parts.contains(.reverseKernel) ? 0...1 : 0...0
        try expect(
            lags ~= lag, "expected a lag of 0, or of 1 for LONGCONV_IS_BIDIRECTIONAL, got \(lag)")
        exactHead = Int(fields.exact_head)
        let longestHead = LongConvolution<Float>.longestExactHead
        try expect(
            0...longestHead ~= exactHead, "expected an exact_head of 0 to \(longestHead), got \(exactHead)")
        batch = try count(fields.batch, "batch")
        channels = try count(fields.channels, "channels")
        let (rows, overflows) = batch.multipliedReportingOverflow(by: channels)
        try expect(
            !overflows && rows <= largestRowCount, LONGCONV_SIZE_OVERFLOW,
            "expected at most \(largestRowCount) rows, got \(batch) x \(channels)")
        signalExtents = try extents(fields.signal_extents, dimensions, "signal_extents")
        kernelExtents = try extents(fields.kernel_extents, dimensions, "kernel_extents")
        givenStrides = try withUnsafeBytes(of: fields.layouts) { bytes throws(Refusal) in
            try strides(bytes.bindMemory(to: longconv_layout.self), dimensions)
        }
        try checkCombination()
    }

    /// Refuses what each field allows and the engine does not offer together.
    private func checkCombination() throws(Refusal) {
        try expect(
            signalExtents.count == 1 || boundary != .causal, LONGCONV_UNSUPPORTED,
            "LONGCONV_CAUSAL is for one dimension, got two")
        try expect(
            exactHead == 0 || (boundary == .causal && orientation == .convolution), LONGCONV_UNSUPPORTED,
            "an exact_head is for LONGCONV_CAUSAL and LONGCONV_CONVOLUTION, got \(boundary) and \(orientation)"
        )
        try expect(
            !parts.contains(.skip) || (boundary != .full && boundary != .valid), LONGCONV_UNSUPPORTED,
            "LONGCONV_HAS_SKIP needs outputs where the signal lies, got the boundary \(boundary)")
        guard parts.contains(.reverseKernel) else { return }
        try expect(
            boundary == .causal && orientation == .convolution && exactHead == 0, LONGCONV_UNSUPPORTED,
            "LONGCONV_IS_BIDIRECTIONAL is for LONGCONV_CAUSAL and LONGCONV_CONVOLUTION without an exact_head, got \(boundary), \(orientation) and \(exactHead)"
        )
    }

    // MARK: - What calls take

    var hasRows: Bool { batch > 0 && channels > 0 }

    /// The kernels.
    var kernels: [Operand] { parts.contains(.reverseKernel) ? [.kernel, .reverseKernel] : [.kernel] }

    /// What a call reads besides kernels.
    var besidesKernels: [Operand] {
        var operands: [Operand] = [.signal]
        for (part, operand) in [
            (Parts.inputGate, Operand.inputGate), (.outputGate, .outputGate), (.skip, .skip),
        ]
        where parts.contains(part) { operands.append(operand) }
        return operands
    }

    /// The gradients that there are.
    var gradients: [Operand] {
        let operands = kernels + besidesKernels
        return Operand.allCases.filter { $0.differentiated.map(operands.contains) ?? false }
    }

    /// What the forward pass writes besides the output, if it is wanted, and what the backward pass reads of it.
    var ungatedOutputs: (written: [Operand], kept: [Operand]) {
        parts.contains(.outputGate) ? ([.ungatedOutput], [.keptUngatedOutput]) : ([], [])
    }

    /// Whether kernels have the same spectra by the plans of both descriptions.
    func hasSameSpectra(as other: Description) -> Bool {
        signalExtents == other.signalExtents && kernelExtents == other.kernelExtents
            && boundary == other.boundary && center == other.center && orientation == other.orientation
            && parts.contains(.reverseKernel) == other.parts.contains(.reverseKernel) && lag == other.lag
            && exactHead == other.exactHead && rigour == other.rigour
    }

    /// Where each operand lies, by operand.
    func layouts(outputExtents: [Int]) throws(Refusal) -> [OperandLayout] {
        var layouts: [OperandLayout] = []
        for operand in Operand.allCases {
            let counts =
                switch operand.shape {
                case .signal: [batch, channels] + signalExtents
                case .kernel: [isPerSample ? batch : 1, channels] + kernelExtents
                case .output: [batch, channels] + outputExtents
                case .channel: [1, channels, 1]
                }
            let name = "the \(operand.name)"
            guard let strides = givenStrides[operand.rawValue] else {
                layouts.append(try OperandLayout(contiguous: counts, name))
                continue
            }
            let layout = try OperandLayout(counts: counts, strides: Array(strides.prefix(counts.count)), name)
            try expect(
                !operand.isWritten || layout.isEmpty || layout.isNested,
                "\(name) is written, so each axis of \(counts) steps over all that smaller strides reach, got strides \(strides)"
            )
            layouts.append(layout)
        }
        return layouts
    }
}

/// The largest number of rows of the engine's pairings.
private let largestRowCount = Int.max / 64

/// Whether a precision is that of Float; refuses unknown ones.
func isSingle(_ precision: Int32) throws(Refusal) -> Bool {
    try choice(
        precision, "precision", [(LONGCONV_FLOAT32.rawValue, true), (LONGCONV_FLOAT64.rawValue, false)])
}

private func choice<Value>(
    _ field: Int32, _ name: String, _ values: [(constant: UInt32, value: Value)]
) throws(Refusal) -> Value {
    for (constant, value) in values where Int64(constant) == Int64(field) { return value }
    throw Refusal(
        LONGCONV_INVALID_ARGUMENT,
        "expected \(name) \(values.map { "\($0.constant)" }.joined(separator: ", ")), got \(field)")
}

private func count(_ field: Int64, _ name: String) throws(Refusal) -> Int {
    try expect(field >= 0, "expected \(name) of at least 0, got \(field)")
    try expect(
        field <= largestRowCount, LONGCONV_SIZE_OVERFLOW,
        "expected \(name) of at most \(largestRowCount), got \(field)")
    return Int(field)
}

private func extents(
    _ field: (Int64, Int64), _ dimensions: Int, _ name: String
) throws(Refusal) -> [Int] {
    let extents = [Int(field.0), Int(field.1)].prefix(dimensions)
    for extent in extents { try expect(extent >= 1, "expected \(name) of at least 1, got \(extent)") }
    return Array(extents)
}

/// The strides of each operand, samples first; `nil` for contiguous batches.
private func strides(
    _ layouts: UnsafeBufferPointer<longconv_layout>, _ dimensions: Int
) throws(Refusal) -> [[Int]?] {
    var strides: [[Int]?] = []
    for (operand, layout) in zip(Operand.described, layouts) {
        switch layout.is_strided {
        case 0: strides.append(nil)
        case 1:
            let axes = [Int(layout.axes.0), Int(layout.axes.1)].prefix(dimensions)
            strides.append([Int(layout.sample), Int(layout.channel)] + axes)
        default:
            throw Refusal(
                LONGCONV_INVALID_ARGUMENT,
                "expected is_strided 0 or 1 of the layout of \(operand.name), got \(layout.is_strided)")
        }
    }
    let withoutLayouts = Operand.allCases.count - strides.count
    return strides + Array(repeating: nil, count: withoutLayouts)
}
