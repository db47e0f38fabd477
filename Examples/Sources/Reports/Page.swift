/// A page that needs nothing but itself: no script, no file beside it, nothing from the net.
public struct Page: Sendable {
    /// What the page is called.
    public let title: String
    /// Its sections, each with a heading.
    public private(set) var sections: [(heading: String, content: [Markup])] = []
    /// What stands below the title.
    public let introduction: [Markup]

    /// A page without sections.
    public init(title: String, introduction: [Markup] = []) {
        self.title = title
        self.introduction = introduction
    }

    /// Adds a section.
    public mutating func add(_ heading: String, _ content: Markup...) { sections.append((heading, content)) }

    /// The page as a file has it.
    public var html: String {
        let body = sections.map { heading, content in
            Markup.element("section", [:], [.element("h2", [:], .text(heading))] + content)
        }
        let head = Markup.element(
            "head", [:],
            .element("meta", ["charset": "utf-8"]),
            .element("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
            .element("meta", ["name": "color-scheme", "content": "light dark"]),
            .element("title", [:], .text(title)), .styleSheet(Self.styleSheet))
        let main = Markup.element(
            "main", [:], [.element("h1", [:], .text(title))] + introduction + body)
        return "<!DOCTYPE html>\n"
            + Markup.element("html", ["lang": "en"], head, .element("body", [:], main)).html + "\n"
    }

    /// The colors of lines are those of Okabe and Ito's palette, which people with any color vision tell apart; on dark
    /// ground lighter ones.
    private static let styleSheet = """
        :root { --ground: #ffffff; --text: #1b1f24; --faint: #59636e; --line: #d1d9e0; --panel: #f6f8fa;
          --first: #0072b2; --second: #b34700; }
        @media (prefers-color-scheme: dark) {
          :root { --ground: #14171b; --text: #e6e9ec; --faint: #a3adb8; --line: #3a424b; --panel: #1e2329;
            --first: #56b4e9; --second: #ffb000; } }
        body { margin: 0; background: var(--ground); color: var(--text);
          font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
        main { max-width: 62rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
        h1 { font-size: 1.7rem; margin: 0 0 .5rem; }
        h2 { font-size: 1.2rem; margin: 2.5rem 0 .75rem; border-bottom: 1px solid var(--line); padding-bottom: .25rem; }
        p { max-width: 46rem; } .faint { color: var(--faint); }
        .figures { display: flex; flex-wrap: wrap; gap: 1.25rem; align-items: flex-start; }
        h1, td.left, figcaption { overflow-wrap: anywhere; }
        figure { margin: 0; max-width: 100%; min-width: 0; } svg { display: block; max-width: 100%; height: auto; }
        figcaption { color: var(--faint); font-size: .85rem; margin-bottom: .25rem; }
        .wide { overflow-x: auto; }
        svg text { fill: var(--text); font-size: 12px; } svg .tick { fill: var(--faint); }
        svg .grid { stroke: var(--line); stroke-width: 1; } svg path { fill: none; stroke-width: 2; }
        svg .first { stroke: var(--first); } svg .second { stroke: var(--second); stroke-dasharray: 6 3; }
        svg circle { stroke: none; } svg circle.first { fill: var(--first); } svg circle.second { fill: var(--second); }
        img { image-rendering: pixelated; border: 1px solid var(--line); background: #ffffff; max-width: 100%;
          height: auto; object-fit: contain; }
        .wide img { max-width: none; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
        th, td { padding: .25rem .6rem; text-align: right; border-bottom: 1px solid var(--line); }
        th { font-weight: 600; } th[scope=row], td.left, th.left { text-align: left; }
        table.matrix td, table.matrix th { padding: .2rem .45rem; text-align: center; border: 1px solid var(--line); }
        pre { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: .75rem 1rem;
          overflow-x: auto; font: 13px/1.45 ui-monospace, "DejaVu Sans Mono", monospace; white-space: pre-wrap; }
        @media print { :root { --ground: #ffffff; --text: #000000; --faint: #444444; --line: #bbbbbb;
            --panel: #ffffff; --first: #0072b2; --second: #b34700; }
          figure, table.matrix, tr, p { break-inside: avoid; } h2, p.faint { break-after: avoid; }
          main { max-width: none; padding: 0; } .wide { overflow: visible; } figure img { max-height: 22cm; }
          .figures { display: block; } .figures figure { display: inline-block; vertical-align: top; margin: 0 1rem 1rem 0; }
          .figures figure:has(svg) { width: 46%; }
          td { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
        """
}
