import Foundation

/// Values on their way to places in a picture, and round values to write beside them.
struct Axis {
    private let (lowest, highest): (Double, Double)
    private let (start, end): (Double, Double)
    let ticks: [Double]
    /// A number for each tick, with the digits that tell it from its neighbors.
    let labels: [String]

    /// An axis for finite values, at least one; if it is one of integers, all ticks are.
    init(_ values: [Double], from start: Double, to end: Double, isOfIntegers: Bool = false) {
        let (least, largest) = (values.min()!, values.max()!)
        // A single value gets room on both sides, in proportion to it.
        let margin = largest > least ? 0 : isOfIntegers || least == 0 ? 0.5 : abs(least) / 2
        (lowest, highest) = (least - margin, largest + margin)
        (self.start, self.end) = (start, end)
        let atLeast = (highest - lowest) / 5
        let (digit, exponent) = Self.roundStep(atLeast: isOfIntegers ? max(1, atLeast) : atLeast)
        let step = Double(digit) * pow(10, Double(exponent))
        // Roundings leave no tick out at an end.
        let (first, last) = (
            Int((lowest / step - 1e-9).rounded(.up)), Int((highest / step + 1e-9).rounded(.down))
        )
        let multiples = first <= last ? Array(first...last) : []
        ticks = multiples.map { Double($0) * step }
        labels = multiples.map { Self.label($0 * digit, exponent: exponent) }
    }

    func place(of value: Double) -> Double { start + (value - lowest) / (highest - lowest) * (end - start) }

    /// 1, 2 or 5, and the exponent of the power of ten that it is multiplied with.
    private static func roundStep(atLeast step: Double) -> (digit: Int, exponent: Int) {
        // Of smaller numbers there may be no fifth part.
        let step = max(step, 1e-300)
        var exponent = Int(log10(step).rounded(.down))
        // Rounding may have put the logarithm on either side of an integer.
        while pow(10, Double(exponent)) > step { exponent -= 1 }
        while pow(10, Double(exponent + 1)) <= step { exponent += 1 }
        let power = pow(10, Double(exponent))
        guard let digit = [1, 2, 5].first(where: { Double($0) * power >= step }) else {
            return (1, exponent + 1)
        }
        return (digit, exponent)
    }

    /// `number` times a power of ten, exactly: decimal up to nine digits, otherwise as in `1.5e-07`.
    static func label(_ number: Int, exponent: Int) -> String {
        if number == 0 { return "0" }
        var (digits, exponent) = (abs(number), exponent)
        while digits % 10 == 0 { (digits, exponent) = (digits / 10, exponent + 1) }
        let sign = number < 0 ? "-" : ""
        let text = String(digits)
        // The exponent of the first digit.
        let leading = exponent + text.count - 1
        guard leading < 9, exponent >= -6 else {
            let rest = text.dropFirst()
            let power = (leading < 0 ? "e-" : "e+") + (abs(leading) < 10 ? "0" : "") + "\(abs(leading))"
            return sign + text.prefix(1) + (rest.isEmpty ? "" : "." + rest) + power
        }
        if exponent >= 0 { return sign + text + String(repeating: "0", count: exponent) }
        let padded = String(repeating: "0", count: max(0, 1 - exponent - text.count)) + text
        return sign + padded.dropLast(-exponent) + "." + padded.suffix(-exponent)
    }
}

/// A place in a picture, to a ten-thousandth of its unit.
func short(_ number: Double) -> String {
    let rounded = (number * 1e4).rounded() / 1e4
    if rounded == 0, number != 0 { return "\(Float(number))" }
    return rounded == rounded.rounded() && abs(rounded) < 1e15 ? "\(Int(rounded))" : "\(rounded)"
}
