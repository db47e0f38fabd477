"""The ring on which a row is convolved: how long it must be, and the right-angle transform on it."""

import math

from drawing import Drawing


def smallest_period(full, offset, count, signal, kernel):
    """The rule of Sources/Convolution/Geometry/Axis.swift."""
    return max(full - offset, min(offset + count, full), signal, kernel)


def padding():
    """Which outputs wrap around for each boundary, computed for a signal of 12 and a kernel of 8."""
    signal, kernel = 12, 8
    full = signal + kernel - 1
    boundaries = [
        ("causal", 0, signal),
        ("centred", kernel // 2, signal),
        ("valid", kernel - 1, signal - kernel + 1),
        ("full", 0, full),
    ]
    cell, left, top = 30, 150, 96
    drawing = Drawing(left + full * cell + 180, top + 4 * 74 - 18, "The outputs that wrap around fall outside the window")
    drawing.text(28, 40, f"Signal of {signal}, kernel of {kernel}: the full convolution has {full} outputs", "bold", 15, "start")
    drawing.box(left, 56, 14, 14, "blue", 2)
    drawing.text(left + 22, 68, "wanted", "soft", 12, "start")
    drawing.box(left + 100, 56, 14, 14, "empty", 2)
    drawing.text(left + 122, 68, "computed, not wanted", "soft", 12, "start")
    drawing.box(left + 282, 56, 14, 14, "orange", 2)
    drawing.text(left + 304, 68, "beyond the period: added, with a minus, where the arrow points", "soft", 12, "start")
    for index, (name, offset, count) in enumerate(boundaries):
        y = top + index * 74
        period = smallest_period(full, offset, count, signal, kernel)
        drawing.text(left - 18, y + 20, name, "bold mono", 13, "end")
        for n in range(full):
            is_wanted = offset <= n < offset + count
            kind = "orange" if n >= period else "blue" if is_wanted else "empty"
            drawing.box(left + n * cell, y, cell - 3, cell - 3, kind, 3)
            drawing.text(left + n * cell + (cell - 3) / 2, y + 18, str(n), "" if is_wanted else "soft", 11)
        drawing.text(left + full * cell + 16, y + 18, f"period {period}", "bold", 13, "start")
        wrapped = full - period
        if wrapped > 0:
            begin = left + (period + wrapped / 2) * cell - 1.5
            end = left + wrapped / 2 * cell - 1.5
            drawing.arrow([(begin, y + cell), (begin, y + cell + 14), (end, y + cell + 14), (end, y + cell)], "orange-line")
            note = f"outputs {period} to {full - 1} land on 0 to {wrapped - 1}"
            drawing.text((begin + end) / 2, y + cell + 28, note, "orange-text", 11)
    return drawing


def right_angle():
    """The fold, and the 2M roots of z^2M = -1 of which M are kept."""
    count = 8
    drawing = Drawing(900, 340, "A row of 2M reals becomes M complex numbers; their transform is the row at M roots")
    cell, left = 30, 34
    drawing.text(left, 42, "Fold and twist: 2M reals, M complex numbers", "bold", 15, "start")
    for index in range(2 * count):
        kind = "blue" if index < count else "orange"
        drawing.box(left + index * (cell - 2), 70, cell - 5, 26, kind, 3)
    width = count * (cell - 2)
    drawing.text(left + width / 2, 64, "x[0] ... x[M-1]", "blue-text", 12)
    drawing.text(left + 3 * width / 2, 64, "x[M] ... x[2M-1]", "orange-text", 12)
    middle = left + width / 2
    drawing.arrow([(middle, 100), (middle, 172)])
    drawing.arrow([(left + 3 * width / 2, 100), (left + 3 * width / 2, 190), (left + width + 8, 190)])
    drawing.text(middle + 10, 140, "real parts", "blue-text", 12, "start")
    drawing.text(left + 3 * width / 2 - 8, 140, "imaginary parts", "orange-text", 12, "end")
    for index in range(count):
        drawing.box(left + index * (cell - 2), 176, cell - 5, 14, "blue", 3)
        drawing.box(left + index * (cell - 2), 190, cell - 5, 14, "orange", 3)
    drawing.text(left, 236, "u[m] = (x[m] + i·x[m + M]) · ωᵐ   with ω = exp(iπ/2M)", "mono", 13, "start")
    drawing.text(left, 264, "A discrete Fourier transform of length M gives", "soft", 13, "start")
    drawing.text(left, 288, "X[k] = x(z) at z = exp(iπ(1 - 4k)/2M), where zᴹ = i", "mono", 12, "start")
    center, radius = (704, 180), 104
    drawing.text(center[0], 42, f"The roots of z²ᴹ = -1 for M = {count}", "bold", 15)
    drawing.circle(*center, radius, "ring")
    drawing.path([(center[0] - radius - 18, center[1]), (center[0] + radius + 18, center[1])], "line dash")
    for k in range(2 * count):
        angle = math.pi * (2 * k + 1) / (2 * count)
        x, y = center[0] + radius * math.cos(angle), center[1] - radius * math.sin(angle)
        # z^M = exp(iπ(2k + 1) / 2), which is i for even k and -i for odd k.
        drawing.circle(x, y, 7, "solid-blue" if k % 2 == 0 else "empty")
    drawing.circle(590, 316, 6, "solid-blue")
    drawing.text(602, 320, "zᴹ = i: kept", "", 12, "start")
    drawing.circle(704, 316, 6, "empty")
    drawing.text(716, 320, "zᴹ = -i: their conjugates", "soft", 12, "start")
    return drawing
