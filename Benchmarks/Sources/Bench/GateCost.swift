@_spi(Benchmarks) import Convolution
import Measurement

/// What a skip and gates cost: the times of one workload with and without them, all gradients included.
struct GateCost: Encodable {
    /// Milliseconds of one pass, or of both.
    struct Times: Encodable {
        let plain: Double
        /// With a skip.
        let skip: Double
        /// With both gates.
        let gates: Double
        /// With both gates and a skip.
        let gatesAndSkip: Double
        /// Of copying and reading what gates add to a pass, on the same threads: forward, both gates are read and what the
        /// output gate multiplies is written; backward, these three are read and both gates' gradients written.
        let copies: Double
    }

    /// Of forward and backward pass together.
    struct Ratios: Encodable {
        /// With a skip to without.
        let skip: Double
        /// With gates to without.
        let gates: Double
        /// With gates to without, and the copies.
        let gatesToPlainAndCopies: Double
        /// What gates add, in times of the copies.
        let addedByGatesToCopies: Double
    }

    let shape: String
    /// Milliseconds of forward and backward pass together.
    let plain: Double
    let skip: Double
    let gates: Double
    let gatesAndSkip: Double
    let copies: Double
    let forward: Times
    let backward: Times
    let ratios: Ratios
    /// The largest distance of a round from the median of the plain rounds, relative to it.
    let spread: Double

    /// Takes the times in turn, `rounds` times, and keeps the medians.
    ///
    /// - Throws: `ConvolutionError`
    init(_ workload: Workload, rounds: Int, rigour: Rigour) throws {
        let problem = try Problem(workload, rigour: rigour)
        let gated = GatedProblem(problem)
        let variants: [GatedProblem.Parts] = [.skip, .gates, .all]
        var (forward, backward) = (Rounds(), Rounds())
        for _ in 0..<rounds {
            forward.plain.append(try milliseconds { try problem.computeOutput() })
            backward.plain.append(try milliseconds { try problem.computeGradients() })
            for (number, parts) in variants.enumerated() {
                forward.gated[number].append(
                    try milliseconds { try gated.computeOutput(parts, isTraining: true) })
                backward.gated[number].append(try milliseconds { try gated.computeGradients(parts) })
            }
            // After a pass the operands lie where a pass finds them: in the cache as far as they fit beside the others.
            forward.copies.append(
                try milliseconds(after: { try problem.computeOutput() }, of: { gated.copyForward() }))
            backward.copies.append(
                try milliseconds(after: { try problem.computeGradients() }, of: { gated.copyBackward() }))
        }
        shape = workload.shape
        (self.forward, self.backward) = (forward.medians, backward.medians)
        plain = self.forward.plain + self.backward.plain
        skip = self.forward.skip + self.backward.skip
        gates = self.forward.gates + self.backward.gates
        gatesAndSkip = self.forward.gatesAndSkip + self.backward.gatesAndSkip
        copies = self.forward.copies + self.backward.copies
        ratios = Ratios(
            skip: skip / plain, gates: gates / plain, gatesToPlainAndCopies: gates / (plain + copies),
            addedByGatesToCopies: (gates - plain) / copies)
        spread = relativeSpread(zip(forward.plain, backward.plain).map { $0 + $1 })
    }
}

/// The times of a pass in each round.
private struct Rounds {
    var plain: [Double] = []
    var gated: [[Double]] = [[], [], []]
    var copies: [Double] = []

    var medians: GateCost.Times {
        GateCost.Times(
            plain: median(plain), skip: median(gated[0]), gates: median(gated[1]),
            gatesAndSkip: median(gated[2]), copies: median(copies))
    }
}

extension GatedProblem {
    fileprivate func copyForward() {
        BareCopies.execute(
            rowLength: problem.workload.rowLength, copies: [(UnsafeBufferPointer(inputGate), ungated)],
            reads: [UnsafeBufferPointer(outputGate)])
    }

    fileprivate func copyBackward() {
        BareCopies.execute(
            rowLength: problem.workload.rowLength,
            copies: [
                (UnsafeBufferPointer(inputGate), inputGateGradient),
                (UnsafeBufferPointer(outputGate), outputGateGradient),
            ], reads: [UnsafeBufferPointer(ungated)])
    }
}

extension GateCost {
    /// The rows that are printed.
    static let table = Table(
        [
            ("shape", 16), ("plain ms", -9), ("skip", -9), ("gates", -9), ("both", -9), ("copies", -9),
            ("skip/plain", -10),
            ("gates/plain", -11), ("gates/(plain + copies)", -22), ("spread", -8),
        ])

    var cells: [String] {
        [shape] + [plain, skip, gates, gatesAndSkip, copies].map(millisecondsText)
            + [ratios.skip, ratios.gates, ratios.gatesToPlainAndCopies].map { decimal($0, places: 3) }
            + [percentText(spread)]
    }
}
