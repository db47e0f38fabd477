/// The state of a streaming convolution as plain values, to be kept anywhere and restored later, in another process too.
///
/// It does not have the kernel of a ``StreamingConvolution`` or a ``PartitionedConvolution``: it is restored into a stream
/// with the same one. A state that comes from outside is checked when it is restored.
public struct StreamingState<Scalar: ConvolutionScalar>: Sendable, Equatable {
    /// The kind of stream that a state is of.
    public enum Form: String, Sendable, CaseIterable {
        /// A ``StreamingConvolution``.
        case sample
        /// A ``PartitionedConvolution``.
        case block
        /// A ``StreamingContextConvolution``.
        case context
        /// A ``StreamingStateSpace``.
        case recurrence
    }

    /// The kind of stream.
    public var form: Form
    /// The number of channels.
    public var channels: Int
    /// The number of taps of a kernel, K; 0 for kernels without a last tap.
    public var kernelLength: Int
    /// The samples of a block; 1 for streams of single samples.
    public var blockLength: Int
    /// The samples that have arrived.
    public var position: Int
    /// Where the stream is in its schedule; its meaning depends on the form.
    public var phase: Int
    /// A fingerprint of the kernel, 0 where the kernel is a part of the state.
    public var kernelChecksum: UInt64
    /// What the stream remembers, `[channels, values.count / channels]`.
    public var values: [Scalar]

    /// A state of given parts.
    public init(
        form: Form, channels: Int, kernelLength: Int, blockLength: Int = 1, position: Int, phase: Int,
        kernelChecksum: UInt64, values: [Scalar]
    ) {
        self.form = form
        self.channels = channels
        self.kernelLength = kernelLength
        self.blockLength = blockLength
        self.position = position
        self.phase = phase
        self.kernelChecksum = kernelChecksum
        self.values = values
    }
}

/// Why a state cannot be restored.
public enum StreamingError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A part of the state does not fit the stream.
    case mismatch(part: String, expected: String, found: String)
    /// The stream needs more memory than there is.
    case convolution(ConvolutionError)

    /// One sentence that says what was expected and what was found.
    public var description: String {
        switch self {
        case .mismatch(let part, let expected, let found):
            "the state of a stream: expected \(part) \(expected), found \(found)"
        case .convolution(let error): error.description
        }
    }
}

extension StreamingState {
    /// The last position from which a stream continues: no number that follows from it overflows.
    package static var lastPosition: Int { Int.max / 4 }

    /// Throws unless the state is of such a stream.
    ///
    /// - Parameters:
    ///   - phases: The phases that the stream can be in.
    ///   - count: The values of a channel.
    func check(
        _ form: Form, channels: Int, kernelLength: Int, blockLength: Int = 1, phases: Range<Int>,
        checksum: UInt64, count: Int
    ) throws(StreamingError) {
        func check<Value: Equatable>(
            _ part: String, _ expected: Value, _ found: Value
        ) throws(StreamingError) {
            guard expected == found else {
                throw .mismatch(part: part, expected: "\(expected)", found: "\(found)")
            }
        }
        try check("form", form.rawValue, self.form.rawValue)
        try check("channels", channels, self.channels)
        try check("kernelLength", kernelLength, self.kernelLength)
        try check("blockLength", blockLength, self.blockLength)
        try check("kernelChecksum", checksum, kernelChecksum)
        guard 0...Self.lastPosition ~= position else {
            throw .mismatch(
                part: "position", expected: "of 0 to \(Self.lastPosition)", found: "\(position)")
        }
        guard phases.contains(phase), phase <= position else {
            throw .mismatch(
                part: "phase", expected: "of 0 to \(min(phases.upperBound - 1, position))", found: "\(phase)")
        }
        let (total, overflows) = channels.multipliedReportingOverflow(by: count)
        guard !overflows, values.count == total else {
            throw .mismatch(
                part: "values", expected: "[\(channels), \(count)]", found: "\(values.count) scalars")
        }
    }
}
