"""Kernels that slow nets learned, from the pictures that KernelFitting wrote: the target, then one fit for each kind."""

import base64
import pathlib

import png
from drawing import Drawing

FOLDER = pathlib.Path(__file__).resolve().parent.parent.parent / "Docs" / "LongConvolution.docc"

# The order, the names and the errors of the table in SlowNets.md ("wave and disk").
KINDS = [
    ("magnet", "MAGNet", "0.0893"),
    ("fourierFilters", "Fourier filters", "0.0867"),
    ("gaborFilters", "Gabor filters", "0.0304"),
    ("siren", "SIREN", "0.0711"),
    ("fourierFeatures", "Fourier features", "0.0518"),
    ("perceptron", "perceptron", "0.1964"),
    ("hashGrid", "hash grid", "0.0023"),
]
# In each picture: target, fit and error, 64 samples wide and high, three pixels a sample, eight pixels apart.
SAMPLES, ZOOM, PITCH = 64, 3, 200


def tile(kind, number):
    """One of the three parts, a pixel a sample, in 64 levels a channel."""
    _, rows = png.read(FOLDER / f"gabor-{kind}.png")

    def color(x, y):
        place = 3 * (number * PITCH + x * ZOOM + 1)
        return tuple(value & 0xFC | value >> 6 for value in rows[y * ZOOM + 1][place : place + 3])

    return png.write([[color(x, y) for x in range(SAMPLES)] for y in range(SAMPLES)])


def learned_kernels():
    """Eight tiles in a row."""
    size, gap, left, top = 112, 8, 20, 48
    count = len(KINDS) + 1
    drawing = Drawing(
        2 * left + count * size + (count - 1) * gap, top + size + 50, "Kernels that seven kinds of slow nets learned")
    drawing.text(left, 30, "Kernels that slow nets learned: functions of coordinates, fitted by gradient descent", "bold", 14, "start")
    for index, (kind, name, error) in enumerate([(KINDS[0][0], "target", "")] + KINDS):
        x = left + index * (size + gap)
        data = base64.b64encode(tile(kind, 0 if index == 0 else 1)).decode("ascii")
        drawing.parts.append(
            f'<image x="{x}" y="{top}" width="{size}" height="{size}" href="data:image/png;base64,{data}"/>')
        drawing.text(x + size / 2, top + size + 18, name, "bold" if index == 0 else "", 11.5)
        if error:
            drawing.text(x + size / 2, top + size + 35, f"error {error}", "soft", 11)
    return drawing
