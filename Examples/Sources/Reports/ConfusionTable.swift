/// Which classes were taken for which.
public struct ConfusionTable: Sendable {
    /// `confusion[actual][predicted]`.
    public let confusion: [[Int]]
    /// The names of the classes.
    public let names: [String]
    /// The largest number of classes for which every pair is shown.
    private static let largestClassCount = 20

    /// A table of the given counts, as many rows and columns as names.
    public init(_ confusion: [[Int]], names: [String]) {
        guard confusion.count == names.count, confusion.allSatisfy({ $0.count == names.count }) else {
            fatalError("expected \(names.count) rows and columns, got \(confusion.map(\.count))")
        }
        self.confusion = confusion
        self.names = names
    }

    /// All pairs of few classes; of many, the most frequent mistakes.
    public var markup: Markup {
        names.count <= Self.largestClassCount
            ? .element("div", ["class": "wide"], matrix)
            : .group([mistakesHint, .element("div", ["class": "wide"], mistakes(count: 20))])
    }

    private var mistakesHint: Markup {
        .element("p", ["class": "faint"], "The most frequent of the mistakes among \(names.count) classes.")
    }

    private var matrix: Markup {
        let header = Markup.element(
            "tr", [:],
            [.element("th", ["scope": "col"], "actual, by predicted")]
                + names.map { .element("th", ["scope": "col"], .text($0)) })
        let rows = confusion.indices.map { actual in
            Markup.element(
                "tr", [:],
                [.element("th", ["scope": "row"], .text(names[actual]))]
                    + confusion[actual].indices.map { cell(actual, $0) })
        }
        return .element("table", ["class": "matrix"], [header] + rows)
    }

    /// The share of the actual class is the share of color in the ground, so that it reads on light and dark pages; the
    /// number says it too.
    private func cell(_ actual: Int, _ predicted: Int) -> Markup {
        let count = confusion[actual][predicted]
        let total = confusion[actual].reduce(0, +)
        let share = total > 0 ? 100 * count / total : 0
        let color = actual == predicted ? "--first" : "--second"
        let strength = count > 0 ? max(8, share * 45 / 100) : 0
        return .element(
            "td",
            [
                "style": "background: color-mix(in srgb, var(\(color)) \(strength)%, transparent)",
                "title": "\(names[actual]) taken for \(names[predicted]): \(count), \(share) %",
            ], .text("\(count)"))
    }

    /// A row for each of the most frequent mistakes; equal ones in the order of the classes.
    func mistakes(count: Int) -> Markup {
        let pairs = confusion.indices.flatMap { actual in
            confusion[actual].indices.map { (actual: actual, predicted: $0, count: confusion[actual][$0]) }
        }.filter { $0.actual != $0.predicted && $0.count > 0 }
        let sorted = pairs.sorted {
            ($1.count, $0.actual, $0.predicted) < ($0.count, $1.actual, $1.predicted)
        }
        let header = Markup.element(
            "tr", [:], .element("th", ["class": "left"], "actual"),
            .element("th", ["class": "left"], "predicted"),
            .element("th", [:], "samples"))
        return .element(
            "table", [:],
            [header]
                + sorted.prefix(count).map { pair in
                    .element(
                        "tr", [:], .element("td", ["class": "left"], .text(names[pair.actual])),
                        .element("td", ["class": "left"], .text(names[pair.predicted])),
                        .element("td", [:], .text("\(pair.count)")))
                })
    }
}
