/// The dot product of two rows with the widest vectors: what a stream's output is without tilings, for comparison.
@_spi(Benchmarks)
public enum DotProduct {
    /// Σ a[t] b[t]
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public static func of<Scalar: ConvolutionScalar>(
        _ a: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>, count: Int
    ) -> Scalar {
        var sum: Scalar = 0
        withUnsafeMutablePointer(to: &sum) { Scalar.vectorLoops.pointee.dot(a, b, count, $0) }
        return sum
    }
}
