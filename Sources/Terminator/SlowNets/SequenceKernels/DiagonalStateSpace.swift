import Foundation
import Runtime
import Tensors

/// The kernel of a diagonal state space (S4D): a sum of damped oscillations, held constant over each sample.
///
///     x'(t) = A x(t) + u(t),   y(t) = 2 Re C x(t),   A = -exp(logDecay) + i frequency,   d = exp(logStep)
///     k[l] = 2 Re Σ_n C_n (exp(d A_n) - 1) / A_n · exp(l d A_n)
///
/// With zero-order hold k[l] is the integral of the continuous response over the l-th sample. So the kernel changes its
/// resolution exactly: at half the step, pairs of samples sum to one of the coarse kernel.
///
/// Source: A. Gu et al., *On the Parameterization and Initialization of Diagonal State Space Models*, arXiv 2206.11893
/// (S4D-Lin). It starts as published: decays of 1/2, frequencies π n, steps log-uniform in 0.001 ..< 0.1, C a complex
/// normal variate.
public struct DiagonalStateSpace: SlowNet {
    /// `[C]`, or `[2 C]` for a kernel of two sides: the logarithms of the steps d.
    public var logStep: Tensor
    /// `[C, N]`: the logarithms of the decays, -Re A.
    public var logDecay: Tensor
    /// `[C, N]`: Im A, in radians per unit of time.
    public var frequency: Tensor
    /// `[C, N, 2]`: the real and the imaginary part of C.
    public var output: Tensor
    /// The extent of the kernel the state space was made for.
    public let extents: [Int]
    private let side: KernelSides
    /// Whether there is no state space for the lags below 0.
    var isCausal: Bool { side.count == 1 }

    /// A state space for kernels `[outputs, n]`.
    ///
    /// - Parameters:
    ///   - extents: the extent n of the kernel: one axis.
    ///   - outputs: the number of its channels.
    ///   - modes: the number N of complex modes, half the size of the real state; the source has 32.
    ///   - alignment: causal kernels begin at lag 0; centred ones have a second state space, for the lags below 0.
    ///   - randomNumbers: the generator that draws the parameters.
    public init(
        extents: [Int], outputs: Int, modes: Int, alignment: GlobalInteraction.Alignment = .causal,
        using randomNumbers: inout RandomNumbers
    ) {
        require(
            extents.count == 1 && extents[0] >= 1 && modes >= 1,
            "expected one extent of at least 1, and at least 1 mode, got \(extents) and \(modes)")
        self.extents = extents
        side = KernelSides(alignment)
        let rows = side.count * outputs
        logStep = Tensor(shape: [rows], uniformIn: Float(log(0.001))..<Float(log(0.1)), using: &randomNumbers)
        logDecay = Tensor(shape: [rows, modes], repeating: Float(log(0.5)))
        let frequencies = (0..<modes).map { Float.pi * Float($0) }
        frequency = Tensor(shape: [rows, modes], scalars: (0..<rows).flatMap { _ in frequencies })
        // A complex variate of variance 1 has half of it in each part.
        output = Tensor(
            shape: [rows, modes, 2], normalWithDeviation: Float(0.5).squareRoot(), using: &randomNumbers)
    }

    /// The kernel `[C, n']`, as a density: multiplied by n/n', it is the kernel at the step d n/n'.
    ///
    /// - Complexity: 2 N C n' multiplications and 2 √n' complex products for each mode; see `StateSpaceFactors`.
    public func kernel(extents: [Int]) -> Tensor {
        require(extents.count == 1, "expected one extent, got \(extents)")
        let ratio = Double(self.extents[0]) / Double(extents[0])
        return side.joined(extent: extents[0]) { count in
            let factors = StateSpaceFactors(count: count, modes: logDecay.shape[1], stepRatio: ratio)
            return factors.kernel(logStep: logStep, logDecay: logDecay, frequency: frequency, output: output)
        }
    }

    /// Visits `logStep`, `logDecay`, `frequency` and `output`.
    public mutating func forEachParameterPath(_ body: (SlowNetPath, inout Tensor) throws -> Void) rethrows {
        try body(.stateSpace(.logStep), &logStep)
        try body(.stateSpace(.logDecay), &logDecay)
        try body(.stateSpace(.frequency), &frequency)
        try body(.stateSpace(.output), &output)
    }

    /// Steps, decays and frequencies have a rate of their own and no weight decay, as published.
    public func trainingRule(of path: SlowNetPath, rates: KernelRates) -> TrainingRule? {
        path == .stateSpace(.output) ? nil : TrainingRule(rateFactor: rates.dynamics, decays: false)
    }
}

/// The parameters of a ``DiagonalStateSpace``.
public enum StateSpacePath: String, ParameterPath {
    /// The logarithms of the steps.
    case logStep
    /// The logarithms of the decays.
    case logDecay
    /// The frequencies of the modes.
    case frequency
    /// The weights of the modes in the kernel.
    case output

    /// The property's name.
    public var name: String { rawValue }
    /// Whether it is the weights of the modes.
    public var isWeight: Bool { self == .output }
}
