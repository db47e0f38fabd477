import TestSupport
import Testing

@testable import Convolution

/// Convolution with Ŵ = W ⊙ z1 against direct sums with kernels multiplied by hand.
@Suite struct ContextKernelTests {
    private let batch = 3, channels = 2

    /// Operands for several signals, and what direct sums make of them.
    private struct Case {
        let kernel: [Double]
        let factor: [Double]
        var signals: [[Double]] = []
        /// The cotangent of each output; `nil` for zero.
        var upstreams: [[Double]?] = []
        var outputs: [[Double]] = []
        var signalGradients: [[Double]] = []
        var kernelGradient: [Double]
        var factorGradient: [Double]
        /// The product of the norms of all that is multiplied, which errors are relative to.
        let scale: Double

        init(
            _ shape: Shape, batch: Int, channels: Int, upstreamsGiven: [Bool],
            using generator: inout SplitMix64
        ) {
            let map = shape.directMap
            let rows = batch * channels
            // Elements are at most 1, so a norm is at most the root of the number of elements.
            let largest = [map.kernelCount, map.signalCount, map.outputCount].sorted().suffix(2)
            scale = Double(largest.reduce(rows * upstreamsGiven.count, *)).squareRoot()
            kernel = randomScalars(channels * map.kernelCount, using: &generator)
            factor = randomScalars(rows * map.kernelCount, using: &generator)
            kernelGradient = [Double](repeating: 0, count: kernel.count)
            factorGradient = [Double](repeating: 0, count: factor.count)
            for isGiven in upstreamsGiven {
                let signal: [Double] = randomScalars(rows * map.signalCount, using: &generator)
                let upstream: [Double] = randomScalars(rows * map.outputCount, using: &generator)
                var output: [Double] = [], signalGradient: [Double] = []
                for row in 0..<rows {
                    let ofKernel = (row % channels) * map.kernelCount, ofFactor = row * map.kernelCount
                    let product = (0..<map.kernelCount).map { kernel[ofKernel + $0] * factor[ofFactor + $0] }
                    let x = signal[row * map.signalCount..<(row + 1) * map.signalCount]
                    let g = upstream[row * map.outputCount..<(row + 1) * map.outputCount]
                    output += map.output(x, product[...]).values
                    signalGradient +=
                        isGiven
                        ? map.signalGradient(g, product[...])
                        : [Double](repeating: 0, count: map.signalCount)
                    guard isGiven else { continue }
                    for (index, value) in map.kernelGradient(g, x).enumerated() {
                        kernelGradient[ofKernel + index] += value * factor[ofFactor + index]
                        factorGradient[ofFactor + index] += value * kernel[ofKernel + index]
                    }
                }
                signals.append(signal)
                upstreams.append(isGiven ? upstream : nil)
                outputs.append(output)
                signalGradients.append(signalGradient)
            }
        }
    }

    /// The engine's results, in `Scalar`; gradients that are not wanted are `nil`.
    private struct Gradients<Scalar: ConvolutionScalar> {
        var kernel: [Scalar]?
        var factor: [Scalar]?
        var signals: [[Scalar]?]
    }

    private func outputs<Scalar: ConvolutionScalar>(
        _ convolution: LongConvolution<Scalar>, _ operands: Case
    ) throws -> [[Scalar]] {
        try withMemory(of: Scalar.self) { memory in
            let outputs = operands.outputs.map { memory.unwritten($0.count) }
            try convolution.applyContextKernel(
                memory.copy(operands.kernel), factor: memory.copy(operands.factor),
                to: operands.signals.map { memory.copy($0) }, batch: batch, channels: channels, into: outputs)
            return outputs.map { Array($0) }
        }
    }

    private func gradients<Scalar: ConvolutionScalar>(
        _ convolution: LongConvolution<Scalar>, _ operands: Case, kernelWanted: Bool = true,
        factorWanted: Bool = true, signalsWanted: [Bool]
    ) throws -> Gradients<Scalar> {
        try withMemory(of: Scalar.self) { memory in
            let ofKernel = kernelWanted ? memory.unwritten(operands.kernel.count) : nil
            let ofFactor = factorWanted ? memory.unwritten(operands.factor.count) : nil
            let ofSignals = zip(operands.signals, signalsWanted).map { signal, isWanted in
                isWanted ? memory.unwritten(signal.count) : nil
            }
            try convolution.contextKernelGradients(
                memory.copy(operands.kernel), factor: memory.copy(operands.factor),
                signals: operands.signals.map { memory.copy($0) }, batch: batch, channels: channels,
                upstreams: operands.upstreams.map { $0.map { memory.copy($0) } }, kernelGradient: ofKernel,
                factorGradient: ofFactor, signalGradients: ofSignals)
            return Gradients(
                kernel: ofKernel.map { Array($0) }, factor: ofFactor.map { Array($0) },
                signals: ofSignals.map { $0.map { Array($0) } })
        }
    }

