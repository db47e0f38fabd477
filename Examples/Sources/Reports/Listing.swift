/// Names with what they stand for, in a table.
public struct Listing: Sendable {
    private let rows: [(name: String, value: String)]

    /// A row for each name, in the given order.
    public init(_ rows: [(name: String, value: String)]) { self.rows = rows }

    /// The table.
    public var markup: Markup {
        .element(
            "table", [:],
            rows.map { row in
                .element(
                    "tr", [:], .element("th", ["scope": "row"], .text(row.name)),
                    .element("td", ["class": "left"], .text(row.value)))
            })
    }
}
