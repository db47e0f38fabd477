import Tensors
import TestSupport
import Testing

/// Sequences of different lengths in one batch: what lies behind a sample's end is not there.
struct SequenceLengthTests {
    static let lengths = [5, 9, 1, 7]
    static let shape = [4, 4, 9]
    static let extents: [StandardizationExtent] = [.instance, .batch, .alternating(groups: 2)]

    enum Operation: CaseIterable {
        case instance, batch, alternating, instanceGELU, batchGELU, alternatingGELU, gated, pooled, mean,
            masked

        /// Of a tensor `[B, 4, L]`, with lengths or without.
        func callAsFunction(_ x: Tensor, lengths: [Int]?) -> Tensor {
            switch self {
            case .instance: x.standardized(over: .instance, lengths: lengths)
            case .batch: x.standardized(over: .batch, lengths: lengths)
            case .alternating: x.standardized(over: .alternating(groups: 2), lengths: lengths)
            case .instanceGELU: activated(x, over: .instance, lengths: lengths)
            case .batchGELU: activated(x, over: .batch, lengths: lengths)
            case .alternatingGELU: activated(x, over: .alternating(groups: 2), lengths: lengths)
            case .gated:
                x.gatedStandardizedGELU(
                    bias: Tensor(shape: [x.shape[2]], repeating: 0.25), lengths: lengths)
            case .pooled: x.adaptiveAveragePooled(to: 3, lengths: lengths)
            case .mean: lengths.map { x.mean(overLengths: $0) } ?? x.mean(overAxes: [2], keepingAxes: true)
            case .masked: lengths.map { x.masked(toLengths: $0, extent: 12) } ?? x
            }
        }

        private func activated(_ x: Tensor, over extent: StandardizationExtent, lengths: [Int]?) -> Tensor {
            x.standardizedGELU(
                over: extent, offset: Tensor(shape: [1], repeating: 0.5),
                factors: Tensor(shape: [x.shape[0], 4], repeating: 1.5), lengths: lengths)
        }
    }

    /// The scalars behind the ends, which count for nothing.
    private static func withPadding(_ padding: Float, _ x: Tensor) -> Tensor {
        var scalars = x.scalars
        for row in 0..<16 {
            for index in lengths[row / 4]..<9 { scalars[row * 9 + index] = padding }
        }
        return Tensor(shape: shape, scalars: scalars)
    }

