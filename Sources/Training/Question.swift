import Runtime

/// What a data set asks of a network.
public enum Question: Codable, Equatable, Sendable {
    /// The class of each sample, from 0 to `count` - 1; with `positions`, of each of its positions.
    case classes(count: Int, positions: LabeledPositions? = nil)
    /// A number for each sample.
    case number

    /// The number of logits that answer it for a sample or position.
    public var answerCount: Int {
        switch self {
        case .classes(let count, _): count
        case .number: 1
        }
    }

    /// The number of targets that each sample has.
    public var targetsPerSample: Int {
        switch self {
        case .classes(_, let positions): positions?.count ?? 1
        case .number: 1
        }
    }
}

/// The positions of a sample, each of which has a class.
public struct LabeledPositions: Codable, Equatable, Sendable {
    /// The number of positions of a sample.
    public let count: Int
    /// The class of the positions that count for the loss but not for the accuracy: where there is nothing to tell.
    public let background: Int?

    /// Positions, of which all count or all but those of the class `background`.
    public init(count: Int, background: Int? = nil) {
        require(count >= 1, "expected at least 1 position, got \(count)")
        self.count = count
        self.background = background
    }
}

/// The answers that samples have.
public enum Targets: Equatable, Sendable {
    /// Classes: one for each sample or, one sample after the other, one for each of its positions in row-major order.
    case labels([Int])
    /// A number for each sample.
    case numbers([Float])

    /// The number of labels or numbers.
    public var count: Int {
        switch self {
        case .labels(let labels): labels.count
        case .numbers(let numbers): numbers.count
        }
    }

    /// Those of the samples at `indices`, in that order, where each sample has `width`.
    func subset(_ indices: some Sequence<Int>, width: Int) -> Targets {
        func chosen<Element>(_ all: [Element]) -> [Element] {
            indices.flatMap { all[$0 * width..<($0 + 1) * width] }
        }
        return switch self {
        case .labels(let labels): .labels(chosen(labels))
        case .numbers(let numbers): .numbers(chosen(numbers))
        }
    }
}
