import Runtime

extension RasterImage {
    /// The image in another size; proportions are not kept.
    ///
    /// Every pixel is a weighted mean of those around its place in the image: the weights fall linearly from 1 at its center
    /// to 0 at the distance of one pixel, of the larger of both grids. So an enlarged image is interpolated bilinearly, and a
    /// reduced one is averaged over the area that a pixel covers, without aliasing. This is what Pillow's `resize` does with
    /// its filter BILINEAR and PyTorch's `interpolate` with `antialias`. Values are rounded to whole numbers once, at the end.
    ///
    /// - Parameters:
    ///   - newWidth: The number of columns, at least 1.
    ///   - newHeight: The number of rows, at least 1.
    /// - Complexity: O(*n* + *m*) in time and memory, where *n* and *m* are the numbers of bytes of both images. A large image
    ///   made small takes little memory beside its own.
    public func resized(width newWidth: Int, height newHeight: Int) -> RasterImage {
        require(newWidth >= 1 && newHeight >= 1, "expected at least one pixel, got \(newWidth)x\(newHeight)")
        if newWidth == width && newHeight == height { return self }
        let columns = (0..<newWidth).map { TriangleWeights(of: $0, in: newWidth, from: width) }
        let rows = (0..<newHeight).map { TriangleWeights(of: $0, in: newHeight, from: height) }
        // The axis that is reduced more, or enlarged less, comes first: so there are never more numbers between the passes
        // than in the larger image.
        let columnsFirst = Double(newWidth) / Double(width) < Double(newHeight) / Double(height)
        let resized: [Float]
        if columnsFirst {
            let between = resample(bytes, outer: height, count: width, inner: channels, columns) {
                Double($0)
            }
            resized = resample(between, outer: 1, count: height, inner: newWidth * channels, rows) {
                Double($0)
            }
        } else {
            let between = resample(bytes, outer: 1, count: height, inner: width * channels, rows) {
                Double($0)
            }
            resized = resample(between, outer: newHeight, count: width, inner: channels, columns) {
                Double($0)
            }
        }
        return RasterImage(
            width: newWidth, height: newHeight, channels: channels,
            bytes: resized.map { UInt8(min(255, max(0, $0.rounded()))) })
    }

    /// The image in gray (1 channel) or in RGB (3).
    ///
    /// Gray is (19595 R + 38470 G + 7471 B + 32768) / 65536, the luma of ITU-R BT.601 in whole numbers, as Pillow has it; RGB
    /// repeats gray.
    public func converted(toChannels newChannels: Int) -> RasterImage {
        require(newChannels == 1 || newChannels == 3, "expected 1 or 3 channels, got \(newChannels)")
        if newChannels == channels { return self }
        let converted: [UInt8] =
            newChannels == 3
            ? (0..<3 * bytes.count).map { bytes[$0 / 3] }
            : (0..<width * height).map { pixel in
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

/// A row-major array of the shape [outer, count, inner], resized along its middle axis.
///
/// Sums are in double precision: there may be many millions of small terms.
@inline(__always)
private func resample<Element>(
    _ source: [Element], outer: Int, count: Int, inner: Int, _ weights: [TriangleWeights],
    _ number: (Element) -> Double
) -> [Float] {
    var result: [Float] = []
    result.reserveCapacity(outer * weights.count * inner)
    var sums = [Double](repeating: 0, count: inner)
    source.withUnsafeBufferPointer { source in
        sums.withUnsafeMutableBufferPointer { sums in
            for row in 0..<outer {
                for weights in weights {
                    sums.update(repeating: 0)
                    for index in weights.indices {
                        let weight = weights[index]
                        let start = (row * count + index) * inner
                        for offset in 0..<inner { sums[offset] += weight * number(source[start + offset]) }
                    }
                    for sum in sums { result.append(Float(sum)) }
                }
            }
        }
    }
    return result
}

/// The weights of the elements of a row in an element of the resized row. They add up to 1.
///
/// They are computed where they are used: stored, those of a long row would take several times its memory.
private struct TriangleWeights {
    let indices: Range<Int>
    private let center, radius: Double
    private var scale = 1.0

    /// The weights in element `index` of `newCount`, made from `count`.
    init(of index: Int, in newCount: Int, from count: Int) {
        let ratio = Double(count) / Double(newCount)
        radius = max(ratio, 1)
        center = (Double(index) + 0.5) * ratio
        indices = max(0, Int(center - radius + 0.5))..<min(count, Int(center + radius + 0.5))
        var sum = 0.0
        for index in indices { sum += self[index] }
        scale = 1 / sum
    }

    subscript(index: Int) -> Double { max(0, 1 - abs(Double(index) + 0.5 - center) / radius) * scale }
}
