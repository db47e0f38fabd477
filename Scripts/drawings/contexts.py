"""Time and memory of training steps against the length of the sequence, as Scripts/measure-contexts measured them."""

import json
import math
import pathlib

from drawing import Drawing

DATA = pathlib.Path(__file__).resolve().parent / "contexts.json"
COLORS = {"none": "blue", "blocks": "orange"}


class Panel:
    """A plot with two logarithmic axes: lengths as powers of two, and values as powers of ten."""

    def __init__(self, drawing, left, title, lengths, decades, unit):
        self.drawing, self.left, self.top, self.width, self.height = drawing, left, 84, 300, 250
        self.lengths, self.decades = lengths, decades
        drawing.text(left, 62, title, "bold", 13, "start")
        bottom = self.top + self.height
        for length in lengths[::2]:
            x, _ = self.place(length, 10.0 ** decades[0])
            drawing.path([(x, self.top), (x, bottom)], "grid")
            drawing.text(x, bottom + 17, f"2^{int(math.log2(length))}", "soft", 11)
        for decade in range(decades[0], decades[1] + 1):
            _, y = self.place(lengths[0], 10.0 ** decade)
            drawing.path([(left, y), (left + self.width, y)], "grid")
            drawing.text(left - 7, y + 4, unit(decade), "soft", 11, "end")

    def place(self, length, value):
        first, last = (math.log2(length) for length in (self.lengths[0], self.lengths[-1]))
        low, high = self.decades
        x = self.left + self.width * (math.log2(length) - first) / (last - first)
        y = self.top + self.height * (high - math.log10(value)) / (high - low)
        return x, y

    def curve(self, values, kind):
        self.drawing.path([self.place(length, value) for length, value in values], f"{kind}-line")
        for length, value in values:
            self.drawing.circle(*self.place(length, value), 3, f"solid-{kind}")

    def reference(self, function, through, name):
        """A dashed curve of a growth, through the last of the measured values."""
        length, value = through
        points = [self.place(n, value * function(n) / function(length)) for n in self.lengths]
        inside = [point for point in points if point[1] <= self.top + self.height]
        self.drawing.path(inside, "line dash")
        x, y = inside[len(inside) // 2]
        self.drawing.text(x + 8, y + 18, name, "soft", 12, "start")


def contexts():
    """Two panels: the processor's time of a step, and the peak memory."""
    rows = json.loads(DATA.read_text())
    lengths = sorted({row["length"] for row in rows})
    drawing = Drawing(800, 400, "Time and memory of a training step against the length of the sequence")
    drawing.text(28, 34, "A training step of two blocks on one sequence, one thread", "bold", 15, "start")
    seconds = ["1 ms", "10 ms", "0.1 s", "1 s", "10 s", "100 s"]
    time = Panel(drawing, 80, "processor time, the system's aside", lengths, (-3, 1), lambda decade: seconds[decade + 3])
    sizes = ["10 MB", "100 MB", "1 GB", "10 GB"]
    memory = Panel(drawing, 470, "peak memory of the program", lengths, (7, 10), lambda decade: sizes[decade - 7])

    def values(checkpointing, value):
        return [(row["length"], value(row)) for row in rows if row["checkpointing"] == checkpointing]

    for checkpointing, color in COLORS.items():
        time.curve(values(checkpointing, lambda row: row["userSeconds"]), color)
        memory.curve(values(checkpointing, lambda row: row["peakBytes"]), color)
    last = [row for row in rows if row["checkpointing"] == "none"][-1]
    time.reference(lambda n: n * math.log2(n), (last["length"], last["userSeconds"]), "N log N")
    memory.reference(lambda n: n, (last["length"], last["peakBytes"]), "N")
    for index, (checkpointing, color) in enumerate(COLORS.items()):
        x = 80 + 220 * index
        drawing.path([(x, 378), (x + 24, 378)], f"{color}-line")
        drawing.text(x + 32, 382, f"checkpointing: {checkpointing}", "", 12, "start")
    return drawing
