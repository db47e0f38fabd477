import CLongConvolution
import Convolution

@testable import LongConvolutionC

/// The operands of a case in memory, and the calls with them.
struct Call<Scalar: ConvolutionScalar> {
    let shape: Case
    let plan: Plan
    var memory: [Operand: StridedMemory<Scalar>] = [:]
    var threads: Int32 = 0

    /// Random values of -1 ... 1 that `Float` holds exactly.
    init(_ shape: Case, using generator: inout some RandomNumberGenerator) throws {
        self.shape = shape
        plan = try Plan(shape)
        for operand in shape.inputs + [.upstream, .output] + shape.gradients {
            let memory = StridedMemory<Scalar>(
                counts: shape.counts(operand), strides: shape.strides[operand.rawValue])
            if !operand.isWritten {
                memory.write(
                    (0..<memory.counts.reduce(1, *)).map { _ in
                        Scalar(Float.random(in: -1...1, using: &generator))
                    })
            }
            self.memory[operand] = memory
        }
    }

    /// The operands of the given kinds; those that are not there are null.
    func operands(_ operands: [Operand]) -> longconv_operands {
        var result = noOperands()
        result.threads = threads
        for operand in operands {
            result[operand] = memory[operand].map { UnsafeMutableRawPointer($0.pointer) }
        }
        return result
    }

    func apply() throws {
        var operands = operands(shape.inputs + [.output])
        try succeed(longconv_apply(plan.handle, &operands), "\(shape)")
    }

    func gradients(_ wanted: [Operand]? = nil) throws {
        var operands = operands(shape.inputs + [.upstream] + (wanted ?? shape.gradients))
        try succeed(longconv_gradients(plan.handle, &operands), "\(shape)")
    }

    /// What was computed, by operand.
    var results: [Operand: [Double]] {
        memory.filter { $0.key.isWritten }.mapValues(\.values)
    }

    var exact: [Operand: [Double]] {
        Reference(shape).results(memory.filter { !$0.key.isWritten }.mapValues(\.values))
    }

    /// The largest error ‖computed - exact‖, relative to the norms of the values that are multiplied.
    ///
    /// Gates and skips are at most 1 in magnitude, so they enlarge no norm; a skip adds that of the signal.
    var largestError: Double {
        func norm(_ operand: Operand) -> Double { self.norm(memory[operand]?.values ?? []) }
        let kernel = (norm(.kernel) + norm(.reverseKernel)) + (shape.has(LONGCONV_HAS_SKIP) ? 1 : 0)
        let (signal, upstream) = (norm(.signal), norm(.upstream))
        let (results, exact) = (results, exact)
        return exact.map { operand, exact in
            let scale =
                switch operand {
                case .output: signal * kernel
                case .signalGradient: upstream * kernel
                case .inputGateGradient, .outputGateGradient: upstream * signal * kernel
                default: upstream * signal
                }
            let error = self.norm(zip(results[operand]!, exact).map { $0 - $1 })
            return error.isNaN ? .infinity : error / scale
        }.max()!
    }

    private func norm(_ values: [Double]) -> Double {
        values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }

    /// The error of a transform of N points is at most about ε·log2 N relative to its norm (G. Golub, C. Van Loan, "Matrix
    /// Computations", 1.4.1), on random data much less, and a convolution makes three of them; small shapes keep the few
    /// roundings of their products and gates.
    var tolerance: Double {
        let points = zip(shape.signal, shape.kernel).reduce(1) { $0 * ($1.0 + 2 * $1.1) }
        return Double(Scalar.ulpOfOne) * (4 + Double(Int.bitWidth - points.leadingZeroBitCount))
    }
}
