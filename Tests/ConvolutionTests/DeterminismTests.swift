import Foundation
import Runtime
import TestSupport
import Testing

@testable import Convolution

/// The same bits for any number of threads, alone or together, from kernels or from their spectra.
@Suite struct DeterminismTests {
    /// Shapes and pairings large enough that threads are used: few channels with many samples, whose rows are cut
    /// into chunks; many channels; one long row, whose parts are spread.
    private static let cases: [(shape: Shape, pairing: Pairing)] = [
        (Shape(signal: [500], kernel: [500], boundary: .causal), .shared(batch: 70, channels: 1)),
        (Shape(signal: [500], kernel: [300], boundary: .circular), .shared(batch: 37, channels: 3)),
        (Shape(signal: [300], kernel: [300], boundary: .centred), .perSample(batch: 9, channels: 13)),
        (Shape(signal: [70_001], kernel: [70_001], boundary: .causal), .shared(batch: 2, channels: 1)),
        (Shape(signal: [150_000], kernel: [140_000], boundary: .circular), .shared(batch: 1, channels: 1)),
        (Shape(signal: [150_000], kernel: [900], boundary: .full), .shared(batch: 2, channels: 2)),
        (Shape(signal: [200], kernel: [7], boundary: .causal), .shared(batch: 90, channels: 2)),
        (Shape(signal: [37, 41], kernel: [37, 41], boundary: .centred), .shared(batch: 40, channels: 2)),
        (Shape(signal: [300, 290], kernel: [200, 50], boundary: .circular), .shared(batch: 1, channels: 1)),
        (Shape(signal: [400], kernel: [400], boundary: .causal), .dense(batch: 4, inputs: 3, outputs: 5)),
    ]

    @Test(arguments: cases)
    func anyNumberOfThreads(_ shape: Shape, _ pairing: Pairing) throws {
        var generator = SplitMix64.announced(seed: 0x61)
        let convolution: LongConvolution<Float> = try shape.convolution()
        let operands = try Operands<Float>(shape, pairing, using: &generator)
        let alone = try Threads.withCount(1) { try operands.results(of: convolution) }
        for count in [2, 3, 5] {
            let results = try Threads.withCount(count) { try operands.results(of: convolution) }
            #expect(results.hasSameBits(as: alone), "\(shape) \(pairing) on \(count) threads")
        }
    }

    @Test(arguments: cases.filter { $0.pairing.kernelCount < 20 })
    func severalSignalsAtOnce(_ shape: Shape, _ pairing: Pairing) throws {
        var generator = SplitMix64.announced(seed: 0x62)
        let convolution: LongConvolution<Float> = try shape.convolution()
        let first = try Operands<Float>(shape, pairing, using: &generator)
        var second = try Operands<Float>(shape, pairing, using: &generator)
        second.kernel = first.kernel
        let alone = try [first, second].map { try $0.results(of: convolution).output }
        var together = alone.map { [Float](repeating: .nan, count: $0.count) }
        let count = together[0].count
        var joined = [Float](repeating: .nan, count: 2 * count)
        try joined.withUnsafeMutableBufferPointer { outputs in
            try first.signal.withUnsafeBufferPointer { one in
                try second.signal.withUnsafeBufferPointer { two in
                    try first.kernel.withUnsafeBufferPointer { kernel in
                        try convolution.apply(
                            [one, two], kernel: kernel, pairing,
                            into: [
                                UnsafeMutableBufferPointer(rebasing: outputs[..<count]),
                                UnsafeMutableBufferPointer(rebasing: outputs[count...]),
                            ])
                    }
                }
            }
        }
        together = [Array(joined[..<count]), Array(joined[count...])]
        #expect(sameBits(together[0], alone[0]) && sameBits(together[1], alone[1]), "\(shape) \(pairing)")
    }

    @Test(arguments: cases)
    func heldSpectra(_ shape: Shape, _ pairing: Pairing) throws {
        if case .dense = pairing { return }
        var generator = SplitMix64.announced(seed: 0x63)
        let convolution: LongConvolution<Float> = try shape.convolution()
        let operands = try Operands<Float>(shape, pairing, using: &generator)
        let direct = try operands.results(of: convolution).output
        for count in [1, 3] {
            try Threads.withCount(count) {
                let spectrum = try operands.kernel.withUnsafeBufferPointer {
                    try convolution.spectrum(of: $0)
                }
                var output = [Float](repeating: .nan, count: direct.count)
                try operands.signal.withUnsafeBufferPointer { signal in
                    try output.withUnsafeMutableBufferPointer {
                        try convolution.apply(signal, spectrum: spectrum, pairing, into: $0)
                    }
                }
                #expect(sameBits(output, direct), "\(shape) \(pairing) on \(count) threads")
            }
        }
    }

    /// A held spectrum carries what the exact head needs.
    @Test func heldSpectraWithAnExactHead() throws {
        var generator = SplitMix64.announced(seed: 0x64)
        let shape = Shape(signal: [200], kernel: [90], boundary: .causal)
        let convolution = try LongConvolution<Float>(
            length: 200, kernelLength: 90, boundary: .causal, exactHead: 100)
        let operands = try Operands<Float>(shape, .shared(batch: 2, channels: 3), using: &generator)
        let spectrum = try operands.kernel.withUnsafeBufferPointer { try convolution.spectrum(of: $0) }
        var output = [Float](repeating: .nan, count: operands.upstream.count)
        try operands.signal.withUnsafeBufferPointer { signal in
            try output.withUnsafeMutableBufferPointer {
                try convolution.apply(signal, spectrum: spectrum, operands.pairing, into: $0)
            }
        }
        let direct = try operands.results(of: convolution).output
        #expect(sameBits(output, direct))
    }

    /// The number of threads may change at any time, also while convolutions are running; in a process of its own, as
    /// the number is the process's.
    @Test func threadsChangeMeanwhile() async {
        await #expect(processExitsWith: .success) {
            var generator = SplitMix64.announced(seed: 0x65)
            let works = try Self.cases.map { (shape, pairing) in
                let convolution: LongConvolution<Float> = try shape.convolution()
                let operands = try Operands<Float>(shape, pairing, using: &generator)
                return (convolution, operands, try operands.results(of: convolution))
            }
            let meddler = Task.detached {
                while !Task.isCancelled {
                    Threads.count = Int.random(in: 1...16)
                    try? await Task.sleep(for: .microseconds(20))
                }
            }
            for _ in 0..<6 {
                for (convolution, operands, expected) in works {
                    let results = try operands.results(of: convolution)
                    #expect(results.hasSameBits(as: expected))
                }
            }
            meddler.cancel()
            await meddler.value
        }
    }

    /// A crew's workspaces are as many as there were threads when it was made. (With fewer processors than threads
    /// the first workers take all tasks, so this needs some processors to fail.)
    @Test func aCrewKeepsItsSize() throws {
        let convolution = try LongConvolution<Float>(length: 500, kernelLength: 500, boundary: .causal)
        let crew = try Threads.withCount(2) { try Crew(convolution.plan, rows: 1000, pieces: 1000) }
        Threads.withCount(16) {
            crew.forEachPiece(1000) { _, _ in usleep(10) }
        }
        Threads.withCount(16) {
            parallelFor(1000, workers: 2) { _, worker in
                #expect(worker < 2)
                usleep(10)
            }
        }
    }
}
