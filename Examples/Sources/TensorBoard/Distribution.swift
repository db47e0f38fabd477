/// How many of some numbers lie where: counts in intervals of equal width from the least to the largest number.
public struct Distribution: Sendable, Equatable {
    /// The number of intervals, except where all numbers are equal.
    public static let intervalCount = 64

    /// The least number.
    public let minimum: Double
    /// The largest number.
    public let maximum: Double
    /// The sum of the numbers.
    public let sum: Double
    /// The sum of their squares.
    public let sumOfSquares: Double
    /// How many lie in each interval. A number on a border belongs to the interval above it, the largest to the last.
    public let counts: [Int]

    /// The number of numbers.
    public var count: Int { counts.reduce(0, +) }

    /// The distribution of `numbers`: at least one, all of them finite.
    ///
    /// - Complexity: O(*n*).
    public init(of numbers: some Collection<Float>) {
        guard !numbers.isEmpty, numbers.allSatisfy(\.isFinite) else {
            fatalError("expected at least one number and only finite ones, got \(numbers.count)")
        }
        let (minimum, maximum) = (Double(numbers.min()!), Double(numbers.max()!))
        (sum, sumOfSquares) = numbers.reduce((0, 0)) { ($0.0 + Double($1), $0.1 + Double($1) * Double($1)) }
        var counts = [Int](repeating: 0, count: minimum < maximum ? Self.intervalCount : 1)
        let scale = minimum < maximum ? Double(counts.count) / (maximum - minimum) : 0
        for number in numbers {
            counts[min(counts.count - 1, Int((Double(number) - minimum) * scale))] += 1
        }
        (self.minimum, self.maximum, self.counts) = (minimum, maximum, counts)
    }

    /// Where the intervals end.
    public var upperBounds: [Double] {
        (1...counts.count).map { index in
            index == counts.count
                ? maximum : minimum + (maximum - minimum) * Double(index) / Double(counts.count)
        }
    }

    /// The distribution as a message.
    var message: Histogram {
        var message = Histogram()
        (message.min, message.max, message.num) = (minimum, maximum, Double(count))
        (message.sum, message.sumSquares) = (sum, sumOfSquares)
        message.bucketLimit = upperBounds
        message.bucket = counts.map(Double.init)
        return message
    }
}
