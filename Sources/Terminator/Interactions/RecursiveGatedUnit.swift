import Tensors

/// The recursive gated unit: output(gelu(standardize(key(x) ⊙ query(value(x)))) + spatialBias).
///
/// The standardization is over space, for each sample and channel.
public struct RecursiveGatedUnit: StructuredModule {
    /// The layer `[C, C]` of the gate's first factor. All four layers have biases.
    public var key: PointwiseLayer
    /// The layer before ``query``.
    public var value: PointwiseLayer
    /// The layer of the gate's second factor, applied to the output of ``value``.
    public var query: PointwiseLayer
    /// The last layer. Its bias is left out unless the configuration keeps canceled biases: the standardization that
    /// follows the sum of both units cancels it.
    public var output: PointwiseLayer
    /// `[*S]`, the same for all channels; `nil` where the configuration leaves it out.
    public var spatialBias: Tensor?

    init(channels: Int, configuration: NetworkConfiguration, using randomNumbers: inout RandomNumbers) {
        func layer(hasBias: Bool) -> PointwiseLayer {
            PointwiseLayer(
                inputs: channels, outputs: channels, weight: .unitGain(fanIn: channels),
                bias: hasBias ? .constant(0) : nil, using: &randomNumbers)
        }
        key = layer(hasBias: true)
        value = layer(hasBias: true)
        query = layer(hasBias: true)
        output = layer(hasBias: configuration.keepsCanceledBiases)
        spatialBias =
            configuration.spatialBias == .absent ? nil : Tensor(shape: configuration.extents, repeating: 0)
    }

    /// Maps `[B, C, *S]` to the same shape.
    public func callAsFunction(_ input: Tensor) -> Tensor {
        var pass = ForwardPass()
        return output(gated(input, in: &pass))
    }

    /// The input of the last layer: gelu(standardize(key(x) ⊙ query(value(x)))) + spatialBias, `[B, C, *S]`.
    ///
    /// `query` after `value` is one linear map, whose matrix is their product; with `key` it makes one layer of 2C
    /// outputs.
    func gated(_ input: Tensor, in pass: inout ForwardPass) -> Tensor {
        let query = query.composed(after: value)
        let factors = input.pointwise(
            weight: .concatenated([key.weight, query.weight], alongAxis: 0),
            bias: .concatenated([key.offsets, query.offsets], alongAxis: 0))
        let bias = spatialBias.map {
            pass.held($0.resampled(to: pass.sampledExtents(of: input, madeFor: $0.shape)), over: input)
        }
        return pass.gatedStandardizedGELU(factors, bias: bias, named: Self.productName)
    }

    private static let productName = "product"

    /// Names the statistics of a pass, with their shapes.
    func declareStatistics(_ shapes: inout StatisticsShapes, form: SequenceStatistics, axes: Int) {
        guard form == .frozen else { return }
        shapes.addMoments(named: Self.productName, channels: key.weight.shape[0], axes: axes)
    }

    /// The sum of two units' outputs for what ``gated(_:in:)`` made: one matrix product with their concatenated output
    /// weights.
    static func sum(
        _ first: (unit: RecursiveGatedUnit, gated: Tensor),
        _ second: (unit: RecursiveGatedUnit, gated: Tensor)
    ) -> Tensor {
        let (left, right) = (first.unit.output, second.unit.output)
        let bias = left.bias.flatMap { left in right.bias.map { left + $0 } }
        return .pointwise(
            [first.gated, second.gated],
            weight: .concatenated([left.weight, right.weight], alongAxis: 1), bias: bias)
    }

    /// Visits `key`, `value`, `query`, `output` and `spatialBias`.
    public mutating func forEachParameterPath(
        _ body: (GatedUnitPath, inout Tensor) throws -> Void
    ) rethrows {
        try key.forEachParameterPath { try body(.layer(.key, $0), &$1) }
        try value.forEachParameterPath { try body(.layer(.value, $0), &$1) }
        try query.forEachParameterPath { try body(.layer(.query, $0), &$1) }
        try output.forEachParameterPath { try body(.layer(.output, $0), &$1) }
        try Self.visit(.spatialBias, &spatialBias, body)
    }
}

/// The parameters of a ``RecursiveGatedUnit``.
public enum GatedUnitPath: ParameterPath {
    /// The unit's layers.
    public enum Layer: String, Sendable {
        /// Its four linear layers.
        case key, value, query, output
    }

    /// A parameter of a linear layer.
    case layer(Layer, LayerPath)
    /// The bias over space, the same for all channels.
    case spatialBias

    /// The properties' names, joined by dots.
    public var name: String {
        switch self {
        case .layer(let layer, let path): "\(layer.rawValue).\(path.name)"
        case .spatialBias: "spatialBias"
        }
    }

    /// Whether it is the matrix of a layer.
    public var isWeight: Bool {
        switch self {
        case .layer(_, let path): path.isWeight
        case .spatialBias: false
        }
    }
}
