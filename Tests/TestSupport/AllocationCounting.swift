import CAllocationCount

/// The allocations of many calls on this thread; 0 beside a sanitizer, where none is counted.
///
/// - Parameter countsFirst: Whether the first call counts too.
public func allocations(calls: Int, countsFirst: Bool = false, _ call: () -> Void) -> Int {
    allocations(calls, countsFirst: countsFirst, counter: allocation_count, call)
}

/// The allocations of many calls on any thread of the process; the first call is not counted.
public func allocationsOfProcess(calls: Int, _ call: () -> Void) -> Int {
    allocations(calls, countsFirst: false, counter: allocation_count_of_process, call)
}

private func allocations(
    _ calls: Int, countsFirst: Bool, counter: () -> Int, _ call: () -> Void
) -> Int {
    let before = counter()
    let probe = UnsafeMutablePointer<Int>.allocate(capacity: 1)
    let counted = counter() - before
    probe.deallocate()
    guard before >= 0 else { return 0 }
    precondition(counted >= 1, "allocations are not counted")
    if !countsFirst { call() }
    let start = counter()
    for _ in 0..<calls { call() }
    return counter() - start
}
