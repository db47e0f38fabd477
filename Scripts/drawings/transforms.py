"""How long transforms are split, and how planes are transformed."""

from drawing import Drawing


def mixed_radix():
    """A transform of 4 · 4 · leaf points: the fold's radix, one step, leaves by FFTW."""
    drawing = Drawing(940, 372, "The fold sums over four residue rows; each goes through step, leaves, product and back by itself")
    left, width = 150, 640
    drawing.text(28, 40, "M = 4 · 4 · N: every pass runs along contiguous memory", "bold", 15, "start")

    def level(y, parts, name, note, kind, marked=None):
        drawing.text(left - 16, y + 21, name, "bold", 13, "end")
        part = width / parts
        for index in range(parts):
            is_marked = marked is not None and index in marked
            drawing.box(left + index * part + 1.5, y, part - 3, 32, "orange" if is_marked else kind, 4)
        drawing.text(left + width + 14, y + 21, note, "soft", 12, "start")

    level(66, 1, "row", "2M reals", "box")
    level(132, 4, "fold", "4 residue rows", "blue", {0})
    level(198, 16, "step", "radix 4 each", "blue", {0, 1, 2, 3})
    level(264, 16, "leaves", "N points, FFTW", "green", {0, 1, 2, 3})
    drawing.arrow([(left + width / 2, 100), (left + width / 2, 130)])
    drawing.text(left + width / 2 + 12, 120, "one loop: fold, twist and the sums over the radix", "soft", 12, "start")
    for index in range(4):
        x = left + (index + 0.5) * width / 4
        drawing.arrow([(x, 166), (x, 196)])
    for index in range(16):
        x = left + (index + 0.5) * width / 16
        drawing.arrow([(x, 232), (x, 262)])
    # The residue row that is worked on.
    drawing.path([(left, 306), (left, 314), (left + width / 4 - 3, 314), (left + width / 4 - 3, 306)], "orange-line")
    drawing.text(left, 336, "One residue row at a time: steps, leaves, product with the kernel's spectrum, inverse.", "orange-text", 12.5, "start")
    drawing.text(left, 355, "Only then the next, so that the part at hand stays in a near cache.", "soft", 12.5, "start")
    return drawing


def planes():
    """Large planes row by row and then column by column; small ones as a single row."""
    drawing = Drawing(940, 356, "Two ways to transform a plane")
    row_column(drawing)
    drawing.path([(470, 24), (470, 332)], "line dash")
    kronecker(drawing)
    return drawing


def row_column(drawing):
    left, top, cell, rows, columns = 40, 86, 24, 8, 8
    signal = 5
    drawing.text(left - 8, 40, "Row-column: planes of any size", "bold", 15, "start")
    drawing.text(left - 8, 62, "right-angle along rows, complex down columns", "soft", 12, "start")
    for row in range(rows):
        for column in range(columns):
            kind = "empty" if row >= signal else "orange" if column < 2 else "blue"
            drawing.box(left + column * cell, top + row * cell, cell - 2, cell - 2, kind, 2)
    for row in range(signal):
        y = top + row * cell + cell / 2 - 1
        drawing.arrow([(left + columns * cell + 4, y), (left + columns * cell + 30, y)])
    drawing.text(left + columns * cell + 40, top + 44, "1. rows of the signal;", "", 12, "start")
    drawing.text(left + columns * cell + 40, top + 62, "padding is skipped", "soft", 12, "start")
    drawing.arrow([(left + cell - 1, top + rows * cell + 2), (left + cell - 1, top + rows * cell + 30)], "orange-line")
    drawing.text(left + 44, top + rows * cell + 18, "2. a block of columns at a time: turned into rows,", "orange-text", 12, "start")
    drawing.text(left + 44, top + rows * cell + 36, "transformed, multiplied, transformed back, turned", "soft", 12, "start")


def kronecker(drawing):
    left, top, cell, rows, columns = 510, 86, 24, 3, 4
    pitch = 7
    drawing.text(left - 8, 40, "Kronecker: small planes", "bold", 15, "start")
    drawing.text(left - 8, 62, "one row with gaps of zeros, one right-angle transform", "soft", 12, "start")
    kinds = ["blue", "orange", "green"]
    for row in range(rows):
        for column in range(columns):
            drawing.box(left + column * cell, top + row * cell, cell - 2, cell - 2, kinds[row], 2)
    drawing.arrow([(left + 48, top + rows * cell + 8), (left + 48, top + rows * cell + 40)])
    small = 19
    y = top + 122
    for n in range(rows * pitch):
        row, column = divmod(n, pitch)
        drawing.box(left + n * small, y, small - 2, cell - 2, kinds[row] if column < columns else "empty", 2)
    drawing.path([(left, y + 30), (left, y + 38), (left + pitch * small - 2, y + 38), (left + pitch * small - 2, y + 30)])
    drawing.text(left + pitch * small / 2, y + 56, "pitch P", "soft", 12)
    drawing.text(left, y + 88, "The gaps are as long as padding of a row would be,", "soft", 12, "start")
    drawing.text(left, y + 106, "so what runs over a row's end misses every wanted output.", "soft", 12, "start")
