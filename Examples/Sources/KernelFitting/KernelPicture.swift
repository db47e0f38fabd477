import ExampleSupport
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

    private static let gap = 4

    /// 512 columns, in each a vertical line through all samples that fall on it and the one before.
    private var curves: RasterImage {
        let (width, height) = (512, 56)
        let colors: [Color] = [.gray(60), .blue, .red]
        var canvas = Canvas(width: width, height: panels.count * (height + Self.gap) - Self.gap)
        for (panel, color) in zip(panels.indices, colors) {
            let top = panel * (height + Self.gap)
            // What is beyond the scale is drawn at the edge.
            let rows = panels[panel].scalars.map { value in
                let unit = max(-1, min(1, value / largest))
                return top + Int((Float(height - 1) * (1 - unit) / 2).rounded())
            }
            for column in 0..<width {
                canvas.set(column, top + height / 2, .gray(215))
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
                    canvas.set(panel * step + x, y, .diverging(value / largest))
                }
            }
        }
        return canvas.image
    }
}
