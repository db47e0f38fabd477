"""The picture of Docs/Architecture.md: the modules, and the two pipelines."""

from drawing import Drawing

MODULES = [
    ("Examples", "programs, data, reports", "box"),
    ("Training", "data sets, batches, the loop", "box"),
    ("Terminator", "slow nets, blocks, the network", "green"),
    ("Tensors", "reverse-mode differentiation", "box"),
    ("Convolution", "the engine", "blue"),
    ("Runtime", "threads, memory", "box"),
]


def architecture():
    drawing = Drawing(1000, 640, "The modules, the life of an image through the network, the life of a row through the engine")
    modules(drawing)
    network(drawing)
    engine(drawing)
    return drawing


def modules(drawing):
    x, width, height, gap = 28, 204, 62, 20
    drawing.text(x, 44, "Modules", "bold", 15, "start")
    drawing.text(x + width, 44, "each uses those below", "soft", 11, "end")
    y = 62
    for index, (name, content, kind) in enumerate(MODULES):
        drawing.label(x, y, width, height, [name, content], kind)
        if index + 1 < len(MODULES):
            drawing.arrow([(x + width / 2, y + height + 2), (x + width / 2, y + height + gap - 2)])
        y += height + gap
    drawing.label(x, y - 2, 98, 40, ["CVectorLoops"], "empty", 12)
    drawing.label(x + 106, y - 2, 98, 40, ["FFTW"], "empty", 12)
    drawing.text(x, y + 58, "loops in C, Fourier transforms", "soft", 11, "start")
    drawing.path([(254, 30), (254, 610)], "line dash")


def network(drawing):
    x = 280
    drawing.text(x, 44, "The life of an image", "green-text bold", 15, "start")
    drawing.text(972, 44, "module Terminator, once a block", "soft", 11, "end")
    label, arrow = drawing.label, drawing.arrow
    label(x, 66, 116, 48, ["coordinates", "-1 ... 1"])
    arrow([(x + 118, 90), (x + 140, 90)])
    label(x + 142, 66, 116, 48, ["slow net", "shared by inputs"], "green")
    arrow([(x + 260, 90), (x + 312, 90)])
    drawing.text(x + 285, 82, "W", "bold", 13)
    label(x + 314, 66, 116, 48, ["Ŵ = Z·W", "hyper-kernel"], "green")
    label(x, 152, 116, 48, ["input Z", "[B, C, H, W]"])
    arrow([(x + 118, 176), (x + 372, 176), (x + 372, 116)])
    arrow([(x + 372, 176), (x + 444, 176)], "line")
    arrow([(x + 432, 90), (x + 502, 90), (x + 502, 150)])
    label(x + 446, 152, 112, 48, ["convolution", "FFT, full size"], "blue")
    label(x + 142, 222, 258, 44, ["gates and local branches", "more Z·W interactions on the same input"])
    arrow([(x + 58, 202), (x + 58, 244), (x + 140, 244)])
    arrow([(x + 402, 244), (x + 626, 244), (x + 626, 202)])
    arrow([(x + 560, 176), (x + 572, 176)])
    label(x + 574, 152, 118, 48, ["encoding", "bottleneck, GELU"], "green")
    arrow([(x + 633, 150), (x + 633, 116)])
    label(x + 574, 66, 118, 48, ["next block", "last: mean, logits"])
    drawing.path([(280, 290), (972, 290)], "line dash")


def engine(drawing):
    x, y = 280, 326
    drawing.text(x, y, "The life of a row", "blue-text bold", 15, "start")
    drawing.text(972, y, "module Convolution; a plan for each shape, cached", "soft", 11, "end")
    label, arrow = drawing.label, drawing.arrow
    top = y + 22
    steps = [
        (["signal row", "L reals"], "box"),
        (["fold, twist", "M complex"], "blue"),
        (["radix steps", "4 or 8"], "blue"),
        (["FFTW", "leaves to 2048"], "empty"),
    ]
    width, pitch = 122, 146
    for index, (lines, kind) in enumerate(steps):
        left = x + index * pitch
        label(left, top, width, 48, lines, kind)
        if index > 0:
            arrow([(left - pitch + width + 2, top + 24), (left - 2, top + 24)])
    # The kernel takes the same way, once for all rows that meet it.
    bottom = top + 178
    kernel = [(["kernel row", "K reals"], "box")] + steps[1:]
    for index, (lines, kind) in enumerate(kernel):
        left = x + index * pitch
        label(left, bottom, width, 48, lines, kind)
        if index > 0:
            arrow([(left - pitch + width + 2, bottom + 24), (left - 2, bottom + 24)])
    end = x + 3 * pitch + width
    drawing.circle(end + 62, top + 113, 19, "blue")
    drawing.text(end + 62, top + 119, "×", "bold", 18)
    arrow([(end + 2, top + 24), (end + 62, top + 24), (end + 62, top + 92)])
    arrow([(end + 2, bottom + 24), (end + 62, bottom + 24), (end + 62, top + 134)])
    drawing.text(end + 56, top + 64, "spectra", "soft", 11, "end")
    back = [
        (["output row", "wanted window"], "box"),
        (["untwist, unfold", "M complex"], "blue"),
        (["radix steps", "back"], "blue"),
        (["FFTW", "inverse"], "empty"),
    ]
    middle = top + 89
    for index, (lines, kind) in enumerate(back):
        left = x + index * pitch
        label(left, middle, width, 48, lines, kind)
        if index > 0:
            arrow([(left - 2, middle + 24), (left - pitch + width + 2, middle + 24)])
    arrow([(end + 41, middle + 24), (end + 2, middle + 24)])
    drawing.text(x, bottom + 74, "Kernels of up to 24 taps are summed directly instead. Small planes become one row,", "soft", 12, "start")
    drawing.text(x, bottom + 92, "larger ones are transformed along their rows and then down their columns.", "soft", 12, "start")
