import CVectorLoops
import Runtime

/// A run of columns of a matrix that occurs several times side by side: once for each copy of the channels it acts on.
public struct RepeatedColumns: Sendable, Hashable {
    /// The number of columns of one copy.
    public let columns: Int
    /// The number of copies, at least 1.
    public let copies: Int

    /// A run of `columns` columns that occurs `copies` times.
    public init(columns: Int, copies: Int = 1) {
        require(
            columns >= 0 && copies >= 1,
            "expected at least 0 columns and 1 copy, got \(columns) and \(copies)")
        self.columns = columns
        self.copies = copies
    }
}

extension Tensor {
    /// This matrix [O, C] with the copies of each run of columns summed, so that it acts on channels as this matrix
    /// acts on the same channels tiled.
    ///
    /// - Parameter runs: All columns, from the left.
    /// - Returns: [O, *n*], where *n* is the number of columns without their copies.
    /// - Complexity: O(O · C).
    public func summingRepeatedColumns(_ runs: [RepeatedColumns]) -> Tensor {
        let columns = runs.reduce(0) { $0 + $1.columns * $1.copies }
        require(
            rank == 2 && shape[1] == columns,
            "expected a matrix of \(columns) columns, got the shape \(shape)")
        let sumColumns = runs.reduce(0) { $0 + $1.columns }
        guard sumColumns < columns else { return self }
        let shape = shape
        let loops = vectorLoops
        let result = Tensor(shape: [shape[0], sumColumns]) { result in
            withPointer { x in
                forEachCopy(of: runs, rows: shape[0]) { row, source, target, count, isFirst in
                    let (y, x) = (result + row * sumColumns + target, x + row * columns + source)
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
                            from: g + row * sumColumns + target, count: count)
                    }
                }
            }
            return [spread]
        }
    }
}

/// Calls `body` with each row and each copy of a run: its first column, the first of the columns that it is added to,
/// the number of columns, and whether it is the first copy.
private func forEachCopy(
    of runs: [RepeatedColumns], rows: Int,
    _ body: (_ row: Int, _ source: Int, _ target: Int, _ count: Int, _ isFirst: Bool) -> Void
) {
    parallelRanges(of: rows, scalarsPerIndex: runs.reduce(0) { $0 + $1.columns * $1.copies }) { range in
        for row in range {
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
