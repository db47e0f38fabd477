import CVectorKernels
import Runtime

extension Tensor {
    /// The tensor, of shape [B, C, *S], averaged to `size` points along each spatial axis.
    ///
    /// Of *n* points along an axis, output *o* averages those from ⌊o n / size⌋ up to, not including,
    /// ⌈(o + 1) n / size⌉; `size` may be greater than *n*.
    public func adaptiveAveragePooled(to size: Int) -> Tensor {
        require(rank >= 3, "expected a shape [B, C, *S] to pool, got \(shape)")
        require(size >= 1, "expected a size of at least 1, got \(size)")
        require(!shape.contains(0), "expected a tensor with scalars to pool, got the shape \(shape)")
        return (2..<rank).reduce(self) { $0.averaged(alongAxis: $1, to: size) }
    }

    private func averaged(alongAxis axis: Int, to size: Int) -> Tensor {
        guard shape[axis] != size else { return self }
        let windows = AveragingWindows(shape: shape, axis: axis, size: size)
        let means = windows.means(of: self)
        return means.recorded(from: self) { [windows.spread($0)] }
    }
}

/// The windows along one axis, which lies between `outer` and `inner` others.
private struct AveragingWindows: Sendable {
    let shape: [Int]
    let pooledShape: [Int]
    private let outer: Int
    private let inner: Int
    private let extent: Int
    private let size: Int

    init(shape: [Int], axis: Int, size: Int) {
        self.shape = shape
        self.size = size
        extent = shape[axis]
        outer = shape[..<axis].reduce(1, *)
        inner = shape[(axis + 1)...].reduce(1, *)
        pooledShape = shape[..<axis] + [size] + shape[(axis + 1)...]
    }

    private func window(_ output: Int) -> Range<Int> {
        output * extent / size..<((output + 1) * extent + size - 1) / size
    }

    func means(of tensor: Tensor) -> Tensor {
        let loops = vectorLoops
        return Tensor(shape: pooledShape) { result in
            tensor.withPointer { x in
                inPieces(of: outer, scalarsEach: extent * inner) { piece in
                    for index in piece {
                        let (y, x) = (result + index * size * inner, x + index * extent * inner)
                        for output in 0..<size {
                            let window = window(output)
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

    /// The transpose: each output's cotangent in equal shares to the points of its window.
    func spread(_ cotangent: Tensor) -> Tensor {
        let loops = vectorLoops
        return Tensor(shape: shape) { result in
            cotangent.withPointer { g in
                inPieces(of: outer, scalarsEach: extent * inner) { piece in
                    for index in piece {
                        let (x, g) = (result + index * extent * inner, g + index * size * inner)
                        x.initialize(repeating: 0, count: extent * inner)
                        for output in 0..<size {
                            let window = window(output)
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
