import Runtime

extension Tensor {
    /// The multilinear interpolation of features at the vertices of a regular grid over -1...1 on every axis, a level
    /// of a multiresolution hash encoding.
    ///
    /// The features of a vertex are a row of `table`, in row-major order. Where there are more vertices than rows, the
    /// vertex with the indices v uses row (⊕ over d of v[d] π[d]) mod R, with ⊕ the exclusive or of 32-bit words and π
    /// = 1, 2654435761, 805459861. Vertices with the same row share its features.
    ///
    /// The pullback sums over the points in their order, whatever the number of threads.
    ///
    /// Source: T. Müller et al., arXiv 2201.05989, section 3, equation 4.
    ///
    /// - Parameters:
    ///   - coordinates: The points, of extents *S* on up to three axes.
    ///   - table: The features, of shape [R, F].
    ///   - cells: The number of grid cells along each axis, at least 1; there is one more vertex.
    /// - Returns: Shape [1, F, *S].
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

/// The cell of each point of a coordinate grid in a feature grid of one resolution.
private struct GridLevel: Sendable {
    static let primes: [UInt32] = [1, 2_654_435_761, 805_459_861]

    /// The cells of the coordinates along one axis, and the positions in them.
    struct Axis {
        /// The terms of the lower and the upper vertex in the row's index or hash.
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
            // The row-major stride: the number of vertices of the following axes.
            let stride = isHashed ? 0 : UInt64(cells[(axis + 1)...].reduce(1) { $0 * ($1 + 1) })
            let count = cells[axis]
            let positions = coordinates.coordinates(alongAxis: axis).map { ($0 + 1) / 2 * Double(count) }
            // The last coordinate, 1, belongs to the last cell.
            let lower = positions.map { min(Int($0), count - 1) }
            func contribution(_ vertex: Int) -> UInt64 {
                isHashed ? UInt64(UInt32(vertex) &* Self.primes[axis]) : UInt64(vertex) * stride
            }
            return Axis(
                contributions: lower.map { (contribution($0), contribution($0 + 1)) },
                fractions: zip(positions, lower).map { Float($0 - Double($1)) })
        }
    }

    private var count: Int { extents.reduce(1, *) }
    private var cornerCount: Int { 1 << axes.count }

    /// Calls `body` for each point and each vertex of its cell with a weight other than 0.
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

    /// Σ over the vertices of a point's cell of weight · table[row].
    func interpolate(_ table: Tensor) -> Tensor {
        let features = table.shape[1]
        let (count, cost) = (count, Double(cornerCount) * Tuning.Nanoseconds.gridVertex)
        return Tensor(shape: [1, features] + extents) { result in
            table.withPointer { table in
                parallelRanges(of: count, scalarsPerIndex: features, nanoseconds: cost) { range in
                    for feature in 0..<features {
                        (result + feature * count + range.lowerBound)
                            .initialize(repeating: 0, count: range.count)
                    }
                    forEachCorner(of: range) { point, row, weight in
                        for feature in 0..<features {
                            result[feature * count + point] += weight * table[row * features + feature]
                        }
                    }
                }
            }
        }
    }

    /// The transpose, the table's cotangent. Features run in parallel; each sums over all points in order.
    func scatter(_ cotangent: Tensor, features: Int) -> Tensor {
        let (count, rows) = (count, rows)
        let work = Double(count * features * cornerCount) * Tuning.Nanoseconds.gridVertex
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
