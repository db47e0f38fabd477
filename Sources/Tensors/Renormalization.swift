import CVectorKernels
import Runtime

extension Tensor {
    /// α · h + β · h / max(|h|, 1e-12), where |h| is the Euclidean norm over space of each sample and channel of
    /// this tensor h, of shape [B, C, *S], and the first term is taken for a constant when differentiating.
    ///
    /// Source: the renormalization of hidden maps in Terminator's local slow net (arXiv 2401.17948).
    public func renormalized(alpha: Float, beta: Float) -> Tensor {
        require(rank >= 2, "expected a shape [B, C, ...] to renormalize, got \(shape)")
        let rows = shape[0] * shape[1]
        let length = shape[2...].reduce(1, *)
        var norms = [Float](repeating: 0, count: rows)
        withPointer { x in
            norms.withUnsafeMutableBufferPointer { norms in
                inPieces(of: rows, scalarsEach: length) { piece in
                    for row in piece {
                        let square = vectorLoops.pointee.dot(x + row * length, x + row * length, length)
                        norms[row] = Float(square.squareRoot())
                    }
                }
            }
        }
        let loops = vectorLoops
        let result = Tensor(shape: shape) { result in
            withPointer { x in
                inPieces(of: rows, scalarsEach: length) { piece in
                    for row in piece {
                        let factor = alpha + beta / max(norms[row], leastNorm)
                        loops.pointee.multiply_scalar(result + row * length, x + row * length, factor, length)
                    }
                }
            }
        }
        let input = detached
        return result.recorded(from: self) { [norms] cotangent in
            [renormalizationPullback(cotangent, input: input, norms: norms, beta: beta)]
        }
    }
}

/// Norms below are taken for it.
private let leastNorm: Float = 1e-12

/// β (g - u (u · g)) / |h|, where u = h / |h|; β g / 1e-12 where |h| is below 1e-12.
private func renormalizationPullback(_ cotangent: Tensor, input: Tensor, norms: [Float], beta: Float)
    -> Tensor
{
    let length = input.count / max(1, norms.count)
    let loops = vectorLoops
    return Tensor(shape: input.shape) { result in
        input.withPointer { x in
            cotangent.withPointer { g in
                inPieces(of: norms.count, scalarsEach: length) { piece in
                    for row in piece {
                        let (y, x, g) = (result + row * length, x + row * length, g + row * length)
                        let norm = norms[row]
                        loops.pointee.multiply_scalar(y, g, beta / max(norm, leastNorm), length)
                        guard norm >= leastNorm else { continue }
                        let along =
                            loops.pointee.dot(x, g, length) / Double(norm) / Double(norm) / Double(norm)
                        loops.pointee.add_scaled(y, x, -beta * Float(along), length)
                    }
                }
            }
        }
    }
}
