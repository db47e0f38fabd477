import Runtime

/// A regular grid of coordinates from -1 to 1 along each axis, ends included: the points at which a slow net is
/// evaluated.
///
/// Axes are in row-major order. Along an axis of extent 1 the only coordinate is -1.
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
        (0..<extents[axis]).map { coordinate($0, alongAxis: axis) }
    }

    private func coordinate(_ index: Int, alongAxis axis: Int) -> Double {
        let extent = extents[axis]
        // (2i - (n - 1)) / (n - 1), not -1 + 2i / (n - 1): symmetric to the last bit.
        return extent > 1 ? Double(2 * index - (extent - 1)) / Double(extent - 1) : -1
    }

    /// The same in memory of the pool: a long axis is made for each filter of each step, and fresh arrays are mapped anew.
    func pooledCoordinates(alongAxis axis: Int) -> PooledArray<Double> {
        let coordinates = PooledArray<Double>(count: extents[axis])
        for index in 0..<extents[axis] {
            coordinates.pointer[index] = coordinate(index, alongAxis: axis)
        }
        return coordinates
    }
}

extension CoordinateGrid {
    /// The coordinates of all points: shape [1, D, *S] for D axes of extents *S*.
    public var points: Tensor {
        let rows = extents.indices.map { axis in
            let inner = extents[(axis + 1)...].reduce(1, *)
            let coordinates = coordinates(alongAxis: axis)
            return (0..<count).lazy.map { Float(coordinates[$0 / inner % extents[axis]]) }
        }
        return Tensor(shape: [1, extents.count] + extents, scalars: rows.flatMap { Array($0) })
    }
}