    private func check<Scalar: ConvolutionScalar>(
        _ convolution: LongConvolution<Scalar>, _ operands: Case, _ shape: Shape
    ) throws {
        let tolerance = transformTolerance(Scalar.self, points: shape.pointCount) * operands.scale
        let label = "\(shape) in \(Scalar.self)"
        for (output, expected) in zip(try outputs(convolution, operands), operands.outputs) {
            #expect(distance(output, expected) <= tolerance, "output of \(label)")
        }
        let all = operands.signals.map { _ in true }
        let gradients = try gradients(convolution, operands, signalsWanted: all)
        #expect(
            distance(gradients.kernel!, operands.kernelGradient) <= tolerance, "kernel gradient of \(label)")
        #expect(
            distance(gradients.factor!, operands.factorGradient) <= tolerance, "factor gradient of \(label)")
        for (gradient, expected) in zip(gradients.signals, operands.signalGradients) {
            #expect(distance(gradient!, expected) <= tolerance, "signal gradient of \(label)")
        }

        // What is left out leaves the rest as it is.
        for wanted in 0..<8 where wanted != 7 {
            let signalsWanted = all.indices.map { wanted & 4 != 0 && $0 != 1 }
            let some = try self.gradients(
                convolution, operands, kernelWanted: wanted & 1 != 0, factorWanted: wanted & 2 != 0,
                signalsWanted: signalsWanted)
            #expect(
                agrees(some.kernel, gradients.kernel, tolerance)
                    && agrees(some.factor, gradients.factor, tolerance), "\(label), wanted \(wanted)")
            for (part, whole) in zip(some.signals, gradients.signals) {
                #expect(agrees(part, whole, tolerance), "\(label), wanted \(wanted)")
            }
        }
    }

    /// Another product of the same spectra may round otherwise, so agreement is to the tolerance.
    private func agrees<Scalar: ConvolutionScalar>(
        _ some: [Scalar]?, _ whole: [Scalar]?, _ tolerance: Double
    ) -> Bool {
        some.map { distance($0, whole!) <= tolerance } ?? true
    }

    /// Direct plans (short kernels) and spectral ones.
    @Test(arguments: Boundary.allCases, [Orientation.convolution, .correlation])
    func againstDirectSums(_ boundary: Boundary, _ orientation: Orientation) throws {
        var generator = SplitMix64.announced(seed: 0x91)
        for (signal, kernel) in [
            ([20], [6]), ([33], [33]), ([60], [41]), ([6, 7], [3, 5]), ([9, 11], [9, 10]),
        ] {
            let shape = Shape(signal: signal, kernel: kernel, boundary: boundary, orientation: orientation)
            guard shape.exists else { continue }
            for upstreamsGiven in [[true], [true, false, true], [false, false]] {
                let operands = Case(
                    shape, batch: batch, channels: channels, upstreamsGiven: upstreamsGiven,
                    using: &generator)
                try check(shape.convolution() as LongConvolution<Double>, operands, shape)
                try check(shape.spectralConvolution() as LongConvolution<Double>, operands, shape)
                try check(shape.convolution() as LongConvolution<Float>, operands, shape)
            }
        }
    }

    /// Nothing to convolve is no error, and no gradient stays unwritten.
    @Test func emptyBatches() throws {
        let convolution = try LongConvolution<Float>(length: 4, kernelLength: 4, boundary: .causal)
        try withMemory(of: Float.self) { memory in
            let kernel = memory.copy([Float](repeating: 1, count: 8)), none = memory.copy([Float]())
            let gradient = memory.unwritten(8), nothing = memory.unwritten(0)
            try convolution.applyContextKernel(
                kernel, factor: none, to: [none], batch: 0, channels: 2, into: [nothing])
            try convolution.contextKernelGradients(
                kernel, factor: none, signals: [none], batch: 0, channels: 2, upstreams: [none],
                kernelGradient: gradient, factorGradient: nothing, signalGradients: [nothing])
            #expect(gradient.allSatisfy { $0 == 0 })
        }
    }
}
