import Convolution
import Runtime

extension Tensor {
    /// Features stored at the vertices of a regular grid over -1...1 on every axis, interpolated linearly to each
    /// point of `coordinates`: a tensor of shape [1, F, *S].
    ///
    /// The vertices are the rows of `table`, in row-major order. Where there are more vertices than rows, a vertex
    /// with the indices v uses row (⊕ over d of v[d] π[d]) mod R, with ⊕ the exclusive or of 32-bit words, π = 1,
    /// 2654435761, 805459861: vertices that share a row share its features.
    ///
    /// The pullback adds the points up in their order, whatever the number of threads.
    ///
    /// Source: T. Müller et al., arXiv 2201.05989, section 3, equation 4.
    ///
    /// - Parameters:
    ///   - coordinates: The points, of extents *S* on up to three axes.
    ///   - table: The features, of shape [R, F].
    ///   - cells: The number of grid cells along each axis, at least 1; there is one vertex more.
    /// - Complexity: O(2ᴰ · F · S), where S is the number of points.
    public static func gridFeatures(coordinates: CoordinateGrid, table: Tensor, cells: [Int]) -> Tensor {
        require(
            cells.count == coordinates.extents.count && cells.count <= GridLevel.primes.count
                && cells.allSatisfy { 1..<1 << 31 ~= $0 },
            "expected cells along \(coordinates.extents.count) axes, at most \(GridLevel.primes.count), got \(cells)"
        )
        require(
            table.rank == 2 && table.shape[0] >= 1,
            "expected a table of shape [R, F] with at least one row, got \(table.shape)")
        let level = GridLevel(coordinates: coordinates, cells: cells, rows: table.shape[0])
        let result = level.interpolate(table)
        let features = table.shape[1]
        return result.recorded(from: table) { [level.scatter($0, features: features)] }
    }
}

/// One resolution of a feature grid, as seen from the points of a coordinate grid.
private struct GridLevel: Sendable {
    static let primes: [UInt32] = [1, 2_654_435_761, 805_459_861]

    /// Along one axis, the cell of each coordinate and the place in it.
    struct Axis {
        /// What the lower and the upper vertex contribute to the row's number.
        let contributions: [(lower: UInt64, upper: UInt64)]
        /// From 0 at the lower vertex to 1 at the upper.
        let fractions: [Float]
    }

    private let extents: [Int]
    private let axes: [Axis]
    private let rows: Int
    private let isHashed: Bool

    init(coordinates: CoordinateGrid, cells: [Int], rows: Int) {
        extents = coordinates.extents
        self.rows = rows
        let vertices = cells.reduce(1.0) { $0 * Double($1 + 1) }
        let isHashed = vertices > Double(rows)
        self.isHashed = isHashed
        axes = cells.indices.map { axis in
            // In row-major order a vertex counts as many rows as the axes behind have vertices.
            let stride = isHashed ? 0 : UInt64(cells[(axis + 1)...].reduce(1) { $0 * ($1 + 1) })
            let count = cells[axis]
            let places = coordinates.coordinates(alongAxis: axis).map { ($0 + 1) / 2 * Double(count) }
            // The last vertex is the upper one of the last cell.
            let lower = places.map { min(Int($0), count - 1) }
            func contribution(_ vertex: Int) -> UInt64 {
                isHashed ? UInt64(UInt32(vertex) &* Self.primes[axis]) : UInt64(vertex) * stride
            }
            return Axis(
                contributions: lower.map { (contribution($0), contribution($0 + 1)) },
                fractions: zip(places, lower).map { Float($0 - Double($1)) })
        }
    }

    private var count: Int { extents.reduce(1, *) }
    private var cornerCount: Int { 1 << axes.count }

    /// Calls `body` with each of the points, each corner of its cell that has a weight: the table's row and the weight.
    private func forEachCorner(
        of points: Range<Int>, _ body: (_ point: Int, _ row: Int, _ weight: Float) -> Void
    ) {
        withUnsafeTemporaryAllocation(of: Int.self, capacity: axes.count) { indices in
            for point in points {
                var rest = point
                for axis in axes.indices.reversed() {
                    (rest, indices[axis]) = rest.quotientAndRemainder(dividingBy: extents[axis])
                }
                for corner in 0..<cornerCount {
                    var weight: Float = 1
                    var number: UInt64 = 0
                    for (axis, part) in axes.enumerated() {
                        let isUpper = corner >> axis & 1 == 1
                        let fraction = part.fractions[indices[axis]]
                        let (lower, upper) = part.contributions[indices[axis]]
                        weight *= isUpper ? fraction : 1 - fraction
                        number =
                            isHashed
                            ? number ^ (isUpper ? upper : lower) : number + (isUpper ? upper : lower)
                    }
                    guard weight != 0 else { continue }
                    body(point, isHashed ? Int(number % UInt64(rows)) : Int(number), weight)
                }
            }
        }
    }

    func interpolate(_ table: Tensor) -> Tensor {
        let features = table.shape[1]
        let (count, cost) = (count, Double(cornerCount) * 2)
        return Tensor(shape: [1, features] + extents) { result in
            table.withPointer { table in
                inPieces(of: count, scalarsEach: features, nanoseconds: cost) { piece in
                    for feature in 0..<features {
                        (result + feature * count + piece.lowerBound)
                            .initialize(repeating: 0, count: piece.count)
                    }
                    forEachCorner(of: piece) { point, row, weight in
                        for feature in 0..<features {
                            result[feature * count + point] += weight * table[row * features + feature]
                        }
                    }
                }
            }
        }
    }

    /// The table's cotangent: each feature's by itself, over all points in order.
    func scatter(_ cotangent: Tensor, features: Int) -> Tensor {
        let (count, rows) = (count, rows)
        let work = Double(count * features * cornerCount) * 2
        return Tensor(
            shape: [rows, features],
            writing: { result in
                cotangent.withPointer { g in
                    parallelFor(features, nanoseconds: work) { feature, _ in
                        var sums = [Double](repeating: 0, count: rows)
                        sums.withUnsafeMutableBufferPointer { sums in
                            forEachCorner(of: 0..<count) { point, row, weight in
                                sums[row] += Double(weight) * Double(g[feature * count + point])
                            }
                        }
                        for row in 0..<rows { result[row * features + feature] = Float(sums[row]) }
                    }
                }
            })
    }
}
