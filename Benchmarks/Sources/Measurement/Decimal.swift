/// `value` with the given number of decimal places.
public func decimal(_ value: Double, places: Int) -> String {
    guard value.isFinite else { return "\(value)" }
    var scale = 1
    for _ in 0..<places { scale *= 10 }
    let rounded = Int((abs(value) * Double(scale)).rounded())
    let fraction = String(rounded % scale)
    let sign = value < 0 && rounded > 0 ? "-" : ""
    guard places > 0 else { return sign + String(rounded) }
    return sign + "\(rounded / scale)." + String(repeating: "0", count: places - fraction.count) + fraction
}

/// Milliseconds, with at least three significant digits.
public func millisecondsText(_ value: Double) -> String {
    decimal(value, places: value < 1 ? 3 : value < 10 ? 2 : value < 100 ? 1 : 0)
}
