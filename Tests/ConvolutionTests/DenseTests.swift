import TestSupport
import Testing

@testable import Convolution

/// Convolution that mixes channels, against direct sums.
@Suite struct DenseTests {
    private static let pairings = [
        Pairing.dense(batch: 1, inputs: 1, outputs: 1), .dense(batch: 2, inputs: 3, outputs: 4),
        .dense(batch: 3, inputs: 4, outputs: 1), .dense(batch: 1, inputs: 1, outputs: 5),
    ]

    @Test(arguments: Boundary.allCases, [Orientation.convolution, .correlation])
    func againstDirectSums(_ boundary: Boundary, _ orientation: Orientation) throws {
        var generator = SplitMix64.announced(seed: 0xA1)
        // The first and the fourth are short kernels, for which a plan of their own is made; the third has more
        // frequencies than one range of products.
        for (signal, kernel) in [
            ([19], [5]), ([33], [33]), ([300], [200]), ([5, 8], [3, 3]), ([11, 6], [11, 4]),
        ] {
            let shape = Shape(signal: signal, kernel: kernel, boundary: boundary, orientation: orientation)
            guard shape.exists else { continue }
            for pairing in Self.pairings {
                let batch = Batch(shape.directMap, pairing, using: &generator)
                try batch.check(
                    shape.convolution() as LongConvolution<Double>,
                    tolerance: transformTolerance(Double.self, points: shape.pointCount),
                    "\(shape) \(pairing)")
                try batch.check(
                    shape.convolution() as LongConvolution<Float>,
                    tolerance: transformTolerance(Float.self, points: shape.pointCount),
                    "\(shape) \(pairing)")
            }
        }
    }

    @Test func oneGradientAlone() throws {
        var generator = SplitMix64.announced(seed: 0xA2)
        let shape = Shape(signal: [40], kernel: [30], boundary: .centred)
        let convolution: LongConvolution<Double> = try shape.convolution()
        let operands = try Operands<Double>(
            shape, .dense(batch: 2, inputs: 3, outputs: 2), using: &generator)
        let both = try operands.results(of: convolution)
        try withMemory(of: Double.self) { memory in
            let (x, w) = (memory.copy(operands.signal), memory.copy(operands.kernel))
            let upstream = memory.copy(operands.upstream)
            let dx = memory.unwritten(x.count), dw = memory.unwritten(w.count)
            try convolution.gradients(
                x, kernel: w, operands.pairing, upstream: upstream, signalGradient: dx, kernelGradient: nil)
            try convolution.gradients(
                x, kernel: w, operands.pairing, upstream: upstream, signalGradient: nil, kernelGradient: dw)
            #expect(sameBits(Array(dx), both.signalGradient) && sameBits(Array(dw), both.kernelGradient))
        }
    }

    @Test func upstreamOfZero() throws {
        let convolution = try LongConvolution<Float>(length: 6, kernelLength: 6, boundary: .causal)
        try withMemory(of: Float.self) { memory in
            let dx = memory.unwritten(12), dw = memory.unwritten(36)
            try convolution.gradients(
                [memory.copy((0..<12).map(Float.init))], kernel: memory.copy((0..<36).map(Float.init)),
                .dense(batch: 1, inputs: 2, outputs: 3), upstreams: [nil], signalGradients: [dx],
                kernelGradient: dw)
            #expect(dx.allSatisfy { $0 == 0 } && dw.allSatisfy { $0 == 0 })
        }
    }

    /// Sums over no inputs, and over no outputs, are zero.
    @Test func noInputsAndNoOutputs() throws {
        let convolution = try LongConvolution<Float>(length: 6, kernelLength: 6, boundary: .causal)
        let none = UnsafeBufferPointer<Float>(start: nil, count: 0)
        try withMemory(of: Float.self) { memory in
            let output = memory.unwritten(12)
            try convolution.apply(none, kernel: none, .dense(batch: 2, inputs: 0, outputs: 1), into: output)
            #expect(output.allSatisfy { $0 == 0 })
            try convolution.gradients(
                none, kernel: none, .dense(batch: 2, inputs: 0, outputs: 1),
                upstream: UnsafeBufferPointer(output),
                signalGradient: UnsafeMutableBufferPointer(start: nil, count: 0),
                kernelGradient: UnsafeMutableBufferPointer(start: nil, count: 0))

            let gradient = memory.unwritten(12)
            try convolution.gradients(
                memory.copy((0..<12).map(Float.init)), kernel: none, .dense(batch: 2, inputs: 1, outputs: 0),
                upstream: none, signalGradient: gradient, kernelGradient: nil)
            #expect(gradient.allSatisfy { $0 == 0 })
        }
    }
}
