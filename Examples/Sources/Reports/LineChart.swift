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
        let horizontal = Axis(points.map(\.x), from: Self.left, to: Self.width - Self.right)
        let vertical = Axis(points.map(\.y), from: Self.height - Self.bottom, to: Self.top)
        var parts: [Markup] = []
        for tick in vertical.ticks {
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
                    .text(short(tick))))
        }
        for tick in horizontal.ticks {
            parts.append(
                .element(
                    "text",
                    [
                        "class": "tick", "x": short(horizontal.place(of: tick)), "y": short(Self.height - 8),
                        "text-anchor": "middle",
                    ], .text(short(tick))))
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

/// Values on their way to places in a picture, and round values to write beside them.
struct Axis {
    private let (lowest, highest): (Double, Double)
    private let (start, end): (Double, Double)
    let ticks: [Double]

    /// An axis for finite values, at least one.
    init(_ values: [Double], from start: Double, to end: Double) {
        let (least, largest) = (values.min()!, values.max()!)
        // A single value gets room on both sides, in proportion to it.
        let margin = largest > least ? 0 : least == 0 ? 0.5 : abs(least) / 2
        (lowest, highest) = (least - margin, largest + margin)
        (self.start, self.end) = (start, end)
        let step = Self.roundStep(atLeast: (highest - lowest) / 5)
        let (first, last) = (Int((lowest / step).rounded(.up)), Int((highest / step).rounded(.down)))
        ticks = first <= last ? (first...last).map { Double($0) * step } : []
    }

    func place(of value: Double) -> Double { start + (value - lowest) / (highest - lowest) * (end - start) }

    /// 1, 2 or 5 times a power of ten.
    private static func roundStep(atLeast step: Double) -> Double {
        // Of smaller numbers there may be no fifth part.
        let step = max(step, 1e-300)
        var power = 1.0
        while power > step { power /= 10 }
        while power * 10 <= step { power *= 10 }
        return power * ([1, 2, 5].first { $0 * power >= step } ?? 10)
    }
}

/// A number with as many digits as one reads.
func short(_ number: Double) -> String {
    let rounded = (number * 1e4).rounded() / 1e4
    if rounded == 0, number != 0 { return "\(Float(number))" }
    return rounded == rounded.rounded() && abs(rounded) < 1e15 ? "\(Int(rounded))" : "\(rounded)"
}
