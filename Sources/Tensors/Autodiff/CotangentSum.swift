import Runtime

/// The cotangent of one result of an operation, accumulated from the operations that use it.
///
/// Contributions are pending until there are several, which one pass over memory adds: see
/// ``Tuning/pendingCotangents``.
struct CotangentSum {
    private let shape: [Int]
    private var sum: Tensor?
    private var pending: [Tensor] = []

    /// The sum of no contributions, for a result of the given shape.
    init(shape: [Int]) { self.shape = shape }

    /// Adds a contribution of the result's shape, or of extent 1 along axes that it repeats along.
    mutating func add(_ contribution: Tensor) {
        require(
            contribution.rank == shape.count
                && zip(contribution.shape, shape).allSatisfy { $0 == $1 || $0 == 1 },
            "expected a cotangent of shape \(shape), got \(contribution.shape)")
        if pending.count == Tuning.pendingCotangents { addPending() }
        pending.append(contribution)
    }

    /// The cotangent; `nil` without contributions.
    mutating func total() -> Tensor? {
        addPending()
        return sum.take()
    }

    private mutating func addPending() {
        guard !pending.isEmpty else { return }
        // Moved out of `self`: referenced once, the sum is mutated in place.
        var total = sum.take() ?? pending.removeFirst().repeated(toShape: shape)
        total.add(pending)
        pending = []
        sum = total
    }
}

extension Tensor {
    /// Adds others in place, whose shapes broadcast to this tensor's, one after the other. The sum is a constant.
    fileprivate mutating func add(_ others: [Tensor]) {
        guard !others.isEmpty else { return }
        let broadcasts = others.map { Broadcast(shape, $0.shape) }
        let loops = vectorLoops
        updateScalars { sum in
            let (count, sum) = (sum.count, sum.baseAddress!)
            Tensor.withScalars(of: others) { addends in
                parallelRanges(of: count, nanoseconds: Tuning.Nanoseconds.sum * Double(1 + others.count)) {
                    range in
                    for start in stride(
                        from: range.lowerBound, to: range.upperBound, by: Tuning.cotangentTile)
                    {
                        let tile = start..<min(start + Tuning.cotangentTile, range.upperBound)
                        for (addend, broadcast) in zip(addends, broadcasts) {
                            let addend = addend.baseAddress!
                            let isRow = broadcast.axes.last!.rightStride == 1
                            broadcast.forEachRun(in: tile) { at, _, source, length in
                                if isRow {
                                    loops.pointee.add(sum + at, sum + at, addend + source, length)
                                } else {
                                    loops.pointee.add_scalar(sum + at, sum + at, addend[source], length)
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// The tensor with axes of extent 1 repeated to the given shape; a constant.
    fileprivate func repeated(toShape shape: [Int]) -> Tensor {
        guard self.shape != shape else { return distributed(in: nil) }
        let repeats = Broadcast(self.shape, shape)
        let isRow = repeats.axes.last!.leftStride == 1
        return Tensor(shape: shape) { result in
            withPointer { x in
                parallelRanges(of: shape.reduce(1, *)) { range in
                    repeats.forEachRun(in: range) { at, source, _, length in
                        if isRow {
                            (result + at).initialize(from: x + source, count: length)
                        } else {
                            (result + at).initialize(repeating: x[source], count: length)
                        }
                    }
                }
            }
        }
    }
}
