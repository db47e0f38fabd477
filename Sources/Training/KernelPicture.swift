import Tensors

/// A picture of numbers of either sign: blue below zero, white at zero, red above, full color at the largest magnitude.
///
/// Blue and red are told apart with any color vision; zero is the same in every picture.
public struct KernelPicture: Sendable {
    /// The magnitude that has full color.
    public let scale: Float
    /// The picture.
    public let image: RasterImage

    /// Where a sequence has more samples than this, several share a column, which shows the largest of them.
    private static let maximumColumnCount = 1024
    /// How wide and high tiles of small kernels become, at least.
    private static let tileSide = 48
    private static let gap = 2

    /// A picture of a hyper-kernel `[C, S]`, a row of some pixels for each channel and time from left to right, or
    /// `[C, H, W]`, a tile for each channel, row by row.
    ///
    /// - Complexity: O(*n*), where *n* is the number of scalars.
    public init(of kernel: Tensor) {
        precondition(
            2...3 ~= kernel.rank && kernel.count > 0,
            "expected a kernel [C, S] or [C, H, W], got \(kernel.shape)")
        let scalars = kernel.scalars
        scale = scalars.reduce(0) { max($0, abs($1)) }
        image =
            kernel.rank == 2
            ? Self.rows(scalars, channels: kernel.shape[0], length: kernel.shape[1], scale: scale)
            : Self.tiles(
                scalars, channels: kernel.shape[0], height: kernel.shape[1], width: kernel.shape[2],
                scale: scale)
    }

    private static func rows(_ scalars: [Float], channels: Int, length: Int, scale: Float) -> RasterImage {
        let columns = min(length, maximumColumnCount)
        // Short sequences get wider columns, few channels higher rows.
        let (columnWidth, rowHeight) = (max(1, 512 / columns), max(3, min(16, 256 / channels)))
        var canvas = ColorCanvas(width: columns * columnWidth, height: channels * rowHeight)
        for channel in 0..<channels {
            for column in 0..<columns {
                let samples =
                    channel * length + column * length / columns..<channel * length
                    + max((column + 1) * length / columns, column * length / columns + 1)
                let value = scalars[samples].max { abs($0) < abs($1) }!
                canvas.fill(
                    x: column * columnWidth, y: channel * rowHeight, width: columnWidth, height: rowHeight,
                    color(of: value, scale: scale))
            }
        }
        return canvas.image
    }

    private static func tiles(
        _ scalars: [Float], channels: Int, height: Int, width: Int, scale: Float
    ) -> RasterImage {
        let across = Int(Double(channels).squareRoot().rounded(.up))
        let zoom = max(1, tileSide / max(height, width))
        let (stepX, stepY) = (width * zoom + gap, height * zoom + gap)
        let down = (channels + across - 1) / across
        var canvas = ColorCanvas(width: across * stepX - gap, height: down * stepY - gap)
        for channel in 0..<channels {
            for pixel in 0..<height * width {
                canvas.fill(
                    x: channel % across * stepX + pixel % width * zoom,
                    y: channel / across * stepY + pixel / width * zoom, width: zoom, height: zoom,
                    color(of: scalars[channel * height * width + pixel], scale: scale))
            }
        }
        return canvas.image
    }

    private static func color(of value: Float, scale: Float) -> [UInt8] {
        let unit = scale > 0 ? value / scale : 0
        let end: [Float] = unit < 0 ? [20, 90, 200] : [200, 40, 30]
        return end.map { UInt8(255 + (($0 - 255) * min(1, abs(unit))).rounded()) }
    }
}

/// Pixels to draw on, of a light gray at first, which shows between tiles.
private struct ColorCanvas {
    private let width: Int
    private let height: Int
    private var bytes: [UInt8]

    init(width: Int, height: Int) {
        (self.width, self.height) = (width, height)
        bytes = Array(repeating: 215, count: width * height * 3)
    }

    mutating func fill(x: Int, y: Int, width columns: Int, height rows: Int, _ color: [UInt8]) {
        for row in y..<y + rows {
            for column in x..<x + columns {
                for channel in 0..<3 { bytes[(row * width + column) * 3 + channel] = color[channel] }
            }
        }
    }

    var image: RasterImage { RasterImage(width: width, height: height, channels: 3, bytes: bytes) }
}
