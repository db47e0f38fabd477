import Tensors

/// A multilayer perceptron with rectifiers, the same at every point: output relu(linear_L ... relu(first x)).
public struct Perceptron: StructuredModule {
    /// Inputs to hidden.
    public var first: PointwiseLayer
    /// Hidden to hidden.
    public var linears: [PointwiseLayer]
    /// Hidden to the kernel's channels.
    public var output: PointwiseLayer

    /// The output has the gain of a slow net for kernels of the given extents.
    init(
        inputs: Int, outputs: Int, size: SlowNetSize, extents: [Int],
        using randomNumbers: inout RandomNumbers
    ) {
        func layer(inputs: Int) -> PointwiseLayer {
            PointwiseLayer(
                inputs: inputs, outputs: size.hidden, weight: .rectifierGain(fanIn: inputs),
                bias: .lowGain(fanIn: inputs), using: &randomNumbers)
        }
        first = layer(inputs: inputs)
        linears = (0..<size.layers).map { _ in layer(inputs: size.hidden) }
        output = .kernelOutput(hidden: size.hidden, outputs: outputs, extents: extents, using: &randomNumbers)
    }

    /// Maps `[1, C, *S]` to a kernel `[O, *S]`.
    ///
    /// - Complexity: |S| · h · (C + h · L + O) multiplications.
    public func callAsFunction(_ input: Tensor) -> Tensor {
        let hidden = linears.reduce(first(input).relu()) { $1($0).relu() }
        let kernel = output(hidden)
        return kernel.reshaped(to: Array(kernel.shape.dropFirst()))
    }

    /// Visits `first`, `linears.<l>` and `output`.
    public mutating func forEachParameterPath(_ body: (SlowNetPath, inout Tensor) throws -> Void) rethrows {
        try first.forEachParameterPath { try body(.first($0), &$1) }
        for index in linears.indices {
            try linears[index].forEachParameterPath { try body(.linears(index, $0), &$1) }
        }
        try output.forEachParameterPath { try body(.output($0), &$1) }
    }
}
