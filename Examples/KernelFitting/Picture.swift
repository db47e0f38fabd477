import Tensors
import Training

/// Target, fit and ten times the error, on one scale: curves below each other or maps side by side.
struct Picture {
    private let panels: [Tensor]
    /// What is drawn at the edge of a panel, or in full color.
    private let largest: Float

    init(of fit: Fit, target: Tensor) {
        panels = [target, fit.kernel, (fit.kernel - target) * 10]
        largest = target.largestMagnitude
    }

    var image: RasterImage { panels[0].rank == 2 ? curves : maps }

    private typealias Color = [UInt8]
    private static let gap = 4

    /// 512 columns, in each a vertical line through all samples that fall on it and the one before.
    private var curves: RasterImage {
        let (width, height) = (512, 56)
        let colors: [Color] = [[60, 60, 60], [20, 90, 200], [200, 40, 30]]
        var canvas = Canvas(width: width, height: panels.count * (height + Self.gap) - Self.gap)
        for (panel, color) in zip(panels.indices, colors) {
            let top = panel * (height + Self.gap)
            // What is beyond the scale is drawn at the edge.
            let rows = panels[panel].scalars.map { value in
                let unit = max(-1, min(1, value / largest))
                return top + Int((Float(height - 1) * (1 - unit) / 2).rounded())
            }
            for column in 0..<width {
                canvas.set(column, top + height / 2, [215, 215, 215])
                let first = max(0, column * rows.count / width - 1)
                let last = max(first, (column + 1) * rows.count / width - 1)
                for y in rows[first...last].min()!...rows[first...last].max()! {
                    canvas.set(column, y, color)
                }
            }
        }
        return canvas.image
    }

    /// Three columns and rows a sample, from blue over white to red.
    private var maps: RasterImage {
        let scale = 3
        let (rows, columns) = (panels[0].shape[1], panels[0].shape[2])
        let step = columns * scale + 2 * Self.gap
        var canvas = Canvas(width: panels.count * step - 2 * Self.gap, height: rows * scale)
        for (panel, tensor) in panels.enumerated() {
            let scalars = tensor.scalars
            for y in 0..<rows * scale {
                for x in 0..<columns * scale {
                    let value = scalars[y / scale * columns + x / scale]
                    canvas.set(panel * step + x, y, color(of: value / largest))
                }
            }
        }
        return canvas.image
    }

    private func color(of unit: Float) -> Color {
        let end: [Float] = unit < 0 ? [20, 90, 200] : [200, 40, 30]
        return end.map { UInt8(255 + (($0 - 255) * min(1, abs(unit))).rounded()) }
    }
}

/// Pixels to draw on, white at first.
private struct Canvas {
    private let width: Int
    private let height: Int
    private var bytes: [UInt8]

    init(width: Int, height: Int) {
        (self.width, self.height) = (width, height)
        bytes = Array(repeating: 255, count: width * height * 3)
    }

    mutating func set(_ x: Int, _ y: Int, _ color: [UInt8]) {
        bytes.replaceSubrange((y * width + x) * 3..<(y * width + x) * 3 + 3, with: color)
    }

    var image: RasterImage { RasterImage(width: width, height: height, channels: 3, bytes: bytes) }
}
