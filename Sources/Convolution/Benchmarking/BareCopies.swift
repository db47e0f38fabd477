import Runtime

/// Copies and reads of rows by the threads of a convolution, without anything between them: the floor under what further
/// operands cost.
@_spi(Benchmarks)
public enum BareCopies {
    /// Copies each source to its target and reads the rest, row by row.
    ///
    /// - Parameters:
    ///   - rowLength: The scalars of a row; every buffer holds whole rows, and as many as the others.
    ///   - copies: Sources and their targets.
    ///   - reads: What is read alone.
    /// - Returns: The sum of what was read alone.
    @discardableResult
    public static func execute(
        rowLength: Int,
        copies: [(source: UnsafeBufferPointer<Float>, target: UnsafeMutableBufferPointer<Float>)],
        reads: [UnsafeBufferPointer<Float>]
    ) -> Float {
        let rows = (copies.first?.source.count ?? reads.first?.count ?? 0) / rowLength
        let sums = PooledArray<Double>(count: rows)
        parallelFor(rows, grain: 4) { row, _ in
            let first = row * rowLength
            for (source, target) in copies {
                (target.baseAddress! + first).update(from: source.baseAddress! + first, count: rowLength)
            }
            sums.pointer[row] = reads.reduce(0) { $0 + Double(sum($1.baseAddress! + first, rowLength)) }
        }
        return Float((0..<rows).reduce(0) { $0 + sums.pointer[$1] })
    }

    /// In as many partial sums as hide the latency of an addition.
    private static func sum(_ row: UnsafePointer<Float>, _ count: Int) -> Float {
        var sums = (SIMD16<Float>.zero, SIMD16<Float>.zero)
        var index = 0
        while index + 32 <= count {
            let vectors = UnsafeRawPointer(row + index)
            sums.0 += vectors.loadUnaligned(as: SIMD16<Float>.self)
            sums.1 += (vectors + 64).loadUnaligned(as: SIMD16<Float>.self)
            index += 32
        }
        return (index..<count).reduce((sums.0 + sums.1).sum()) { $0 + row[$1] }
    }
}
