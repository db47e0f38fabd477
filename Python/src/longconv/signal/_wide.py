"""Convolution in extended precision, which the engine does not have: by NumPy's transforms."""

from __future__ import annotations

import numpy as np

from ._arguments import Array


def convolve_wide(first: Array, second: Array) -> Array:
    """The full convolution over all axes but the first, along which the operands are broadcast."""
    axes = tuple(range(1, first.ndim))
    extents = [first.shape[axis] + second.shape[axis] - 1 for axis in axes]
    # A transform of n real numbers goes back to an even number of them unless told otherwise; n itself is told.
    if first.dtype.kind == "c" or second.dtype.kind == "c":
        product = np.fft.fftn(first, extents, axes) * np.fft.fftn(second, extents, axes)
        return np.fft.ifftn(product, extents, axes).astype(np.clongdouble)
    product = np.fft.rfftn(first, extents, axes) * np.fft.rfftn(second, extents, axes)
    return np.fft.irfftn(product, extents, axes).astype(np.longdouble)
