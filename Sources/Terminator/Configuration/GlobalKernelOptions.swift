/// What else determines the global hyper-kernels: the window, the options of single kinds of slow net, and the learning
/// rates of parameters that have one of their own.
public struct GlobalKernelOptions: Sendable, Equatable {
    /// The window that multiplies the kernels.
    public var window = KernelWindow.published
    /// The number of samples over which ``SlowNetKind/explicit`` kernels are smoothed along each axis: odd, 1 for none.
    public var smoothing = 1
    /// What the magnitudes of ``SlowNetKind/explicit`` taps are reduced by, at least 0; smaller taps become 0.
    public var threshold: Float = 0.001
    /// The learning rates of parameters that have one of their own.
    public var rates = KernelRates()

    /// The published choices.
    public init() {}
}

/// A window around lag 0, by which the global hyper-kernels are multiplied.
public enum KernelWindow: Sendable, Equatable {
    /// The window with which the kind of slow net was published: exponential for ``SlowNetKind/hyena``, none for others.
    case published
    /// No window.
    case none
    /// An ``ExponentialWindow``: some channels fade fast, others slowly.
    case exponential(ExponentialDecay)
    /// A ``GaussianWindow``, whose width is learned and starts at this share of the kernel (of half of it, if centred).
    case gaussian(width: Float)

    /// The width of a Gaussian window at the start, where none is given.
    static let defaultWidth: Float = 0.5

    /// The window for a kind of slow net, never ``published``.
    func resolved(for kind: SlowNetKind) -> KernelWindow {
        guard self == .published else { return self }
        return kind == .hyena ? .exponential(ExponentialDecay()) : .none
    }
}

/// How fast an ``ExponentialWindow`` falls at the start.
public struct ExponentialDecay: Sendable, Equatable {
    /// The share of the kernel (of half of it, if centred) after which the fastest channel has fallen to 1/100.
    public var fast: Float = 0.3
    /// The share after which the slowest channel has; above 1, it never does.
    public var slow: Float = 1.5
    /// What is added to the window everywhere.
    public var shift: Float = 0

    /// The published decays.
    public init() {}

    /// Decays from the shares of the kernel after which the window has fallen to 1/100.
    public init(fast: Float, slow: Float, shift: Float = 0) {
        self.fast = fast
        self.slow = slow
        self.shift = shift
    }
}

/// The learning rates of parameters that have one of their own, as multiples of the training's; at 0 they stay as they
/// start.
///
/// The published codes have 0.001 where the training has 0.01.
public struct KernelRates: Sendable, Equatable {
    /// The steps, decays and frequencies of a ``DiagonalStateSpace``.
    public var dynamics: Float = 0.1
    /// The sub-kernels of a ``MultiscaleKernel``.
    public var scales: Float = 0.1
    /// The taps of an ``ExplicitKernel``.
    public var taps: Float = 0.1
    /// The decays of an ``ExponentialWindow``; as published they are not trained.
    public var decays: Float = 0
    /// The widths of a ``GaussianWindow``.
    public var widths: Float = 0.1

    /// The published rates.
    public init() {}
}
