import CLongConvolution
import Convolution

@testable import LongConvolutionC

/// A stream of three channels that lives as long as this object, with the 300 samples of each that it is to take.
final class TestStream<Scalar: ConvolutionScalar> {
    private static var channels: Int { 3 }
    private static var length: Int { 300 }

    let handle: OpaquePointer
    private let block: Int
    private let threads: Int32
    private let kernel: [Scalar]
    private let samples: [Scalar]
    private var kernelLength: Int { kernel.count / Self.channels }

    /// - Parameter threads: Those of its pushes; 0 for the process's number.
    convenience init(
        block: Int, kernelLength: Int, threads: Int32 = 0, using generator: inout some RandomNumberGenerator
    ) throws {
        func random(_ count: Int) -> [Scalar] {
            (0..<count).map { _ in Scalar(Float.random(in: -1...1, using: &generator)) }
        }
        try self.init(
            block: block, threads: threads, kernel: random(Self.channels * kernelLength),
            samples: random(Self.channels * Self.length))
    }

    private init(block: Int, threads: Int32, kernel: [Scalar], samples: [Scalar]) throws {
        (self.block, self.threads, self.kernel, self.samples) = (block, threads, kernel, samples)
        var descriptor = Self.descriptor(block: block, kernelLength: kernel.count / Self.channels)
        descriptor.threads = threads
        var handle: OpaquePointer?
        let status = kernel.withUnsafeBytes {
            longconv_stream_create(&descriptor, $0.baseAddress, &handle)
        }
        try succeed(status, "a stream")
        self.handle = handle!
    }

    private init(handle: OpaquePointer, like other: TestStream) {
        (self.handle, block, threads) = (handle, other.block, other.threads)
        (kernel, samples) = (other.kernel, other.samples)
    }

    deinit { longconv_stream_destroy(handle) }

    static func descriptor(block: Int, kernelLength: Int) -> longconv_stream_descriptor {
        var descriptor = longconv_stream_descriptor()
        descriptor.size = UInt32(MemoryLayout<longconv_stream_descriptor>.size)
        descriptor.version = UInt32(LONGCONV_STREAM_DESCRIPTOR_VERSION)
        descriptor.precision = Int32(MemoryLayout<Scalar>.size * 8)
        descriptor.channels = Int64(channels)
        descriptor.kernel_length = Int64(kernelLength)
        descriptor.block = Int64(block)
        descriptor.kernel_channel_stride = Int64(kernelLength)
        return descriptor
    }

    /// A stream at its beginning with the same kernels.
    func again() throws -> TestStream {
        try TestStream(block: block, threads: threads, kernel: kernel, samples: samples)
    }

    func copy() throws -> TestStream {
        var copy: OpaquePointer?
        try succeed(longconv_stream_copy(handle, &copy), "a copy")
        return TestStream(handle: copy!, like: self)
    }

    var position: Int {
        var position: Int64 = -1
        _ = longconv_stream_position(handle, &position)
        return Int(position)
    }

    func save() throws -> [UInt8] {
        var count: Int64 = 0
        try succeed(longconv_stream_save(handle, nil, 0, &count), "a size")
        var bytes = [UInt8](repeating: 0, count: Int(count))
        try succeed(longconv_stream_save(handle, &bytes, count, &count), "a state")
        return bytes
    }

    /// The causal convolution of all samples, as sums, `[channels, length]`.
    func exact() -> [Scalar] {
        var outputs: [Scalar] = []
        for channel in 0..<Self.channels {
            for t in 0..<Self.length {
                var sum = 0.0
                for s in 0...min(t, kernelLength - 1) {
                    let tap = Double(kernel[channel * kernelLength + s])
                    sum += tap * Double(samples[channel * Self.length + t - s])
                }
                outputs.append(Scalar(sum))
            }
        }
        return outputs
    }

    /// Pushes some of the samples of each channel, and returns the outputs, `[channels, n]`.
    ///
    /// - Parameter gap: Scalars between the channels.
    func push(
        _ range: Range<Int>, isInPlace: Bool = false, gap: Int = 0, isPrefill: Bool = false,
        isWanted: Bool = true
    ) throws -> [Scalar] {
        let counts = [1, Self.channels, range.count]
        func memory(_ gap: Int) -> StridedMemory<Scalar> {
            StridedMemory(counts: counts, strides: [0, range.count + gap, 1])
        }
        let input = memory(gap)
        input.write(
            (0..<Self.channels).flatMap { channel in range.map { samples[channel * Self.length + $0] } })
        let output = isInPlace ? input : memory(2 * gap)
        let call = isPrefill ? longconv_stream_prefill : longconv_stream_push
        try succeed(
            call(
                handle, Int64(range.count), input.pointer, Int64(input.strides[1]),
                isWanted ? output.pointer : nil, Int64(output.strides[1])), "a push")
        return output.scalars
    }
}
