@_spi(Benchmarks) import Convolution
import Measurement

/// What a kernel much shorter than its row costs on one thread, as the engine computes it and by the other methods.
struct BlockCost: Encodable {
    /// Nanoseconds a sample.
    struct Times: Encodable {
        let forward: Double
        let forwardAndBackward: Double
    }

    let length: Int
    let kernelLength: Int
    /// The method that the engine chose.
    let method: ComparedMethod
    /// By that method.
    let engine: Times
    /// By the sum of products; `nil` for kernels with which that takes many times as long.
    let sum: Times?
    /// By transforms of whole rows.
    let wholeTransform: Times
    let spread: Double

    /// Lengths of rows.
    static let lengths = (16...22).map { 1 << $0 }
    /// Lengths of kernels, from the longest that is summed.
    static let kernelLengths = [24, 25, 128, 512, 8192]
    /// Up to this many taps sums are measured too.
    private static let longestSummed = 128

    /// Takes the times in turn, `rounds` times, and keeps the medians.
    ///
    /// - Throws: `ConvolutionError`
    init(length: Int, kernelLength: Int, rounds: Int, rigour: Rigour) throws {
        let workload = try Workload(
            shape: "1x1x\(length)", kernels: .shared, kernelExtents: [kernelLength])
        let problem = try Problem(workload, rigour: rigour)
        let chosen = problem.convolution
        var methods = [chosen, try chosen.byWholeTransforms()]
        if kernelLength <= Self.longestSummed { methods.append(chosen.bySums) }
        var times = methods.map { _ in (forward: [Double](), backward: [Double]()) }
        for _ in 0..<rounds {
            for (number, method) in methods.enumerated() {
                times[number].forward.append(try milliseconds { try problem.computeOutput(by: method) })
                times[number].backward.append(try milliseconds { try problem.computeGradients(by: method) })
            }
        }
        let perSample = times.map { rounds in
            Times(
                forward: median(rounds.forward) * 1e6 / Double(length),
                forwardAndBackward: (median(rounds.forward) + median(rounds.backward)) * 1e6 / Double(length))
        }
        self.length = length
        self.kernelLength = kernelLength
        method = chosen.method
        engine = perSample[0]
        wholeTransform = perSample[1]
        sum = perSample.count > 2 ? perSample[2] : nil
        spread = relativeSpread(zip(times[0].forward, times[0].backward).map { $0 + $1 })
    }
}

extension BlockCost {
    /// The rows that are printed.
    static let table = Table(
        [
            ("samples", -9), ("taps", -6), ("method", 15), ("forward ns", -10), ("and backward", -12),
            ("sum", -7),
            ("and backward", -12), ("whole", -7), ("and backward", -12), ("spread", -8),
        ])

    var cells: [String] {
        func texts(_ times: Times?) -> [String] {
            [times?.forward, times?.forwardAndBackward].map { $0.map { decimal($0, places: 2) } ?? "-" }
        }
        return ["\(length)", "\(kernelLength)", method.rawValue] + texts(engine) + texts(sum)
            + texts(wholeTransform) + [percentText(spread)]
    }
}
