import Foundation
import Measurement

/// A table that is printed row by row, each as soon as it is known.
struct Table: Sendable {
    /// Names, and widths: negative ones for columns of figures, which are aligned to the right.
    private let columns: [(name: String, width: Int)]

    init(_ columns: [(name: String, width: Int)]) { self.columns = columns }

    func printHeader() { printRow(columns.map(\.name)) }

    func printRow(_ cells: [String]) {
        print(
            zip(cells, columns).map { cell, column in
                let padding = String(repeating: " ", count: max(0, abs(column.width) - cell.count))
                return column.width < 0 ? padding + cell : cell + padding
            }.joined(separator: "  "))
        fflush(nil)
    }
}

/// A fraction in percent.
func percentText(_ value: Double) -> String { decimal(100 * value, places: 0) + " %" }

/// The largest distance of a value from the median, relative to it.
func relativeSpread(_ values: [Double]) -> Double {
    let middle = median(values)
    return values.map { abs($0 - middle) / middle }.max()!
}
