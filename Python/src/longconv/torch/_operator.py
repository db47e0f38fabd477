"""The operators ``longconv::long_conv`` and ``longconv::long_conv_gradients``: on the CPU, and of what shape.

Their operands are batches: u ``[B, C, extents]``, k ``[C, extents]`` or ``[B, C, extents]``, the reverse kernel as k, skip
``[C]``, the input gate as u, the output gate as the result.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd import forward_ad

from .._operator_rules import output_extents
from ._cpu import PRECISIONS, Optional, apply, gradients, planned

_OPERANDS = "Tensor u, Tensor k, Tensor? reverse_kernel, Tensor? input_gate, Tensor? output_gate, Tensor? skip"
_GRADIENT_OPERANDS = f"Tensor upstream, {_OPERANDS}, str boundary, int lag, bool[] wanted"
_AUTOCAST = torch._C.DispatchKeySet(torch._C.DispatchKey.AutocastCPU)

_library = torch.library.Library("longconv", "DEF")
_library.define(f"long_conv({_OPERANDS}, str boundary, int lag) -> Tensor")
_library.define(f"long_conv_gradients({_GRADIENT_OPERANDS}) -> Tensor[]")
_library.define(f"long_conv_flat_gradients({_GRADIENT_OPERANDS}) -> Tensor")


def check_operands(
    tensors: Sequence[Optional], boundary: str, upstream: Optional = None, ungated: Optional = None
) -> None:
    """An error unless every tensor has the memory that the shapes of u and k demand."""
    u, k, reverse_kernel, input_gate, output_gate, skip = tensors
    assert u is not None and k is not None
    dimensions = u.ndim - 2
    rows = u.shape[:2]
    if u.dtype not in PRECISIONS:
        raise TypeError(f"expected float32 or float64, got {u.dtype}")
    if dimensions not in (1, 2) or k.shape not in ((rows[1], *k.shape[-dimensions:]), (*rows, *k.shape[-dimensions:])):
        raise ValueError(f"expected u [B, C, extents] and k [C, extents] or [B, C, extents], got {u.shape} and {k.shape}")
    outputs = (*rows, *output_extents(boundary, u.shape[2:], k.shape[-dimensions:]))
    for tensor, shape in ((reverse_kernel, k.shape), (input_gate, u.shape), (output_gate, outputs), (skip, rows[1:]),
                          (upstream, outputs), (ungated, outputs), (k, k.shape)):
        if tensor is not None and (tensor.shape != shape or tensor.dtype != u.dtype or tensor.device != u.device):
            raise ValueError(f"expected the shape {tuple(shape)}, {u.dtype} and {u.device}, got {tuple(tensor.shape)}, "
                             f"{tensor.dtype} and {tensor.device}")


def _refuse_forward_mode() -> None:
    """An error where forward mode would lose its derivatives: a registered operator receives the values alone."""
    if forward_ad._current_level >= 0 and torch._C._is_fwd_grad_enabled():
        raise NotImplementedError("the registered operator, which torch.compile calls, has no derivatives in forward mode: call "
                                  "longconv.torch.long_conv, not compiled")


def _apply(
    u: Tensor, k: Tensor, reverse_kernel: Optional, input_gate: Optional, output_gate: Optional, skip: Optional,
    boundary: str, lag: int
) -> Tensor:
    _refuse_forward_mode()
    tensors = (u, k, reverse_kernel, input_gate, output_gate, skip)
    check_operands(tensors, boundary)
    return apply(tensors, planned(tensors, boundary, lag))


def _apply_shape(
    u: Tensor, k: Tensor, reverse_kernel: Optional, input_gate: Optional, output_gate: Optional, skip: Optional,
    boundary: str, lag: int
) -> Tensor:
    _refuse_forward_mode()
    return u.new_empty((*u.shape[:2], *output_extents(boundary, u.shape[2:], k.shape[2 - u.ndim:])))


def autocasted(tensor: Any) -> Any:
    """A tensor of half precision in single precision, as autocast has it for PyTorch's own transforms."""
    if isinstance(tensor, Tensor) and tensor.dtype in (torch.float16, torch.bfloat16):
        return tensor.float()
    return tensor


def _apply_autocasted(
    u: Tensor, k: Tensor, reverse_kernel: Optional, input_gate: Optional, output_gate: Optional, skip: Optional,
    boundary: str, lag: int
) -> Tensor:
    with torch._C._ExcludeDispatchKeyGuard(_AUTOCAST):
        return long_conv(*map(autocasted, (u, k, reverse_kernel, input_gate, output_gate, skip)), boundary, lag)


def _gradients(
    upstream: Tensor, u: Tensor, k: Tensor, reverse_kernel: Optional, input_gate: Optional, output_gate: Optional,
    skip: Optional, boundary: str, lag: int, wanted: Sequence[bool]
) -> list[Tensor]:
    _refuse_forward_mode()
    tensors = (u, k, reverse_kernel, input_gate, output_gate, skip)
    check_operands(tensors, boundary, upstream)
    results = gradients(upstream, tensors, planned(tensors, boundary, lag, upstream), wanted)
    return [result for result in results if result is not None]


def _gradient_shapes(
    upstream: Tensor, u: Tensor, k: Tensor, reverse_kernel: Optional, input_gate: Optional, output_gate: Optional,
    skip: Optional, boundary: str, lag: int, wanted: Sequence[bool]
) -> list[Tensor]:
    _refuse_forward_mode()
    tensors = (u, k, reverse_kernel, input_gate, output_gate, skip)
    return [tensor.new_empty(tensor.shape) for tensor, is_wanted in zip(tensors, wanted)
            if tensor is not None and is_wanted]


def _flat_gradients(
    upstream: Tensor, u: Tensor, k: Tensor, reverse_kernel: Optional, input_gate: Optional, output_gate: Optional,
    skip: Optional, boundary: str, lag: int, wanted: Sequence[bool]
) -> Tensor:
    found = long_conv_gradients(
        upstream, u, k, reverse_kernel, input_gate, output_gate, skip, boundary, lag, wanted)
    return torch.cat([gradient.flatten() for gradient in found])


_library.impl("long_conv", _apply, "CPU")
_library.impl("long_conv", _apply_autocasted, "AutocastCPU")
_library.impl("long_conv_gradients", _gradients, "CPU")
_library.impl("long_conv_flat_gradients", _flat_gradients, "CompositeImplicitAutograd")
torch.library.register_fake("longconv::long_conv", _apply_shape, lib=_library)
torch.library.register_fake("longconv::long_conv_gradients", _gradient_shapes, lib=_library)

long_conv = torch.ops.longconv.long_conv.default
long_conv_gradients = torch.ops.longconv.long_conv_gradients.default
#: All gradients in one tensor, for loops of PyTorch's over operators with a single result.
long_conv_flat_gradients = torch.ops.longconv.long_conv_flat_gradients.default
