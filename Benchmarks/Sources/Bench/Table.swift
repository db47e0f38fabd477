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

    private static func line(_ cells: [String]) -> String { tableLine(cells, widths, words: 3) }

    private static func bytesText(_ count: Int) -> String {
        count < 1 << 20
            ? decimal(Double(count) / 0x1p10, places: 0) + " KiB"
            : decimal(Double(count) / 0x1p20, places: 1) + " MiB"
    }
}

/// The rows of streams.
enum StreamingTable {
    private static let widths = [9, 9, 11, 9, 9, 9, 9, 9, 9]

    static var header: String {
        line(["form", "taps", "ns a sample", "dot ns", "GFLOP/s", "ratio", "median ns", "worst ns", "max ns"])
    }

    static func row(_ time: StreamingTime) -> String {
        func figure(_ value: Double?) -> String { value.map { decimal($0, places: 0) } ?? "" }
        return line([
            time.form.rawValue, "\(time.kernelLength)", decimal(time.nanosecondsPerSample, places: 1),
            decimal(time.naiveNanoseconds, places: 0), decimal(time.naiveGigaflops, places: 1),
            decimal(time.naiveNanoseconds / time.nanosecondsPerSample, places: 1),
            figure(time.medianBlockNanoseconds), figure(time.worstBlockNanoseconds),
            figure(time.longestBlockNanoseconds),
        ])
    }

    private static func line(_ cells: [String]) -> String { tableLine(cells, widths, words: 1) }
}

/// Words to the left of their columns, figures to the right.
private func tableLine(_ cells: [String], _ widths: [Int], words: Int) -> String {
    zip(cells, widths).enumerated().map { column, cell in
        let padding = String(repeating: " ", count: max(0, cell.1 - cell.0.count))
        return column < words ? cell.0 + padding : padding + cell.0
    }.joined(separator: "  ")
}
