import CVectorKernels
import Runtime

/// Some columns of a matrix, side by side as many times as there are copies of the channels that they act on.
public struct RepeatedColumns: Sendable, Hashable {
    /// The number of columns of one copy.
    public let columns: Int
    /// The number of copies, at least 1.
    public let copies: Int

    /// Columns that occur `copies` times.
    public init(columns: Int, copies: Int = 1) {
        require(
            columns >= 0 && copies >= 1,
            "expected columns and at least one copy, got \(columns) and \(copies)")
        self.columns = columns
        self.copies = copies
    }
}

extension Tensor {
    /// This matrix [O, C] with copies of columns added up: what acts on channels as this matrix does on the channels
    /// repeated.
    ///
    /// - Parameter runs: What the columns are, from the left; all of them.
    /// - Returns: [O, *n*], where *n* is the number of columns without their copies.
    /// - Complexity: O(O · C).
    public func foldingColumns(_ runs: [RepeatedColumns]) -> Tensor {
        let columns = runs.reduce(0) { $0 + $1.columns * $1.copies }
        require(
            rank == 2 && shape[1] == columns,
            "expected a matrix of \(columns) columns, got the shape \(shape)")
        let folded = runs.reduce(0) { $0 + $1.columns }
        guard folded < columns else { return self }
        let shape = shape
        let loops = vectorLoops
        let result = Tensor(shape: [shape[0], folded]) { result in
            withPointer { x in
                forEachCopy(of: runs, rows: shape[0]) { row, source, target, count, isFirst in
                    let (y, x) = (result + row * folded + target, x + row * columns + source)
                    if isFirst {
                        y.initialize(from: x, count: count)
                    } else {
                        loops.pointee.add(y, y, x, count)
                    }
                }
            }
        }
        return result.recorded(from: self) { cotangent in
            let spread = Tensor(shape: shape) { result in
                cotangent.withPointer { g in
                    forEachCopy(of: runs, rows: shape[0]) { row, source, target, count, _ in
                        (result + row * columns + source).initialize(
                            from: g + row * folded + target, count: count)
                    }
                }
            }
            return [spread]
        }
    }
}

/// Calls `body` with each row and each copy: where its columns begin, where those that they are added to, their
/// number, and whether it is the first copy.
private func forEachCopy(
    of runs: [RepeatedColumns], rows: Int,
    _ body: (_ row: Int, _ source: Int, _ target: Int, _ count: Int, _ isFirst: Bool) -> Void
) {
    inPieces(of: rows, scalarsEach: runs.reduce(0) { $0 + $1.columns * $1.copies }) { piece in
        for row in piece {
            var (source, target) = (0, 0)
            for run in runs {
                for copy in 0..<run.copies {
                    body(row, source, target, run.columns, copy == 0)
                    source += run.columns
                }
                target += run.columns
            }
        }
    }
}
