"""Just enough of PNG: reading 8-bit RGB, and writing pixels with a palette, the same bytes with every zlib."""

import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def read(file):
    """The width and the rows of a picture of 8-bit RGB, each row as bytes."""
    data = file.read_bytes()
    if data[:8] != SIGNATURE:
        raise ValueError(f"{file}: expected a PNG file")
    place, parts = 8, {}
    while place < len(data):
        (length,), kind = struct.unpack(">I", data[place : place + 4]), data[place + 4 : place + 8]
        parts[kind] = parts.get(kind, b"") + data[place + 8 : place + 8 + length]
        place += length + 12
    width, height, depth, color, _, _, interlace = struct.unpack(">IIBBBBB", parts[b"IHDR"])
    if (depth, color, interlace) != (8, 2, 0):
        raise ValueError(f"{file}: expected 8-bit RGB without interlacing, found {(depth, color, interlace)}")
    raw, stride = zlib.decompress(parts[b"IDAT"]), 3 * width
    rows, above = [], bytearray(stride)
    for y in range(height):
        start = y * (stride + 1)
        above = unfiltered(raw[start], raw[start + 1 : start + 1 + stride], above)
        rows.append(bytes(above))
    return width, rows


def unfiltered(kind, line, above):
    """A row from its filtered bytes and the row above it."""
    row = bytearray(line)
    for i in range(len(row)):
        left = row[i - 3] if i >= 3 else 0
        corner = above[i - 3] if i >= 3 else 0
        if kind == 1:
            row[i] = (row[i] + left) & 255
        elif kind == 2:
            row[i] = (row[i] + above[i]) & 255
        elif kind == 3:
            row[i] = (row[i] + (left + above[i]) // 2) & 255
        elif kind == 4:
            estimate = left + above[i] - corner
            nearest = min((left, above[i], corner), key=lambda value: abs(estimate - value))
            row[i] = (row[i] + nearest) & 255
    return row


def write(pixels):
    """A PNG file of rows of (red, green, blue), with at most 256 colors. Stored, not compressed."""
    colors = sorted({color for row in pixels for color in row})
    if len(colors) > 256:
        raise ValueError(f"expected at most 256 colors, found {len(colors)}")
    index = {color: number for number, color in enumerate(colors)}
    raw = b"".join(b"\0" + bytes(index[color] for color in row) for row in pixels)
    header = struct.pack(">IIBBBBB", len(pixels[0]), len(pixels), 8, 3, 0, 0, 0)
    palette = b"".join(bytes(color) for color in colors)
    return SIGNATURE + b"".join(
        chunk(kind, data)
        for kind, data in [(b"IHDR", header), (b"PLTE", palette), (b"IDAT", zlib.compress(raw, 0)), (b"IEND", b"")]
    )


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
