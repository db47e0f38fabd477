"""The operators ``longconv::long_conv`` and ``longconv::long_conv_gradients``: on the CPU, and of what shape.

Their operands are batches: u ``[B, C, extents]``, k ``[C, extents]`` or ``[B, C, extents]``, the reverse kernel as k, skip
``[C]``, the input gate as u, the output gate as the result.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from .._library import BOUNDARIES, HAS_INPUT_GATE, HAS_OUTPUT_GATE, HAS_SKIP, IS_BIDIRECTIONAL
from .._plans import Plan, Specification, StridedLayout, plan

PRECISIONS = {torch.float32: 32, torch.float64: 64}
#: The tensors of a call in the order of the library's operands.
TENSORS = ("u", "k", "reverse_kernel", "input_gate", "output_gate", "skip")
_OPERANDS = "Tensor u, Tensor k, Tensor? reverse_kernel, Tensor? input_gate, Tensor? output_gate, Tensor? skip"
_UPSTREAM = 7

_library = torch.library.Library("longconv", "DEF")
_library.define(f"long_conv({_OPERANDS}, str boundary, int lag) -> Tensor")
_library.define(f"long_conv_gradients(Tensor upstream, {_OPERANDS}, str boundary, int lag, bool[] wanted) -> Tensor[]")

Optional = Tensor | None


def output_extents(boundary: str, extents: Sequence[int], taps: Sequence[int]) -> list[int]:
    """The extents of a row or plane of the result."""
    if boundary == "full":
        return [extent + k - 1 for extent, k in zip(extents, taps)]
    if boundary == "valid":
        return [extent - k + 1 for extent, k in zip(extents, taps)]
    return list(extents)


def _check(tensors: Sequence[Optional], boundary: str, upstream: Optional) -> None:
    """A ``ValueError`` unless every tensor has the memory that the shapes of u and k demand."""
    u, k, reverse_kernel, input_gate, output_gate, skip = tensors
    assert u is not None and k is not None
    dimensions = u.ndim - 2
    rows = u.shape[:2]
    if dimensions not in (1, 2) or k.shape not in ((rows[1], *k.shape[-dimensions:]), (*rows, *k.shape[-dimensions:])):
        raise ValueError(f"expected u [B, C, extents] and k [C, extents] or [B, C, extents], got {u.shape} and {k.shape}")
    outputs = (*rows, *output_extents(boundary, u.shape[2:], k.shape[-dimensions:]))
    for tensor, shape in ((reverse_kernel, k.shape), (input_gate, u.shape), (output_gate, outputs), (skip, rows[1:]),
                          (upstream, outputs), (k, k.shape)):
        if tensor is not None and (tensor.shape != shape or tensor.dtype != u.dtype or tensor.device != u.device):
            raise ValueError(f"expected the shape {tuple(shape)}, {u.dtype} and {u.device}, got {tuple(tensor.shape)}, "
                             f"{tensor.dtype} and {tensor.device}")


def _plan(tensors: Sequence[Optional], boundary: str, lag: int, upstream: Optional = None) -> Plan:
    _check(tensors, boundary, upstream)
    u, k, reverse_kernel, input_gate, output_gate, skip = tensors
    assert u is not None and k is not None
    shape, taps = u.shape, k.shape
    layouts: tuple[StridedLayout, ...] = ()
    for number, tensor in enumerate(tensors):
        if tensor is not None and not tensor.is_contiguous():
            layouts += (_layout(number, tensor, len(shape) - 2),)
    if upstream is not None and not upstream.is_contiguous():
        layouts += (_layout(_UPSTREAM, upstream, len(shape) - 2),)
    flags = 0
    if input_gate is not None:
        flags |= HAS_INPUT_GATE
    if output_gate is not None:
        flags |= HAS_OUTPUT_GATE
    if skip is not None:
        flags |= HAS_SKIP
    if reverse_kernel is not None:
        flags |= IS_BIDIRECTIONAL
    return plan(Specification(
        PRECISIONS[u.dtype], BOUNDARIES[boundary], 0, 0, int(len(taps) == len(shape)), flags,
        lag if reverse_kernel is not None else 0, shape[0], shape[1], tuple(shape[2:]), tuple(taps[2 - len(shape):]),
        layouts))


def _layout(number: int, tensor: Tensor, dimensions: int) -> StridedLayout:
    strides = tensor.stride()
    if tensor.ndim == 1:
        return number, 0, strides[0], 0, 0
    axes = strides[-dimensions:]
    sample = strides[0] if tensor.ndim == dimensions + 2 else 0
    return number, sample, strides[-dimensions - 1], axes[0], axes[1] if dimensions == 2 else 0


def _address(tensor: Optional) -> int | None:
    return None if tensor is None else tensor.data_ptr()


def _apply(
    u: Tensor, k: Tensor, reverse_kernel: Optional, input_gate: Optional, output_gate: Optional, skip: Optional,
    boundary: str, lag: int
) -> Tensor:
    tensors = (u, k, reverse_kernel, input_gate, output_gate, skip)
    convolution = _plan(tensors, boundary, lag)
    result = torch.empty((*u.shape[:2], *convolution.output_extents), dtype=u.dtype)
    convolution.apply(*map(_address, tensors), result.data_ptr())
    return result


def _apply_shape(
    u: Tensor, k: Tensor, reverse_kernel: Optional, input_gate: Optional, output_gate: Optional, skip: Optional,
    boundary: str, lag: int
) -> Tensor:
    return u.new_empty((*u.shape[:2], *output_extents(boundary, u.shape[2:], k.shape[2 - u.ndim:])))


def _gradients(
    upstream: Tensor, u: Tensor, k: Tensor, reverse_kernel: Optional, input_gate: Optional, output_gate: Optional,
    skip: Optional, boundary: str, lag: int, wanted: Sequence[bool]
) -> list[Tensor]:
    tensors = (u, k, reverse_kernel, input_gate, output_gate, skip)
    convolution = _plan(tensors, boundary, lag, upstream)
    results = [torch.empty(tensor.shape, dtype=tensor.dtype) if tensor is not None and is_wanted else None
               for tensor, is_wanted in zip(tensors, wanted)]
    convolution.gradients(*map(_address, tensors), None, upstream.data_ptr(), *map(_address, results))
    return [result for result in results if result is not None]


def _gradient_shapes(
    upstream: Tensor, u: Tensor, k: Tensor, reverse_kernel: Optional, input_gate: Optional, output_gate: Optional,
    skip: Optional, boundary: str, lag: int, wanted: Sequence[bool]
) -> list[Tensor]:
    tensors = (u, k, reverse_kernel, input_gate, output_gate, skip)
    return [tensor.new_empty(tensor.shape) for tensor, is_wanted in zip(tensors, wanted)
            if tensor is not None and is_wanted]


def save(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
    ctx.save_for_backward(*inputs[:len(TENSORS)])
    ctx.boundary, ctx.lag = inputs[len(TENSORS):]


def _differentiate(ctx: Any, upstream: Tensor) -> tuple[Optional, ...]:
    wanted = list(ctx.needs_input_grad[:len(TENSORS)])
    found = iter(long_conv_gradients(upstream, *ctx.saved_tensors, ctx.boundary, ctx.lag, wanted))
    return (*(next(found) if is_wanted else None for is_wanted in wanted), None, None)


def refuse_second_order(ctx: Any, *upstream: Any) -> Any:
    raise RuntimeError("longconv.torch.long_conv has first derivatives only: it was differentiated twice")


_library.impl("long_conv", _apply, "CPU")
_library.impl("long_conv_gradients", _gradients, "CPU")
torch.library.register_fake("longconv::long_conv", _apply_shape, lib=_library)
torch.library.register_fake("longconv::long_conv_gradients", _gradient_shapes, lib=_library)
torch.library.register_autograd("longconv::long_conv", _differentiate, setup_context=save, lib=_library)
torch.library.register_autograd("longconv::long_conv_gradients", refuse_second_order, lib=_library)

long_conv = torch.ops.longconv.long_conv.default
long_conv_gradients = torch.ops.longconv.long_conv_gradients.default
