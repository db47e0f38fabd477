"""The operator and its gradients as calls of XLA's foreign function interface, with rules for ``vmap`` and ``grad``.

Its operands are batches, as those of ``longconv.torch``: u ``[B, C, extents]``, k ``[C, extents]`` or
``[B, C, extents]``, the reverse kernel as k, the input gate as u, the output gate as the result, skip ``[C]``.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.custom_batching import custom_vmap

from .._library import BOUNDARIES
from .._operator_rules import output_extents
from . import _handlers

_handlers.register()

Array = jax.Array
#: The operands in the order of the library.
NAMES = ("u", "k", "reverse_kernel", "input_gate", "output_gate", "skip")
_KERNELS = ("k", "reverse_kernel", "skip")
#: The operator is linear in each of them; k, reverse kernel and skip go together.
_GROUPS = (("u",), _KERNELS, ("input_gate",), ("output_gate",))


class Options(NamedTuple):
    """What of a call is no array."""

    boundary: str
    lag: int
    #: Which operands there are.
    present: tuple[str, ...]

    @property
    def attributes(self) -> dict[str, int]:
        return {"present": mask(self.present), "boundary": BOUNDARIES[self.boundary], "lag": self.lag}


def mask(names: Sequence[str]) -> int:
    """A number with a bit for each operand."""
    return sum(1 << NAMES.index(name) for name in names)


def _as_channels(array: Array, rank: int) -> Array:
    """``[N, B, C, ...]`` as ``[B, N C, ...]``; ``[N, C, ...]`` of what samples share as ``[N C, ...]``."""
    if array.ndim == rank + 1:
        array = jnp.moveaxis(array, 0, 1)
        return array.reshape(array.shape[0], array.shape[1] * array.shape[2], *array.shape[3:])
    return array.reshape(array.shape[0] * array.shape[1], *array.shape[2:])


def _from_channels(array: Array, rank: int, count: int) -> Array:
    """The inverse of `_as_channels`."""
    if array.ndim == rank:
        split = array.reshape(array.shape[0], count, array.shape[1] // count, *array.shape[2:])
        return jnp.moveaxis(split, 1, 0)
    return array.reshape(count, array.shape[0] // count, *array.shape[1:])


def _all_mapped(count: int, is_mapped: Sequence[bool], arrays: Sequence[Array]) -> list[Array]:
    return [array if mapped else jnp.broadcast_to(array, (count, *array.shape))
            for array, mapped in zip(arrays, is_mapped)]


@functools.cache
def _apply(options: Options) -> Callable[..., Array]:
    @custom_vmap
    def apply(*arrays: Array) -> Array:
        u, k = arrays[0], arrays[1]
        outputs = output_extents(options.boundary, u.shape[2:], k.shape[2 - u.ndim:])
        call = jax.ffi.ffi_call("longconv_jax_apply", jax.ShapeDtypeStruct((*u.shape[:2], *outputs), u.dtype))
        return call(*arrays, **_attributes(options.attributes))

    @apply.def_vmap
    def map_apply(count: int, is_mapped: Sequence[bool], *arrays: Array) -> tuple[Array, bool]:
        rank = arrays[0].ndim - is_mapped[0]
        mapped = _all_mapped(count, is_mapped, arrays)
        if any(is_mapped[number] for number, name in enumerate(options.present) if name in _KERNELS):
            result = apply(*(_as_channels(array, rank) for array in mapped))
            return _from_channels(result, rank, count), True
        # Kernels that all samples share stay as they are.
        merged = [array.reshape(count * array.shape[1], *array.shape[2:])
                  if array.ndim > rank else given for array, given in zip(mapped, arrays)]
        result = apply(*merged)
        return result.reshape(count, result.shape[0] // count, *result.shape[1:]), True

    return apply


@functools.cache
def _gradients(options: Options) -> Callable[..., list[Array]]:
    @custom_vmap
    def gradients(*arrays: Array) -> list[Array]:
        """The gradients of all operands, which are followed by the upstream gradient."""
        shapes = [jax.ShapeDtypeStruct(array.shape, array.dtype) for array in arrays[:-1]]
        call = jax.ffi.ffi_call("longconv_jax_gradients", shapes)
        return list(call(*arrays, **_attributes({**options.attributes, "wanted": mask(options.present)})))

    @gradients.def_vmap
    def map_gradients(count: int, is_mapped: Sequence[bool], *arrays: Array) -> tuple[list[Array], list[bool]]:
        # All become channels: samples would be summed in the gradient of a kernel that they share.
        rank = arrays[0].ndim - is_mapped[0]
        results = gradients(*(_as_channels(array, rank) for array in _all_mapped(count, is_mapped, arrays)))
        return [_from_channels(result, rank, count) for result in results], [True] * len(results)

    return gradients


def _attributes(numbers: dict[str, int]) -> dict[str, Any]:
    """Attributes of 64 bits: those of Python's numbers depend on JAX's configuration."""
    return {name: np.int64(number) for name, number in numbers.items()}


@functools.cache
def operator(options: Options) -> Callable[..., Array]:
    """The operator on the operands that are present, in the library's order."""
    @jax.custom_vjp
    def convolve(*arrays: Array) -> Array:
        return _apply(options)(*arrays)

    def forward(*arrays: Array) -> tuple[Array, tuple[Array, ...]]:
        return convolve(*arrays), arrays  # Itself, as what surrounds the call may differentiate this function.

    def backward(arrays: tuple[Array, ...], upstream: Array) -> tuple[Array, ...]:
        return tuple(_gradient_operator(options)(*arrays, upstream))

    convolve.defvjp(forward, backward)
    return convolve


@functools.cache
def _gradient_operator(options: Options) -> Callable[..., list[Array]]:
    """The gradients, which can be differentiated again."""
    groups = [{number for number, name in enumerate(options.present) if name in group} for group in _GROUPS]

    @jax.custom_vjp
    def gradients(*arrays: Array) -> list[Array]:
        return _gradients(options)(*arrays)

    def forward(*arrays: Array) -> tuple[list[Array], tuple[Array, ...]]:
        return gradients(*arrays), arrays

    def backward(arrays: tuple[Array, ...], upstreams: list[Array]) -> tuple[Array, ...]:
        # The sum of their products with `upstreams` is the product of `upstream` with the result's tangent for the operands'
        # tangents `upstreams`: the sum over the groups of the result with the group's tangent in its place.
        *operands, upstream = arrays
        of_upstream, results = jnp.zeros_like(upstream), [jnp.zeros_like(operand) for operand in operands]
        for group in filter(None, groups):
            tangent = [upstreams[number] if number in group else operand for number, operand in enumerate(operands)]
            of_upstream += operator(options)(*tangent)
            for number, found in enumerate(gradients(*tangent, upstream)):
                if number not in group:
                    results[number] += found
        return (*results, of_upstream)

    gradients.defvjp(forward, backward)
    return gradients
