import TestSupport
import Testing

@testable import LongConvolutionC

/// Which operands share memory, against lists of their elements.
@Suite struct OverlapTests {
    private func elements(_ layout: OperandLayout, from start: Int) -> Set<Int> {
        Set(
            zip(layout.counts, layout.strides).reduce([start]) { places, axis in
                places.flatMap { place in (0..<axis.0).map { place + $0 * axis.1 } }
            })
    }

    private func layout(using generator: inout some RandomNumberGenerator) throws -> OperandLayout {
        let axes = Int.random(in: 3...4, using: &generator)
        return try OperandLayout(
            counts: (0..<axes).map { _ in Int.random(in: 1...4, using: &generator) },
            strides: (0..<axes).map { _ in Int.random(in: -12...12, using: &generator) }, "the operand")
    }

    @Test func everyElement() throws {
        var generator = SplitMix64.announced(seed: 0x0B)
        var overlapCount = 0
        for _ in 0..<20_000 {
            let (a, b) = (try layout(using: &generator), try layout(using: &generator))
            let distance = Int.random(in: -40...40, using: &generator)
            let (x, y) = (elements(a, from: 0), elements(b, from: distance))
            let overlaps = !x.isDisjoint(with: y)
            overlapCount += overlaps ? 1 : 0
            #expect(Overlap.exists(a, b, distance: distance) == overlaps, "\(a) \(b) \(distance)")
            #expect(x.min() == a.lowest && x.max() == a.highest)
            // Sufficient, not necessary: elements share no place.
            if a.isNested { #expect(x.count == a.counts.reduce(1, *)) }
        }
        #expect(5000...15_000 ~= overlapCount)
    }

    /// Slices of one array that lie between each other, of a size at which no list of elements would do.
    @Test func slices() throws {
        let (batch, channels, length) = (1000, 300, 100_000)
        let slice = try OperandLayout(
            counts: [batch, channels / 3, length],
            strides: [channels * length, length, 1], "the operand")
        for third in 1...2 {
            #expect(!Overlap.exists(slice, slice, distance: third * channels / 3 * length))
            #expect(!Overlap.exists(slice, slice, distance: -third * channels / 3 * length))
        }
        #expect(Overlap.exists(slice, slice, distance: channels / 3 * length - 1))
        let everySecond = try OperandLayout(
            counts: [batch, channels, length], strides: [2 * channels * length, 2 * length, 2], "the operand")
        #expect(!Overlap.exists(everySecond, everySecond, distance: 1))
        #expect(Overlap.exists(everySecond, everySecond, distance: 2))
    }
}
