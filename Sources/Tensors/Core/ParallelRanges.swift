import Runtime

/// Calls `body` for ranges that partition 0 ..< `count`, on several threads where that is faster.
///
/// The ranges depend on `count` and `scalarsPerIndex`, not on the number of threads, so that sums over a range have the
/// same bits on any machine. Each call must write to memory of its own.
///
/// - Parameters:
///   - scalarsPerIndex: The scalars that an index stands for.
///   - nanoseconds: The time that a scalar takes on one thread, about.
func parallelRanges(
    of count: Int, scalarsPerIndex: Int = 1, nanoseconds: Double = Tuning.Nanoseconds.arithmetic,
    _ body: (Range<Int>) -> Void
) {
    let length = max(1, Tuning.taskScalars / max(1, scalarsPerIndex))
    let tasks = (count + length - 1) / length
    parallelFor(tasks, nanoseconds: Double(count) * Double(scalarsPerIndex) * nanoseconds) { task, _ in
        body(task * length..<min(count, (task + 1) * length))
    }
}
