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

    /// Several signals against the same kernels give the bits of each alone, and the sum of their kernel gradients.
    @Test(arguments: [Orientation.convolution, .correlation])
    func severalSignals(_ orientation: Orientation) throws {
        var generator = SplitMix64.announced(seed: 0xA3)
        for (signal, kernel) in [([40], [30]), ([33], [5]), ([9, 8], [7, 6])] {
            let shape = Shape(signal: signal, kernel: kernel, boundary: .centred, orientation: orientation)
            let convolution: LongConvolution<Double> = try shape.convolution()
            let pairing = Pairing.dense(batch: 2, inputs: 3, outputs: 2)
            let first = Batch(shape.directMap, pairing, using: &generator)
            var all = try (0..<4).map { _ in try Operands<Double>(shape, pairing, using: &generator) }
            for index in all.indices { all[index].kernel = first.kernel }
            let alone = try all.map { try $0.results(of: convolution) }
            try withMemory(of: Double.self) { memory in
                let signals = all.map { memory.copy($0.signal) }, w = memory.copy(first.kernel)
                let outputs = all.map { memory.unwritten($0.upstream.count) }
                try convolution.apply(signals, kernel: w, pairing, into: outputs)
                for (output, alone) in zip(outputs, alone) {
                    #expect(sameBits(Array(output), alone.output), "\(shape)")
                }
                // The upstream of the second is zero, the gradient of the third is not wanted.
                var gradients = all.map { memory.unwritten($0.signal.count) as UnsafeMutableBufferPointer? }
                gradients[2] = nil
                let dw = memory.unwritten(w.count)
                try convolution.gradients(
                    signals, kernel: w, pairing,
                    upstreams: all.enumerated().map { $0 == 1 ? nil : memory.copy($1.upstream) },
                    signalGradients: gradients, kernelGradient: dw)
                for index in [0, 3] {
                    #expect(sameBits(Array(gradients[index]!), alone[index].signalGradient), "\(shape)")
                }
                #expect(gradients[1]!.allSatisfy { $0 == 0 }, "\(shape)")
                let sum = [0, 2, 3].reduce([Double](repeating: 0, count: w.count)) { sum, index in
                    zip(sum, alone[index].kernelGradient).map { $0 + $1 }
                }
                let scale = all.reduce(0) { $0 + norm($1.signal) * norm($1.upstream) }
                // Both sides have errors.
                #expect(
                    distance(dw, sum)
                        <= 2 * transformTolerance(Double.self, points: shape.pointCount) * scale, "\(shape)")
            }
        }
    }

    /// The gradients for several signals are the adjoint layouts: ⟨g, dy⟩ = ⟨dx, δx⟩ + ⟨dk, δk⟩ for y bilinear in x and k.
    @Test func adjointsOfSeveralSignals() throws {
        var generator = SplitMix64.announced(seed: 0xA4)
        let shape = Shape(signal: [50], kernel: [41], boundary: .causal)
        let convolution: LongConvolution<Double> = try shape.convolution()
        let pairing = Pairing.dense(batch: 3, inputs: 2, outputs: 4)
        let all = try (0..<3).map { _ in try Operands<Double>(shape, pairing, using: &generator) }
        let changes = try (0..<3).map { _ in try Operands<Double>(shape, pairing, using: &generator) }
        func inner(_ a: some Collection<Double>, _ b: some Collection<Double>) -> Double {
            zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
        }
        try withMemory(of: Double.self) { memory in
            let signals = all.map { memory.copy($0.signal) }, deltas = changes.map { memory.copy($0.signal) }
            let w = memory.copy(all[0].kernel), dw = memory.unwritten(w.count)
            let deltaOfKernel = memory.copy(changes[0].kernel)
            let gradients = all.map { memory.unwritten($0.signal.count) }
            try convolution.gradients(
                signals, kernel: w, pairing, upstreams: all.map { memory.copy($0.upstream) },
                signalGradients: gradients, kernelGradient: dw)
            // The change of the outputs with the signals, and with the kernels.
            let bySignal = all.map { memory.unwritten($0.upstream.count) }
            let byKernel = all.map { memory.unwritten($0.upstream.count) }
            try convolution.apply(deltas, kernel: w, pairing, into: bySignal)
            try convolution.apply(signals, kernel: deltaOfKernel, pairing, into: byKernel)
            var change = 0.0, pulledBack = inner(dw, deltaOfKernel), scale = 0.0
            for index in all.indices {
                change += inner(all[index].upstream, bySignal[index])
                change += inner(all[index].upstream, byKernel[index])
                pulledBack += inner(gradients[index], deltas[index])
                // The errors of y, dx and dk are relative to the norms of what is convolved.
                scale +=
                    norm(all[index].upstream)
                    * (norm(deltas[index]) * norm(w) + norm(signals[index]) * norm(deltaOfKernel))
            }
            // Each of the two sides, of a convolution and of its adjoint, has the error of transforms.
            #expect(
                abs(change - pulledBack)
                    <= 2 * transformTolerance(Double.self, points: shape.pointCount) * scale)
        }
    }

    /// The kernels are transformed once for all signals: what becomes of their memory afterwards is all the same, and
    /// here the first signal's output takes it. (Callers must not do so; it shows the order in which things are done.)
    @Test func kernelsAreTransformedOnce() throws {
        var generator = SplitMix64.announced(seed: 0xA5)
        let shape = Shape(signal: [40], kernel: [40], boundary: .causal)
        let convolution: LongConvolution<Double> = try shape.convolution()
        let pairing = Pairing.dense(batch: 2, inputs: 2, outputs: 3)
        var operands = try (0..<2).map { _ in try Operands<Double>(shape, pairing, using: &generator) }
        operands[1].kernel = operands[0].kernel
        let expected = try operands[1].results(of: convolution)
        try withMemory(of: Double.self) { memory in
            let kernel = UnsafeMutableBufferPointer(mutating: memory.copy(operands[0].kernel))
            let output = memory.unwritten(expected.output.count)
            #expect(kernel.count == output.count)
            try convolution.apply(
                operands.map { memory.copy($0.signal) }, kernel: UnsafeBufferPointer(kernel), pairing,
                into: [kernel, output])
            #expect(sameBits(Array(output), expected.output))
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
