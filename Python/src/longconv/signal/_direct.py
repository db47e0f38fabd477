"""Convolution as sums of products, exact for integers, for every type that NumPy multiplies and adds."""

from __future__ import annotations

import itertools

import numpy as np

from ._arguments import Array


def convolve_directly(first: Array, second: Array, mode: str) -> Array:
    """The convolution of arrays of one rank from 1, ``first`` being the larger one in mode ``valid``."""
    if first.ndim == 1 and (mode != "same" or first.size >= second.size):
        return np.convolve(first, second, mode)  # type: ignore[call-overload,no-any-return]
    if mode == "full":
        starts = [0] * first.ndim
        extents = [a + b - 1 for a, b in zip(first.shape, second.shape)]
    elif mode == "valid":
        starts = [b - 1 for b in second.shape]
        extents = [a - b + 1 for a, b in zip(first.shape, second.shape)]
    else:
        starts = [(b - 1) // 2 for b in second.shape]
        extents = list(first.shape)
    taps, samples = (second, first) if second.size <= first.size else (first, second)
    result = np.zeros(extents, np.result_type(first, second))
    for place in itertools.product(*map(range, taps.shape)):
        # result[t] += taps[s] samples[t + start - s] for 0 <= t < extent, 0 <= t + start - s < samples' extent.
        shifts = [start - s for start, s in zip(starts, place)]
        bounds = [(max(0, -shift), min(extent, size - shift))
                  for shift, extent, size in zip(shifts, extents, samples.shape)]
        if any(low >= high for low, high in bounds):
            continue
        target = tuple(slice(low, high) for low, high in bounds)
        source = tuple(slice(low + shift, high + shift) for (low, high), shift in zip(bounds, shifts))
        result[target] += taps[place] * samples[source]
    return result
