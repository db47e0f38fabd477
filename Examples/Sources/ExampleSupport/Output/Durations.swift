/// A duration in the two units that matter: `80 ms`, `4.2 s`, `12 s`, `3 min 20 s`, `2 h 5 min`.
///
/// - Parameter seconds: the duration, at least 0.
func durationText(_ seconds: Double) -> String {
    if seconds < 0.9995 { return "\(Int((1000 * seconds).rounded())) ms" }
    if seconds < 9.95 { return "\(decimal(seconds, 1)) s" }
    let whole = Int(seconds.rounded())
    if whole < 60 { return "\(whole) s" }
    // Half a minute is lost in hours.
    let minutes = Int((seconds / 60).rounded())
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    return "\(minutes / 60) h \(minutes % 60) min"
}
