import Convolution

/// The convolution of a problem with a skip and gates, ready to be computed again and again.
public final class GatedProblem {
    /// What is there besides signal and kernel.
    public struct Parts: OptionSet, Sendable {
        /// A bit for each part.
        public let rawValue: Int
        /// The parts of the bits that are set.
        public init(rawValue: Int) { self.rawValue = rawValue }
        /// What the gated signal is added with.
        public static let skip = Parts(rawValue: 1)
        /// The input gate and the output gate.
        public static let gates = Parts(rawValue: 2)
        /// Gates and skip.
        public static let all: Parts = [.skip, .gates]
    }

    /// Signal, kernel, their gradients, and the plan.
    public let problem: Problem
    /// Both gates and their gradients, `[B, C, ...extents]`.
    public let inputGate, outputGate, inputGateGradient, outputGateGradient: UnsafeMutableBufferPointer<Float>
    /// The skip and its gradient, `[C]`.
    public let skip, skipGradient: UnsafeMutableBufferPointer<Float>
    /// What the output gate multiplies, kept for its gradient, `[B, C, ...extents]`.
    public let ungated: UnsafeMutableBufferPointer<Float>

    /// Allocates the buffers, which hold noise (inputs) and zeros (results).
    public init(_ problem: Problem) {
        self.problem = problem
        let (count, channels) = (problem.workload.signalCount, problem.workload.channels)
        var noise = Noise()
        inputGate = .allocate(count, filledBy: { noise.next() })
        outputGate = .allocate(count, filledBy: { noise.next() })
        skip = .allocate(channels, filledBy: { noise.next() })
        inputGateGradient = .allocate(count, filledBy: { 0 })
        outputGateGradient = .allocate(count, filledBy: { 0 })
        skipGradient = .allocate(channels, filledBy: { 0 })
        ungated = .allocate(count, filledBy: { 0 })
    }

    deinit {
        for buffer in [
            inputGate, outputGate, skip, inputGateGradient, outputGateGradient, skipGradient, ungated,
        ] {
            buffer.deallocate()
        }
    }

    /// output = outputGate ⊙ (signal' * kernel + skip signal'), with signal' = inputGate ⊙ signal
    ///
    /// - Parameter isTraining: Whether what the output gate multiplies is kept for its gradient.
    public func computeOutput(_ parts: Parts = .all, isTraining: Bool) throws {
        try problem.convolution.apply(
            UnsafeBufferPointer(problem.signal), kernel: UnsafeBufferPointer(problem.kernel),
            problem.workload.pairing, gates: gates(parts), into: problem.output,
            ungated: isTraining && parts.contains(.gates) ? ungated : nil)
    }

    /// The gradients of signal, kernel and parts, after an output that was computed for training.
    public func computeGradients(_ parts: Parts = .all) throws {
        let isGated = parts.contains(.gates)
        try problem.convolution.gradients(
            UnsafeBufferPointer(problem.signal), kernel: UnsafeBufferPointer(problem.kernel),
            problem.workload.pairing, gates: gates(parts), upstream: UnsafeBufferPointer(problem.upstream),
            ungated: isGated ? UnsafeBufferPointer(ungated) : nil,
            into: GatedGradients(
                signal: problem.signalGradient, kernel: problem.kernelGradient,
                inputGate: isGated ? inputGateGradient : nil, outputGate: isGated ? outputGateGradient : nil,
                skip: parts.contains(.skip) ? skipGradient : nil))
    }

    private func gates(_ parts: Parts) -> Gates<Float> {
        let isGated = parts.contains(.gates)
        return Gates(
            input: isGated ? UnsafeBufferPointer(inputGate) : nil,
            output: isGated ? UnsafeBufferPointer(outputGate) : nil,
            skip: parts.contains(.skip) ? UnsafeBufferPointer(skip) : nil)
    }
}
