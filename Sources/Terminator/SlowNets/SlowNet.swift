import Tensors

/// A slow net: a function of coordinates whose values on a grid are a hyper-kernel.
///
/// The coordinates run from -1 to 1 along each axis, whatever the extents, so a net has a kernel for any extents: the
/// same function, sampled more or less densely. "Slow" is meant as in slow weights: it learns what is the same for
/// all inputs.
public protocol SlowNet: StructuredModule where Path == SlowNetPath {
    /// The extents of the kernel the net was made for.
    var extents: [Int] { get }

    /// The hyper-kernel `[O, *S]` at the given extents *S*, as many as the net was made for.
    func kernel(extents: [Int]) -> Tensor
}

extension SlowNet {
    /// The hyper-kernel `[O, *S]` at the extents the net was made for.
    public func kernel() -> Tensor { kernel(extents: extents) }
}

/// The parameters of the slow nets: each net has some of them.
public enum SlowNetPath: ParameterPath {
    /// Of a multiplied filter.
    case filters(Int, FilterPath)
    /// Of the layer from the inputs to hidden channels.
    case first(LayerPath)
    /// Of a layer from hidden to hidden channels.
    case linears(Int, LayerPath)
    /// Of the layer from hidden channels to the kernel's.
    case output(LayerPath)
    /// The table of a level of a hash grid.
    case tables(Int)
    /// What is added to all hidden channels alike.
    case spatialBias
    /// One of a net that is none of this module's, by its name there.
    case other(String)

    /// The properties' names and the indices, joined by dots.
    public var name: String {
        switch self {
        case .filters(let index, let path): "filters.\(index).\(path.name)"
        case .first(let path): "first.\(path.name)"
        case .linears(let index, let path): "linears.\(index).\(path.name)"
        case .output(let path): "output.\(path.name)"
        case .tables(let level): "tables.\(level)"
        case .spatialBias: "spatialBias"
        case .other(let name): name
        }
    }

    /// Whether it is the matrix of a layer, or the frequencies of a filter.
    var isWeight: Bool {
        switch self {
        case .filters(_, .weight), .first(.weight), .linears(_, .weight), .output(.weight): true
        case .filters, .first, .linears, .output, .tables, .spatialBias, .other: false
        }
    }
}

/// The size of a slow net: the width of its hidden layers and their number.
public struct SlowNetSize: Sendable, Equatable, Codable {
    /// The number of hidden channels, at least 1.
    public var hidden: Int
    /// The number of linear layers from hidden to hidden channels, at least 1. What comes before the first (filters,
    /// a first layer, an encoding) and the output layer are not counted.
    public var layers: Int

    /// A size from its two numbers.
    public init(hidden: Int, layers: Int) {
        self.hidden = hidden
        self.layers = layers
    }
}

extension PointwiseLayer {
    /// The last layer of a slow net.
    ///
    /// Its weights hold the factor 1/√(number of samples) that keeps a long convolution with the kernel at the scale
    /// of its input.
    static func kernelOutput(
        hidden: Int, outputs: Int, extents: [Int], using randomNumbers: inout RandomNumbers
    ) -> PointwiseLayer {
        let samples = extents.reduce(1, *)
        return PointwiseLayer(
            inputs: hidden, outputs: outputs, weight: .unitGain(fanIn: hidden * samples), bias: .constant(0),
            using: &randomNumbers)
    }
}
