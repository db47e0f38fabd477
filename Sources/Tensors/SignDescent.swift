import CVectorKernels
import Runtime

extension Tensor {
    /// Moves each scalar against the signs of the gradient and of averages of earlier gradients, and then the
    /// averages towards the gradient: p ← p - rate · (sign g + Σ over j of sign mⱼ), mⱼ ← βⱼ mⱼ + (1 - βⱼ) g.
    ///
    /// The sign of 0 is 0. The result is a constant.
    ///
    /// - Parameters:
    ///   - gradient: g, of this tensor's shape.
    ///   - averages: m, each of this tensor's shape.
    ///   - decays: β, one for each average.
    ///   - rate: How far a sign moves a scalar.
    public mutating func descend(
        bySignsOf gradient: Tensor, averages: inout [Tensor], decays: [Float], rate: Float
    ) {
        require(
            averages.count == decays.count,
            "expected a decay for each of \(averages.count) averages, got \(decays)")
        for other in [gradient] + averages {
            require(
                other.shape == shape, "expected gradient and averages of shape \(shape), got \(other.shape)")
        }
        let loops = vectorLoops
        let count = count
        let direction = Tensor(shape: shape) { direction in
            direction.initialize(repeating: 0, count: count)
            for term in [gradient] + averages {
                term.withPointer { term in
                    inPieces(of: count) {
                        loops.pointee.add_sign(direction + $0.lowerBound, term + $0.lowerBound, $0.count)
                    }
                }
            }
        }
        updateScalars { scalars in
            let scalars = scalars.baseAddress!
            direction.withPointer { direction in
                inPieces(of: count) {
                    loops.pointee.add_scaled(
                        scalars + $0.lowerBound, direction + $0.lowerBound, -rate, $0.count)
                }
            }
        }
        for index in averages.indices {
            averages[index].updateScalars { average in
                let average = average.baseAddress!
                gradient.withPointer { gradient in
                    inPieces(of: count) {
                        loops.pointee.average(
                            average + $0.lowerBound, gradient + $0.lowerBound, decays[index], $0.count)
                    }
                }
            }
        }
    }
}
