"""A small SVG canvas: boxes, arrows and text that stay legible on light and on dark pages.

Every drawing carries its own background, so a page's color never meets the drawing's ink. Coordinates are written with
at most two decimals, which makes the files the same on every machine.
"""

from xml.sax.saxutils import escape

LIGHT = {
    "ground": "#ffffff", "edge": "#d1d9e0", "ink": "#1f2328", "soft": "#59636e", "pale": "#f3f5f8",
    "blue": "#0072b2", "orange": "#c2560c", "green": "#00785a",
}
DARK = {
    "ground": "#11161d", "edge": "#3b434d", "ink": "#e6edf3", "soft": "#9ba6b2", "pale": "#1b222b",
    "blue": "#64b5f6", "orange": "#f5a45d", "green": "#4cc9a0",
}


def colors(palette):
    """The rules that name colors; written out for each palette, as not every program knows variables in style sheets."""
    ground, edge, ink, soft, pale = (palette[name] for name in ("ground", "edge", "ink", "soft", "pale"))
    rules = [
        f"text {{ fill: {ink}; }} .soft {{ fill: {soft}; }} .head {{ fill: {soft}; }}",
        f".ground, .empty {{ fill: {ground}; stroke: {edge}; }} .box {{ fill: {pale}; stroke: {edge}; }}",
        f".line, .ring {{ fill: none; stroke: {soft}; }} .grid {{ fill: none; stroke: {edge}; }}",
    ]
    for name in ("blue", "orange", "green"):
        color = palette[name]
        rules.append(
            f".{name} {{ fill: {color}; fill-opacity: 0.16; stroke: {color}; }} .solid-{name} {{ fill: {color}; }} "
            f".{name}-text {{ fill: {color}; }} .{name}-line {{ fill: none; stroke: {color}; }}")
    return "\n".join(rules)


STYLE = f"""
text {{ font-family: system-ui, "Helvetica Neue", "Segoe UI", "DejaVu Sans", sans-serif; }}
.mono {{ font-family: ui-monospace, "SF Mono", Menlo, "DejaVu Sans Mono", monospace; }}
.bold {{ font-weight: 600; }} .line {{ stroke-width: 1.4; }} .dash {{ stroke-dasharray: 4 4; }}
.blue-line, .orange-line, .green-line {{ stroke-width: 2; }}
{colors(LIGHT)}
@media (prefers-color-scheme: dark) {{
{colors(DARK)}
}}
"""


def number(value):
    """The shortest text with at most two decimals."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


class Drawing:
    """Shapes in the order in which they are painted."""

    def __init__(self, width, height, title):
        self.width, self.height, self.title = width, height, title
        self.parts = []
        self.box(0.5, 0.5, width - 1, height - 1, "ground", radius=10)

    def add(self, tag, kind, content=None, **attributes):
        text = "".join(
            f' {name.replace("_", "-")}="{number(value) if isinstance(value, (int, float)) else value}"'
            for name, value in attributes.items()
            if value is not None
        )
        end = "/>" if content is None else f">{content}</{tag}>"
        self.parts.append(f'<{tag} class="{kind}"{text}{end}')

    def box(self, x, y, width, height, kind="box", radius=6):
        self.add("rect", kind, x=x, y=y, width=width, height=height, rx=radius)

    def text(self, x, y, content, kind="", size=13, anchor="middle"):
        self.add("text", kind, escape(content), x=x, y=y, font_size=size, text_anchor=anchor)

    def label(self, x, y, width, height, lines, kind="box", size=13):
        """A box with centered lines; the first is bold if there are several."""
        self.box(x, y, width, height, kind)
        step = size + 4
        top = y + height / 2 - step * (len(lines) - 1) / 2 + size * 0.35
        for index, line in enumerate(lines):
            is_head = index == 0
            self.text(
                x + width / 2, top + index * step, line, "bold" if is_head else "soft", size if is_head else size - 1.5)

    def circle(self, x, y, radius, kind):
        self.add("circle", kind, cx=x, cy=y, r=radius)

    def path(self, points, kind="line"):
        self.add("path", kind, d="M" + " L".join(f"{number(x)} {number(y)}" for x, y in points))

    def arrow(self, points, kind="line"):
        """A line through the points, with a head at the last one; the last stretch is horizontal or vertical."""
        (x0, y0), (x1, y1) = points[-2], points[-1]
        dx, dy = (x1 > x0) - (x1 < x0), (y1 > y0) - (y1 < y0)
        self.path(points[:-1] + [(x1 - 6 * dx, y1 - 6 * dy)], kind)
        across, along = 3.5, 8
        corners = [
            (x1, y1),
            (x1 - along * dx - across * dy, y1 - along * dy - across * dx),
            (x1 - along * dx + across * dy, y1 - along * dy + across * dx),
        ]
        self.path(corners, "head" if kind == "line" else f"solid-{kind.split('-')[0]}")

    def svg(self):
        body = "\n".join(self.parts)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" width="{self.width}" '
            f'height="{self.height}" role="img" aria-label="{escape(self.title)}">\n'
            f"<title>{escape(self.title)}</title>\n<style>{STYLE}</style>\n{body}\n</svg>\n"
        )
