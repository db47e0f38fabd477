/// The parameters of the slow nets: each net has some of them.
public enum SlowNetPath: ParameterPath {
    /// A parameter of a multiplied filter.
    case filters(Int, FilterPath)
    /// A parameter of the layer from the inputs to hidden channels.
    case first(LayerPath)
    /// A parameter of a layer from hidden to hidden channels.
    case linears(Int, LayerPath)
    /// A parameter of the layer from hidden channels to the kernel's.
    case output(LayerPath)
    /// The table of a level of a hash grid.
    case tables(Int)
    /// The bias over space, the same for all hidden channels.
    case spatialBias
    /// A parameter of a state space.
    case stateSpace(StateSpacePath)
    /// The factors of all phases of a Hyena filter.
    case frequencies
    /// A sub-kernel of a kernel of several scales.
    case scales(Int)
    /// The taps of an explicit kernel.
    case taps
    /// A parameter of the window that multiplies the kernel.
    case window(WindowPath)
    /// A parameter of a net from outside this module, by its name there.
    case other(String, isWeight: Bool)

    /// The properties' names and the indices, joined by dots.
    public var name: String {
        switch self {
        case .filters(let index, let path): "filters.\(index).\(path.name)"
        case .first(let path): "first.\(path.name)"
        case .linears(let index, let path): "linears.\(index).\(path.name)"
        case .output(let path): "output.\(path.name)"
        case .tables(let level): "tables.\(level)"
        case .spatialBias: "spatialBias"
        case .stateSpace(let path): path.name
        case .frequencies: "frequencies"
        case .scales(let scale): "scales.\(scale)"
        case .taps: "kernel"
        case .window(let path): "window.\(path.name)"
        case .other(let name, _): name
        }
    }

    /// Whether it is the matrix of a layer, the frequencies of a filter, the weights of a state space's modes, or a
    /// sub-kernel.
    public var isWeight: Bool {
        switch self {
        case .filters(_, let path): path.isWeight
        case .first(let path), .linears(_, let path), .output(let path): path.isWeight
        case .stateSpace(let path): path.isWeight
        case .scales: true
        case .tables, .spatialBias, .frequencies, .taps, .window: false
        case .other(_, let isWeight): isWeight
        }
    }
}
