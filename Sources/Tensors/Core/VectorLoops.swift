import CVectorLoops

/// The vector loops for this processor.
var vectorLoops: UnsafePointer<vl_tensor_loops> { vl_best_tensor_loops() }

extension Tensor {
    /// Reads the scalars through a pointer to the first, for the vector loops.
    func withPointer<Result>(_ body: (UnsafePointer<Float>) throws -> Result) rethrows -> Result {
        try withScalars { try body($0.baseAddress!) }
    }

    /// A tensor whose scalars are written through a pointer to the first.
    init(shape: [Int], writing write: (UnsafeMutablePointer<Float>) throws -> Void) rethrows {
        try self.init(shape: shape, initializingWith: { try write($0.baseAddress!) })
    }
}
