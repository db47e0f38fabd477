"""Convolution of arrays, and its gradients."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from ._arrays import Array, as_array, as_rows, precision
from ._engine import convolve_rows, gradients_of_rows, row_plan, rows_for_writing
from ._library import BOUNDARIES, CENTERS
from ._operator_rules import Boundary, is_shared, kernel_fits, resolved_boundary

Center = Literal["upper", "lower"]


class Gradients(NamedTuple):
    """The gradients of a scalar with respect to a signal and a kernel, in their shapes."""

    signal: Array
    kernel: Array


def convolve(
    signal: npt.ArrayLike, kernel: npt.ArrayLike, *, boundary: Boundary | None = None, dims: Literal[1, 2] = 1,
    correlate: bool = False, center: Center = "upper", out: Array | None = None
) -> Array:
    """Convolve signals with kernels that may be as long as the signals.

    With a signal x of length L and a kernel k of length K, ``full[n] = Σ_s k[s] x[n - s]`` for 0 <= n < L + K - 1, x being
    zero outside. In two dimensions a boundary holds for both axes.

    Parameters
    ----------
    signal : array_like
        ``[..., C, L]``, or ``[..., C, H, W]`` with ``dims=2``: rows or planes of C channels, float32 or float64.
    kernel : array_like
        One kernel a channel, ``[C, K]`` or ``[1, C, K]``, or one a row, with the leading axes of the signal,
        ``[..., C, K]``; planes with ``dims=2``. Of the signal's type.
    boundary : {'causal', 'centred', 'circular', 'full', 'valid'}, optional
        Which outputs are kept: the first L of all; L from the kernel's center on; L of the signal repeated
        endlessly; all L + K - 1; the L - K + 1 complete overlaps. ``circular`` and ``valid`` need K <= L; ``causal`` is
        for ``dims=1``. By default ``causal``, with ``dims=2`` ``centred``.
    dims : {1, 2}
        The number of axes that are convolved, the last ones.
    correlate : bool
        Reverses the kernel, as in neural networks: ``full[n] = Σ_s k[K - 1 - s] x[n - s]``.
    center : {'upper', 'lower'}
        The center of an even kernel, with ``centred``: ⌊K/2⌋ or ⌊(K - 1)/2⌋.
    out : ndarray, optional
        Receives the result, and is returned. Of the result's shape and the operands' type, apart from their memory.

    Returns
    -------
    ndarray
        The signal's leading axes and the outputs.

    Raises
    ------
    TypeError
        If an operand is no array, or they are not all float32 or all float64.
    ValueError
        If shapes, boundary, dims or center do not fit, or ``out`` cannot be written or overlaps an operand.
    MemoryError
        If a row needs more memory than the process may use; nothing is written then.

    Notes
    -----
    Takes O((L + K) log(L + K)) operations a row. The error of a row is at most
    ε log2(L + K) max(‖x‖₁ ‖k‖, ‖x‖ ‖k‖₁).
    A NaN or an infinity in a row spoils that row alone, one in a kernel the rows that the kernel meets. Arrays with
    strides of any sign are used where they lie.

    Examples
    --------
    >>> import numpy as np
    >>> import longconv
    >>> signal = np.array([[1.0, 2, 3, 4]])
    >>> kernel = np.array([[1.0, 10]])
    >>> longconv.convolve(signal, kernel).tolist()
    [[1.0, 12.0, 23.0, 34.0]]
    >>> longconv.convolve(signal, kernel, boundary="circular").tolist()
    [[41.0, 12.0, 23.0, 34.0]]
    """
    boundary = resolved_boundary(boundary, dims)
    x, k = _operands(signal, kernel, boundary, dims, center)
    rows, kernels = as_rows(x, dims), _kernels(k, dims)
    if out is None:
        result = convolve_rows(rows, kernels, boundary, center=center, correlate=bool(correlate))
        return result.reshape(*x.shape[:-dims], *result.shape[2:])
    _check_out(out, x, (*x.shape[:-dims], *row_plan(rows, kernels, boundary, center, bool(correlate)).output_extents))
    target = rows_for_writing(out, dims)
    if target is None:
        out[...] = convolve_rows(rows, kernels, boundary, center=center, correlate=bool(correlate)).reshape(out.shape)
    else:
        convolve_rows(rows, kernels, boundary, center=center, correlate=bool(correlate), out=target)
    return out


def gradients(
    signal: npt.ArrayLike, kernel: npt.ArrayLike, upstream: npt.ArrayLike, *, boundary: Boundary | None = None,
    dims: Literal[1, 2] = 1, correlate: bool = False, center: Center = "upper"
) -> Gradients:
    """Compute the gradients of a scalar with respect to signal and kernel.

    Parameters
    ----------
    signal, kernel, boundary, dims, correlate, center
        As in :func:`convolve`.
    upstream : array_like
        The scalar's gradient with respect to the result of :func:`convolve`, in its shape.

    Returns
    -------
    Gradients
        ``signal`` and ``kernel``, in the operands' shapes; the kernel's is summed over the rows that share it.

    Raises
    ------
    TypeError, ValueError, MemoryError
        As in :func:`convolve`.

    Examples
    --------
    >>> import numpy as np
    >>> import longconv
    >>> signal, kernel = np.array([[1.0, 2, 3]]), np.array([[1.0, 10, 100]])
    >>> gradients = longconv.gradients(signal, kernel, np.array([[0.0, 0, 1]]))
    >>> gradients.signal.round(12).tolist(), gradients.kernel.round(12).tolist()
    ([[100.0, 10.0, 1.0]], [[3.0, 2.0, 1.0]])
    """
    boundary = resolved_boundary(boundary, dims)
    x, k = _operands(signal, kernel, boundary, dims, center)
    rows, kernels = as_rows(x, dims), _kernels(k, dims)
    g = as_array(upstream, "upstream")
    expected = (*x.shape[:-dims], *row_plan(rows, kernels, boundary, center, bool(correlate)).output_extents)
    if g.dtype != x.dtype:
        raise TypeError(f"upstream: expected {x.dtype} as the signal, got {g.dtype}")
    if g.shape != expected:
        raise ValueError(f"upstream: expected the shape {expected} of the result, got {g.shape}")
    dx, dk = gradients_of_rows(rows, kernels, as_rows(g, dims), boundary, center=center, correlate=bool(correlate))
    return Gradients(dx.reshape(x.shape), dk.reshape(k.shape))


def _operands(signal: npt.ArrayLike, kernel: npt.ArrayLike, boundary: Any, dims: Any, center: Any
              ) -> tuple[Array, Array]:
    """Signal and kernel as arrays, after all checks that need both."""
    if not isinstance(boundary, str) or boundary not in BOUNDARIES:
        raise ValueError(f"boundary: expected one of {', '.join(BOUNDARIES)}, got {boundary!r}")
    if not isinstance(center, str) or center not in CENTERS:
        raise ValueError(f"center: expected upper or lower, got {center!r}")
    if isinstance(dims, bool) or dims not in (1, 2):
        raise ValueError(f"dims: expected 1 or 2, got {dims!r}")
    if boundary == "causal" and dims == 2:
        raise ValueError("boundary: causal is for one dimension, got dims=2")
    x, k = as_array(signal, "signal"), as_array(kernel, "kernel")
    precision(x.dtype, "signal")
    precision(k.dtype, "kernel")
    if x.dtype != k.dtype:
        raise TypeError(f"expected a signal and a kernel of one type, got {x.dtype} and {k.dtype}")
    axes = "L" if dims == 1 else "H, W"
    if x.ndim < dims + 1:
        raise ValueError(f"signal: expected [..., C, {axes}], got the shape {x.shape}")
    leading, taps = x.shape[:-dims], k.shape[-dims:]
    if not kernel_fits(x.shape, k.shape, dims):
        raise ValueError(f"kernel: expected the leading axes {leading[-1:]} or {leading} of a signal {x.shape}, got the "
                         f"shape {k.shape}")
    if 0 in x.shape[-dims:] or 0 in taps:
        raise ValueError(f"expected extents from 1, got a signal {x.shape} and a kernel {k.shape}")
    if boundary in ("valid", "circular") and any(t > e for t, e in zip(taps, x.shape[-dims:])):
        raise ValueError(f"boundary: {boundary} needs a kernel that is not larger than the signal, got the extents {taps} "
                         f"and {x.shape[-dims:]}")
    return x, k


def _kernels(kernel: Array, dimensions: int) -> Array:
    """``[C, extents]`` if all samples share the kernels, else ``[B, C, extents]``."""
    if is_shared(kernel.shape, dimensions):
        return kernel.reshape(kernel.shape[-dimensions - 1:])
    return as_rows(kernel, dimensions)


def _check_out(out: Any, signal: Array, shape: tuple[int, ...]) -> None:
    if not isinstance(out, np.ndarray) or isinstance(out, np.ma.MaskedArray):
        raise TypeError(f"out: expected an ndarray, got {type(out).__name__}")
    if out.dtype != signal.dtype:
        raise TypeError(f"out: expected {signal.dtype} as the operands, got {out.dtype}")
    if out.shape != shape:
        raise ValueError(f"out: expected the shape {shape}, got {out.shape}")
    if not out.flags.writeable:
        raise ValueError("out: expected an array that can be written, got a read-only one")
