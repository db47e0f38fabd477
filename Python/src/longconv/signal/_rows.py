"""Convolutions of arrays of any rank as batches of rows or planes, which the engine convolves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

import numpy as np
from numpy.lib.stride_tricks import as_strided

from .._engine import convolve_rows
from ._arguments import Array, Mode, computing_type
from ._wide import convolve_wide

# The boundary and the center of the engine whose outputs are those of a mode: `same` begins at ⌊(K - 1) / 2⌋.
BOUNDARIES = {"full": ("full", "upper"), "valid": ("valid", "upper"), "same": ("centred", "lower")}

#: Convolves signals ``[B, C, ...]`` with kernels ``[C, ...]`` of one real type.
RealConvolution = Callable[[Array, Array, Mode], Array]


def convolve_along(first: Array, second: Array, mode: Mode, axes: Sequence[int], convolve: RealConvolution) -> Array:
    """The convolution along some axes, from one; along the others the operands are broadcast.

    Where ``mode`` is ``valid``, ``first`` is at least as large as ``second`` along ``axes``.
    """
    rank = first.ndim
    order = [axis for axis in range(rank) if axis not in axes] + sorted(axes)
    leading = rank - len(axes)
    first = first.astype(computing_type(first.dtype), copy=False).transpose(order)
    second = second.astype(computing_type(second.dtype), copy=False).transpose(order)
    if mode == "full" and prod(first.shape[:leading]) < prod(second.shape[:leading]):
        first, second = second, first  # Fewer kernels than signals: each is transformed once.
    batch = np.broadcast_shapes(first.shape[:leading], second.shape[:leading])
    samples, channels = _pairing(second.shape[:leading], batch)
    signal = np.broadcast_to(first, batch + first.shape[leading:]).reshape(samples, channels, *first.shape[leading:])
    kernel = second if prod(second.shape[:leading]) == channels else np.broadcast_to(
        second, batch + second.shape[leading:])
    kernel = kernel.reshape(channels, *second.shape[leading:])
    result = _convolve_parts(signal, kernel, mode, convolve)
    return result.reshape(*batch, *result.shape[2:]).transpose(np.argsort(order))


def _pairing(kernels: Sequence[int], batch: Sequence[int]) -> tuple[int, int]:
    """The number of samples that share kernels, and that of the kernels."""
    shared = next((axis for axis, extent in enumerate(kernels) if extent != 1), len(kernels))
    if tuple(kernels[shared:]) == tuple(batch[shared:]):
        return prod(batch[:shared]), prod(batch[shared:])
    return 1, prod(batch)


def _convolve_parts(signal: Array, kernel: Array, mode: Mode, convolve: RealConvolution) -> Array:
    """(a + bi) * (c + di) = (a * c - b * d) + (a * d + b * c) i, with a and b as samples of one batch."""
    real_type = np.result_type(signal.real.dtype, kernel.real.dtype)
    if real_type.itemsize > 8:
        # In `signal[B, C, ...]` and `kernel[C, ...]` both leading axes are broadcast.
        full = convolve_wide(signal.reshape(-1, *signal.shape[2:]), np.broadcast_to(
            kernel, (signal.shape[0], *kernel.shape)).reshape(-1, *kernel.shape[1:]))
        return _windowed(full.reshape(*signal.shape[:2], *full.shape[1:]), signal, kernel, mode)

    def parts(operand: Array) -> list[Array]:
        both = [operand.real, operand.imag] if operand.dtype.kind == "c" else [operand]
        return [part.astype(real_type, copy=False) for part in both]

    signals, kernels = parts(signal), parts(kernel)
    rows = signals[0] if len(signals) == 1 else np.concatenate(signals)
    results = [convolve(rows, part, mode) for part in kernels]
    if len(signals) == len(kernels) == 1:
        return results[0]
    count = signal.shape[0]
    result = np.empty((count, *results[0].shape[1:]), np.result_type(real_type, np.complex64))
    result.real = results[0][:count]
    result.imag = results[0][count:] if len(signals) == 2 else results[1]
    if len(signals) == len(kernels) == 2:
        result.real -= results[1][count:]
        result.imag += results[1][:count]
    return result


def _windowed(full: Array, signal: Array, kernel: Array, mode: Mode) -> Array:
    """The outputs of a mode among all of them; views."""
    if mode == "full":
        return full
    extents = zip(signal.shape[2:], kernel.shape[1:])
    windows = [slice(k - 1, x) if mode == "valid" else slice((k - 1) // 2, (k - 1) // 2 + x) for x, k in extents]
    return full[(slice(None), slice(None), *windows)]


def convolve_whole(signal: Array, kernel: Array, mode: Mode) -> Array:
    """Each row, plane or volume by one transform."""
    if kernel.ndim > 3:
        return _convolve_volumes(signal, kernel, mode)
    boundary, center = BOUNDARIES[mode]
    return convolve_rows(signal, kernel, boundary, center=center)


def _convolve_volumes(signal: Array, kernel: Array, mode: Mode) -> Array:
    """Kronecker substitution: the axes but the first become one, with room for each axis' sums between its rows.

    Let P_j be the row length given to axis j, d the number of axes. The sample at (i_2, ..., i_d) goes to
    i_2 P_3 ⋯ P_d + ... + i_d, which is linear, so that the products of samples at i and kernel elements at s meet at
    i + s, as they do in the volume. With P_j = L_j + K_j - 1 no two sums share a place; for the sums of complete overlaps
    P_j = L_j does, as what reaches beyond a row then falls onto its first K_j - 1 places, which are not wanted.
    """
    extents, taps = signal.shape[3:], kernel.shape[2:]
    complete = mode == "valid"
    pitches = [x if complete else x + k - 1 for x, k in zip(extents, taps)]

    def flattened(operand: Array, leading: int) -> Array:
        inner = operand.shape[leading:]
        padded = np.zeros((*operand.shape[:leading], inner[0], *pitches[1:]), operand.dtype)
        padded[tuple(map(slice, (*operand.shape[:leading], *inner)))] = operand
        line = padded.reshape(*operand.shape[:leading], -1)
        # Behind the last element there are zeros only.
        last = np.ravel_multi_index([extent - 1 for extent in inner], (inner[0], *pitches[1:]))
        return line[..., : int(last) + 1]

    flat = convolve_rows(flattened(signal, 3), flattened(kernel, 2), "valid" if complete else "full", center="upper")
    counts = [x - k + 1 if complete else x + k - 1 for x, k in zip(extents, taps)]
    steps = [prod(pitches[axis + 1:]) * flat.itemsize for axis in range(len(pitches))]
    result = as_strided(flat, (*flat.shape[:3], *counts), (*flat.strides[:3], *steps))
    return np.ascontiguousarray(result if complete else _windowed(result, signal, kernel, mode))
