import Foundation
import Runtime
import Tensors

/// A multiresolution hash grid: features at the vertices of grids of several resolutions, interpolated linearly, and
/// a small multilayer perceptron of them.
///
/// Fine detail costs table entries rather than layers: a step of the gradient changes a place's own entries. Where a
/// level has more vertices than its table has rows, vertices share them by a hash.
///
/// Source: T. Müller et al., *Instant Neural Graphics Primitives with a Multiresolution Hash Encoding*, arXiv
/// 2201.05989, section 3.
public struct HashGridNetwork: SlowNet {
    /// One `[rows, features]` for each level, coarse to fine.
    public var tables: [Tensor]
    /// The features of all levels to the kernel's channels.
    public var perceptron: Perceptron
    /// The extents of the kernel the network was made for.
    public let extents: [Int]
    /// For each level, the number of its cells along each axis.
    public let cells: [[Int]]

    /// A network for kernels `[outputs, *extents]`.
    ///
    /// The cells along an axis go in equal ratios from `coarsestCells` to one for each step of the axis, or as many
    /// as there are if these are fewer. Levels that come out equal (on short axes) are left out.
    ///
    /// - Parameters:
    ///   - extents: the extents of the kernel.
    ///   - outputs: the number of its channels.
    ///   - size: the width and the number of the hidden layers.
    ///   - levels: the number of levels, at least 1; the source has 16.
    ///   - features: the number of features of a level, at least 1.
    ///   - largestTable: the largest number of rows of a table, at least 1.
    ///   - coarsestCells: the number of cells of the coarsest level along each axis, at least 1.
    ///   - featureBound: the tables start uniform within ± this; the source has 10⁻⁴.
    ///   - randomNumbers: where the parameters are drawn from.
    public init(
        extents: [Int], outputs: Int, size: SlowNetSize, levels: Int = 8, features: Int = 2,
        largestTable: Int = 1024, coarsestCells: Int = 4, featureBound: Float = 1e-4,
        using randomNumbers: inout RandomNumbers
    ) {
        require(
            levels >= 1 && features >= 1 && largestTable >= 1 && coarsestCells >= 1,
            "expected at least 1 level, feature, row and cell, got \(levels), \(features), \(largestTable) and "
                + "\(coarsestCells)")
        self.extents = extents
        cells = Self.cells(extents: extents, levels: levels, coarsest: coarsestCells)
        tables = cells.map { cells in
            let vertices = cells.reduce(1.0) { $0 * Double($1 + 1) }
            let rows = vertices <= Double(largestTable) ? Int(vertices) : largestTable
            return Tensor(
                shape: [rows, features], uniformIn: -featureBound..<featureBound, using: &randomNumbers)
        }
        perceptron = Perceptron(
            inputs: cells.count * features, outputs: outputs, size: size, extents: extents,
            using: &randomNumbers)
    }

    private static func cells(extents: [Int], levels: Int, coarsest: Int) -> [[Int]] {
        let all = (0..<levels).map { level in
            extents.map { extent in
                let finest = max(1, extent - 1)
                let first = Double(min(coarsest, finest))
                let share = levels == 1 ? 1 : Double(level) / Double(levels - 1)
                // A hair above, so that the last level is not rounded down.
                return Int(first * pow(Double(finest) / first, share) + 1e-6)
            }
        }
        return all.enumerated().filter { $0 == 0 || all[$0 - 1] != $1 }.map(\.element)
    }

    /// The hyper-kernel `[O, *S]`. Between the samples of the extents that the network was made for it is piecewise
    /// smooth: the perceptron of linear interpolations.
    public func kernel(extents: [Int]) -> Tensor {
        let grid = CoordinateGrid(extents: extents)
        let features = zip(tables, cells).map {
            Tensor.gridFeatures(coordinates: grid, table: $0, cells: $1)
        }
        return perceptron(.concatenated(features, alongAxis: 1))
    }

    /// Visits `tables.<level>`, then the perceptron's parameters.
    public mutating func forEachParameter(_ body: (String, inout Tensor) throws -> Void) rethrows {
        for level in tables.indices { try body("tables.\(level)", &tables[level]) }
        try perceptron.forEachParameter(body)
    }
}
