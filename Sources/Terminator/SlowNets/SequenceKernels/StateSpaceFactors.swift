import Foundation
import Runtime
import Tensors

/// The powers of a state space's modes, in two tables of about √L powers each instead of one of L.
///
/// With l = q b + r, 0 ≤ r < b, each term of the kernel is a product:
///
///     k[q b + r] = Σ_n 2 Re(U_qn V_rn),   U_qn = G_n exp(q b λ_n),   V_rn = exp(r λ_n)
///     λ = d A,   G = C (exp(λ) - 1) / A = C d φ(λ),   φ(λ) = (exp(λ) - 1) / λ
///
/// and the kernel is a product of matrices over the real and imaginary parts. The tables are computed by repeated
/// multiplication in double precision: phases of thousands of radians keep their digits, and a mode takes two
/// exponentials.
struct StateSpaceFactors: Sendable {
    /// L, the number of samples of the kernel.
    let count: Int
    /// N, the number of modes.
    let modes: Int
    /// What the steps are multiplied by; the kernel is divided by it, which makes it a density.
    let stepRatio: Double
    /// b and the number of blocks, ⌈L / b⌉.
    let blockLength, blockCount: Int

    init(count: Int, modes: Int, stepRatio: Double) {
        self.count = count
        self.modes = modes
        self.stepRatio = stepRatio
        blockLength = max(1, Int(Double(count).squareRoot().rounded(.up)))
        blockCount = (count + blockLength - 1) / blockLength
    }

    /// The kernel `[C, L]`.
    func kernel(logStep: Tensor, logDecay: Tensor, frequency: Tensor, output: Tensor) -> Tensor {
        let channels = logStep.count
        let parameters = [logStep, logDecay, frequency, output]
        let values = parameters.map(\.scalars)
        let shapes = parameters.map(\.shape)
        let areRecorded = parameters.map(\.isRecorded)
        let tables = tables(values, channels: channels).recorded(from: parameters) { cotangents in
            let gradients = pullback(
                blocks: cotangents[0]?.scalars, offsets: cotangents[1]?.scalars, values, channels: channels)
            return zip(gradients, zip(shapes, areRecorded)).map {
                $1.1 ? Tensor(shape: $1.0, scalars: $0.map(Float.init)) : nil
            }
        }
        return tables[0].matrixProduct(tables[1]).reshaped(to: [channels, blockCount * blockLength])
            .slice(alongAxis: 1, 0..<count)
    }

    /// 2 Re U and -2 Im U, `[C, Q, 2 N]`, and Re V and Im V, `[C, 2 N, b]`.
    private func tables(_ values: [[Float]], channels: Int) -> [Tensor] {
        var blocks = [Float](repeating: 0, count: channels * blockCount * 2 * modes)
        var offsets = [Float](repeating: 0, count: channels * 2 * modes * blockLength)
        blocks.withUnsafeMutableBufferPointer { blocks in
            offsets.withUnsafeMutableBufferPointer { offsets in
                forEachMode(values, channels: channels) { channel, index, mode in
                    var power = mode.gain
                    for block in 0..<blockCount {
                        let row = (channel * blockCount + block) * 2 * modes + index
                        blocks[row] = Float(2 * power.real)
                        blocks[row + modes] = Float(-2 * power.imaginary)
                        power = power * mode.blockFactor
                    }
                    power = ComplexNumber(1, 0)
                    for offset in 0..<blockLength {
                        let row = (channel * 2 * modes + index) * blockLength + offset
                        offsets[row] = Float(power.real)
                        offsets[row + modes * blockLength] = Float(power.imaginary)
                        power = power * mode.factor
                    }
                }
            }
        }
        return [
            Tensor(shape: [channels, blockCount, 2 * modes], scalars: blocks),
            Tensor(shape: [channels, 2 * modes, blockLength], scalars: offsets),
        ]
    }

