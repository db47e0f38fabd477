import CLongConvolution
import LongConvolutionC

extension FuzzTarget {
    /// The state of a stream as the C interface saves it. The first byte chooses a stream of single samples or in blocks; the
    /// checksum behind the rest is written here, so that mutations get behind it.
    static let streamState = FuzzTarget("stream-state") { bytes in
        let isInBlocks = bytes.first.map { $0 & 1 == 1 } ?? false
        let body = [UInt8](bytes.dropFirst())
        let state = body + withUnsafeBytes(of: checksum(body)) { Array($0) }
        let (stream, other) = (SmallStream(isInBlocks), SmallStream(isInBlocks))
        let status = stream.load(state)
        guard status == LONGCONV_OK else {
            precondition(status == LONGCONV_INVALID_STATE)
            throw Refused(message: String(cString: longconv_last_error()))
        }
        // What was loaded is saved and loaded again: streams that go on alike.
        precondition(other.load(stream.save()) == LONGCONV_OK)
        precondition(stream.push() == other.push())
        precondition(stream.save() == other.save())
    }

    /// The state behind some samples: what fuzzing begins with.
    static func streamStateSeed(isInBlocks: Bool) -> [UInt8] {
        let stream = SmallStream(isInBlocks)
        _ = stream.push()
        return [isInBlocks ? 1 : 0] + stream.save().dropLast(8)
    }

    /// FNV-1a in 64 bits.
    private static func checksum(_ bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }
}

/// A stream of two channels with kernels of 20 taps, in blocks of 8 samples or of single ones.
private final class SmallStream {
    private let handle: OpaquePointer

    init(_ isInBlocks: Bool) {
        var descriptor = longconv_stream_descriptor()
        descriptor.size = UInt32(MemoryLayout<longconv_stream_descriptor>.size)
        descriptor.version = UInt32(LONGCONV_STREAM_DESCRIPTOR_VERSION)
        descriptor.precision = 32
        (descriptor.channels, descriptor.kernel_length, descriptor.kernel_channel_stride) = (2, 20, 20)
        descriptor.block = isInBlocks ? 8 : 0
        let kernel = (0..<40).map { Float($0 % 7) - 3 }
        var handle: OpaquePointer?
        precondition(longconv_stream_create(&descriptor, kernel, &handle) == LONGCONV_OK)
        self.handle = handle!
    }

    deinit { precondition(longconv_stream_destroy(handle) == LONGCONV_OK) }

    func load(_ state: [UInt8]) -> longconv_status {
        state.withUnsafeBytes { longconv_stream_load(handle, $0.baseAddress, Int64($0.count)) }
    }

    func save() -> [UInt8] {
        var count: Int64 = 0
        precondition(longconv_stream_save(handle, nil, 0, &count) == LONGCONV_OK)
        var state = [UInt8](repeating: 0, count: Int(count))
        precondition(longconv_stream_save(handle, &state, count, &count) == LONGCONV_OK)
        return state
    }

    /// The bits of the outputs of 43 more samples of each channel, which end within a block.
    func push() -> [UInt32] {
        let samples = (0..<86).map { Float($0 % 11) - 5 }
        var outputs = samples
        let status = longconv_stream_push(handle, 43, samples, 43, &outputs, 43)
        // The position of a state may be the last one that there is.
        precondition(status == LONGCONV_OK || status == LONGCONV_SIZE_OVERFLOW)
        return outputs.map(\.bitPattern)
    }
}
