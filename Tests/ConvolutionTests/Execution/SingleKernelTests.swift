import TestSupport
import Testing

@testable import Convolution

/// A kernel that meets one row is transformed block by block with it, others before their rows: with the same bits.
@Suite struct SingleKernelTests {
    /// Shapes whose spectra have several blocks, in residue lanes and on FFTW: long lines, planes, and a large plane whose rows
    /// are prefetched one by one; and one whose spectrum is one block.
    private static let cases: [(shape: Shape, kind: TransformChoice.Kind)] = [
        Shape(signal: [700], kernel: [600], boundary: .causal),
        Shape(signal: [20_000], kernel: [19_000], boundary: .causal),
        Shape(signal: [30_001], kernel: [20_000], boundary: .circular, orientation: .correlation),
        Shape(signal: [120, 150], kernel: [90, 40], boundary: .full),
        Shape(signal: [300, 290], kernel: [301, 290], boundary: .centred),
        Shape(signal: [300, 290], kernel: [200, 50], boundary: .circular, orientation: .correlation),
    ].flatMap { shape in [TransformChoice.Kind.lanes, .fftw].map { (shape, $0) } }

    @Test(arguments: cases)
    func bits(_ shape: Shape, _ kind: TransformChoice.Kind) throws {
        var generator = SplitMix64.announced(seed: 0x6A)
        let convolution: LongConvolution<Float> = try shape.convolution(by: kind)
        let rows = 3
        let operands = try Operands<Float>(shape, .perSample(batch: rows, channels: 1), using: &generator)
        for threads in [1, 3] {
            let results = try Threads.withCount(threads) { try operands.results(of: convolution) }
            for row in 0..<rows {
                func part(_ array: [Float]) -> [Float] {
                    let length = array.count / rows
                    return Array(array[row * length..<(row + 1) * length])
                }
                // The same row twice; the second one adds nothing to the kernel's gradient.
                let twice = Operands(
                    pairing: .shared(batch: 2, channels: 1),
                    signal: part(operands.signal) + part(operands.signal), kernel: part(operands.kernel),
                    upstream: part(operands.upstream) + part(operands.upstream).map { _ in 0 })
                let expected = try twice.results(of: convolution)
                let label = "row \(row) of \(shape) by \(kind) on \(threads) threads"
                let output = expected.output.prefix(expected.output.count / 2)
                let signalGradient = expected.signalGradient.prefix(expected.signalGradient.count / 2)
                #expect(sameBits(part(results.output), Array(output)), "output of \(label)")
                #expect(
                    sameBits(part(results.signalGradient), Array(signalGradient)),
                    "signal gradient of \(label)")
                // Zeros may have another sign.
                #expect(
                    part(results.kernelGradient) == expected.kernelGradient, "kernel gradient of \(label)")
            }
        }
    }

    /// A gradient alone has the bits that it has beside the other, and that of a kernel whose cotangent is zero is zero.
    @Test(arguments: cases)
    func gradientsAlone(_ shape: Shape, _ kind: TransformChoice.Kind) throws {
        var generator = SplitMix64.announced(seed: 0x6B)
        let convolution: LongConvolution<Float> = try shape.convolution(by: kind)
        let pairing = Pairing.shared(batch: 1, channels: 2)
        let operands = try Operands<Float>(shape, pairing, using: &generator)
        let both = try operands.results(of: convolution)
        var dx = [Float](repeating: .nan, count: operands.signal.count)
        var dw = [Float](repeating: .nan, count: operands.kernel.count)
        var ofNothing = dw
        try operands.signal.withUnsafeBufferPointer { x in
            try operands.kernel.withUnsafeBufferPointer { w in
                try operands.upstream.withUnsafeBufferPointer { g in
                    try dx.withUnsafeMutableBufferPointer {
                        try convolution.gradients(
                            x, kernel: w, pairing, upstream: g, signalGradient: $0, kernelGradient: nil)
                    }
                    try dw.withUnsafeMutableBufferPointer {
                        try convolution.gradients(
                            x, kernel: w, pairing, upstream: g, signalGradient: nil, kernelGradient: $0)
                    }
                    try ofNothing.withUnsafeMutableBufferPointer {
                        try convolution.gradients(
                            [x], kernel: w, pairing, upstreams: [nil], signalGradients: [nil],
                            kernelGradient: $0)
                    }
                }
            }
        }
        #expect(sameBits(dx, both.signalGradient), "signal gradient of \(shape) by \(kind)")
        #expect(sameBits(dw, both.kernelGradient), "kernel gradient of \(shape) by \(kind)")
        #expect(ofNothing.allSatisfy { $0 == 0 }, "\(shape) by \(kind)")
    }
}
