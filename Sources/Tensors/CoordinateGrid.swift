import Runtime

/// The points at which a slow net is evaluated: a regular grid from -1 to 1 along each axis, ends included.
///
/// Axis 0 counts rows. Along an axis of extent 1 the only point is -1.
public struct CoordinateGrid: Sendable, Hashable {
    /// The number of points along each axis.
    public let extents: [Int]

    /// The grid with the given extents, each at least 1, of at least one axis.
    public init(extents: [Int]) {
        require(
            !extents.isEmpty && extents.allSatisfy { $0 >= 1 },
            "expected extents of at least 1, got \(extents)")
        self.extents = extents
    }

    /// The number of points.
    public var count: Int { extents.reduce(1, *) }

    /// The coordinates along an axis, in order.
    public func coordinates(alongAxis axis: Int) -> [Double] {
        let extent = extents[axis]
        guard extent > 1 else { return [-1] }
        // From both ends, so that the grid is symmetric to the last bit.
        return (0..<extent).map { Double(2 * $0 - (extent - 1)) / Double(extent - 1) }
    }
}

extension CoordinateGrid {
    /// The coordinates of all points: `[1, D, *S]`.
    public var points: Tensor {
        let rows = extents.indices.map { axis in
            let inner = extents[(axis + 1)...].reduce(1, *)
            let coordinates = coordinates(alongAxis: axis)
            return (0..<count).lazy.map { Float(coordinates[$0 / inner % extents[axis]]) }
        }
        return Tensor(shape: [1, extents.count] + extents, scalars: rows.flatMap { Array($0) })
    }
}
