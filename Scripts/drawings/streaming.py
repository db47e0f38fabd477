"""The tilings of streaming convolution, computed by the rules of Sources/Convolution/Streaming."""

from drawing import Drawing

COLORS = ("blue", "orange", "green")


def half_online_tiles(count, largest):
    """(first sample, first output, size, samples that have arrived) of each tile; samples and outputs from 0."""
    tiles = []
    for arrived in range(1, count):
        size = min(arrived & -arrived, largest)
        tiles.append((arrived - size, arrived, size, arrived))
    return tiles


def relaxed_tiles(count):
    """(first i, first j, size, due) of each tile of pairs a[i] b[j]; both orders."""
    tiles = []
    for t in range(2 * count):
        size = 1
        while (t + 2) % size == 0 and (t + 2) // size >= 2:
            later = ((t + 2) // size - 1) * size - 1
            tiles.append((size - 1, later, size, t))
            if later != size - 1:
                tiles.append((later, size - 1, size, t))
            size *= 2
    return [tile for tile in tiles if tile[0] < count and tile[1] < count]


def checked(cells, wanted):
    """Fails unless every wanted cell is covered once: a drawing of a wrong tiling is not drawn."""
    assert sorted(cells) == sorted(wanted), "the tiling is wrong"


def tile(drawing, x, y, size, cell, level):
    drawing.box(x + 1, y + 1, size * cell - 2, size * cell - 2, COLORS[level % 3], 3)


def write_notes(drawing, x, y, notes):
    """Lines of text beside a drawing, bold ones a little apart."""
    for kind, note in notes:
        y += 10 if kind == "bold" else 0
        drawing.text(x, y, note, kind if kind else "soft", 12.5, "start")
        y += 20


def half_online():
    """Which tile adds which sample to which output."""
    count, largest, cell = 32, 16, 14
    left, top = 70, 84
    drawing = Drawing(left + count * cell + 330, top + count * cell + 46, "The tiles of a stream with a known kernel")
    drawing.text(28, 40, "Known kernel: each sample meets each later output in one tile", "bold", 15, "start")
    tiles = half_online_tiles(count, largest)
    covered = [(s, n) for first, out, size, _ in tiles for s in range(first, first + size)
               for n in range(out, min(out + size, count))]
    # Beyond the largest tile lie lags that the kernel does not have.
    wanted = [(s, n) for s in range(count) for n in range(s + 1, count) if n < (s // largest + 2) * largest]
    checked(covered, wanted)
    for first, out, size, _ in tiles:
        height = min(size, count - out)
        level = size.bit_length() - 1
        drawing.box(left + first * cell + 1, top + out * cell + 1, size * cell - 2, height * cell - 2, COLORS[level % 3], 3)
    for t in range(count):
        drawing.box(left + t * cell + 3, top + t * cell + 3, cell - 6, cell - 6, "box", 2)
    drawing.text(left + count * cell / 2, top - 10, "sample x[s] →", "soft", 12)
    drawing.text(left - 10, top + 12, "y[0]", "mono soft", 11, "end")
    drawing.text(left - 10, top + count * cell - 3, f"y[{count - 1}]", "mono soft", 11, "end")
    x = left + count * cell + 24
    notes = [
        ("bold", "gray: k[0] x[t], when x[t] arrives"),
        ("", "A tile is added when its samples have"),
        ("", "arrived: its upper right corner lies on"),
        ("", "the diagonal, so no output is late."),
        ("bold", "size U every 2U samples"),
        ("", "O(U log U) each: O(log U) a sample,"),
        ("", "O(log² K) for all sizes up to K."),
        ("bold", f"the largest size, here {largest}"),
        ("", "is at least K - 1: nothing older adds"),
        ("", "to later outputs, so a block of"),
        ("", "samples is all that is remembered."),
    ]
    write_notes(drawing, x, top + 14, notes)
    return drawing


def relaxed():
    """Which tile multiplies which pair of elements."""
    count, cell = 30, 15
    left, top = 70, 84
    drawing = Drawing(left + count * cell + 330, top + count * cell + 46, "The tiles of a stream whose kernel arrives with it")
    drawing.text(28, 40, "Signal and kernel arrive: each pair a[i] b[j] is in one tile", "bold", 15, "start")
    tiles = relaxed_tiles(count)
    cells = [(i, j) for a, b, size, _ in tiles for i in range(a, min(a + size, count)) for j in range(b, min(b + size, count))]
    checked(cells, [(i, j) for i in range(count) for j in range(count)])
    for a, b, size, due in tiles:
        # The last elements of both blocks have arrived, and the first output is due.
        assert max(a, b) + size - 1 == due == a + b
        width, height = min(size, count - a), min(size, count - b)
        level = size.bit_length() - 1
        drawing.box(left + a * cell + 1, top + b * cell + 1, width * cell - 2, height * cell - 2, COLORS[level % 3], 3)
        if size >= 2 and width == size and height == size:
            drawing.text(left + (a + size / 2) * cell, top + (b + size / 2) * cell + 4, str(due), "mono", 10)
    drawing.text(left + count * cell / 2, top - 10, "a[i] →", "soft", 12)
    drawing.text(left - 10, top + 12, "b[0]", "mono soft", 11, "end")
    drawing.text(left - 10, top + count * cell - 3, f"b[{count - 1}]", "mono soft", 11, "end")
    x = left + count * cell + 24
    notes = [
        ("bold", "the number in a tile is t"),
        ("", "The tile is added when a[t] and b[t]"),
        ("", "have arrived, and its first output"),
        ("", "is y[t]: neither early nor late."),
        ("bold", "size s every s samples"),
        ("", "Both orders share one inverse; the"),
        ("", "spectra of the first block of each"),
        ("", "size are kept: three transforms."),
        ("bold", "a strip of width s"),
        ("", "along each edge has the tiles of size"),
        ("", "s: the blocks s-1 ... 2s-2 of one row"),
        ("", "with all later blocks of the other."),
    ]
    write_notes(drawing, x, top + 14, notes)
    return drawing


def partition():
    """The parts of a kernel, and when the work on the chunks of each level is done."""
    levels, width = 4, 30
    blocks = 24
    left, top = 150, 96
    drawing = Drawing(left + blocks * width + 60, 470, "The parts of a kernel and the blocks in which their work is done")
    drawing.text(28, 40, "Blocks of N: parts of N, N, 2N, 2N, 4N, 4N, ... taps", "bold", 15, "start")
    drawing.text(left - 18, top - 6, "kernel", "bold", 13, "end")
    first = 0
    for level in range(levels):
        size = 1 << level
        assert first == 2 * size - 2, "a part begins too early"
        for _ in range(2):
            x = left + first * width * 0.8
            drawing.box(x, top - 24, size * width * 0.8 - 2, 26, COLORS[level % 3], 3)
            label = "N" if size == 1 else f"{size}N"
            drawing.text(x + size * width * 0.4 - 1, top - 6, label, "", 11)
            first += size
    y = top + 56
    drawing.text(left - 18, y - 8, "block", "bold", 13, "end")
    for block in range(blocks):
        drawing.text(left + (block + 0.5) * width, y - 8, str(block), "mono soft", 10.5)
    for level in range(levels):
        size = 1 << level
        row = y + level * 66
        drawing.text(left - 18, row + 16, f"chunks of {'' if size == 1 else size}N", "bold", 12, "end")
        for chunk in range(1, blocks // size + 1):
            end = chunk * size - 1
            if end >= blocks:
                continue
            count = min(size, blocks - end)
            drawing.box(left + end * width + 1, row, count * width - 2, 22, COLORS[level % 3], 3)
            # The last block of the work is the first whose output takes it.
            due = end + size - 1
            if due < blocks:
                drawing.path([(left + (due + 1) * width - 3, row + 2), (left + (due + 1) * width - 3, row + 32)],
                             f"{COLORS[level % 3]}-line")
        if level:
            drawing.text(left + 4, row + 42, f"a chunk is complete, and its work begins, every {size} blocks; "
                         "the line marks its first output", "soft", 11, "start")
    drawing.text(left, 456, "Each level has one chunk at work at any time: every block does an equal part of each.",
                 "soft", 12, "start")
    return drawing
