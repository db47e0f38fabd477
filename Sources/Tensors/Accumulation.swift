extension Tensor {
    /// Adds `other`, of the same shape, in place. No record is kept: cotangents are summed with it.
    mutating func add(_ other: Tensor) {
        precondition(shape == other.shape, "expected a cotangent of shape \(shape), got \(other.shape)")
        let loops = vectorLoops
        updateScalars { sum in
            let sum = sum.baseAddress!
            other.withPointer { addend in
                inPieces(of: other.count) { piece in
                    let start = piece.lowerBound
                    loops.pointee.add(sum + start, sum + start, addend + start, piece.count)
                }
            }
        }
    }
}
