import Foundation
import TestSupport
import Testing

@testable import Convolution

/// Streams whose kernels have a recurrence, against convolutions with the kernels.
@Suite struct StreamingStateSpaceTests {
    /// Modes that fade within one to 1,800 samples, as the slowest of S4D's do at its start, some without a frequency.
    private func modes(_ count: Int, _ numbers: inout SplitMix64) -> [DiagonalMode] {
        (0..<count).map { index in
            let radius = exp(-exp(Double.random(in: -7.5..<0, using: &numbers)))
            let phase = index % 5 == 0 ? 0 : Double.random(in: -3..<3, using: &numbers)
            return DiagonalMode(
                factor: [radius * cos(phase), radius * sin(phase)],
                gain: [
                    Double.random(in: -1..<1, using: &numbers), Double.random(in: -1..<1, using: &numbers),
                ])
        }
    }

    /// The kernel of a channel, its powers in extended precision where there is one.
    private func kernel(_ modes: ArraySlice<DiagonalMode>, length: Int) -> [Double] {
        #if arch(x86_64)
        typealias Extended = Float80
        #else
        typealias Extended = Double
        #endif
        var powers = modes.map { _ in (re: Extended(1), im: Extended(0)) }
        return (0..<length).map { _ in
            var sum: Extended = 0
            for (n, mode) in modes.enumerated() {
                let (re, im) = powers[n]
                sum += Extended(mode.gain.x) * re - Extended(mode.gain.y) * im
                let (a, b) = (Extended(mode.factor.x), Extended(mode.factor.y))
                powers[n] = (a * re - b * im, a * im + b * re)
            }
            return Double(sum)
        }
    }

    /// The largest error of the outputs, relative to the norm of the terms Σ_n |gain_n| |factor_n|^l x[t-l].
    private func error<Scalar: ConvolutionScalar>(
        _ outputs: [Scalar], _ signal: [Scalar], _ modes: [DiagonalMode], channels: Int
    ) throws -> Double {
        let (length, width) = (signal.count / channels, modes.count / channels)
        let convolution = try LongConvolution<Double>(
            length: length, kernelLength: length, boundary: .causal,
            exactHead: LongConvolution<Double>.longestExactHead)
        var largest = 0.0
        for channel in 0..<channels {
            let row = signal[channel * length..<(channel + 1) * length].map { Double($0) }
            let own = modes[channel * width..<(channel + 1) * width]
            let expected = try convolution(row, kernel(own, length: length))
            var energies = [Double](repeating: 0, count: width)
            for t in 0..<length {
                var sum = 0.0
                for (n, mode) in own.enumerated() {
                    let square = (mode.factor * mode.factor).sum()
                    energies[n] = square * energies[n] + row[t] * row[t]
                    sum += (mode.gain * mode.gain).sum() * energies[n]
                }
                let found = Double(outputs[channel * length + t])
                largest = max(largest, abs(found - expected[t]) / sum.squareRoot())
            }
        }
        return largest
    }

    private func signal<Scalar: ConvolutionScalar>(_ count: Int, _ numbers: inout SplitMix64) -> [Scalar] {
        (0..<count).map { _ in Scalar(Double.random(in: -1..<1, using: &numbers)) }
    }

    /// The promised bounds, 10⁻⁵ and 10⁻¹², for every number of modes around the vectors' four.
    @Test(arguments: Array(1...9) + [32]) func isTheConvolution(modeCount: Int) throws {
        var numbers = SplitMix64.announced(seed: UInt64(0x50 + modeCount))
        for length in Array(1...40) + [200, 16_384] {
            let channels = length > 1000 ? 1 : 3
            let modes = modes(channels * modeCount, &numbers)
            let floats: [Float] = signal(channels * length, &numbers)
            var single = StreamingStateSpace<Float>(modes: modes, channels: channels)
            #expect(try error(single.push(floats), floats, modes, channels: channels) < 1e-5, "\(length)")
            let doubles: [Double] = signal(channels * length, &numbers)
            var double = StreamingStateSpace<Double>(modes: modes, channels: channels)
            #expect(try error(double.push(doubles), doubles, modes, channels: channels) < 1e-12, "\(length)")
        }
    }

