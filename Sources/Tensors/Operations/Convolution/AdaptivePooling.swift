import CVectorLoops
import Runtime

extension Tensor {
    /// This tensor of shape [B, C, *S], average-pooled to `size` points along each spatial axis.
    ///
    /// Of *n* points along an axis, output *o* averages those from ⌊o n / size⌋ up to, not including,
    /// ⌈(o + 1) n / size⌉, as in PyTorch's `adaptive_avg_pool`; `size` may be greater than *n*.
    ///
    /// - Parameters:
    ///   - size: The number of points along each spatial axis, at least 1.
    ///   - lengths: Of sequences [B, C, L], the number *n* of each sample's own positions, the only ones that are averaged.
    /// - Complexity: O(*n*) for each axis, where *n* is the larger of input and output.
    public func adaptiveAveragePooled(to size: Int, lengths: [Int]? = nil) -> Tensor {
        require(rank >= 3, "expected a shape [B, C, *S] to pool, got \(shape)")
        require(size >= 1, "expected a size of at least 1, got \(size)")
        require(!shape.contains(0), "expected a tensor with scalars to pool, got the shape \(shape)")
        if let lengths { checkLengths(lengths) }
        return (2..<rank).reduce(self) { $0.averaged(alongAxis: $1, to: size, lengths: lengths) }
    }

    private func averaged(alongAxis axis: Int, to size: Int, lengths: [Int]?) -> Tensor {
        guard shape[axis] != size || lengths != nil else { return self }
        let windows = AveragingWindows(shape: shape, axis: axis, size: size, lengths: lengths)
        let means = windows.means(of: self)
        return means.recorded(from: self) { [windows.spread($0)] }
    }
}

/// The pooling windows along one axis of a tensor, seen as [outer, extent, inner].
private struct AveragingWindows: Sendable {
    let shape: [Int]
    let pooledShape: [Int]
    private let outer: Int
    private let inner: Int
    private let extent: Int
    private let size: Int
    /// The extents of the samples, where they have their own.
    private let lengths: [Int]?

    init(shape: [Int], axis: Int, size: Int, lengths: [Int]?) {
        self.shape = shape
        self.size = size
        self.lengths = lengths
        extent = shape[axis]
        outer = shape[..<axis].reduce(1, *)
        inner = shape[(axis + 1)...].reduce(1, *)
        pooledShape = shape[..<axis] + [size] + shape[(axis + 1)...]
    }

    private func window(_ output: Int, of index: Int) -> Range<Int> {
        let extent = lengths?[index / shape[1]] ?? extent
        return output * extent / size..<((output + 1) * extent + size - 1) / size
    }

    /// The means over each window.
    func means(of tensor: Tensor) -> Tensor {
        let loops = vectorLoops
        return Tensor(shape: pooledShape) { result in
            tensor.withPointer { x in
                parallelRanges(of: outer, scalarsPerIndex: extent * inner) { range in
                    for index in range {
                        let (y, x) = (result + index * size * inner, x + index * extent * inner)
                        for output in 0..<size {
                            let window = window(output, of: index)
                            let share = 1 / Float(window.count)
                            guard inner > 1 else {
                                y[output] =
                                    share * Float(loops.pointee.sum(x + window.lowerBound, window.count))
                                continue
                            }
                            let row = y + output * inner
                            loops.pointee.multiply_scalar(row, x + window.lowerBound * inner, share, inner)
                            for source in window.dropFirst() {
                                loops.pointee.add_scaled(row, x + source * inner, share, inner)
                            }
                        }
                    }
                }
            }
        }
    }

    /// The transpose: distributes each output's cotangent in equal shares over its window.
    func spread(_ cotangent: Tensor) -> Tensor {
        let loops = vectorLoops
        return Tensor(shape: shape) { result in
            cotangent.withPointer { g in
                parallelRanges(of: outer, scalarsPerIndex: extent * inner) { range in
                    for index in range {
                        let (x, g) = (result + index * extent * inner, g + index * size * inner)
                        x.initialize(repeating: 0, count: extent * inner)
                        for output in 0..<size {
                            let window = window(output, of: index)
                            let share = 1 / Float(window.count)
                            guard inner > 1 else {
                                for target in window { x[target] += share * g[output] }
                                continue
                            }
                            for target in window {
                                loops.pointee.add_scaled(x + target * inner, g + output * inner, share, inner)
                            }
                        }
                    }
                }
            }
        }
    }
}
