extension Tensor {
    /// Adds `other`, of the same shape, in place. No record is kept: cotangents are summed with it.
    mutating func add(_ other: Tensor) {
        precondition(shape == other.shape, "expected a cotangent of shape \(shape), got \(other.shape)")
        updateScalars { sum in
            other.withScalars { addend in
                for index in 0..<sum.count { sum[index] += addend[index] }
            }
        }
    }
}
