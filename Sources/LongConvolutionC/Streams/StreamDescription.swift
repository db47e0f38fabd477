import CLongConvolution

/// A stream's descriptor whose every field was found to be valid.
struct StreamDescription: Sendable {
    let isSinglePrecision: Bool
    /// The threads of its pushes.
    let threads: ChosenThreads
    let channels: Int
    let kernelLength: Int
    /// `nil` for streams of single samples.
    let blockLength: Int?
    /// Where the kernels lie.
    let kernelLayout: OperandLayout

    init(_ pointer: UnsafePointer<longconv_stream_descriptor>?) throws(Refusal) {
        let fields = try versioned(
            pointer, version: LONGCONV_STREAM_DESCRIPTOR_VERSION, "longconv_stream_descriptor")
        isSinglePrecision = try isSingle(fields.precision)
        threads = try ChosenThreads(fields.threads)
        (channels, kernelLength) = (Int(fields.channels), Int(fields.kernel_length))
        for (extent, name) in [(channels, "channels"), (kernelLength, "a kernel_length")] {
            try expect(extent >= 1, "expected \(name) of at least 1, got \(extent)")
        }
        let block = Int(fields.block)
        try expect(
            block >= 0 && block & (block - 1) == 0, "expected a block of 0 or a power of two, got \(block)")
        blockLength = block == 0 ? nil : block
        let counts = [1, channels, kernelLength]
        kernelLayout = try OperandLayout(
            counts: counts, strides: [0, Int(fields.kernel_channel_stride), 1], "the kernel")
        // What overflows with contiguous kernels overflows in the stream.
        _ = try OperandLayout(contiguous: counts, "the kernel")
    }

    /// Where n samples of each channel lie.
    func layout(_ count: Int, channelStride: Int, _ name: String) throws(Refusal) -> OperandLayout {
        _ = try OperandLayout(contiguous: [1, channels, count], name)
        return try OperandLayout(
            counts: [1, channels, count], strides: [0, channelStride, 1], name)
    }
}
