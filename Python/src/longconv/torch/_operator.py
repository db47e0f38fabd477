"""The operators ``longconv::long_conv`` and ``longconv::long_conv_gradients``: on the CPU, and of what shape.

Their operands are batches: u ``[B, C, extents]``, k ``[C, extents]`` or ``[B, C, extents]``, the reverse kernel as k, skip
``[C]``, the input gate as u, the output gate as the result.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from .._operator_rules import output_extents
from ._cpu import TENSORS, Optional, apply, gradients, planned

_OPERANDS = "Tensor u, Tensor k, Tensor? reverse_kernel, Tensor? input_gate, Tensor? output_gate, Tensor? skip"

_library = torch.library.Library("longconv", "DEF")
_library.define(f"long_conv({_OPERANDS}, str boundary, int lag) -> Tensor")
_library.define(f"long_conv_gradients(Tensor upstream, {_OPERANDS}, str boundary, int lag, bool[] wanted) -> Tensor[]")


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


def _apply(
    u: Tensor, k: Tensor, reverse_kernel: Optional, input_gate: Optional, output_gate: Optional, skip: Optional,
    boundary: str, lag: int
) -> Tensor:
    tensors = (u, k, reverse_kernel, input_gate, output_gate, skip)
    _check(tensors, boundary, None)
    return apply(tensors, planned(tensors, boundary, lag))


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
    _check(tensors, boundary, upstream)
    results = gradients(upstream, tensors, planned(tensors, boundary, lag, upstream), wanted)
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
