import Runtime

/// The cotangent of one result of an operation, while its contributions come in.
///
/// Some are kept until there are several: a pass over memory that adds three costs little more than one that adds one.
struct CotangentSum {
    private let shape: [Int]
    private var sum: Tensor?
    private var waiting: [Tensor] = []
    private static let most = 3

    /// No contribution yet to the cotangent of a result of the given shape.
    init(shape: [Int]) { self.shape = shape }

    /// Takes a contribution of the result's shape, or of extent 1 along axes that it repeats along.
    mutating func add(_ contribution: Tensor) {
        require(
            contribution.rank == shape.count
                && zip(contribution.shape, shape).allSatisfy { $0 == $1 || $0 == 1 },
            "expected a cotangent of shape \(shape), got \(contribution.shape)")
        if waiting.count == Self.most { addWaiting() }
        waiting.append(contribution)
    }

    /// The cotangent; `nil` if nothing contributed to it.
    mutating func total() -> Tensor? {
        addWaiting()
        return sum.take()
    }

    private mutating func addWaiting() {
        guard !waiting.isEmpty else { return }
        // Taken out, so that the sum is referenced once, if possible, and changed in place.
        var total = sum.take() ?? waiting.removeFirst().repeated(toShape: shape)
        total.add(waiting)
        waiting = []
        sum = total
    }
}

extension Tensor {
    /// Adds others in place, whose shapes broadcast to this tensor's, one after the other. No record is kept.
    fileprivate mutating func add(_ others: [Tensor]) {
        guard !others.isEmpty else { return }
        let broadcasts = others.map { Broadcast(shape, $0.shape) }
        let loops = vectorLoops
        updateScalars { sum in
            let (count, sum) = (sum.count, sum.baseAddress!)
            Tensor.withScalars(of: others) { addends in
                inPieces(of: count, nanoseconds: 0.2 * Double(1 + others.count)) { piece in
                    // Blocks that stay in a core's first cache for all that is added to them.
                    for start in stride(from: piece.lowerBound, to: piece.upperBound, by: 4096) {
                        let block = start..<min(start + 4096, piece.upperBound)
                        for (addend, broadcast) in zip(addends, broadcasts) {
                            let addend = addend.baseAddress!
                            let isRow = broadcast.axes.last!.rightStride == 1
                            broadcast.forEachStretch(in: block) { at, _, source, length in
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

    /// The tensor, whose axes of extent 1 are repeated; a constant.
    fileprivate func repeated(toShape shape: [Int]) -> Tensor {
        guard self.shape != shape else { return detached }
        let repeats = Broadcast(self.shape, shape)
        let isRow = repeats.axes.last!.leftStride == 1
        return Tensor(shape: shape) { result in
            withPointer { x in
                inPieces(of: shape.reduce(1, *)) { piece in
                    repeats.forEachStretch(in: piece) { at, source, _, length in
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
