"""Convolutions by their definition, in extended precision, and the documented bound of the error."""

from __future__ import annotations

import itertools
from math import log2, prod
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
BOUNDARIES = ("causal", "centred", "circular", "full", "valid")


def full(signal: Array, kernel: Array) -> Array:
    """All outputs for one row or plane: full[n] = Σ_s k[s] x[n - s]."""
    result = np.zeros([x + k - 1 for x, k in zip(signal.shape, kernel.shape)], np.longdouble)
    for place in itertools.product(*map(range, kernel.shape)):
        window = tuple(slice(s, s + extent) for s, extent in zip(place, signal.shape))
        result[window] += np.longdouble(kernel[place]) * signal
    return result


def convolved(signal: Array, kernel: Array, boundary: str, correlate: bool = False, center: str = "upper") -> Array:
    """One row or plane, as the documentation of `longconv.convolve` defines it."""
    if correlate:
        kernel = kernel[(slice(None, None, -1),) * kernel.ndim]
    everything = full(signal, kernel)
    if boundary == "full":
        return everything
    if boundary == "circular":
        for axis, extent in enumerate(signal.shape):
            first, rest = np.split(everything, [extent], axis)
            head = tuple(slice(None, rest.shape[axis]) if a == axis else slice(None) for a in range(signal.ndim))
            first[head] += rest
            everything = first
        return everything
    starts = {"causal": [0] * signal.ndim, "valid": [k - 1 for k in kernel.shape],
              "centred": [k // 2 if center == "upper" else (k - 1) // 2 for k in kernel.shape]}[boundary]
    extents = [x - k + 1 if boundary == "valid" else x for x, k in zip(signal.shape, kernel.shape)]
    return everything[tuple(slice(start, start + extent) for start, extent in zip(starts, extents))]


def rows(signal: Array, kernel: Array, dims: int, *options: Any) -> Array:
    """`convolved` for each row of a signal [..., C, extents] and its kernel, [C, extents] or one for each row."""
    leading = signal.shape[:-dims]
    kernels = np.broadcast_to(kernel, (*leading, *kernel.shape[-dims:]))
    results = [convolved(signal[place], kernels[place], *options) for place in np.ndindex(*leading)]
    return np.array(results).reshape(*leading, *results[0].shape)


def bound(signal: Array, kernel: Array) -> float:
    """The documented bound of the 2-norm of one row's error: ε log2(max(n, 4)) max(‖x‖₁ ‖k‖, ‖x‖ ‖k‖₁)."""
    epsilon = np.finfo(signal.dtype).eps
    n = prod(x + k for x, k in zip(signal.shape, kernel.shape))
    x, k = np.abs(signal.astype(np.float64)).ravel(), np.abs(kernel.astype(np.float64)).ravel()
    factor = max(x.sum() * np.linalg.norm(k), np.linalg.norm(x) * k.sum())
    return float(epsilon * log2(max(n, 4)) * factor)


def check_rows(result: Array, signal: Array, kernel: Array, dims: int, *options: Any) -> None:
    """Asserts that every row of a result is within the documented bound."""
    expected = rows(signal, kernel, dims, *options)
    assert result.shape == expected.shape
    assert result.dtype == signal.dtype
    leading = signal.shape[:-dims]
    kernels = np.broadcast_to(kernel, (*leading, *kernel.shape[-dims:]))
    for place in np.ndindex(*leading):
        error = float(np.linalg.norm((result[place] - expected[place]).astype(np.float64)))
        allowed = bound(signal[place], kernels[place])
        assert error <= allowed, f"row {place}: error {error:.3g}, allowed {allowed:.3g}"