    /// Any split, a copy, a restored state and any number of threads continue with the same bits.
    @Test func continuesWithTheSameBits() throws {
        var numbers = SplitMix64.announced(seed: 0x61)
        let (channels, length) = (3, 500)
        let modes = modes(channels * 7, &numbers)
        let samples: [Float] = signal(channels * length, &numbers)
        func part(_ range: Range<Int>) -> [Float] {
            (0..<channels).flatMap {
                samples[$0 * length + range.lowerBound..<$0 * length + range.upperBound]
            }
        }
        var whole = StreamingStateSpace<Float>(modes: modes, channels: channels)
        let expected = whole.push(samples)
        func rest(from start: Int) -> [Float] {
            (0..<channels).flatMap { expected[$0 * length + start..<($0 + 1) * length] }
        }
        for start in [0, 1, 2, 250, 499] {
            var stream = StreamingStateSpace<Float>(modes: modes, channels: channels)
            for t in 0..<start { _ = stream.push(part(t..<t + 1)) }
            #expect(stream.position == start)
            var copy = stream
            _ = copy.push(part(0..<20))
            var restored = StreamingStateSpace<Float>(modes: modes, channels: channels)
            try restored.restore(stream.state)
            #expect(restored.position == start && restored.state == stream.state)
            let continued = Threads.withCount(3) { restored.push(part(start..<length)) }
            #expect(continued == rest(from: start))
            #expect(stream.push(part(start..<length)) == rest(from: start))
            stream.reset()
            #expect(stream.position == 0 && stream.push(samples) == expected)
        }
        #expect(whole.push([]) == [])
    }

    /// What a state space forgets is zero in the end, never a subnormal number; where it becomes zero does not depend on how the
    /// samples are split. A copy has memory of its own.
    @Test func statesFade() throws {
        let modes = [0.99, -0.9, 0.5].map { DiagonalMode(factor: [$0, 0.05], gain: [1, 0.5]) }
        var whole = StreamingStateSpace<Double>(modes: modes, channels: 1)
        var split = whole
        let samples = [1] + [Double](repeating: 0, count: 69_999)
        let expected = whole.push(samples)
        var (outputs, done) = ([Double](), 0)
        for count in [1, 62, 1, 1, 127, 69_808] {
            outputs += split.push(Array(samples[done..<done + count]))
            done += count
        }
        #expect(outputs == expected && split.state == whole.state)
        var copy = whole.copy()
        let silence = [Double](repeating: 0, count: 40_000)
        for _ in 0..<4 { _ = copy.push(silence) }
        #expect(copy.state.values.allSatisfy { $0 == 0 })
        #expect(whole.state == split.state)
        for _ in 0..<4 {
            _ = whole.push(silence)
            #expect(!whole.state.values.contains { $0.isSubnormal })
        }
    }

    /// A NaN spoils its own channel from its sample on, and nothing else.
    @Test func channelsAreSeparate() {
        var numbers = SplitMix64.announced(seed: 0x62)
        let modes = modes(3 * 6, &numbers)
        let samples: [Double] = signal(3 * 50, &numbers)
        var bad = samples
        bad[50 + 20] = .nan
        var stream = StreamingStateSpace<Double>(modes: modes, channels: 3)
        let expected = stream.push(samples)
        stream.reset()
        let outputs = stream.push(bad)
        for index in 0..<150 {
            if 70..<100 ~= index {
                #expect(outputs[index].isNaN)
            } else {
                #expect(outputs[index] == expected[index])
            }
        }
    }

    @Test func otherStatesAreRefused() throws {
        var numbers = SplitMix64.announced(seed: 0x63)
        let modes = modes(8, &numbers)
        var stream = StreamingStateSpace<Float>(modes: modes, channels: 2)
        _ = stream.push([1, 2])
        let state = stream.state
        func refusal(_ change: (inout StreamingState<Double>) -> Void) -> String? {
            var changed = state
            change(&changed)
            do {
                try stream.restore(changed)
                return nil
            } catch {
                return "\(error)"
            }
        }
        #expect(refusal { _ in } == nil)
        #expect(refusal { $0.form = .sample }?.contains("expected form recurrence, found sample") == true)
        #expect(refusal { $0.channels = 1 }?.contains("expected channels 2, found 1") == true)
        #expect(refusal { $0.values.removeLast() }?.contains("[2, 8], found 15 scalars") == true)
        #expect(refusal { $0.position = -1 }?.contains("position") == true)
        #expect(refusal { $0.kernelChecksum ^= 1 }?.contains("kernelChecksum") == true)
        var other = StreamingStateSpace<Float>(modes: modes.reversed(), channels: 2)
        #expect(throws: StreamingError.self) { try other.restore(state) }
        #expect(stream.state == state)
    }

    @Test func wrongCallsTrap() async {
        let modes = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = StreamingStateSpace<Float>(
                modes: Array(repeating: DiagonalMode(factor: [0, 0], gain: [1, 0]), count: 3), channels: 2)
        }
        #expect(says("for each of 2 channels, got 3", modes?.standardErrorContent))
        let samples = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var stream = StreamingStateSpace<Float>(
                modes: Array(repeating: DiagonalMode(factor: [0, 0], gain: [1, 0]), count: 2), channels: 2)
            _ = stream.push([1, 2, 3])
        }
        #expect(says("expected as many samples for each of 2 channels", samples?.standardErrorContent))
    }
}
