import Tensors

/// A filter of a multiplicative filter network: a function of the coordinates for each hidden channel.
public protocol CoordinateFilter: StructuredModule where Path == FilterPath {
    /// The filter on a grid: `[1, h, *S]`.
    func callAsFunction(_ grid: CoordinateGrid) -> Tensor
}

/// The parameters of a ``CoordinateFilter``.
public enum FilterPath: String, ParameterPath {
    /// The frequencies of the sine.
    case weight
    /// The phases of the sine.
    case bias
    /// The middles of the envelopes.
    case center
    /// One over the widths of the envelopes.
    case sharpness

    /// The property's name.
    public var name: String { rawValue }
    /// Whether it is the frequencies.
    public var isWeight: Bool { self == .weight }
}
