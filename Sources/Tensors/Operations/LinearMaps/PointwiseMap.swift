import Runtime

/// A pointwise map of several inputs and its pullbacks, as matrix products of the weight and tiles of points.
///
/// A weight is packed once for all tiles; channels are read in place. Without spatial axes, and in pullbacks with one point,
/// samples are the rows of a single matrix.
struct PointwiseMap {
    /// An input, whose channels meet the weight's columns from `firstColumn` on.
    struct Input {
        let firstColumn: Int
        let channels: Int
        let shape: [Int]

        var columns: Range<Int> { firstColumn..<firstColumn + channels }
    }

    let outputChannels: Int
    let inputs: [Input]
    /// The channels of all inputs together.
    let inputChannels: Int
    let batch: Int
    let points: Int
    let outputShape: [Int]

    init(inputShapes: [[Int]], weightShape: [Int]) {
        require(!inputShapes.isEmpty, "expected at least one tensor to map, got none")
        let first = inputShapes[0]
        var inputs: [Input] = []
        var channels = 0
        for shape in inputShapes {
            require(
                shape.count >= 2 && shape[0] == first[0] && shape[2...] == first[2...],
                "expected shapes [B, C, ...] that differ in C alone, got \(inputShapes)")
            inputs.append(Input(firstColumn: channels, channels: shape[1], shape: shape))
            channels += shape[1]
        }
        require(
            weightShape.count == 2 && weightShape[1] == channels,
            "expected shapes [B, C, ...] and [O, C], got \(inputShapes) and \(weightShape)")
        self.inputs = inputs
        inputChannels = channels
        outputChannels = weightShape[0]
        batch = first[0]
        points = first[2...].reduce(1, *)
        outputShape = [batch, outputChannels] + first[2...]
    }

    /// Whether the tensors are matrices [B, C].
    var isMatrix: Bool { points == 1 }

    /// The largest number of channels of an input.
    var widestInput: Int { inputs.map(\.channels).max()! }

    /// A tensor of one point and `channels` channels as a matrix with a row for each sample.
    func samples(_ scalars: UnsafePointer<Float>, channels: Int) -> MatrixView {
        MatrixView(scalars, rows: batch, columns: channels)
    }

    /// The weight as a matrix.
    func matrix(_ weight: UnsafePointer<Float>) -> MatrixView {
        MatrixView(weight, rows: outputChannels, columns: inputChannels)
    }

    // MARK: - Tiles

    /// Some of a sample's points.
    struct Tile {
        let sample: Int
        let points: Range<Int>
    }

    /// The partition of all samples in tiles of points, each of about ``Tuning/pointwiseTile`` scalars for `channels`
    /// channels.
    struct Tiling {
        let count: Int
        let tilesPerSample: Int
        private let points: Int

        init(batch: Int, points: Int, channels: Int) {
            let size = Tuning.pointwiseTile
            tilesPerSample = max(1, min(points, (points * channels + size - 1) / size))
            self.points = points
            count = batch * tilesPerSample
        }

        subscript(index: Int) -> Tile {
            let (sample, tile) = index.quotientAndRemainder(dividingBy: tilesPerSample)
            return Tile(sample: sample, points: start(of: tile)..<start(of: tile + 1))
        }

        private func start(of tile: Int) -> Int {
            guard tile < tilesPerSample else { return points }
            return tile * points / tilesPerSample / Tuning.pointwiseAlignment * Tuning.pointwiseAlignment
        }
    }

    func forEachTile(_ body: (Tile) -> Void) {
        let tiles = Tiling(batch: batch, points: points, channels: max(outputChannels, widestInput))
        let cost =
            Double(inputChannels * outputChannels) / Tuning.multiplyAddsPerNanosecond
            + 0.5 * Double(max(inputChannels, outputChannels))
        parallelFor(tiles.count, nanoseconds: cost * Double(batch * points)) { tile, _ in body(tiles[tile]) }
    }

    /// A tile as a matrix with a row for each of `channels` channels.
    func rows(_ scalars: UnsafePointer<Float>, channels: Int, _ tile: Tile) -> MatrixView {
        MatrixView(scalars + tile.sample * channels * points, rows: channels, columns: points)
            .columns(tile.points)
    }

    /// The offset of a tile in a tensor of `channels` channels.
    func start(of tile: Tile, channels: Int) -> Int {
        tile.sample * channels * points + tile.points.lowerBound
    }
}
