import Convolution
import Runtime

/// The threads that a call or a stream chose: a number, or the process's.
struct ChosenThreads: Sendable {
    private let count: Int?

    /// Refuses anything but 0, for the process's number, and 1 to 4,096.
    init(_ field: Int32) throws(Refusal) {
        try expect(
            field == 0 || ThreadCount.possible ~= Int(field),
            "expected threads from 1 to 4096, or 0, got \(field)")
        count = field == 0 ? nil : Int(field)
    }

    /// Calls `body` with as many threads.
    func with(_ body: () throws(Refusal) -> Void) throws(Refusal) {
        guard let count else { return try body() }
        try Threads.withCount(count, body)
    }
}