    /// What runs within a sample gives the bits of the sample alone, cut at its end, and zeros behind them.
    @Test(arguments: [Operation.instance, .instanceGELU, .gated, .pooled, .mean, .masked])
    func samplesAreReadToTheirEnds(operation: Operation) {
        var numbers = seededNumbers()
        let x = numbers.tensor(Self.shape)
        let together = operation(x, lengths: Self.lengths)
        for (sample, length) in Self.lengths.enumerated() {
            let alone = operation(
                x.slice(alongAxis: 0, sample..<sample + 1).slice(alongAxis: 2, 0..<length), lengths: nil)
            let own = together.slice(alongAxis: 0, sample..<sample + 1)
            let count = min(alone.shape[2], own.shape[2])
            #expect(
                own.slice(alongAxis: 2, 0..<count).scalars == alone.scalars)
            #expect(own.slice(alongAxis: 2, count..<own.shape[2]).scalars.allSatisfy { $0 == 0 })
        }
    }

    /// The moments of a batch are those of all own positions, one after the other as one sample. Both ways take them in double
    /// precision, where the order of sums moves nothing that a `Float` shows, so the results differ by a few roundings.
    @Test func aBatchIsTheSumOfItsSequences() {
        var numbers = seededNumbers()
        let x = (numbers.tensor(Self.shape) + 3).detached
        let pieces = Self.lengths.enumerated().map { sample, length in
            x.slice(alongAxis: 0, sample..<sample + 1).slice(alongAxis: 2, 0..<length)
        }
        let joined = Tensor.concatenated(pieces, alongAxis: 2)
        let (expected, expectedMoments) = joined.standardizedAndMoments(over: .batch)
        let (result, moments) = x.standardizedAndMoments(over: .batch, lengths: Self.lengths)
        let own = Self.lengths.enumerated().map { sample, length in
            result.slice(alongAxis: 0, sample..<sample + 1).slice(alongAxis: 2, 0..<length)
        }
        let bound = 4 * floatEpsilon * largestMagnitude(expected.scalars.map(Double.init))
        #expect(largestDifference(Tensor.concatenated(own, alongAxis: 2), expected) <= bound)
        // Where samples are units, the law of total variance comes to the same moments.
        let byLaw = x.standardizedAndMoments(over: .instance, lengths: Self.lengths).moments
        for moments in [moments, byLaw] {
            for (found, expected) in [
                (moments.mean, expectedMoments.mean), (moments.variance, expectedMoments.variance),
            ] {
                let size = largestMagnitude(expected.scalars.map(Double.init))
                #expect(largestDifference(found, expected) <= floatEpsilon * size)
            }
        }
    }

    /// Not even NaN behind an end reaches anything, forward or backward, and gradients there are 0.
    @Test(arguments: Operation.allCases, [Float.nan, -Float.infinity, 1e30])
    func paddingIsNotRead(operation: Operation, padding: Float) {
        var numbers = seededNumbers()
        let x = numbers.tensor(Self.shape)
        let weights = numbers.tensor(operation(x, lengths: Self.lengths).shape)
        func valueAndGradient(_ x: Tensor) -> (Tensor, Tensor) {
            var result: Tensor?
            let (_, gradient) = Tensors.valueAndGradient(at: Operands(tensors: [x])) {
                let y = operation($0.tensors[0], lengths: Self.lengths)
                result = y.detached
                return (y * weights).sum()
            }
            return (result!, gradient["0"])
        }
        let clean = valueAndGradient(Self.withPadding(0, x))
        let dirty = valueAndGradient(Self.withPadding(padding, x))
        #expect(clean.0.scalars == dirty.0.scalars)
        #expect(clean.1.scalars == dirty.1.scalars)
        #expect(dirty.1.scalars == Self.withPadding(0, dirty.1).scalars)
    }

    /// The third derivative of a standardization over few scalars is large: hence the smaller step.
    @Test func gradientsAreThoseOfFiniteDifferences() {
        var numbers = seededNumbers(7)
        let (x, offset, bias) = (numbers.tensor(Self.shape), numbers.tensor([1]), numbers.tensor([9]))
        let lengths = Self.lengths
        for extent in Self.extents {
            #expect(
                gradientMismatches(of: [x], step: 0x1p-6) {
                    $0[0].standardized(over: extent, epsilon: 0.1, lengths: lengths)
                } == [])
            #expect(
                gradientMismatches(of: [x, offset], step: 0x1p-6) {
                    $0[0].standardizedGELU(over: extent, epsilon: 0.1, offset: $0[1], lengths: lengths)
                } == [])
        }
        #expect(
            gradientMismatches(of: [x, bias], step: 0x1p-6) {
                $0[0].gatedStandardizedGELU(bias: $0[1], epsilon: 0.1, lengths: lengths)
            } == [])
        for size in [1, 3, 9] {
            #expect(
                gradientMismatches(of: [x]) { $0[0].adaptiveAveragePooled(to: size, lengths: lengths) } == [])
        }
        #expect(gradientMismatches(of: [x]) { $0[0].mean(overLengths: lengths) } == [])
        #expect(gradientMismatches(of: [x]) { $0[0].masked(toLengths: lengths, extent: 12) } == [])
    }

    @Test func lengthsThatDoNotFitEndTheProgram() async {
        func expect(_ text: String, _ result: ExitTest.Result?) {
            #expect(says(text, result?.standardErrorContent))
        }
        expect(
            "expected 2 lengths, got 1",
            await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                _ = Tensor(shape: [2, 1, 4], repeating: 0).mean(overLengths: [4])
            })
        expect(
            "expected lengths of 1 to 4, got 0",
            await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                _ = Tensor(shape: [2, 1, 4], repeating: 0).standardized(over: .batch, lengths: [4, 0])
            })
        expect(
            "expected lengths of 1 to 4, got 5",
            await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                _ = Tensor(shape: [2, 1, 4], repeating: 0).masked(toLengths: [4, 5])
            })
        expect(
            "expected lengths of at most 3, got 4",
            await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                _ = Tensor(shape: [2, 1, 4], repeating: 0).masked(toLengths: [4, 1], extent: 3)
            })
        expect(
            "expected sequences [B, C, L] where lengths are given, got the shape [1, 1, 2, 2]",
            await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                _ = Tensor(shape: [1, 1, 2, 2], repeating: 0).standardized(over: .instance, lengths: [2])
            })
    }
}
