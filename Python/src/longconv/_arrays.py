"""Arrays as operands of the engine: what is taken, and how it lies in memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ._library import OPERANDS, PRECISIONS
from ._plans import StridedLayout

Array = npt.NDArray[Any]
_NUMBERS = {name: number for number, name in enumerate(OPERANDS)}
_TYPES = {np.dtype(name): precision for name, precision in PRECISIONS.items()}


def as_array(operand: Any, name: str) -> Array:
    """The operand as an array, without a copy where it has an array interface or DLPack; a ``TypeError`` if it is none."""
    if isinstance(operand, np.ma.MaskedArray):
        raise TypeError(f"{name}: expected an array without a mask, got a masked array")
    if type(operand) is np.ndarray:
        return operand
    has_array = hasattr(operand, "__array_interface__") or hasattr(operand, "__array__")
    try:
        if hasattr(operand, "__dlpack__") and not has_array:
            return np.from_dlpack(operand)
        return np.asarray(operand)
    except (BufferError, RuntimeError, TypeError, ValueError) as error:
        raise TypeError(f"{name}: expected an array in this machine's memory, got {type(operand).__name__}: {error}"
                        ) from error


def precision(dtype: np.dtype[Any], name: str) -> int:
    """The precision of a type; a ``TypeError`` unless it is float32 or float64 in the machine's byte order."""
    found = _TYPES.get(dtype)
    if found is None:
        raise TypeError(f"{name}: expected float32 or float64, got {dtype}")
    return found


def is_addressable(array: Array) -> bool:
    """Returns true if strides count whole scalars and all scalars are aligned."""
    return array.flags.aligned and not any(stride % array.itemsize for stride in array.strides)


def as_rows(array: Array, dimensions: int) -> Array:
    """``[..., C, extents]`` as ``[B, C, extents]``: a view, unless the leading axes have no common stride."""
    kept = dimensions + 1
    if array.ndim == kept + 1:
        return array
    if array.ndim == kept:
        return array[np.newaxis]
    leading = array.shape[:-kept]
    count = 1
    for extent in leading:
        count *= extent
    return array.reshape(count, *array.shape[-kept:])


def layout(operand: str, array: Array, dimensions: int) -> tuple[StridedLayout, ...]:
    """The layout of an array ``[B, C, extents]``, or ``[C, extents]`` for all samples; none if it is contiguous."""
    if array.flags.c_contiguous:
        return ()
    strides = [stride // array.itemsize for stride in array.strides]
    leading, axes = strides[:-dimensions], strides[-dimensions:]
    sample, channel = leading if len(leading) == 2 else (0, *leading)
    return ((_NUMBERS[operand], sample, channel, axes[0], axes[1] if dimensions == 2 else 0),)


def address(array: Array) -> int:
    """Where an array's first element lies."""
    return array.__array_interface__["data"][0]  # type: ignore[no-any-return]
