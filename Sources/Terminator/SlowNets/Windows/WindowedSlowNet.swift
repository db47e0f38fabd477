import Tensors

/// A slow net whose kernel is multiplied by a window around lag 0.
public struct WindowedSlowNet<Net: SlowNet, Window: KernelWindowFunction>: SlowNet {
    /// The net.
    public var net: Net
    /// The window, one for each channel of the kernel.
    public var window: Window
    private let alignment: GlobalInteraction.Alignment

    init(_ net: Net, window: Window, alignment: GlobalInteraction.Alignment) {
        self.net = net
        self.window = window
        self.alignment = alignment
    }

    /// The extents of the kernel the net was made for.
    public var extents: [Int] { net.extents }

    /// The product of kernel and window, `[C, *S]`.
    public func kernel(extents: [Int]) -> Tensor {
        net.kernel(extents: extents) * window(LagDistances(extents: extents, alignment: alignment))
    }

    /// Where both the net's kernel and the window are more than 0 to rounding.
    public func support(extents: [Int]) -> [Int] {
        zip(
            net.support(extents: extents),
            window.support(LagDistances(extents: extents, alignment: alignment))
        ).map { min($0, $1) }
    }

    /// Visits the net's parameters, then `window.<name>`.
    public mutating func forEachParameterPath(_ body: (SlowNetPath, inout Tensor) throws -> Void) rethrows {
        try net.forEachParameterPath(body)
        try window.forEachParameterPath { try body(.window($0), &$1) }
    }

    /// The rule of the window's parameters, or of the net's.
    public func trainingRule(of path: SlowNetPath, rates: KernelRates) -> TrainingRule? {
        if case .window(let path) = path {
            window.trainingRule(of: path, rates: rates)
        } else {
            net.trainingRule(of: path, rates: rates)
        }
    }
}

/// A window: a function of the distance from lag 0, for each channel of a kernel.
public protocol KernelWindowFunction: StructuredModule where Path == WindowPath {
    /// The window `[C, *S]`.
    func callAsFunction(_ distances: LagDistances) -> Tensor
    /// The extents of the part around lag 0 outside of which the window takes taps below rounding, in every channel.
    func support(_ distances: LagDistances) -> [Int]
    /// How an optimizer treats a parameter of the window.
    func trainingRule(of path: WindowPath, rates: KernelRates) -> TrainingRule
}

/// The parameters of windows: each window has some of them.
public enum WindowPath: String, ParameterPath {
    /// The decays of an ``ExponentialWindow``.
    case decays
    /// The logarithms of the widths of a ``GaussianWindow``.
    case logWidths

    /// The property's name.
    public var name: String { rawValue }
    /// No parameter of a window is a weight.
    public var isWeight: Bool { false }
}

/// The distances of a kernel's samples from lag 0 along each axis, from 0 to 1.
///
/// The unit is the whole kernel where it is causal, and half of it where it is centred: a window is one function of the
/// coordinates, whatever the number of samples. (For an even number, lag 0 is half a sample off the middle.)
public struct LagDistances: Sendable {
    /// The extents of the kernel.
    public let extents: [Int]
    let alignment: GlobalInteraction.Alignment

    init(extents: [Int], alignment: GlobalInteraction.Alignment) {
        self.extents = extents
        self.alignment = alignment
    }

    /// The distances along an axis, in the order of the samples.
    public func alongAxis(_ axis: Int) -> [Double] {
        guard extents[axis] > 1 else { return [0] }
        let coordinates = CoordinateGrid(extents: extents).coordinates(alongAxis: axis)
        return switch alignment {
        case .causal: coordinates.map { ($0 + 1) / 2 }
        case .centred: coordinates.map(abs)
        }
    }

    /// A tensor `[1, *S]` of a function of the distances, added over the axes.
    func sum(of function: (Double) -> Double) -> Tensor {
        let axes = extents.indices.map { alongAxis($0).map(function) }
        let sums = axes.reduce([0.0]) { sums, next in sums.flatMap { sum in next.map { sum + $0 } } }
        return Tensor(shape: [1] + extents, scalars: sums.map(Float.init))
    }
}
