import Tensors

/// A slow net: an implicit neural representation of a kernel, whose values on a grid of coordinates are a hyper-kernel.
///
/// The coordinates run from -1 to 1 along each axis, whatever the extents, so a net has a kernel for any extents: the
/// same function, sampled more or less densely. "Slow" as in slow weights: its parameters are shared by all inputs, in
/// contrast to the fast, context-dependent kernels made with it.
public protocol SlowNet: StructuredModule where Path == SlowNetPath {
    /// The extents of the kernel the net was made for.
    var extents: [Int] { get }

    /// The hyper-kernel `[O, *S]` at the given extents *S*, as many as the net was made for.
    func kernel(extents: [Int]) -> Tensor

    /// The extents of the part around lag 0 outside of which the hyper-kernel at the given extents is 0 to rounding: in the middle
    /// of a centred kernel, at the beginning of a causal one.
    func support(extents: [Int]) -> [Int]

    /// How an optimizer treats a parameter that has a learning rate or weight decay of its own where the net was
    /// published; `nil` for all others.
    func trainingRule(of path: SlowNetPath, rates: KernelRates) -> TrainingRule?
}

extension SlowNet {
    /// The hyper-kernel `[O, *S]` at the extents the net was made for.
    public func kernel() -> Tensor { kernel(extents: extents) }

    /// The whole kernel.
    public func support(extents: [Int]) -> [Int] { extents }

    /// No parameter has a rule of its own.
    public func trainingRule(of path: SlowNetPath, rates: KernelRates) -> TrainingRule? { nil }
}

/// The size of a slow net: the width of its hidden layers and their number.
public struct SlowNetSize: Sendable, Equatable {
    /// The number of hidden channels, at least 1.
    public var hidden: Int
    /// The number of linear layers from hidden to hidden channels, at least 1. Filters, a first layer or an encoding
    /// before them and the output layer are not counted.
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
