import TestSupport
import Testing

@testable import Convolution

/// Gradients of several signals, of which some are not wanted and some upstream cotangents are zero.
@Suite struct GradientSelectionTests {
    @Test(arguments: Shape.representatives.filter { $0.pointCount < 20_000 })
    func severalSignals(_ shape: Shape) throws {
        var generator = SplitMix64.announced(seed: 0xB1)
        let convolution: LongConvolution<Double> = try shape.convolution()
        let tolerance = transformTolerance(Double.self, points: shape.pointCount)
        // Many samples, so that a kernel's rows are in several tasks; and one kernel for each row.
        for pairing in [Pairing.shared(batch: 12, channels: 1), .perSample(batch: 2, channels: 2)] {
            let first = try Operands<Double>(shape, pairing, using: &generator)
            var others = [first, first, first]
            for index in 1..<3 {
                let other = try Operands<Double>(shape, pairing, using: &generator)
                others[index].signal = other.signal
                others[index].upstream = other.upstream
            }
            let alone = try others.map { try $0.results(of: convolution) }
            let (signalGradients, kernelGradient) = try withMemory(of: Double.self) { memory in
                let gradients = [
                    memory.unwritten(first.signal.count), memory.unwritten(first.signal.count), nil,
                ]
                let ofKernel = memory.unwritten(first.kernel.count)
                // The upstream cotangent of the second is zero; the gradient of the third is not wanted.
                try convolution.gradients(
                    others.map { memory.copy($0.signal) }, kernel: memory.copy(first.kernel), pairing,
                    upstreams: [memory.copy(others[0].upstream), nil, memory.copy(others[2].upstream)],
                    signalGradients: gradients, kernelGradient: ofKernel)
                return (gradients.map { $0.map { Array($0) } }, Array(ofKernel))
            }
            let label = "\(shape) \(pairing)"
            // Products for both gradients at once may round otherwise than those for one.
            #expect(
                distance(signalGradients[0]!, alone[0].signalGradient)
                    <= tolerance * norm(first.kernel) * norm(first.upstream), "first of \(label)")
            #expect(signalGradients[1]!.allSatisfy { $0 == 0 }, "second of \(label)")
            let sum = zip(alone[0].kernelGradient, alone[2].kernelGradient).map { $0 + $1 }
            let scale = others.reduce(0) { $0 + norm($1.signal) * norm($1.upstream) }
            #expect(distance(kernelGradient, sum) <= tolerance * scale, "kernel of \(label)")
        }
    }

    @Test(arguments: Shape.representatives.filter { $0.pointCount < 20_000 })
    func oneGradientAlone(_ shape: Shape) throws {
        var generator = SplitMix64.announced(seed: 0xB2)
        let convolution: LongConvolution<Double> = try shape.convolution()
        let operands = try Operands<Double>(shape, .shared(batch: 3, channels: 2), using: &generator)
        let both = try operands.results(of: convolution)
        let (dx, dw) = try withMemory(of: Double.self) { memory in
            let (x, w) = (memory.copy(operands.signal), memory.copy(operands.kernel))
            let upstream = memory.copy(operands.upstream)
            let dx = memory.unwritten(x.count), dw = memory.unwritten(w.count)
            try convolution.gradients(
                x, kernel: w, operands.pairing, upstream: upstream, signalGradient: dx, kernelGradient: nil)
            try convolution.gradients(
                x, kernel: w, operands.pairing, upstream: upstream, signalGradient: nil, kernelGradient: dw)
            return (Array(dx), Array(dw))
        }
        // Products for both gradients at once may round otherwise than those for one.
        let tolerance = transformTolerance(Double.self, points: shape.pointCount) * norm(operands.upstream)
        #expect(distance(dx, both.signalGradient) <= tolerance * norm(operands.kernel), "\(shape)")
        #expect(distance(dw, both.kernelGradient) <= tolerance * norm(operands.signal), "\(shape)")
    }

    /// An empty batch is no error; its kernel's gradient is a sum over nothing.
    @Test func emptyBatch() throws {
        let convolution = try LongConvolution<Float>(length: 5, kernelLength: 5, boundary: .full)
        let none = UnsafeBufferPointer<Float>(start: nil, count: 0)
        try withMemory(of: Float.self) { memory in
            let kernel = memory.copy((0..<10).map(Float.init)), gradient = memory.unwritten(10)
            try convolution.apply(
                none, kernel: kernel, .shared(batch: 0, channels: 2),
                into: UnsafeMutableBufferPointer(start: nil, count: 0))
            try convolution.gradients(
                none, kernel: kernel, .shared(batch: 0, channels: 2), upstream: none, signalGradient: nil,
                kernelGradient: gradient)
            #expect(gradient.allSatisfy { $0 == 0 })
        }
    }
}
