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
    /// The bias over space, the same for all hidden channels.
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
