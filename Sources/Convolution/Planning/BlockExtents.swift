/// The extents of the blocks in which rows or planes are convolved with kernels much shorter than they are.
struct BlockExtents<Scalar: ConvolutionScalar> {
    private let key: PlanKey
    private var times: EstimatedTimes<Scalar> { EstimatedTimes(key: key) }

    /// B along each axis, if blocks are faster than whole rows; they are for kernels of a fraction of the length.
    static func best(for key: PlanKey) -> [Int]? {
        guard !key.isAlwaysSpectral, key.axes.allSatisfy({ $0.kernel < $0.signal && !$0.isSingle })
        else { return nil }
        let extents = BlockExtents(key: key)
        return key.axes.count == 1 ? extents.ofRow : extents.ofPlane
    }

    // MARK: - Rows

    private var ofRow: [Int]? {
        let axis = key.axes[0]
        guard axis.signal >= CostModel.shortestBlockedRow else { return nil }
        let best = extents(axis).map { extent in
            let points = (extent + axis.kernel) / 2
            return (
                extent: extent, points: points,
                cost: cost(blocks: count(axis, extent), times.ofLine(atLeast: points))
            )
        }.min { $0.cost < $1.cost }
        let whole = times.ofLine(atLeast: (axis.smallestPeriod + 1) / 2)
        guard let best, best.cost < CostModel.gainOfBlocks(length: best.points) * whole
        else { return nil }
        return [best.extent]
    }

    /// The blocks along an axis.
    private func count(_ axis: Axis, _ extent: Int) -> Int {
        (max(axis.signal, axis.output) + extent - 1) / extent
    }

    private func cost(blocks: Int, _ cost: Double) -> Double {
        Double(blocks) * (cost + CostModel.costOfBlock)
    }

    /// B of a row's blocks: those that fill rings of good lengths, and those that cut a short row into equal parts.
    private func extents(_ axis: Axis) -> [Int] {
        let filling = CostModel.blockedLineLengths.map { 2 * $0 - (axis.kernel - 1) }
        let equal = (2...8).map { (max(axis.signal, axis.output) + $0 - 1) / $0 }
        return filling.filter { $0 >= axis.kernel }
            + equal.filter {
                $0 >= axis.kernel && ($0 + axis.kernel) / 2 <= CostModel.blockedLineLengths.last!
            }
    }

    // MARK: - Planes

    private var ofPlane: [Int]? {
        guard key.count(.signal) >= CostModel.smallestBlockedPlane else { return nil }
        let best = tiles.min { $0.cost < $1.cost }
        guard let best, best.cost < CostModel.gainOfBlocks(length: best.points) * times.ofPlane
        else { return nil }
        return [best.height, best.width]
    }

    private struct Tile {
        let height: Int
        let width: Int
        let points: Int
        let cost: Double
    }

    /// B of the tiles that cut a plane into equal parts and are transformed as one line each.
    private var tiles: [Tile] {
        let (vertical, horizontal) = (key.axes[0], key.axes[1])
        var tiles: [Tile] = []
        for height in parts(vertical) {
            for width in parts(horizontal) {
                let points = (height + vertical.kernel - 1) * (width + horizontal.kernel - 1) / 2 + 1
                guard (CostModel.shortestBlockedRow / 2...CostModel.longestKroneckerLine).contains(points)
                else { continue }
                let tile = times.ofPlaneAsLine(atLeast: points)
                let blocks = count(vertical, height) * count(horizontal, width)
                tiles.append(
                    Tile(
                        height: height, width: width, points: points, cost: cost(blocks: blocks, tile)))
            }
        }
        return tiles
    }

    /// B that cut an axis into 1, 2, 3, 4, 6, 8, 12 and so on equal parts, down to a quarter of the kernel.
    private func parts(_ axis: Axis) -> [Int] {
        let extent = max(axis.signal, axis.output)
        var counts = [1]
        while let last = counts.last, extent / last > max(4, axis.kernel / 4) {
            counts.append(last & (last - 1) == 0 ? max(2, last / 2 * 3) : last / 3 * 4)
        }
        return counts.map { (extent + $0 - 1) / $0 }
    }
}
