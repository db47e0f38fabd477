import TestSupport
import Testing

@testable import Convolution

/// Gates, skips and lengths against the sums that define them.
@Suite struct GatedTests {
    /// Every length, kernel and combination of parts.
    @Test(.releaseOnly, arguments: [Boundary.causal, .centred, .circular])
    func everySmallSize(_ boundary: Boundary) throws {
        var generator = SplitMix64.announced(seed: 0x141)
        for length in 1...64 {
            for kernelLength in 1...length + 3 {
                let shape = Shape(
                    signal: [length], kernel: [kernelLength], boundary: boundary,
                    orientation: kernelLength.isMultiple(of: 5) ? .correlation : .convolution)
                guard shape.exists else { continue }
                let (map, single, double) = (
                    shape.directMap, try shape.convolution() as LongConvolution<Float>,
                    try shape.convolution() as LongConvolution<Double>
                )
                for parts in GateParts.all {
                    let pairing =
                        length.isMultiple(of: 2)
                        ? Pairing.shared(batch: 2, channels: 1) : .perSample(batch: 1, channels: 2)
                    let operands = try GatedOperands<Double>(shape, pairing, parts, using: &generator)
                    let exact = operands.reference(map) { $0 }
                    let keepsUngated = kernelLength.isMultiple(of: 2)
                    let ofDouble = try operands.results(of: double, keepsUngated: keepsUngated)
                    let ofFloat = try GatedOperands<Float>(operands).results(
                        of: single, keepsUngated: keepsUngated)
                    let points = shape.pointCount
                    #expect(
                        operands.largestError(of: ofDouble, from: exact)
                            <= transformTolerance(Double.self, points: points), "\(shape) with \(parts)")
                    #expect(
                        operands.largestError(of: ofFloat, from: exact)
                            <= transformTolerance(Float.self, points: points), "\(shape) with \(parts)")
                }
            }
        }
    }

    /// Each way in which a convolution is computed, planes among them; gates also where outputs lie elsewhere.
    ///
    /// Of sums of less than five million terms, since all of them are made directly; the plane in several blocks is smaller.
    @Test(
        arguments: Shape.representatives.filter { $0.pointCount * $0.kernel.reduce(1, *) < 5_000_000 }
            + Boundary.allCases.map { Shape(signal: [64, 70], kernel: [40, 20], boundary: $0) }.filter(
                \.exists))
    func everyMethod(_ shape: Shape) throws {
        var generator = SplitMix64.announced(seed: 0x142)
        let convolution: LongConvolution<Double> = try shape.convolution()
        let hasSkip = convolution.outputExtents == shape.signal
        for pairing in [Pairing.shared(batch: 3, channels: 1), .perSample(batch: 1, channels: 2)] {
            let operands = try GatedOperands<Double>(
                shape, pairing, hasSkip ? [.input, .output, .skip] : [.input, .output], using: &generator)
            let exact = operands.reference(shape.directMap) { $0 }
            for keepsUngated in [false, true] {
                let results = try operands.results(of: convolution, keepsUngated: keepsUngated)
                #expect(
                    operands.largestError(of: results, from: exact)
                        <= transformTolerance(Double.self, points: shape.pointCount), "\(shape)")
            }
        }
    }

    /// Rows of different lengths; what lies beyond them has no effect, NaN neither.
    @Test(arguments: [Boundary.causal, .centred, .full, .valid])
    func rowsOfDifferentLengths(_ boundary: Boundary) throws {
        var generator = SplitMix64.announced(seed: 0x143)
        for (length, kernelLength) in [(9, 3), (30, 30), (64, 27), (200, 190)] {
            let shape = Shape(signal: [length], kernel: [kernelLength], boundary: boundary)
            let convolution: LongConvolution<Double> = try shape.convolution()
            func outputs(_ length: Int) -> Int {
                switch boundary {
                case .full: length == 0 ? 0 : length + kernelLength - 1
                case .valid: max(0, length - kernelLength + 1)
                default: length
                }
            }
            let lengths = [0, 1, kernelLength - 1, length - 1, length].map { min($0, length) }
            for parts in [GateParts(), [.input, .output]] {
                var operands = try GatedOperands<Double>(
                    shape, .shared(batch: lengths.count, channels: 2), parts, lengths: lengths,
                    using: &generator)
                let exact = operands.reference(shape.directMap, outputEnd: outputs)
                let clean = try operands.results(of: convolution)
                #expect(
                    operands.largestError(of: clean, from: exact)
                        <= transformTolerance(Double.self, points: shape.pointCount), "\(shape)")
                for row in 0..<2 * lengths.count {
                    let end = lengths[row / 2]
                    for t in end..<length {
                        operands.convolved.signal[row * length + t] = .nan
                        operands.inputGate[row * length + t] = .infinity
                    }
                    let outputCount = convolution.outputExtents[0]
                    for t in outputs(end)..<outputCount {
                        operands.convolved.upstream[row * outputCount + t] = .nan
                        operands.outputGate[row * outputCount + t] = .nan
                    }
                }
                #expect(try operands.results(of: convolution).hasSameBits(as: clean), "\(shape)")
            }
        }
    }

    /// The same bits for any number of threads, rows that threads share among them.
    @Test(arguments: [
        (Shape(signal: [500], kernel: [500], boundary: .causal), Pairing.shared(batch: 70, channels: 1)),
        (Shape(signal: [300], kernel: [300], boundary: .centred), .perSample(batch: 9, channels: 13)),
        (Shape(signal: [70_001], kernel: [70_001], boundary: .causal), .shared(batch: 2, channels: 1)),
        (Shape(signal: [37, 41], kernel: [37, 41], boundary: .centred), .shared(batch: 40, channels: 2)),
    ])
    func anyNumberOfThreads(_ shape: Shape, _ pairing: Pairing) throws {
        var generator = SplitMix64.announced(seed: 0x144)
        let convolution: LongConvolution<Float> = try shape.convolution()
        let operands = try GatedOperands<Float>(shape, pairing, [.input, .output, .skip], using: &generator)
        let alone = try Threads.withCount(1) { try operands.results(of: convolution) }
        for count in [2, 3, 5] {
            let results = try Threads.withCount(count) { try operands.results(of: convolution) }
            #expect(results.hasSameBits(as: alone), "\(shape) \(pairing) on \(count) threads")
        }
    }

    /// A NaN in one row, whichever operand has it, stays in that row and in what is summed over rows.
    @Test func spoiledRows() throws {
        var generator = SplitMix64.announced(seed: 0x145)
        let shape = Shape(signal: [100], kernel: [90], boundary: .causal)
        let convolution: LongConvolution<Float> = try shape.convolution()
        let operands = try GatedOperands<Float>(
            shape, .shared(batch: 3, channels: 2), [.input, .output, .skip], using: &generator)
        let clean = try operands.results(of: convolution)
        for spoil in [\.convolved.signal, \.inputGate, \.outputGate, \.convolved.upstream]
            as [WritableKeyPath<GatedOperands<Float>, [Float]>]
        {
            var spoiled = operands
            // Row 3: the second sample, the second channel.
            spoiled[keyPath: spoil][3 * 100 + 17] = .nan
            let results = try spoiled.results(of: convolution)
            for (a, b) in zip(clean.all, results.all) where a.count == 600 {
                for row in [0, 1, 2, 4, 5] {
                    #expect(
                        sameBits(Array(a[row * 100..<row * 100 + 100]), Array(b[row * 100..<row * 100 + 100]))
                    )
                }
            }
            #expect(sameBits(Array(results.kernel[..<90]), Array(clean.kernel[..<90])))
            #expect(results.skip[0] == clean.skip[0])
        }
    }
}
