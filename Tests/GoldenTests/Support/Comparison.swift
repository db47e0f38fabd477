import Tensors
import Testing

/// Compares tensors with golden ones, and remembers how close they came.
struct Comparison {
    let name: CaseName
    let entries: [String: Sidecar<Ignored>.Entry]
    let stored: [String: Tensor]
    /// The largest error found, in tolerances, and where.
    private(set) var worst: (ratio: Float, key: String) = (0, "")
    private var compared: Set<String> = []

    init(name: CaseName, entries: [String: Sidecar<Ignored>.Entry], stored: [String: Tensor]) {
        self.name = name
        self.entries = entries
        self.stored = stored
    }

    /// The stored tensor must have the same shape and be everywhere within its tolerance.
    mutating func compare(_ found: Tensor, with key: String) {
        guard let entry = entries[key], let expected = stored[key], let tolerance = entry.tolerance else {
            Issue.record("\(name): no golden tensor '\(key)' with a tolerance")
            return
        }
        compared.insert(key)
        // Where a kernel has a batch axis of one the golden has none.
        #expect(found.shape.drop { $0 == 1 } == expected.shape.drop { $0 == 1 }, "\(name): shape of \(key)")
        guard found.count == expected.count else { return }
        note(largestDifference(found.scalars, expected.scalars), tolerance: tolerance, key: key)
    }

    /// An error found in another way.
    mutating func note(_ error: Float, tolerance: Float, key: String) {
        compared.insert(key)
        #expect(error <= tolerance, "\(name): error of \(key)")
        let ratio = error / tolerance
        if !(ratio <= worst.ratio) { worst = (ratio, key) }
    }

    /// Everything to be reproduced must have been compared.
    func finish() {
        for (key, entry) in entries where ["output", "gradient", "training"].contains(entry.role) {
            #expect(compared.contains(key), "\(name): \(key) was not compared")
        }
        #expect(!compared.isEmpty, "\(name): nothing was compared")
        GoldenReport.note(
            "\(name): \(compared.count) tensors, worst \(worst.ratio) of the tolerance (\(worst.key))")
    }
}

/// The largest absolute difference; infinite where one of the two is not a number.
func largestDifference(_ left: [Float], _ right: [Float]) -> Float {
    zip(left, right).reduce(0) { largest, pair in
        let difference = abs(pair.0 - pair.1)
        return difference.isNaN ? .infinity : max(largest, difference)
    }
}
