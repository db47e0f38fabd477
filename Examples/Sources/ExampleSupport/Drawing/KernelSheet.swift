import Tensors
import Training

/// All channels of a kernel in one picture, from blue over white at 0 to red, on one scale.
///
/// Of sequences each channel is a row, time going to the right; of images each is a tile.
struct KernelSheet {
    /// `[C, L]` or `[C, H, W]`.
    private let kernel: Tensor
    /// The largest magnitude: what has the full color.
    let scale: Float

    init(of kernel: Tensor) {
        guard 2...3 ~= kernel.rank else {
            fatalError("expected a kernel [C, L] or [C, H, W], got \(kernel.shape)")
        }
        self.kernel = kernel
        scale = kernel.scalars.reduce(0) { max($0, abs($1)) }
    }

    var image: RasterImage { kernel.rank == 2 ? rows : tiles }

    private static let background = Color.gray(190)

    /// A kernel of zeros is white.
    private func color(of value: Float) -> Color { .diverging(scale > 0 ? value / scale : 0) }

    /// 12 pixels high, at least 512 wide; where there are more than 2,048 samples, a pixel shows the largest by
    /// magnitude of those that fall on it.
    private var rows: RasterImage {
        let (channels, length) = (kernel.shape[0], kernel.shape[1])
        let (height, gap) = (12, 1)
        let width = length > 2048 ? 2048 : length * ((511 + length) / length)
        var canvas = Canvas(width: width, height: channels * (height + gap) - gap)
        kernel.withScalars { scalars in
            for channel in 0..<channels {
                let top = channel * (height + gap)
                for x in 0..<width {
                    let first = x * length / width
                    let places = first..<max(first + 1, (x + 1) * length / width)
                    let value = places.map { scalars[channel * length + $0] }.max { abs($0) < abs($1) }!
                    for y in top..<top + height { canvas.set(x, y, color(of: value)) }
                    if channel > 0 { canvas.set(x, top - gap, Self.background) }
                }
            }
        }
        return canvas.image
    }

    /// As many columns as rows of tiles, or one more; tiles are enlarged to at least 48 pixels, and 2 apart.
    private var tiles: RasterImage {
        let (channels, rows, columns) = (kernel.shape[0], kernel.shape[1], kernel.shape[2])
        let zoom = max(1, (47 + max(rows, columns)) / max(rows, columns))
        let across = Int(Double(channels).squareRoot().rounded(.up))
        let down = (channels + across - 1) / across
        let gap = 2
        let (tileWidth, tileHeight) = (columns * zoom + gap, rows * zoom + gap)
        let (width, height) = (across * tileWidth - gap, down * tileHeight - gap)
        var canvas = Canvas(width: width, height: height)
        kernel.withScalars { scalars in
            for y in 0..<height {
                for x in 0..<width {
                    let channel = y / tileHeight * across + x / tileWidth
                    let (row, column) = (y % tileHeight / zoom, x % tileWidth / zoom)
                    let isTile = channel < channels && row < rows && column < columns
                    canvas.set(
                        x, y,
                        isTile
                            ? color(of: scalars[(channel * rows + row) * columns + column])
                            : Self.background)
                }
            }
        }
        return canvas.image
    }
}
