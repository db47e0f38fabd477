"""Plans of the engine, made once for each combination of shape, layout and options."""

from __future__ import annotations

import ctypes
import functools
from typing import NamedTuple

from ._library import Descriptor, Layout, Operands, check, library, raise_last_error
from ._threads import call_threads

_DESTROY = library.longconv_plan_destroy
_APPLY, _GRADIENTS = library.longconv_apply, library.longconv_gradients
_OPERANDS_SIZE = ctypes.sizeof(Operands)
# Plans share their tables with others of the same shape, so that one takes a few kilobytes.
_PLAN_COUNT = 512
_LARGEST_INTEGER = 2**63 - 1

#: Operand, and its strides in scalars over samples, channels, and one or two axes.
StridedLayout = tuple[int, int, int, int, int]


class Specification(NamedTuple):
    """Everything that decides a plan; the constants are those of ``longconv.h``."""

    precision: int
    boundary: int
    center: int
    orientation: int
    pairing: int
    flags: int
    lag: int
    batch: int
    channels: int
    signal_extents: tuple[int, ...]
    kernel_extents: tuple[int, ...]
    #: Of the operands that are no contiguous batches.
    layouts: tuple[StridedLayout, ...] = ()


class Plan:
    """A plan that lives as long as this object."""

    def __init__(self, specification: Specification) -> None:
        self._handle: ctypes.c_void_p | None = None
        descriptor = Descriptor(size=ctypes.sizeof(Descriptor), version=1)
        fields = specification._asdict()
        layouts = fields.pop("layouts")
        dimensions = len(specification.signal_extents)
        for name, value in fields.items():
            numbers = value if isinstance(value, tuple) else (value,)
            if any(number > _LARGEST_INTEGER for number in numbers):
                raise ValueError(f"expected sizes of less than 64 bits, got {name} {value}")
            if isinstance(value, tuple):
                getattr(descriptor, name)[:dimensions] = value
            else:
                setattr(descriptor, name, value)
        descriptor.dimensions = dimensions
        for operand, *strides in layouts:
            descriptor.layouts[operand] = Layout(1, strides[0], strides[1], (ctypes.c_int64 * 2)(*strides[2:]))
        handle = ctypes.c_void_p()
        check(library.longconv_plan_create(ctypes.byref(descriptor), ctypes.byref(handle)))
        self._handle = handle
        extents = (ctypes.c_int64 * 2)()
        check(library.longconv_plan_output_extents(handle, ctypes.byref(extents)))
        #: `(length,)` or `(height, width)`.
        self.output_extents = tuple(extents[:dimensions])

    def __del__(self) -> None:
        # A Plan that was not made as a whole has no handle.
        if getattr(self, "_handle", None) is not None:
            _DESTROY(self._handle)

    def apply(self, *addresses: int | None, ungated: int | None = None) -> None:
        """Computes the output; addresses of the operands from the signal to the output, as ``OPERANDS`` orders them."""
        operands = Operands(_OPERANDS_SIZE, 2, call_threads(), 0, *addresses)
        if ungated is not None:
            operands.ungated_output = ungated
        status = _APPLY(self._handle, operands)
        if status != 0:
            raise_last_error(status)

    def gradients(self, *addresses: int | None, ungated: int | None = None) -> None:
        """Computes gradients; addresses of all operands, as ``OPERANDS`` orders them."""
        operands = Operands(_OPERANDS_SIZE, 2, call_threads(), 0, *addresses)
        if ungated is not None:
            operands.kept_ungated_output = ungated
        status = _GRADIENTS(self._handle, operands)
        if status != 0:
            raise_last_error(status)


@functools.lru_cache(maxsize=_PLAN_COUNT)
def plan(specification: Specification) -> Plan:
    """The plan for a specification. One that the cache drops lives on until its last call has ended."""
    return Plan(specification)
