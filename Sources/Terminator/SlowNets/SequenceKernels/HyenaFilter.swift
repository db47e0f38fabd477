import Foundation
import Runtime
import Tensors

/// Hyena's implicit filter: a perceptron with sines over positions that are given as time and a few oscillations.
///
///     z(t) = [t, cos(f_j a), -sin(f_j a)],   h₀ = sin(ω ⊙ (W₀ z + b₀)),   h_l = sin(ω ⊙ (W_l h_{l-1} + b_l)),
///     kernel = output h_L
///
/// t runs from 0 to 1 over the kernel, the angle a over one turn; the B frequencies f_j from 10⁻⁴ to B - 1 turns. ω is
/// trained and the same in every layer. The published filter is multiplied by an ``ExponentialWindow``, as
/// ``SlowNetKind/hyena`` is unless the configuration names another window.
///
/// Source: M. Poli et al., *Hyena Hierarchy*, arXiv 2302.10866, section 3.3 and appendix D.3. All layers start uniform in
/// ±1/√(inputs), as in its code. Two things differ. The positions z are not trained (published with a rate of 10⁻⁵). The
/// published ω of 14 and its 16 bands are for 2048 samples; shorter kernels start with an ω in proportion, down to the
/// code's default of 1, and with no more bands than their grid represents: each sine multiplies the bandwidth by about
/// 1 + 0.4 ω, and with an ω of 14 neighboring samples of a kernel of 64 would be unrelated.
public struct HyenaFilter: SlowNet {
    /// The layer from positions to hidden channels.
    public var first: PointwiseLayer
    /// The layers from hidden to hidden channels.
    public var linears: [PointwiseLayer]
    /// ω, `[h]`: the factors of all phases.
    public var frequencies: Tensor
    /// The last layer, hidden to the kernel's channels, without a bias.
    public var output: PointwiseLayer
    /// The extent of the kernel the filter was made for.
    public let extents: [Int]
    /// B: the number of bands of the positions.
    let bands: Int

    /// A filter for kernels `[outputs, n]`.
    ///
    /// - Parameters:
    ///   - extents: the extent n of the kernel: one axis.
    ///   - outputs: the number of its channels.
    ///   - size: the width of the hidden layers (64 in the source) and the number of those from hidden to hidden (2).
    ///   - embedding: the number of components of a position, 1 + 2 B: odd, at least 3; `nil` for the source's 33, or
    ///     fewer where the kernel has less than 32 samples.
    ///   - fraction: what ω is multiplied by at the start.
    ///   - randomNumbers: the generator that draws the parameters.
    public init(
        extents: [Int], outputs: Int, size: SlowNetSize, embedding: Int? = nil, fraction: Float = 1,
        using randomNumbers: inout RandomNumbers
    ) {
        let embedding = embedding ?? 1 + 2 * max(1, min(16, (extents.first ?? 0) / 2))
        require(
            extents.count == 1 && extents[0] >= 1 && embedding >= 3 && embedding % 2 == 1,
            "expected one extent of at least 1 and an odd embedding of at least 3, got \(extents) and \(embedding)"
        )
        self.extents = extents
        bands = (embedding - 1) / 2
        func layer(inputs: Int, outputs: Int, hasBias: Bool = true) -> PointwiseLayer {
            PointwiseLayer(
                inputs: inputs, outputs: outputs, weight: .lowGain(fanIn: inputs),
                bias: hasBias ? .lowGain(fanIn: inputs) : nil, using: &randomNumbers)
        }
        first = layer(inputs: embedding, outputs: size.hidden)
        linears = (0..<size.layers).map { _ in layer(inputs: size.hidden, outputs: size.hidden) }
        let factor = min(14, max(1, 14 * Float(extents[0]) / 2048))
        frequencies = Tensor(shape: [size.hidden], repeating: factor * fraction)
        output = layer(inputs: size.hidden, outputs: outputs, hasBias: false)
    }

    /// The kernel `[C, n']`: the same function of t at other extents.
    ///
    /// - Complexity: n' · h · (E + h · L + C) multiplications and n' · h · (L + 1) sines.
    public func kernel(extents: [Int]) -> Tensor {
        let frequencies = frequencies.reshaped(to: [1, frequencies.count, 1])
        var hidden = (first(positions(extents: extents)) * frequencies).sine()
        for linear in linears { hidden = (linear(hidden) * frequencies).sine() }
        let kernel = output(hidden)
        return kernel.reshaped(to: Array(kernel.shape.dropFirst()))
    }

    /// z, `[1, E, n']`.
    private func positions(extents: [Int]) -> Tensor {
        require(extents.count == 1, "expected one extent, got \(extents)")
        let times = CoordinateGrid(extents: extents).coordinates(alongAxis: 0).map { ($0 + 1) / 2 }
        // The last of the n samples is one step short of a full turn, whatever the number of samples n' is now.
        let turn = 2 * Double.pi * Double(self.extents[0] - 1) / Double(self.extents[0])
        let (lowest, highest) = (1e-4, Double(bands - 1))
        let phases = (0..<bands).map { band in
            let share = bands == 1 ? 0 : Double(band) / Double(bands - 1)
            return times.map { turn * $0 * (lowest + (highest - lowest) * share) }
        }
        let rows = [times] + phases.map { $0.map(cos) } + phases.map { $0.map { -sin($0) } }
        return Tensor(shape: [1, rows.count, times.count], scalars: rows.flatMap { $0.map(Float.init) })
    }

    /// Visits `first`, `linears.<l>`, `frequencies` and `output`.
    public mutating func forEachParameterPath(_ body: (SlowNetPath, inout Tensor) throws -> Void) rethrows {
        try first.forEachParameterPath { try body(.first($0), &$1) }
        for index in linears.indices {
            try linears[index].forEachParameterPath { try body(.linears(index, $0), &$1) }
        }
        try body(.frequencies, &frequencies)
        try output.forEachParameterPath { try body(.output($0), &$1) }
    }

    /// No parameter has weight decay, as published.
    public func trainingRule(of path: SlowNetPath, rates: KernelRates) -> TrainingRule? {
        TrainingRule(rateFactor: 1, decays: false)
    }
}
