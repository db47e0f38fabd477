/// Curves over a common horizontal axis, as a scalable picture.
///
/// The second curve is dashed as well as of another color, and each is named where it is explained.
public struct LineChart: Sendable {
    /// A curve.
    public struct Curve: Sendable {
        let name: String
        let points: [(x: Double, y: Double)]

        /// A curve through the given points; those that are not finite, or so large that their differences may not be,
        /// are left out.
        public init(_ name: String, _ points: [(x: Double, y: Double)]) {
            self.name = name
            self.points = points.filter { abs($0.x) <= 1e300 && abs($0.y) <= 1e300 }
        }
    }

    /// What the chart shows.
    public let title: String
    /// One curve or two.
    public let curves: [Curve]

    /// A chart of one curve or two.
    public init(title: String, curves: [Curve]) {
        guard 1...2 ~= curves.count else { fatalError("expected one curve or two, got \(curves.count)") }
        self.title = title
        self.curves = curves
    }

    private static let (width, height) = (440.0, 220.0)
    private static let (left, right, top, bottom) = (56.0, 12.0, 12.0, 28.0)

    /// The chart with its caption.
    public var markup: Markup {
        let legend = zip(curves, ["solid", "dashed"]).map { "\($0.name): \($1)" }.joined(separator: ", ")
        let caption = curves.count > 1 ? "\(title) (\(legend))" : title
        return .element(
            "figure", [:], .element("figcaption", [:], .text(caption)), picture(named: caption))
    }

    private func picture(named name: String) -> Markup {
        let points = curves.flatMap(\.points)
        guard !points.isEmpty else { return .element("p", [:], "No values.") }
        // Nothing is between integers such as the numbers of epochs.
        let horizontal = Axis(
            points.map(\.x), from: Self.left, to: Self.width - Self.right,
            isOfIntegers: points.allSatisfy { $0.x == $0.x.rounded() })
        let vertical = Axis(points.map(\.y), from: Self.height - Self.bottom, to: Self.top)
        var parts: [Markup] = []
        for (tick, label) in zip(vertical.ticks, vertical.labels) {
            let y = short(vertical.place(of: tick))
            parts.append(
                .element(
                    "line",
                    [
                        "class": "grid", "x1": short(Self.left), "x2": short(Self.width - Self.right),
                        "y1": y, "y2": y,
                    ]
                ))
            parts.append(
                .element(
                    "text",
                    ["class": "tick", "x": short(Self.left - 6), "y": y, "dy": "4", "text-anchor": "end"],
                    .text(label)))
        }
        for (tick, label) in zip(horizontal.ticks, horizontal.labels) {
            parts.append(
                .element(
                    "text",
                    [
                        "class": "tick", "x": short(horizontal.place(of: tick)), "y": short(Self.height - 8),
                        "text-anchor": "middle",
                    ], .text(label)))
        }
        for (curve, style) in zip(curves, ["first", "second"]) {
            let places = curve.points.map {
                (short(horizontal.place(of: $0.x)), short(vertical.place(of: $0.y)))
            }
            if places.count == 1 {
                parts.append(
                    .element("circle", ["class": style, "cx": places[0].0, "cy": places[0].1, "r": "3"]))
            } else if places.count > 1 {
                let path = "M" + places.map { "\($0) \($1)" }.joined(separator: "L")
                parts.append(.element("path", ["class": style, "d": path]))
            }
        }
        return .element(
            "svg",
            [
                "viewBox": "0 0 \(short(Self.width)) \(short(Self.height))", "width": short(Self.width),
                "height": short(Self.height), "role": "img", "aria-label": name,
            ], parts)
    }
}