    /// The gradients with respect to the logarithms of steps and decays, the frequencies, and C.
    ///
    /// A real loss has dL = Re(h dU) for each power, h the conjugate of its cotangent. From
    ///
    ///     dU_q = exp(q b λ) dG + q b U_q dλ,   dV_r = r V_r dλ
    ///     dG = d φ(λ) dC + G dlogStep + C d φ'(λ) dλ
    ///     dλ = λ dlogStep + d dA,   dA = -decay dlogDecay + i dfrequency
    ///
    /// the sums Γ = Σ h exp(q b λ) and Λ = Σ h q b U + Σ h r V are all that is needed of the tables.
    private func pullback(
        blocks: [Float]?, offsets: [Float]?, _ values: [[Float]], channels: Int
    ) -> [[Double]] {
        var steps = [Double](repeating: 0, count: channels)
        var decays = [Double](repeating: 0, count: channels * modes)
        var frequencies = decays
        var outputs = [Double](repeating: 0, count: 2 * channels * modes)
        steps.withUnsafeMutableBufferPointer { steps in
            decays.withUnsafeMutableBufferPointer { decays in
                frequencies.withUnsafeMutableBufferPointer { frequencies in
                    outputs.withUnsafeMutableBufferPointer { outputs in
                        forEachMode(values, channels: channels) { channel, index, mode in
                            let (gain, exponent) = sums(
                                blocks: blocks, offsets: offsets, channel: channel, index: index, mode: mode)
                            // All of dL that is due to λ.
                            let total = exponent + gain * mode.gainSlope
                            let hold = gain * mode.hold
                            let pole = total * mode.step
                            let at = channel * modes + index
                            steps[channel] += (pole * mode.pole).real + (gain * mode.gain).real
                            decays[at] = pole.real * mode.pole.real
                            frequencies[at] = -pole.imaginary
                            outputs[2 * at] = hold.real
                            outputs[2 * at + 1] = -hold.imaginary
                        }
                    }
                }
            }
        }
        return [steps, decays, frequencies, outputs]
    }

    /// Γ and Λ of a mode.
    private func sums(
        blocks: [Float]?, offsets: [Float]?, channel: Int, index: Int, mode: StateSpaceMode
    ) -> (gain: ComplexNumber, exponent: ComplexNumber) {
        var gain = ComplexNumber(0, 0)
        var exponent = ComplexNumber(0, 0)
        if let blocks {
            var power = ComplexNumber(1, 0)
            var moment = ComplexNumber(0, 0)
            for block in 0..<blockCount {
                let row = (channel * blockCount + block) * 2 * modes + index
                // The table holds 2 Re U and -2 Im U.
                let term = ComplexNumber(2 * Double(blocks[row]), 2 * Double(blocks[row + modes])) * power
                gain = gain + term
                moment = moment + term * Double(block * blockLength)
                power = power * mode.blockFactor
            }
            exponent = moment * mode.gain
        }
        if let offsets {
            var power = ComplexNumber(1, 0)
            for offset in 0..<blockLength {
                let row = (channel * 2 * modes + index) * blockLength + offset
                let cotangent = ComplexNumber(
                    Double(offsets[row]), -Double(offsets[row + modes * blockLength]))
                exponent = exponent + cotangent * power * Double(offset)
                power = power * mode.factor
            }
        }
        return (gain, exponent)
    }

    /// Calls `body` for each channel and mode, channels in parallel.
    private func forEachMode(
        _ values: [[Float]], channels: Int,
        _ body: (_ channel: Int, _ index: Int, _ mode: StateSpaceMode) -> Void
    ) {
        // About 3 ns for each power: a complex product, two conversions and two strided writes.
        let nanoseconds = Double(channels * modes) * (100 + 3 * Double(blockCount + blockLength))
        parallelFor(channels, nanoseconds: nanoseconds) { channel, _ in
            for index in 0..<modes {
                let at = channel * modes + index
                let mode = StateSpaceMode(
                    step: exp(Double(values[0][channel])) * stepRatio, decay: exp(Double(values[1][at])),
                    frequency: Double(values[2][at]),
                    output: ComplexNumber(Double(values[3][2 * at]), Double(values[3][2 * at + 1])),
                    stepRatio: stepRatio, blockLength: blockLength)
                body(channel, index, mode)
            }
        }
    }
}
