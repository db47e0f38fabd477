"""The arguments that convolutions by Fourier transforms share with ``scipy.signal``: modes, axes, types."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from typing import Any, Literal, SupportsIndex

import numpy as np
import numpy.typing as npt

Mode = Literal["full", "valid", "same"]
Axes = SupportsIndex | Iterable[SupportsIndex] | None
Array = npt.NDArray[Any]


def chosen_axes(axes: Axes, rank: int) -> list[int]:
    """The axes as numbers from 0: all of them for ``None``; a ``ValueError`` unless they exist and differ."""
    if axes is None:
        return list(range(rank))
    try:
        # Arrays of NumPy are iterable and have the method of an index as well.
        numbers = [operator.index(axis) for axis in (axes if isinstance(axes, Iterable) else [axes])]
    except TypeError as error:
        raise ValueError("axes must be a scalar or iterable of integers") from error
    if not numbers:
        raise ValueError("when provided, axes cannot be empty")
    numbers = [axis + rank if axis < 0 else axis for axis in numbers]
    if any(not 0 <= axis < rank for axis in numbers):
        raise ValueError("axes exceeds dimensionality of input")
    if len(set(numbers)) != len(numbers):
        raise ValueError("all axes must be unique")
    return numbers


def must_swap(mode: str, shape1: Sequence[int], shape2: Sequence[int], axes: Iterable[int]) -> bool:
    """Returns true if ``valid`` mode needs the operands exchanged, as the second is the larger one.

    A ``ValueError`` if neither is as large as the other along all axes.
    """
    if mode != "valid":
        return False
    axes = list(axes)
    first_is_larger = all(shape1[axis] >= shape2[axis] for axis in axes)
    if not first_is_larger and not all(shape2[axis] >= shape1[axis] for axis in axes):
        raise ValueError("For 'valid' mode, one must be at least as large as the other in every dimension")
    return not first_is_larger


def computing_type(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The floating type in which an operand is transformed.

    Half precision becomes single; integers, booleans and objects become double.
    """
    if dtype == np.float16:
        return np.dtype(np.float32)
    if dtype.kind in "fc":
        return dtype.newbyteorder("=")
    return np.dtype(np.float64)


def centered(array: Array, shape: Sequence[int]) -> Array:
    """The middle of an array, in the given shape."""
    starts = [(extent - wanted) // 2 for extent, wanted in zip(array.shape, shape)]
    return array[tuple(slice(start, start + wanted) for start, wanted in zip(starts, shape))]


def reversed_conjugate(array: Array) -> Array:
    """The array reversed along every axis, conjugated if it is complex."""
    flipped = array[(slice(None, None, -1),) * array.ndim]
    return np.conj(flipped) if array.dtype.kind == "c" else flipped
