import Tensors

/// The distribution of a parameter's scalars at initialization.
enum Initialization {
    /// The same value for all.
    case constant(Float)
    /// Uniform in -bound ..< bound.
    case uniform(bound: Float)
    /// Normal with mean 0.
    case normal(deviation: Float)

    /// Variance 1 / `fanIn`, as slow nets and gated units start.
    static func unitGain(fanIn: Int) -> Initialization {
        .uniform(bound: (3 / Float(fanIn)).squareRoot())
    }

    /// Variance 2 / `fanIn`, uniform: as SIREN and multiplied filters start, whose sines halve the power.
    static func sineGain(fanIn: Int) -> Initialization {
        .uniform(bound: (6 / Float(fanIn)).squareRoot())
    }

    /// Variance 2 / `fanIn` (He et al., arXiv 1502.01852), as mixing layers start.
    static func rectifierGain(fanIn: Int) -> Initialization {
        .normal(deviation: (2 / Float(fanIn)).squareRoot())
    }

    /// Variance 1 / (3 `fanIn`), the default of PyTorch's linear and convolution layers.
    static func lowGain(fanIn: Int) -> Initialization {
        .uniform(bound: (1 / Float(fanIn)).squareRoot())
    }

    func tensor(shape: [Int], using randomNumbers: inout RandomNumbers) -> Tensor {
        switch self {
        case .constant(let scalar): Tensor(shape: shape, repeating: scalar)
        case .uniform(let bound): Tensor(shape: shape, uniformIn: -bound..<bound, using: &randomNumbers)
        case .normal(let deviation):
            Tensor(shape: shape, normalWithDeviation: deviation, using: &randomNumbers)
        }
    }
}
