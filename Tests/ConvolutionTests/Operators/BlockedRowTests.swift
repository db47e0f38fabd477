import TestSupport
import Testing

@testable import Convolution

/// Rows and planes in blocks, of any extents, against the sums that define them.
@Suite struct BlockedRowTests {
    private func convolution<Scalar: ConvolutionScalar>(
        _ shape: Shape, extents: [Int]
    ) throws -> LongConvolution<Scalar> {
        let key = try shape.key()
        return LongConvolution(plan: Plan(key, method: .blocks(try RowBlocks(key, extents: extents))))
    }

    /// Blocks longer and shorter than the kernel, the signal and the outputs; the last one whole, nearly empty, and between.
    @Test(arguments: Boundary.allCases, [Orientation.convolution, .correlation])
    func rows(_ boundary: Boundary, _ orientation: Orientation) throws {
        var generator = SplitMix64.announced(seed: 0x151)
        for length in [1, 2, 3, 7, 16, 33, 50] {
            for kernelLength in [1, 2, 3, 8, 17, 33, 60] {
                let shape = Shape(
                    signal: [length], kernel: [kernelLength], boundary: boundary, orientation: orientation)
                guard shape.exists else { continue }
                for pairing in [Pairing.shared(batch: 2, channels: 1), .perSample(batch: 1, channels: 2)] {
                    let batch = Batch(shape.directMap, pairing, using: &generator)
                    for extent in [1, 2, 5, 8, 25, 64] {
                        let tolerance = transformTolerance(Double.self, points: shape.pointCount + extent)
                        try batch.check(
                            convolution(shape, extents: [extent]) as LongConvolution<Double>,
                            tolerance: tolerance, "\(shape) in blocks of \(extent)")
                    }
                }
            }
        }
    }

    @Test(arguments: [Boundary.centred, .circular, .full, .valid], [Orientation.convolution, .correlation])
    func planes(_ boundary: Boundary, _ orientation: Orientation) throws {
        var generator = SplitMix64.announced(seed: 0x152)
        for (signal, kernel) in [
            ([1, 1], [1, 1]), ([9, 12], [3, 4]), ([12, 5], [2, 5]), ([20, 1], [7, 1]), ([6, 17], [6, 2]),
        ] {
            let shape = Shape(signal: signal, kernel: kernel, boundary: boundary, orientation: orientation)
            let batch = Batch(shape.directMap, .shared(batch: 2, channels: 1), using: &generator)
            for extents in [[1, 1], [2, 3], [5, 4], [8, 20], [3, 16]] {
                let tolerance = transformTolerance(Float.self, points: shape.pointCount + 400)
                try batch.check(
                    convolution(shape, extents: extents) as LongConvolution<Float>, tolerance: tolerance,
                    "\(shape) in blocks of \(extents)")
            }
        }
    }

    /// The plans that are chosen: against transforms of whole rows, which other tests check.
    @Test(arguments: [
        (Shape(signal: [70_000], kernel: [25], boundary: .causal), 2),
        (Shape(signal: [70_000], kernel: [900], boundary: .centred), 2),
        (Shape(signal: [1 << 20], kernel: [512], boundary: .circular), 1),
        // A few blocks of 32,768 and more, in segments of two and of one.
        (Shape(signal: [1_000_001], kernel: [20_000], boundary: .causal), 1),
        (Shape(signal: [1 << 20], kernel: [60_000], boundary: .circular), 1),
        (Shape(signal: [512, 500], kernel: [7, 9], boundary: .centred), 2),
        (Shape(signal: [256, 256], kernel: [2, 13], boundary: .circular), 2),
    ])
    func chosenPlans(_ shape: Shape, _ channels: Int) throws {
        var generator = SplitMix64.announced(seed: 0x153)
        let chosen: LongConvolution<Float> = try shape.convolution()
        guard case .blocks = chosen.plan.method else {
            Issue.record("\(shape) is not convolved in blocks")
            return
        }
        let operands = try Operands<Float>(shape, .shared(batch: 1, channels: channels), using: &generator)
        let exact = try Operands<Double>(operands).results(of: shape.spectralConvolution())
        let errors = Errors(
            of: try operands.results(of: chosen), from: exact, allowed: .allowed(shape, operands))
        #expect(errors.largest <= 1, "\(shape): \(errors)")
    }

    /// The same bits for any number of threads, whether they take rows or share them.
    @Test(arguments: [1, 2, 9])
    func anyNumberOfThreads(_ channels: Int) throws {
        var generator = SplitMix64.announced(seed: 0x154)
        for shape in [
            Shape(signal: [100_000], kernel: [60], boundary: .causal),
            Shape(signal: [500_001], kernel: [20_000], boundary: .causal),
            Shape(signal: [300, 300], kernel: [5, 8], boundary: .centred),
        ] {
            let convolution: LongConvolution<Float> = try shape.convolution()
            let operands = try Operands<Float>(
                shape, .shared(batch: 2, channels: channels), using: &generator)
            let alone = try Threads.withCount(1) { try operands.results(of: convolution) }
            for count in [2, 3, 5] {
                let results = try Threads.withCount(count) { try operands.results(of: convolution) }
                #expect(results.hasSameBits(as: alone), "\(shape) on \(count) threads")
            }
        }
    }
}
