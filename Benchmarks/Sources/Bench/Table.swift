import Measurement

/// The rows that `make bench` prints, each as soon as it is known.
enum Table {
    private static let widths = [16, 9, 11, 11, 11, 9, 9, 11, 8]

    static var header: String {
        line([
            "shape", "boundary", "kernels", "forward ms", "backward ms", "bare ms", "ratio", "workspace",
            "spread",
        ])
    }

    static func row(_ overhead: Overhead) -> String {
        line([
            overhead.shape, overhead.boundary.rawValue, overhead.kernels.rawValue,
            millisecondsText(overhead.forward.milliseconds), millisecondsText(overhead.backward.milliseconds),
            millisecondsText(overhead.forward.bareMilliseconds + overhead.backward.bareMilliseconds),
            overhead.ratio.map { decimal($0, places: 2) } ?? "direct",
            bytesText(max(overhead.forward.workspaceByteCount, overhead.backward.workspaceByteCount)),
            decimal(100 * overhead.spread, places: 0) + " %",
        ])
    }

    /// Words to the left of their columns, figures to the right.
    private static func line(_ cells: [String]) -> String {
        zip(cells, widths).enumerated().map { column, cell in
            let padding = String(repeating: " ", count: max(0, cell.1 - cell.0.count))
            return column < 3 ? cell.0 + padding : padding + cell.0
        }.joined(separator: "  ")
    }

    private static func bytesText(_ count: Int) -> String {
        count < 1 << 20
            ? decimal(Double(count) / 0x1p10, places: 0) + " KiB"
            : decimal(Double(count) / 0x1p20, places: 1) + " MiB"
    }
}
