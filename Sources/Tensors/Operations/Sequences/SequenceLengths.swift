import CVectorLoops
import Runtime

/// Sequences of different lengths in one batch [B, C, L]: of sample *b* the first `lengths[b]` positions are its own, 1 to L,
/// and what lies behind them is not read, whatever it holds.
extension Tensor {
    /// The samples' own positions in a tensor [B, C, extent], with zeros behind them.
    ///
    /// - Parameters:
    ///   - lengths: The number of each sample's own positions, at most `extent`.
    ///   - extent: The number of positions of the result; `nil`: as many as this tensor has.
    /// - Complexity: O(*n*), where *n* is the number of scalars of the result.
    public func masked(toLengths lengths: [Int], extent: Int? = nil) -> Tensor {
        checkLengths(lengths)
        let extent = extent ?? shape[2]
        require(
            lengths.allSatisfy { $0 <= extent },
            "expected lengths of at most \(extent), got \(lengths.max() ?? 0)")
        let (channels, length) = (shape[1], shape[2])
        let masked = Tensor(shape: [shape[0], channels, extent]) { result in
            withPointer { x in
                for row in 0..<lengths.count * channels {
                    let count = lengths[row / channels]
                    let y = result + row * extent
                    y.update(from: x + row * length, count: count)
                    (y + count).update(repeating: 0, count: extent - count)
                }
            }
        }
        return masked.recorded(from: self) { [$0.masked(toLengths: lengths, extent: length)] }
    }

    /// The means over each sample's own positions: [B, C, 1].
    ///
    /// - Complexity: O(*n*).
    public func mean(overLengths lengths: [Int]) -> Tensor {
        checkLengths(lengths)
        let (channels, length) = (shape[1], shape[2])
        let loops = vectorLoops
        let means = Tensor(shape: [shape[0], channels, 1]) { (means: UnsafeMutablePointer<Float>) in
            withPointer { x in
                parallelRanges(
                    of: lengths.count * channels, scalarsPerIndex: length, nanoseconds: Tuning.Nanoseconds.sum
                ) {
                    for row in $0 {
                        let count = lengths[row / channels]
                        means[row] = Float(loops.pointee.sum(x + row * length, count) / Double(count))
                    }
                }
            }
        }
        return means.recorded(from: self) { cotangent in
            [
                Tensor(shape: [lengths.count, channels, length]) { result in
                    cotangent.withPointer { g in
                        for row in 0..<lengths.count * channels {
                            let count = lengths[row / channels]
                            let x = result + row * length
                            x.update(repeating: g[row] / Float(count), count: count)
                            (x + count).update(repeating: 0, count: length - count)
                        }
                    }
                }
            ]
        }
    }

    /// Ends the program unless these are lengths of this tensor's samples.
    func checkLengths(_ lengths: [Int]) {
        require(rank == 3, "expected sequences [B, C, L] where lengths are given, got the shape \(shape)")
        require(
            partition == nil, "expected a batch of one process where lengths are given, got a distributed one"
        )
        require(lengths.count == shape[0], "expected \(shape[0]) lengths, got \(lengths.count)")
        for length in lengths {
            require(
                (1...max(1, shape[2])).contains(length) && shape[2] > 0,
                "expected lengths of 1 to \(shape[2]), got \(length)")
        }
    }
}
