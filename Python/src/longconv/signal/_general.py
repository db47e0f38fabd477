"""Convolution and correlation that choose between sums and transforms, for every type."""

from __future__ import annotations

import warnings
from math import prod
from typing import Literal

import numpy as np
import numpy.typing as npt

from ._arguments import Array, Mode, must_swap, reversed_conjugate
from ._direct import convolve_directly
from ._frequency import fftconvolve

Method = Literal["auto", "direct", "fft"]

# Up to this number of products, and of taps where each takes a call of NumPy, sums are about as fast as transforms.
FEW_PRODUCTS = 1 << 15
FEW_TAPS = 32
# Integers up to 2^52 are exact in double precision, with one bit for rounding.
EXACT_INTEGERS = 2**52


def convolve(in1: npt.ArrayLike, in2: npt.ArrayLike, mode: Mode = "full", method: Method = "auto") -> Array:
    """Convolve two N-dimensional arrays.

    Parameters
    ----------
    in1 : array_like
        First input.
    in2 : array_like
        Second input, of the same number of dimensions.
    mode : {'full', 'valid', 'same'}
        Which outputs are kept: all; those of complete overlaps, for which one input must be as large as the other along
        all axes; or the middle of all, in the shape of ``in1``.
    method : {'auto', 'direct', 'fft'}
        Sums of products, which are exact for integers and keep NaN and infinity where they are; Fourier transforms;
        or what is likely to be faster among those that represent the result.

    Returns
    -------
    ndarray
        Of NumPy's type for the product of the inputs; integers from transforms are rounded.

    Raises
    ------
    ValueError
        If the ranks differ, the shapes do not fit ``valid`` mode, or mode or method are unknown.

    Warns
    -----
    RuntimeWarning
        If a result of transforms begins with NaN or infinity.

    Examples
    --------
    >>> from longconv.signal import convolve
    >>> convolve([1, 2, 3], [0, 1, 5], mode="same").tolist()
    [1, 7, 13]
    """
    first, second = np.asarray(in1), np.asarray(in2)
    if first.ndim == second.ndim == 0:
        return first * second  # type: ignore[no-any-return]
    if first.ndim != second.ndim:
        raise ValueError("volume and kernel should have the same dimensionality")
    return _convolve(first, second, mode, method, stacklevel=3)


def correlate(in1: npt.ArrayLike, in2: npt.ArrayLike, mode: Mode = "full", method: Method = "auto") -> Array:
    """Cross-correlate two N-dimensional arrays: convolve the first with the second, reversed and conjugated.

    In one dimension ``full`` mode gives z[k] = Σ_l x[l] conj(y[l - k + M - 1]) for 0 <= k < N + M - 1.

    Parameters
    ----------
    in1, in2, mode, method
        As in :func:`convolve`.

    Returns
    -------
    ndarray
        As :func:`convolve` returns it.

    Raises
    ------
    ValueError
        As in :func:`convolve`.

    Examples
    --------
    >>> from longconv.signal import correlate
    >>> correlate([1, 2, 3], [0, 1, 5], mode="valid").tolist()
    [17]
    """
    first, second = np.asarray(in1), np.asarray(in2)
    if first.ndim == second.ndim == 0:
        return first * reversed_conjugate(second)
    if first.ndim != second.ndim:
        raise ValueError("in1 and in2 should have the same dimensionality")
    return _convolve(first, reversed_conjugate(second), mode, method, stacklevel=3)


def _convolve(first: Array, second: Array, mode: Mode, method: Method, stacklevel: int) -> Array:
    if mode not in ("full", "valid", "same"):
        raise ValueError("Acceptable mode flags are 'valid', 'same', or 'full'.")
    if method not in ("auto", "direct", "fft"):
        raise ValueError("Acceptable method flags are 'auto', 'direct', or 'fft'.")
    if must_swap(mode, first.shape, second.shape, range(first.ndim)):
        first, second = second, first
    if method == "direct" or (method == "auto" and _sums_are_better(first, second)):
        return convolve_directly(first, second, mode)
    result = fftconvolve(first, second, mode)
    wanted = np.result_type(first, second)
    if wanted.kind in "iu":
        result = np.round(result)
    if result.size > 0 and not np.isfinite(result.flat[0]):
        warnings.warn(
            "Use of fft convolution on input with NAN or inf results in NAN or inf output. Consider using "
            "method='direct' instead.", RuntimeWarning, stacklevel=stacklevel)
    return result.astype(wanted)


def _sums_are_better(first: Array, second: Array) -> bool:
    """Returns true where transforms do not represent the result, or take longer."""
    kinds = first.dtype.kind + second.dtype.kind
    if any(kind not in "iufcb" for kind in kinds) or kinds == "bb" or 0 in (first.size, second.size):
        return True
    if "i" in kinds or "u" in kinds:
        largest = prod(max(abs(int(x.max())), abs(int(x.min()))) for x in (first, second) if x.dtype.kind in "iu")
        if all(kind in "iub" for kind in kinds) and largest * min(first.size, second.size) >= EXACT_INTEGERS:
            return True
    return first.size * second.size <= FEW_PRODUCTS and (first.ndim == 1 or min(first.size, second.size) <= FEW_TAPS)
