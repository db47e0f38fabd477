/// The parts of a network under which names stand, of parameters and of statistics.
enum NetworkPart: String {
    case blocks, classifier
}

/// The parameters of a ``Network``.
public enum NetworkPath: ParameterPath {
    /// A parameter of a block.
    case blocks(Int, BlockPath)
    /// A parameter of the classifier.
    case classifier(LayerPath)

    /// The properties' names and the indices, joined by dots.
    public var name: String {
        switch self {
        case .blocks(let index, let path): "\(NetworkPart.blocks.rawValue).\(index).\(path.name)"
        case .classifier(let path): "\(NetworkPart.classifier.rawValue).\(path.name)"
        }
    }

    /// Whether it is the matrix of a layer, or the frequencies of a filter.
    public var isWeight: Bool {
        switch self {
        case .blocks(_, let path): path.isWeight
        case .classifier(let path): path.isWeight
        }
    }
}
