import CVectorLoops
import Runtime

extension Tensor {
    /// Sines of linear phases on a grid, sin(Σ over d of weight[h, d] x[d] + bias[h]) at each point x: the filters of a
    /// multiplicative filter network, and the first layer of a SIREN.
    ///
    /// Phases are computed and reduced in double precision, so that sines are as accurate at a phase of 10⁵ as at 1.
    ///
    /// Source: R. Fathony et al., Multiplicative Filter Networks, ICLR 2021; V. Sitzmann et al., arXiv 2006.09661.
    ///
    /// - Parameters:
    ///   - coordinates: The grid, of extents *S*.
    ///   - weight: The angular frequencies, of shape [h, D] for D axes.
    ///   - bias: The phases at the origin, of shape [h].
    /// - Returns: Shape [1, h, *S].
    /// - Complexity: O(h · S) sines, where S is the number of points.
    public static func sineOfPhases(coordinates: CoordinateGrid, weight: Tensor, bias: Tensor) -> Tensor {
        let axes = coordinates.extents.count
        require(
            weight.rank == 2 && weight.shape[1] == axes && bias.shape == [weight.shape[0]],
            "expected a weight [h, \(axes)] and a bias [h], got \(weight.shape) and \(bias.shape)")
        let phases = PhaseRows(coordinates: coordinates, weight: weight.scalars, bias: bias.scalars)
        let result = phases.sines()
        let (wantsWeight, wantsBias) = (weight.isRecorded, bias.isRecorded)
        return result.recorded(from: weight, bias) { cotangent in
            let (weight, bias) = phases.pullback(cotangent)
            return [wantsWeight ? weight : nil, wantsBias ? bias : nil]
        }
    }
}

/// The phases in rows along the last axis: base + slope · coordinate.
private struct PhaseRows: Sendable {
    private let filters: Int
    private let axes: Int
    private let extents: [Int]
    private let weight: [Float]
    private let bias: [Float]
    /// The coordinates along the last axis, which nobody changes.
    private let columns: PooledArray<Double>
    /// The coordinates of each row along the other axes.
    private let rows: [[Double]]

    init(coordinates: CoordinateGrid, weight: [Float], bias: [Float]) {
        extents = coordinates.extents
        axes = extents.count
        filters = bias.count
        self.weight = weight
        self.bias = bias
        columns = coordinates.pooledCoordinates(alongAxis: axes - 1)
        rows = (0..<axes - 1).reduce([[]]) { rows, axis in
            let next = coordinates.coordinates(alongAxis: axis)
            return rows.flatMap { row in next.map { row + [$0] } }
        }
    }

    private func base(filter: Int, row: [Double]) -> Double {
        row.indices.reduce(Double(bias[filter])) { $0 + Double(weight[filter * axes + $1]) * row[$1] }
    }

    /// The extent of the last axis.
    private var columnCount: Int { extents[axes - 1] }

    private func slope(filter: Int) -> Double { Double(weight[filter * axes + axes - 1]) }

    func sines() -> Tensor {
        let loops = vectorLoops
        return Tensor(shape: [1, filters] + extents) { result in
            parallelRanges(
                of: filters * rows.count, scalarsPerIndex: columnCount,
                nanoseconds: Tuning.Nanoseconds.longPolynomial
            ) { range in
                for index in range {
                    let (filter, row) = index.quotientAndRemainder(dividingBy: rows.count)
                    loops.pointee.sine_of_phases(
                        result + index * columnCount, base(filter: filter, row: rows[row]),
                        slope(filter: filter), columns.pointer, columnCount)
                }
            }
        }
    }

    /// With c = cotangent · cos(phase): ∂bias[h] = Σ c and ∂weight[h, d] = Σ c x[d].
    func pullback(_ cotangent: Tensor) -> (weight: Tensor, bias: Tensor) {
        let loops = vectorLoops
        var weightSums = [Double](repeating: 0, count: filters * axes)
        var biasSums = [Double](repeating: 0, count: filters)
        cotangent.withPointer { g in
            weightSums.withUnsafeMutableBufferPointer { weightSums in
                biasSums.withUnsafeMutableBufferPointer { biasSums in
                    parallelRanges(
                        of: filters, scalarsPerIndex: rows.count * columnCount,
                        nanoseconds: Tuning.Nanoseconds.longPolynomialPullback
                    ) { range in
                        withUnsafeTemporaryAllocation(of: Double.self, capacity: 2) { sums in
                            for filter in range {
                                for (index, row) in rows.enumerated() {
                                    sums.initialize(repeating: 0)
                                    loops.pointee.sine_of_phases_sums(
                                        g + (filter * rows.count + index) * columnCount,
                                        base(filter: filter, row: row), slope(filter: filter),
                                        columns.pointer, columnCount, sums.baseAddress!)
                                    biasSums[filter] += sums[0]
                                    for axis in row.indices {
                                        weightSums[filter * axes + axis] += sums[0] * row[axis]
                                    }
                                    weightSums[filter * axes + axes - 1] += sums[1]
                                }
                            }
                        }
                    }
                }
            }
        }
        return (
            Tensor(shape: [filters, axes], scalars: weightSums.map(Float.init)),
            Tensor(shape: [filters], scalars: biasSums.map(Float.init))
        )
    }
}
