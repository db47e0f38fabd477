"""How the residue rows of a transform come into the lanes of a vector."""

from drawing import Drawing

# A small transform: M = LANES * POINTS. Lanes and the residue rows in them have a color each.
LANES, POINTS = 4, 6
KINDS = ["blue", "orange", "green", "box"]
MARKED = 2


def residue_lanes():
    """A row of W · N numbers becomes N vectors of W lanes, and one transform of N points transforms all lanes."""
    drawing = Drawing(940, 470, "The fold brings the residue rows into the lanes of vectors; what follows are vector sums and products alone")
    drawing.text(28, 40, f"M = W · N, here W = {LANES} lanes and N = {POINTS}: after the fold nothing is shuffled", "bold", 15, "start")
    left = 150
    row(drawing, left, 70)
    fold(drawing, left, 122)
    vectors(drawing, left, 186)
    drawing.text(left, 404, "One transform of N points, whose numbers are vectors: in each lane runs the transform of one residue row.", "soft", 12.5, "start")
    drawing.text(left, 424, "Its last step, the product with the kernel's spectrum and the inverse's first step are one pass. Then all steps", "soft", 12.5, "start")
    drawing.text(left, 441, "are undone in the opposite order. The spectrum stays in the order in which it was made: products do not mind.", "soft", 12.5, "start")
    return drawing


def cell_width():
    return 640 / (LANES * POINTS)


def row(drawing, left, y):
    """The folded row u, in W parts of N numbers; the numbers s of all parts are marked."""
    drawing.text(left - 18, y + 21, "folded row u", "bold", 13, "end")
    width = cell_width()
    for index in range(LANES * POINTS):
        is_marked = index % POINTS == MARKED
        x = left + index * width + (3 if index % POINTS == 0 else 0)
        drawing.box(x, y, width - 2 - (3 if index % POINTS == 0 else 0), 32, "orange" if is_marked else "empty", 3)
    for q in range(1, LANES):
        x = left + q * POINTS * width
        drawing.path([(x, y - 8), (x, y + 40)], "line dash")
    for q in range(LANES):
        drawing.text(left + (q * POINTS + MARKED + 0.5) * width - 1, y + 50, f"q = {q}", "orange-text", 12)
    drawing.text(left + 654, y + 21, "M numbers", "soft", 12, "start")


def fold(drawing, left, y):
    """From the marked numbers to one vector."""
    width = cell_width()
    target = vector_place(left, MARKED)
    for q in range(LANES):
        x = left + (q * POINTS + MARKED + 0.5) * width - 1
        drawing.path([(x, y + 6), (x, y + 20), (target, y + 46)], "orange-line")
    drawing.text(left + 654, y + 30, "transform over q,", "soft", 12, "start")
    drawing.text(left + 654, y + 46, "factors, transpose", "soft", 12, "start")
    drawing.text(left - 18, y + 36, "fold", "bold", 13, "end")


def vector_place(left, s):
    return left + 150 + s * 70


def vectors(drawing, left, y):
    """N vectors side by side, and the butterflies of a step of radix 2 between them."""
    height = 26
    drawing.text(left - 18, y + 58, "N vectors", "bold", 13, "end")
    for k in range(LANES):
        drawing.text(vector_place(left, 0) - 46, y + k * height + 17, f"residue row {k}", "soft", 12, "end")
        for s in range(POINTS):
            drawing.box(vector_place(left, s) - 18, y + k * height, 36, height - 3, KINDS[k], 3)
    drawing.path(
        [(vector_place(left, MARKED) + dx, y + dy) for dx, dy in
         ((-22, -4), (22, -4), (22, LANES * height + 1), (-22, LANES * height + 1), (-22, -4))], "orange-line")
    for s in range(POINTS):
        drawing.text(vector_place(left, s), y + LANES * height + 18, f"s = {s}", "orange-text" if s == MARKED else "soft", 12)
    half = POINTS // 2
    top, bottom = y + LANES * height + 28, y + LANES * height + 72
    for s in range(half):
        a, b = vector_place(left, s), vector_place(left, s + half)
        drawing.path([(a, top), (b, bottom)])
        drawing.path([(b, top), (a, bottom)])
        drawing.path([(a, top), (a, bottom)])
        drawing.path([(b, top), (b, bottom)])
    drawing.text(left - 18, (top + bottom) / 2 + 4, "a step", "bold", 13, "end")
    drawing.text(left + 654, y + 50, "row k is lane k", "soft", 12, "start")
    drawing.text(left + 654, (top + bottom) / 2 + 4, "whole vectors", "soft", 12, "start")
