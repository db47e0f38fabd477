import Convolution
import Tensors
import TestSupport
import Testing

struct GridFeaturesTests {
    /// A coordinate grid, cells, rows of the table: dense and hashed, in one to three dimensions.
    static let cases: [(extents: [Int], cells: [Int], rows: Int)] = [
        ([9], [3], 4), ([1], [2], 3), ([7], [6], 7), ([20], [13], 5), ([5, 6], [2, 3], 12),
        ([5, 6], [4, 4], 7),
        ([3, 4, 5], [2, 2, 1], 18), ([3, 4, 5], [5, 3, 2], 16), ([6, 1], [2, 1], 1),
    ]

    /// The definition, corner by corner, in double precision.
    static func features(_ grid: CoordinateGrid, _ table: NaiveTensor, _ cells: [Int]) -> NaiveTensor {
        let rows = table.shape[0]
        let primes: [UInt32] = [1, 2_654_435_761, 805_459_861]
        return NaiveTensor(shape: [1, table.shape[1]] + grid.extents) { index in
            let places = cells.indices.map { axis in
                (grid.coordinates(alongAxis: axis)[index[2 + axis]] + 1) / 2 * Double(cells[axis])
            }
            // Linear interpolation: each vertex weighs Π max(0, 1 - |distance|).
            return NaiveTensor.indices(of: cells.map { $0 + 1 }).reduce(0.0) { sum, vertex in
                let weight = zip(places, vertex).reduce(1.0) { $0 * max(0, 1 - abs($1.0 - Double($1.1))) }
                var row = zip(vertex, cells).reduce(0) { $0 * ($1.1 + 1) + $1.0 }
                if cells.reduce(1, { $0 * ($1 + 1) }) > rows {
                    row = Int(zip(vertex, primes).reduce(0) { $0 ^ UInt32($1.0) &* $1.1 }) % rows
                }
                return sum + weight * table[[row, index[1]]]
            }
        }
    }

    @Test(arguments: cases.indices)
    func valuesAreThoseOfTheDefinition(index: Int) {
        let (extents, cells, rows) = Self.cases[index]
        var numbers = seededNumbers()
        let table = numbers.tensor([rows, 3])
        let grid = CoordinateGrid(extents: extents)
        let expected = Self.features(grid, NaiveTensor(table), cells)
        let found = Tensor.gridFeatures(coordinates: grid, table: table, cells: cells)
        #expect(found.shape == expected.shape)
        // Along each of up to three axes a fraction is rounded, and subtracted from 1: errors of ε of the cell. Each of
        // up to 8 products and sums is rounded, relative to at most the largest feature, as weights add up to 1.
        let bound = (3 * 2 + 8) * floatEpsilon * largestMagnitude(table.scalars.map(Double.init))
        #expect(largestDifference(found.scalars, expected.scalars) <= bound)
    }

    @Test(arguments: cases.indices)
    func gradientIsThatOfFiniteDifferences(index: Int) {
        let (extents, cells, rows) = Self.cases[index]
        var numbers = seededNumbers(2)
        let grid = CoordinateGrid(extents: extents)
        let mismatches = gradientMismatches(of: [numbers.tensor([rows, 2])]) {
            Tensor.gridFeatures(coordinates: grid, table: $0[0], cells: cells)
        }
        #expect(mismatches == [])
    }

    /// With a vertex at every point the features are the table.
    @Test func verticesKeepTheirFeatures() {
        var numbers = seededNumbers(3)
        let table = numbers.tensor([5 * 4, 1])
        let found = Tensor.gridFeatures(
            coordinates: CoordinateGrid(extents: [5, 4]), table: table, cells: [4, 3])
        // Coordinates are rounded to double precision: another vertex has a weight of 2^-50 at most. The sum of the two
        // products is rounded to ε / 2 of the result.
        let bound = floatEpsilon * largestMagnitude(table.scalars.map(Double.init))
        #expect(largestDifference(found, table.reshaped(to: [1, 1, 5, 4])) <= bound)
    }

    /// On a grid large enough for several threads, hashed, so that points from afar meet in a row.
    @Test(arguments: [2, 3, 7])
    func sameBitsForAnyNumberOfThreads(_ threads: Int) {
        func bits() -> [[Float]] {
            var numbers = RandomNumbers(seed: 4)
            let grid = CoordinateGrid(extents: [150, 160])
            let operands = Operands(tensors: [numbers.tensor([500, 5])])
            let upstream = numbers.tensor([1, 5, 150, 160])
            let (_, gradient, value) = valueAndGradient(at: operands) { model in
                let features = Tensor.gridFeatures(
                    coordinates: grid, table: model.tensors[0], cells: [140, 159])
                return ((features * upstream).sum(), features.detached)
            }
            return [value.scalars, gradient["0"].scalars]
        }
        #expect(Threads.withCount(threads, bits) == Threads.withCount(1, bits))
    }

    @Test func pointsAreTheCoordinates() {
        let points = CoordinateGrid(extents: [2, 3]).points
        #expect(points.shape == [1, 2, 2, 3])
        #expect(points.scalars == [-1, -1, -1, 1, 1, 1, -1, 0, 1, -1, 0, 1])
    }

    @Test func aWrongTableTraps() async {
        let first = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.gridFeatures(
                coordinates: CoordinateGrid(extents: [4]), table: Tensor(shape: [3], repeating: 0), cells: [2]
            )
        }
        #expect(
            says(
                "expected a table of shape [R, F] with at least one row, got [3]", first?.standardErrorContent
            ))
        let second = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.gridFeatures(
                coordinates: CoordinateGrid(extents: [4]), table: Tensor(shape: [3, 1], repeating: 0),
                cells: [2, 2])
        }
        #expect(says("expected cells along 1 axes", second?.standardErrorContent))
    }
}
