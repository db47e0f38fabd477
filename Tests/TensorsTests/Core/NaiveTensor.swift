import Tensors

/// A tensor in double precision that is read and written index by index: the reference of all operations.
struct NaiveTensor {
    let shape: [Int]
    private(set) var scalars: [Double] = []

    init(_ tensor: Tensor) {
        shape = tensor.shape
        scalars = tensor.scalars.map(Double.init)
    }

    /// The tensor whose scalar at each index is what `scalar` returns.
    init(shape: [Int], _ scalar: ([Int]) -> Double) {
        self.shape = shape
        scalars = Self.indices(of: shape).map(scalar)
    }

    subscript(index: [Int]) -> Double {
        scalars[zip(index, shape).reduce(0) { $0 * $1.1 + $1.0 }]
    }

    /// Every index of a tensor of that shape, in row-major order.
    static func indices(of shape: [Int]) -> [[Int]] {
        shape.reduce([[]]) { prefixes, extent in
            prefixes.flatMap { prefix in (0..<extent).map { prefix + [$0] } }
        }
    }
}
