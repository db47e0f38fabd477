import Runtime

extension RasterImage {
    /// The image in another size; proportions are not kept.
    ///
    /// Every pixel is a weighted mean of those around its place in the image: the weights fall linearly from 1 at its center
    /// to 0 at the distance of one pixel, of the larger of both grids. So an enlarged image is interpolated bilinearly, and a
    /// reduced one is averaged over the area that a pixel covers, without aliasing. This is what Pillow's `resize` does with
    /// its filter BILINEAR and PyTorch's `interpolate` with `antialias`. Rows are resized first, in single precision, and
    /// rounded to whole numbers after the columns alone.
    ///
    /// - Parameters:
    ///   - width: The number of columns, at least 1.
    ///   - height: The number of rows, at least 1.
    /// - Complexity: O(*n* + *m*), where *n* and *m* are the numbers of bytes of both images.
    public func resized(width newWidth: Int, height newHeight: Int) -> RasterImage {
        require(newWidth >= 1 && newHeight >= 1, "expected at least one pixel, got \(newWidth)x\(newHeight)")
        if newWidth == width && newHeight == height { return self }
        let columns = (0..<newWidth).map { TriangleWeights(of: $0, in: newWidth, from: width) }
        let rows = (0..<newHeight).map { TriangleWeights(of: $0, in: newHeight, from: height) }
        // One row of the result at a time needs some resized rows of the image only; each is resized once.
        var resizedRows: [Int: [Float]] = [:]
        var result: [UInt8] = []
        result.reserveCapacity(newWidth * newHeight * channels)
        for weights in rows {
            var sums = [Float](repeating: 0, count: newWidth * channels)
            for (row, weight) in zip(weights.indices, weights.values) {
                let resized = resizedRows[row] ?? resizedRow(row, columns)
                resizedRows[row] = resized
                for index in sums.indices { sums[index] += weight * resized[index] }
            }
            resizedRows = resizedRows.filter { $0.key >= weights.indices.lowerBound }
            result.append(contentsOf: sums.map { UInt8(min(255, max(0, $0.rounded()))) })
        }
        return RasterImage(width: newWidth, height: newHeight, channels: channels, bytes: result)
    }

    private func resizedRow(_ row: Int, _ columns: [TriangleWeights]) -> [Float] {
        let start = row * width * channels
        var result = [Float](repeating: 0, count: columns.count * channels)
        bytes.withUnsafeBufferPointer { bytes in
            for (column, weights) in columns.enumerated() {
                for channel in 0..<channels {
                    var sum: Float = 0
                    for (index, weight) in zip(weights.indices, weights.values) {
                        sum += weight * Float(bytes[start + index * channels + channel])
                    }
                    result[column * channels + channel] = sum
                }
            }
        }
        return result
    }

    /// The image in gray (1 channel) or in RGB (3).
    ///
    /// Gray is (19595 R + 38470 G + 7471 B + 32768) / 65536, the luma of ITU-R BT.601 in whole numbers, as Pillow has it; RGB
    /// repeats gray.
    public func converted(toChannels newChannels: Int) -> RasterImage {
        require(newChannels == 1 || newChannels == 3, "expected 1 or 3 channels, got \(newChannels)")
        if newChannels == channels { return self }
        let pixels = 0..<width * height
        let converted: [UInt8] =
            newChannels == 3
            ? pixels.flatMap { Array(repeating: bytes[$0], count: 3) }
            : pixels.map { pixel in
                let (red, green, blue) = (
                    Int(bytes[3 * pixel]), Int(bytes[3 * pixel + 1]), Int(bytes[3 * pixel + 2])
                )
                return UInt8((19595 * red + 38470 * green + 7471 * blue + 32768) >> 16)
            }
        return RasterImage(width: width, height: height, channels: newChannels, bytes: converted)
    }

    /// The negative: dark where the image is light.
    public var inverted: RasterImage {
        RasterImage(width: width, height: height, channels: channels, bytes: bytes.map { 255 - $0 })
    }
}

/// The weights of the elements of a row in an element of the resized row. They add up to 1.
private struct TriangleWeights {
    let indices: Range<Int>
    let values: [Float]

    /// The weights in element `index` of `newCount`, made from `count`.
    init(of index: Int, in newCount: Int, from count: Int) {
        let scale = Double(count) / Double(newCount)
        let radius = max(scale, 1)
        let center = (Double(index) + 0.5) * scale
        indices = max(0, Int(center - radius + 0.5))..<min(count, Int(center + radius + 0.5))
        let weights = indices.map { max(0, 1 - abs((Double($0) + 0.5 - center) / radius)) }
        let sum = weights.reduce(0, +)
        values = weights.map { Float($0 / sum) }
    }
}
