import Convolution
import Foundation
import Tensors
import TestSupport
import Testing

/// A stream's state is the same after writing and reading; damaged files are refused by the name of what is wrong.
@Suite struct StreamingStateTests {
    private let file: SafetensorsFile
    private var path: String { file.path }

    init() throws { file = try SafetensorsFile() }

    private func samples<Scalar: ConvolutionScalar>(_ count: Int) -> [Scalar] {
        var generator = SplitMix64(seed: 7)
        return (0..<count).map { _ in Scalar(Float.random(in: -1...1, using: &generator)) }
    }

    /// Through a file in the middle of a stream.
    private func checkResumed<Scalar: ConvolutionScalar>(_: Scalar.Type) throws {
        let kernel: [Scalar] = samples(2 * 100)
        let (first, second): ([Scalar], [Scalar]) = (samples(2 * 160), samples(2 * 320))

        var stream = try StreamingConvolution(kernel: kernel, channels: 2, kernelLength: 100)
        _ = stream.push(first)
        try stream.state.write(to: path)
        var resumed = try StreamingConvolution(kernel: kernel, channels: 2, kernelLength: 100)
        try resumed.restore(StreamingState(contentsOf: path))
        #expect(resumed.push(second) == stream.push(second))

        var blocks = try PartitionedConvolution(
            kernel: kernel, channels: 2, kernelLength: 100, blockLength: 16)
        _ = blocks.push(first)
        try blocks.state.write(to: path)
        var resumedBlocks = try PartitionedConvolution(
            kernel: kernel, channels: 2, kernelLength: 100, blockLength: 16)
        try resumedBlocks.restore(StreamingState(contentsOf: path))
        #expect(resumedBlocks.push(second) == blocks.push(second))

        for length in [nil, 100] {
            var context = try StreamingContextConvolution<Scalar>(channels: 2, kernelLength: length)
            _ = context.push(first, kernel: first)
            try context.state.write(to: path)
            var resumed = try StreamingContextConvolution<Scalar>(channels: 2, kernelLength: length)
            try resumed.restore(StreamingState(contentsOf: path))
            #expect(resumed.push(second, kernel: second) == context.push(second, kernel: second))
        }
    }

    /// The states of a recurrence are in double precision, whatever its samples are.
    private func checkResumedRecurrence<Scalar: ConvolutionScalar>(_: Scalar.Type) throws {
        let modes = (0..<6).map {
            DiagonalMode(
                factor: SIMD2(0.9 - 0.1 * Double($0), 0.05 * Double($0)), gain: SIMD2(0.5, -0.25 * Double($0))
            )
        }
        let (first, second): ([Scalar], [Scalar]) = (samples(2 * 160), samples(2 * 320))
        var stream = StreamingStateSpace<Scalar>(modes: modes, channels: 2)
        _ = stream.push(first)
        try stream.state.write(to: path)
        var resumed = StreamingStateSpace<Scalar>(modes: modes, channels: 2)
        try resumed.restore(StreamingState(contentsOf: path))
        #expect(resumed.position == stream.position)
        #expect(resumed.push(second) == stream.push(second))
    }

    @Test func resumed() throws {
        try checkResumedRecurrence(Float.self)
        try checkResumedRecurrence(Double.self)
        try checkResumed(Float.self)
        try checkResumed(Double.self)
    }

    /// Values without a number in them keep their bits.
    @Test func exactValues() throws {
        func check<Scalar: ConvolutionScalar>(_: Scalar.Type) throws {
            let state = StreamingState<Scalar>(
                form: .context, channels: 2, kernelLength: 3, blockLength: 4, position: 5, phase: 0,
                kernelChecksum: .max, values: [-0.0, .infinity, .leastNonzeroMagnitude, 0.1])
            try state.write(to: path)
            #expect(try StreamingState(contentsOf: path) == state)
        }
        try check(Float.self)
        try check(Double.self)
        let empty = StreamingState<Float>(
            form: .context, channels: 3, kernelLength: 0, position: 0, phase: 0, kernelChecksum: 0, values: []
        )
        try empty.write(to: path)
        #expect(try StreamingState(contentsOf: path) == empty)
    }

    @Test func damagedFiles() throws {
        func refusal() -> String {
            do {
                _ = try StreamingState<Float>(contentsOf: path)
                return "read"
            } catch { return "\(error)" }
        }
        let good = StreamingState<Float>(
            form: .sample, channels: 1, kernelLength: 3, position: 5, phase: 0, kernelChecksum: 1,
            values: [1, 2])
        try good.write(to: path)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        func damaged(_ text: String, _ replacement: String) throws -> String {
            let header = String(decoding: bytes.dropFirst(8).prefix { $0 != 0 }, as: UTF8.self)
            #expect(header.contains(text) && text.utf8.count == replacement.utf8.count)
            var copy = bytes
            copy.replaceSubrange(copy.firstRange(of: Data(text.utf8))!, with: Data(replacement.utf8))
            try copy.write(to: URL(fileURLWithPath: path))
            return refusal()
        }
        #expect(
            try damaged("\"position\":\"5\"", "\"position\":\"x\"").contains(
                "expected an integer as 'position'"))
        #expect(try damaged("\"phase\"", "\"phose\"").contains("as 'phase' in the metadata, found nothing"))
        #expect(
            try damaged("sample", "simple").contains(
                "expected one of sample, block, context, recurrence as 'form'"))
        #expect(try damaged("\"values\"", "\"volues\"").contains("there is no tensor 'values'"))
        #expect(try damaged("F32", "I32").contains("expected 'values' to hold F32, found I32"))
        try bytes.dropLast(1).write(to: URL(fileURLWithPath: path))
        #expect(refusal().contains("not a valid Safetensors file"))
        try Safetensors.write([("values", Tensor(1))], metadata: ["form": "sample"], to: path)
        #expect(refusal().contains("expected 'values' of the shape [channels, n], found []"))
    }
}
