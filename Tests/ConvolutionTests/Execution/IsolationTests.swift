import Runtime
import TestSupport
import Testing

@testable import Convolution

/// What one row holds touches no other: not a bit.
@Suite(.releaseOnly) struct IsolationTests {
    private let batch = 3, channels = 2
    private static let intruders: [Float] = [.nan, .infinity, 1e30]

    /// A copy of `rows` in which row `number` holds `value` here and there.
    private func spoiled(_ rows: [Float], _ number: Int, of count: Int, by value: Float) -> [Float] {
        var rows = rows
        let length = rows.count / count
        for index in Set([0, length / 3, length - 1]) { rows[number * length + index] = value }
        return rows
    }

    /// Whether all rows but those at `numbers` have the same bits.
    private func agree(_ a: [Float], _ b: [Float], except numbers: [Int], of count: Int) -> Bool {
        let length = a.count / count
        return (0..<count).filter { !numbers.contains($0) }.allSatisfy { row in
            let range = row * length..<(row + 1) * length
            return sameBits(Array(a[range]), Array(b[range]))
        }
    }

    @Test(arguments: Shape.representatives)
    func spoiledRowOfSignal(_ shape: Shape) throws {
        var generator = SplitMix64.announced(seed: 0x51)
        let convolution: LongConvolution<Float> = try shape.convolution()
        let rows = batch * channels
        for pairing in [
            Pairing.shared(batch: batch, channels: channels), .perSample(batch: batch, channels: channels),
        ] {
            let operands = try Operands<Float>(shape, pairing, using: &generator)
            let clean = try operands.results(of: convolution)
            let isShared = pairing.kernelCount == channels
            for intruder in Self.intruders {
                // Row 3 is sample 1, channel 1.
                var dirty = operands
                dirty.signal = spoiled(operands.signal, 3, of: rows, by: intruder)
                let results = try dirty.results(of: convolution)
                let label = "\(shape) \(pairing) with \(intruder)"
                #expect(agree(results.output, clean.output, except: [3], of: rows), "output of \(label)")
                // The gradient of the signal does not depend on the signal.
                #expect(
                    sameBits(results.signalGradient, clean.signalGradient), "signal gradient of \(label)")
                #expect(
                    agree(
                        results.kernelGradient, clean.kernelGradient, except: [isShared ? 1 : 3],
                        of: pairing.kernelCount), "kernel gradient of \(label)")
                #expect(!sameBits(results.output, clean.output), "\(label): the row itself must differ")
            }
        }
    }

    @Test(arguments: Shape.representatives)
    func spoiledRowOfUpstream(_ shape: Shape) throws {
        var generator = SplitMix64.announced(seed: 0x52)
        let convolution: LongConvolution<Float> = try shape.convolution()
        let rows = batch * channels
        let operands = try Operands<Float>(
            shape, .shared(batch: batch, channels: channels), using: &generator)
        let clean = try operands.results(of: convolution)
        for intruder in Self.intruders {
            var dirty = operands
            dirty.upstream = spoiled(operands.upstream, 4, of: rows, by: intruder)
            let results = try dirty.results(of: convolution)
            let label = "\(shape) with \(intruder)"
            #expect(
                agree(results.signalGradient, clean.signalGradient, except: [4], of: rows),
                "signal gradient of \(label)")
            #expect(
                agree(results.kernelGradient, clean.kernelGradient, except: [0], of: channels),
                "kernel gradient of \(label)")
            #expect(!sameBits(results.kernelGradient, clean.kernelGradient), "channel 0 of \(label)")
        }
    }

    @Test(arguments: Shape.representatives)
    func spoiledKernel(_ shape: Shape) throws {
        var generator = SplitMix64.announced(seed: 0x53)
        let convolution: LongConvolution<Float> = try shape.convolution()
        let rows = batch * channels
        let operands = try Operands<Float>(
            shape, .shared(batch: batch, channels: channels), using: &generator)
        let clean = try operands.results(of: convolution)
        for intruder in Self.intruders {
            var dirty = operands
            dirty.kernel = spoiled(operands.kernel, 1, of: channels, by: intruder)
            let results = try dirty.results(of: convolution)
            let label = "\(shape) with \(intruder)"
            #expect(agree(results.output, clean.output, except: [1, 3, 5], of: rows), "output of \(label)")
            #expect(
                agree(results.signalGradient, clean.signalGradient, except: [1, 3, 5], of: rows),
                "signal gradient of \(label)")
            #expect(sameBits(results.kernelGradient, clean.kernelGradient), "kernel gradient of \(label)")
        }
    }

    /// Mixing channels keeps samples apart.
    @Test(arguments: Shape.representatives)
    func spoiledSampleOfADensePairing(_ shape: Shape) throws {
        var generator = SplitMix64.announced(seed: 0x54)
        let convolution: LongConvolution<Float> = try shape.convolution()
        let operands = try Operands<Float>(
            shape, .dense(batch: batch, inputs: channels, outputs: 2), using: &generator)
        let clean = try operands.results(of: convolution)
        for intruder in Self.intruders {
            var dirty = operands
            dirty.signal = spoiled(operands.signal, 2, of: batch * channels, by: intruder)
            dirty.upstream = spoiled(operands.upstream, 2, of: batch * 2, by: intruder)
            let results = try dirty.results(of: convolution)
            // Rows 2 and 3 are sample 1.
            #expect(
                agree(results.output, clean.output, except: [2, 3], of: batch * 2),
                "output of \(shape) with \(intruder)")
            #expect(
                agree(results.signalGradient, clean.signalGradient, except: [2, 3], of: batch * channels),
                "signal gradient of \(shape) with \(intruder)")
        }
    }

    /// No result relies on what its workspace held before.
    @Test(arguments: Shape.representatives)
    func dirtyWorkspaces(_ shape: Shape) throws {
        var generator = SplitMix64.announced(seed: 0x55)
        let convolution: LongConvolution<Float> = try shape.convolution()
        for pairing in [
            Pairing.shared(batch: batch, channels: channels), .perSample(batch: batch, channels: channels),
            .shared(batch: 40, channels: 1), .dense(batch: batch, inputs: channels, outputs: 2),
        ] where pairing.signalCount < 40 || shape.pointCount < 10_000 {
            let operands = try Operands<Float>(shape, pairing, using: &generator)
            let clean = try operands.results(of: convolution)
            // Harmless to whatever else is running: that must not rely on it either.
            MemoryPool.shared.poison(true)
            defer { MemoryPool.shared.poison(false) }
            let results = try operands.results(of: convolution)
            #expect(clean.output.allSatisfy { $0.isFinite }, "\(shape) \(pairing)")
            #expect(results.hasSameBits(as: clean), "\(shape) \(pairing)")
        }
    }
}
