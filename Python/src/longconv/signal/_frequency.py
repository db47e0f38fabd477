"""Convolution by Fourier transforms, for arrays of any rank."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ._arguments import Array, Axes, Mode, centered, chosen_axes, must_swap
from ._blocks import convolve_blocks
from ._rows import RealConvolution, convolve_along, convolve_whole


def fftconvolve(in1: npt.ArrayLike, in2: npt.ArrayLike, mode: Mode = "full", axes: Axes = None) -> Array:
    """Convolve two N-dimensional arrays using Fourier transforms.

    Parameters
    ----------
    in1 : array_like
        First input.
    in2 : array_like
        Second input, of the same number of dimensions.
    mode : {'full', 'valid', 'same'}
        Which outputs are kept: all; those of complete overlaps, for which one input must be as large as the other along
        all axes; or the middle of all, in the shape of ``in1``.
    axes : int or iterable of ints, optional
        The axes of the convolution, all by default. Along the others the inputs are broadcast.

    Returns
    -------
    ndarray
        Single precision for inputs of single and half precision, else double, or what NumPy's transforms have for
        extended precision; complex if an input is. If all of ``axes`` have extent 1 in one of the inputs, the product of
        the inputs in their own type. Arrays of rank 0 are multiplied; inputs without elements give an empty array.

    Raises
    ------
    ValueError
        If the ranks differ, axes repeat or do not exist, shapes do not broadcast, or the mode is unknown.

    Notes
    -----
    Integers are converted to double precision. A NaN in a row spoils the whole row, unless the other input has at most
    24 taps. Three axes and more are convolved as planes (Kronecker substitution).

    Examples
    --------
    >>> from longconv.signal import fftconvolve
    >>> fftconvolve([[1.0, 2], [3, 4]], [[1.0, 1]], mode="full").round(12).tolist()
    [[1.0, 3.0, 2.0], [3.0, 7.0, 4.0]]
    """
    return _convolve(in1, in2, mode, axes, convolve_whole)


def oaconvolve(in1: npt.ArrayLike, in2: npt.ArrayLike, mode: Mode = "full", axes: Axes = None) -> Array:
    """Convolve two N-dimensional arrays in blocks, for inputs of very different lengths.

    Along one axis the longer input is cut into blocks some times as long as the shorter one (overlap-save), which takes
    less memory and time than one long transform. Along several axes it is :func:`fftconvolve`.

    Parameters
    ----------
    in1, in2, mode, axes
        As in :func:`fftconvolve`.

    Returns
    -------
    ndarray
        As :func:`fftconvolve` returns it.

    Raises
    ------
    ValueError
        As in :func:`fftconvolve`.

    Examples
    --------
    >>> import numpy as np
    >>> from longconv.signal import oaconvolve
    >>> oaconvolve(np.ones(100_000), np.full(500, 0.002), mode="same")[50_000].round(12).item()
    1.0
    """
    return _convolve(in1, in2, mode, axes, convolve_blocks)


def _convolve(in1: npt.ArrayLike, in2: npt.ArrayLike, mode: Mode, axes: Axes, convolve: RealConvolution) -> Array:
    first, second = np.asarray(in1), np.asarray(in2)
    if first.ndim == second.ndim == 0:
        return first * second  # type: ignore[no-any-return]
    if first.ndim != second.ndim:
        raise ValueError("in1 and in2 should have the same dimensionality")
    if first.size == 0 or second.size == 0:
        return np.asarray([])
    chosen = chosen_axes(axes, first.ndim)
    # Along an axis of extent 1 a convolution is a product.
    convolved = [axis for axis in chosen if first.shape[axis] != 1 and second.shape[axis] != 1]
    broadcast = [axis for axis in range(first.ndim) if axis not in convolved]
    if any(first.shape[a] != second.shape[a] and 1 not in (first.shape[a], second.shape[a]) for a in broadcast):
        raise ValueError(f"incompatible shapes for in1 and in2: {first.shape} and {second.shape}")
    if mode not in ("full", "valid", "same"):
        raise ValueError("acceptable mode flags are 'valid', 'same', or 'full'")
    if must_swap(mode, first.shape, second.shape, convolved):
        first, second = second, first
    if convolved:
        result = _convolve_longer_first(first, second, mode, convolved, convolve)
    else:
        result = first * second
    if mode == "same":
        # Along the axes of a product: its middle, where the first input has one element.
        result = centered(result, first.shape)
    return result


def _convolve_longer_first(
    first: Array, second: Array, mode: Mode, axes: list[int], convolve: RealConvolution
) -> Array:
    """Blocks are cut of the longer input: it is the signal, if the outputs do not depend on which one is."""
    if mode == "full" and len(axes) == 1 and first.shape[axes[0]] < second.shape[axes[0]]:
        first, second = second, first
    return convolve_along(first, second, mode, axes, convolve)
