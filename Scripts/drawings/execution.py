"""What runs where: sums or spectra, and how work is spread over threads."""

from drawing import Drawing

# Nanoseconds a sample for a training step, from Docs/Decisions/0003-short-kernels.md.
PER_TAP = 0.10
SPECTRAL = 2.5
CROSSOVER = 24


def short_kernels():
    """The two costs of a training step against the number of taps."""
    drawing = Drawing(760, 330, "Short kernels are cheaper as sums, up to 24 taps")
    left, bottom, width, height = 84, 262, 560, 190
    taps, most = 40, 4.0

    def at(tap, cost):
        return left + tap / taps * width, bottom - cost / most * height

    drawing.text(28, 38, "A training step, nanoseconds a sample", "bold", 15, "start")
    for cost in range(5):
        drawing.path([at(0, cost), at(taps, cost)], "line" if cost == 0 else "grid")
        drawing.text(left - 12, at(0, cost)[1] + 4, str(cost), "soft", 12, "end")
    for tap in range(0, taps + 1, 8):
        drawing.text(at(tap, 0)[0], bottom + 20, str(tap), "soft", 12)
    drawing.text(left + width / 2, bottom + 44, "taps of the kernel", "soft", 12)
    drawing.box(left, bottom - height, CROSSOVER / taps * width, height, "orange", 0)
    drawing.path([at(0, 0), at(taps, taps * PER_TAP)], "orange-line")
    drawing.path([at(0, SPECTRAL), at(taps, SPECTRAL)], "blue-line")
    drawing.text(*at(6.2, 0.22), "sums: 0.10 a tap", "orange-text bold", 13, "start")
    drawing.text(*at(25.5, 2.16), "spectra: 2.5 for any kernel", "blue-text bold", 13, "start")
    drawing.text(*at(1, 3.6), "DirectRowConvolver", "orange-text mono", 12, "start")
    drawing.text(*at(25.5, 1.75), "SpectralRowConvolver", "blue-text mono", 12, "start")
    return drawing


def threads():
    """The same tasks for any number of threads, and sums along a fixed tree."""
    drawing = Drawing(940, 444, "Work is cut by its shape; threads only decide who does which part")
    drawing.text(28, 40, "The cut follows from the shape of the call, never from the number of threads", "bold", 15, "start")
    assignments = [("2 threads", [0, 0, 1, 0, 1, 1, 0, 1]), ("3 threads", [0, 1, 2, 0, 2, 1, 1, 2])]
    kinds = ["blue", "orange", "green"]
    left, width = 150, 84
    for index, (name, workers) in enumerate(assignments):
        y = 66 + index * 56
        drawing.text(left - 18, y + 23, name, "bold", 13, "end")
        for task, worker in enumerate(workers):
            drawing.box(left + task * width, y, width - 6, 36, kinds[worker], 4)
            drawing.text(left + task * width + width / 2 - 3, y + 23, f"task {task}", "", 12)
    drawing.text(left - 18, 212, "partial sums", "bold", 13, "end")
    places = [left + task * width + width / 2 - 3 for task in range(8)]
    for task, x in enumerate(places):
        drawing.path([(x, 162), (x, 196)], "line dash")
        drawing.circle(x, 208, 11, "box")
        drawing.text(x, 212.5, f"s{task}", "", 11)
    # Neighboring pairs, then pairs of pairs.
    y = 208
    while len(places) > 1:
        pairs = list(zip(places[::2], places[1::2]))
        for a, b in pairs:
            middle = (a + b) / 2
            drawing.path([(a, y + 11), (a, y + 22), (middle - 9, y + 36)])
            drawing.path([(b, y + 11), (b, y + 22), (middle + 9, y + 36)])
            drawing.circle(middle, y + 40, 11, "box")
            drawing.text(middle, y + 44.5, "+", "", 13)
        places, y = [(a + b) / 2 for a, b in pairs], y + 40
    drawing.arrow([(places[0], y + 12), (places[0], y + 34)])
    drawing.text(places[0], y + 50, "∂kernel", "mono", 12)
    drawing.text(left, 402, "Each task sums its own rows; the sums of the tasks are added along one tree, after all are done.", "soft", 12.5, "start")
    drawing.text(left, 422, "Who ran a task leaves no trace in the result: it has the same bits for 1, 2 or 64 threads.", "soft", 12.5, "start")
    return drawing
