/// The median time of one call, in milliseconds: one call that is not counted, to warm caches and wake threads, then
/// calls until they have taken `least` together, at least one.
public func milliseconds(
    atLeast least: Duration = .milliseconds(100), of body: () throws -> Void
) rethrows -> Double {
    try milliseconds(atLeast: least, after: {}, of: body)
}

/// The same where `preparation` is called before each call, which takes no time.
public func milliseconds(
    atLeast least: Duration = .milliseconds(100), after preparation: () throws -> Void,
    of body: () throws -> Void
) rethrows -> Double {
    try preparation()
    try body()
    let clock = ContinuousClock()
    var times: [Double] = []
    var total = Duration.zero
    repeat {
        try preparation()
        let time = try clock.measure(body)
        total += time
        times.append(time / .milliseconds(1))
    } while total < least
    return median(times)
}

/// The middle one of `values`, of which there must be one at least; the mean of the middle two for an even number.
public func median(_ values: [Double]) -> Double {
    precondition(!values.isEmpty, "a median needs at least 1 value, got 0")
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
