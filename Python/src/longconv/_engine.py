"""Convolutions of arrays ``[B, C, extents]`` that are known to be right: no checks but the library's own."""

from __future__ import annotations

import numpy as np

from ._arrays import Array, address, as_rows, is_addressable, layout, precision
from ._library import BOUNDARIES, CENTERS
from ._plans import Plan, Specification, StridedLayout, plan


def convolve_rows(
    signal: Array, kernel: Array, boundary: str, *, center: str, correlate: bool = False, out: Array | None = None
) -> Array:
    """The convolution of ``signal[B, C, extents]`` with ``kernel[C, extents]`` or ``kernel[B, C, extents]``."""
    dimensions = signal.ndim - 2
    signal, kernel = addressable(signal), addressable(kernel)
    layouts = layout("signal", signal, dimensions) + layout("kernel", kernel, dimensions)
    if out is not None:
        layouts += layout("output", out, dimensions)
    convolution = row_plan(signal, kernel, boundary, center, correlate, layouts)
    if out is None:
        out = np.empty((*signal.shape[:2], *convolution.output_extents), signal.dtype)
    convolution.apply(address(signal), address(kernel), None, None, None, None, address(out))
    return out


def gradients_of_rows(
    signal: Array, kernel: Array, upstream: Array, boundary: str, *, center: str, correlate: bool
) -> tuple[Array, Array]:
    """The gradients for ``upstream``, in the shapes of ``signal[B, C, extents]`` and of ``kernel``."""
    dimensions = signal.ndim - 2
    signal, kernel, upstream = addressable(signal), addressable(kernel), addressable(upstream)
    layouts = layout("signal", signal, dimensions) + layout("kernel", kernel, dimensions)
    layouts += layout("upstream", upstream, dimensions)
    convolution = row_plan(signal, kernel, boundary, center, correlate, layouts)
    results = np.empty(signal.shape, signal.dtype), np.empty(kernel.shape, kernel.dtype)
    convolution.gradients(
        address(signal), address(kernel), None, None, None, None, None, address(upstream), *map(address, results))
    return results


def row_plan(
    signal: Array, kernel: Array, boundary: str, center: str, correlate: bool, layouts: tuple[StridedLayout, ...] = ()
) -> Plan:
    """The plan for a signal ``[B, C, extents]`` and a kernel ``[C, extents]`` or ``[B, C, extents]``."""
    dimensions = signal.ndim - 2
    return plan(Specification(
        precision(signal.dtype, "signal"), BOUNDARIES[boundary], CENTERS[center], int(correlate),
        int(kernel.ndim == signal.ndim), 0, 0, signal.shape[0], signal.shape[1], signal.shape[2:],
        kernel.shape[-dimensions:], layouts))


def addressable(array: Array) -> Array:
    """The array, copied if its scalars are not aligned."""
    return array if is_addressable(array) else np.ascontiguousarray(array)


def rows_for_writing(array: Array, dimensions: int) -> Array | None:
    """``array`` as ``[B, C, extents]`` in the same memory; ``None`` if its leading axes have no common stride."""
    rows = as_rows(array, dimensions)
    return rows if is_addressable(rows) and np.may_share_memory(rows, array) else None
