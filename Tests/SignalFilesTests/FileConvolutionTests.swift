import Convolution
import Foundation
import TestSupport
import Testing

@testable import SignalFiles

/// Convolutions from file to file are those of the batch engine: lengths, boundaries, channels, splits; what breaks leaves no
/// output.
@Suite struct FileConvolutionTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private func write<Scalar: ConvolutionScalar>(
        _ rows: [[Scalar]], to name: String, _ format: SampleFormat = .float64
    ) throws {
        let description = SignalDescription(format: format, channels: rows.count, sampleRate: 48_000)
        let writer = try SignalWriter(wave: folder.file(name), description, frameCount: rows[0].count)
        try rows.flatMap { $0 }.withUnsafeBufferPointer {
            try writer.write($0.baseAddress!, stride: rows[0].count, count: rows[0].count)
        }
        try writer.commit()
    }

    private func rows<Scalar: ConvolutionScalar>(_ name: String) throws -> [[Scalar]] {
        let reader = try SignalReader(contentsOf: folder.file(name))
        let samples: [Scalar] = try reader.readToEnd()
        let count = reader.frameCount!
        return stride(from: 0, to: samples.count, by: count).map { Array(samples[$0..<$0 + count]) }
    }

    private func run(_ convolution: FileConvolution, progress: (Int) throws -> Void = { _ in }) throws
        -> FileConvolution.Outcome
    {
        try convolution.run(
            SignalReader(contentsOf: folder.file("signal")),
            kernel: SignalReader(contentsOf: folder.file("kernel")),
            into: folder.file("output"), progress: progress)
    }

    /// Checks the output against the batch engine, relative to the norms of signal and kernel: each is within its documented
    /// error of the sum, ε log2(n) of them, with a constant of 8 for both.
    private func check<Scalar: ConvolutionScalar>(
        _ convolution: FileConvolution, _ signal: [[Scalar]], _ kernel: [[Scalar]],
        from location: SourceLocation = #_sourceLocation
    ) throws {
        let outcome = try run(convolution)
        let output: [[Scalar]] = try rows("output")
        let (length, taps) = (signal[0].count, kernel[0].count)
        let batch = try LongConvolution<Scalar>(
            length: length, kernelLength: taps, boundary: convolution.boundary)
        #expect(output.count == max(signal.count, kernel.count), sourceLocation: location)
        #expect(outcome.inputFrames == length && outcome.kernelFrames == taps, sourceLocation: location)
        for (channel, row) in output.enumerated() {
            let (x, k) = (signal[signal.count == 1 ? 0 : channel], kernel[kernel.count == 1 ? 0 : channel])
            let expected = try batch(x, k)
            func norm(_ row: [Scalar]) -> Scalar { row.reduce(0) { $0 + $1 * $1 }.squareRoot() }
            let bound = 8 * Scalar.ulpOfOne * Scalar(log2(Double(length + taps + 16_384))) * norm(x) * norm(k)
            #expect(row.count == expected.count, sourceLocation: location)
            let error = zip(row, expected).map { abs($0 - $1) }.max() ?? .infinity
            #expect(error <= bound, "L \(length), K \(taps): \(error) > \(bound)", sourceLocation: location)
        }
    }

    private func noise<Scalar: ConvolutionScalar>(
        _ channels: Int, _ count: Int, _ numbers: inout some RandomNumberGenerator
    )
        -> [[Scalar]]
    {
        (0..<channels).map { _ in (0..<count).map { _ in Scalar(Float.random(in: -1...1, using: &numbers)) } }
    }

    private func checkLengths<Scalar: ConvolutionScalar>(_: Scalar.Type) throws {
        var numbers = seededNumbers()
        for taps in [1, 2, 24, 25, 100, 1_000, 9_000] {
            let kernel: [[Scalar]] = noise(1, taps, &numbers)
            try write(kernel, to: "kernel")
            let block = try OverlapSaveConvolution<Scalar>.blockLength(kernelLength: taps, rowCount: 1)
            // Blocks that end before, with and behind the signal and the output.
            for length in [1, 2, taps, block - taps + 1, block - 1, block, block + 1, 3 * block - taps + 2] {
                let signal: [[Scalar]] = noise(1, length, &numbers)
                try write(signal, to: "signal")
                for boundary in [Boundary.full, .causal, .centred, .valid]
                where boundary != .valid || length >= taps {
                    for samplesAtOnce in [1, 2 * block, 1 << 20] {
                        var convolution = FileConvolution()
                        convolution.boundary = boundary
                        convolution.isDouble = Scalar.self == Double.self
                        convolution.samplesAtOnce = samplesAtOnce
                        try check(convolution, signal, kernel)
                    }
                }
            }
        }
    }

    @Test func everyLengthAndBoundary() throws { try checkLengths(Float.self) }
    @Test func everyLengthAndBoundaryInDouble() throws { try checkLengths(Double.self) }

    @Test func everyPairOfChannels() throws {
        var numbers = seededNumbers()
        for (signals, kernels) in [(1, 1), (1, 3), (3, 1), (3, 3), (17, 1), (1, 17), (5_000, 1), (64, 64)] {
            let signal: [[Float]] = noise(signals, signals > 100 ? 700 : 20_000, &numbers)
            let kernel: [[Float]] = noise(kernels, 700, &numbers)
            try write(signal, to: "signal", .float32)
            try write(kernel, to: "kernel", .float32)
            for samplesAtOnce in [1, 50_000, 1 << 20] {
                var convolution = FileConvolution()
                convolution.samplesAtOnce = samplesAtOnce
                try check(convolution, signal, kernel)
            }
        }
        try write(noise(2, 9, &numbers) as [[Float]], to: "signal")
        #expect(throws: SignalFileError.self) { try run(FileConvolution()) }
    }

    /// Bits depend neither on threads nor on how much is taken at a time.
    @Test func sameBits() throws {
        var numbers = seededNumbers()
        try write(noise(2, 100_000, &numbers) as [[Float]], to: "signal", .float32)
        try write(noise(2, 3_000, &numbers) as [[Float]], to: "kernel", .float32)
        var outputs: Set<Data> = []
        for threads in [1, 2, 5] {
            for samplesAtOnce in [1, 70_000, 1 << 20] {
                var convolution = FileConvolution()
                convolution.samplesAtOnce = samplesAtOnce
                _ = try Threads.withCount(threads) { try run(convolution) }
                outputs.insert(try Data(contentsOf: URL(fileURLWithPath: folder.file("output"))))
            }
        }
        #expect(outputs.count == 1)
    }

    @Test func gainFormatAndLevels() throws {
        try write([[0.5, -0.25]], to: "signal", .int16)
        try write([[1.0, 0, 0.5]], to: "kernel", .float32)
        var convolution = FileConvolution()
        (convolution.gain, convolution.outputFormat) = (4, .int24)
        let outcome = try run(convolution)
        #expect(outcome.description.format == .int24 && outcome.levels.clippedCount == 2)
        #expect(abs(outcome.levels.peak - 2) < 1e-6)
        let output: [[Double]] = try rows("output")
        // Rounded by at most half a step; 2 and 1 are clipped.
        let expected = [1 - 0x1p-23, -1, 1 - 0x1p-23, -0.5]
        #expect(zip(output[0], expected).allSatisfy { abs($0 - $1) <= 0x1p-23 }, "\(output)")
    }

    /// The output is without a name until it is whole, and what was there stays.
    @Test func errorsLeaveNoOutput() throws {
        var numbers = seededNumbers()
        try write(noise(1, 200_000, &numbers) as [[Float]], to: "signal", .float32)
        try write(noise(1, 30, &numbers) as [[Float]], to: "kernel", .float32)
        let old = Data("what was there".utf8)
        try old.write(to: URL(fileURLWithPath: folder.file("output")))
        func expectUntouched() throws {
            #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file("output"))) == old)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == [
                    "kernel", "output", "signal",
                ])
        }
        struct Stopped: Error {}
        var convolution = FileConvolution()
        convolution.samplesAtOnce = 1
        var calls = 0
        #expect(throws: Stopped.self) {
            try run(convolution) { _ in
                calls += 1
                if calls == 5 { throw Stopped() }
            }
        }
        try expectUntouched()
        // The last sample is not a number.
        let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.file("signal"))).dropLast(4)
        try (bytes + [0, 0, 0xC0, 0x7F]).write(to: URL(fileURLWithPath: folder.file("signal")))
        #expect(throws: SignalFileError.self) { try run(convolution) }
        try expectUntouched()
        // The sum overflows.
        try write([[Float.greatestFiniteMagnitude, .greatestFiniteMagnitude]], to: "signal", .float32)
        try write([[Float(1), 1]], to: "kernel", .float32)
        #expect(throws: SignalFileError.self) { try run(convolution) }
        try expectUntouched()
        convolution.boundary = .valid
        try write([[Float(1), 1, 1]], to: "kernel", .float32)
        #expect(throws: SignalFileError.self) { try run(convolution) }
        try expectUntouched()
    }
}
