"""Rows cut into blocks, for kernels much shorter than the signal."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import as_strided

from .._engine import convolve_rows
from ._arguments import Array, Mode
from ._rows import convolve_whole

# Outputs of a block in multiples of the kernel's length, at least, and where blocks begin to gain anything.
OUTPUTS_PER_TAP = 7
SHORTEST_BLOCK = 4096


def convolve_blocks(signal: Array, kernel: Array, mode: Mode) -> Array:
    """Overlap-save: each block of outputs from the samples that it needs, all blocks as one batch.

    With the window of outputs beginning at o, z[t] = x[t - (K - 1 - o)] and a step of S outputs, block i is
    the ``valid`` convolution of z[iS ... iS + S + K - 2]. No output is a sum of two blocks, and blocks overlap in
    memory instead of being copied.
    """
    if kernel.ndim != 2:
        return convolve_whole(signal, kernel, mode)
    samples, channels, length = signal.shape
    taps = kernel.shape[1]
    start = {"full": 0, "same": (taps - 1) // 2, "valid": taps - 1}[mode]
    count = {"full": length + taps - 1, "same": length, "valid": length - taps + 1}[mode]
    blocks = count // max(OUTPUTS_PER_TAP * taps, SHORTEST_BLOCK)
    if blocks < 2:
        return convolve_whole(signal, kernel, mode)
    step = -(-count // blocks)
    padded = np.zeros((samples, channels, blocks * step + taps - 1), signal.dtype)
    padded[..., taps - 1 - start: taps - 1 - start + length] = signal
    result = np.empty((samples, channels, blocks * step), signal.dtype)
    for row, outputs in zip(padded, result):
        item = row.itemsize
        # [blocks, channels, ...]: the blocks of one channel are samples that share its kernel.
        views = as_strided(row, (blocks, channels, step + taps - 1), (step * item, row.strides[0], item))
        into = as_strided(outputs, (blocks, channels, step), (step * item, outputs.strides[0], item))
        convolve_rows(views, kernel, "valid", center="upper", out=into)
    return result[..., :count]
