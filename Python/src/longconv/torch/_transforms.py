"""The operator's ways into PyTorch: registered, for `torch.func`, and straight to the engine."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from . import _batching as _batching  # Registers `vmap`.
from ._cpu import TENSORS, Optional, apply, gradients, planned
from ._operator import long_conv, long_conv_gradients, refuse_second_order, save


class TransformableGradients(torch.autograd.Function):
    """``longconv::long_conv_gradients`` for `torch.func`."""

    generate_vmap_rule = True

    @staticmethod
    def forward(*inputs: Any) -> tuple[Tensor, ...]:
        return tuple(long_conv_gradients(*inputs))

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
        pass

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> Any:
        refuse_second_order(ctx, *upstream)


class TransformableConvolution(torch.autograd.Function):
    """``longconv::long_conv`` for `torch.func`, whose `grad` does not reach what is registered with an operator."""

    generate_vmap_rule = True

    @staticmethod
    def forward(*inputs: Any) -> Tensor:
        return long_conv(*inputs)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        save(ctx, inputs, output)

    @staticmethod
    def backward(ctx: Any, upstream: Tensor) -> tuple[Optional, ...]:
        wanted = list(ctx.needs_input_grad[:len(TENSORS)])
        found = iter(TransformableGradients.apply(upstream, *ctx.saved_tensors, ctx.boundary, ctx.lag, wanted))
        return (*(next(found) if is_wanted else None for is_wanted in wanted), None, None)


class EagerConvolution(torch.autograd.Function):
    """The operator without PyTorch's dispatcher, which takes longer than a small convolution.

    What the output gate multiplies is kept for its gradient, as automatic differentiation would.
    """

    @staticmethod
    def forward(ctx: Any, *inputs: Any) -> Tensor:
        tensors = inputs[:len(TENSORS)]
        *ctx.options, keeps_ungated = inputs[len(TENSORS):]
        ctx.plan = planned(tensors, *ctx.options)
        ungated = torch.empty(tensors[_OUTPUT_GATE].shape, dtype=tensors[0].dtype) if keeps_ungated else None
        ctx.save_for_backward(*tensors, ungated)
        return apply(tensors, ctx.plan, ungated)

    @staticmethod
    def backward(ctx: Any, upstream: Tensor) -> tuple[Optional, ...]:
        *tensors, ungated = ctx.saved_tensors
        wanted = ctx.needs_input_grad[:len(TENSORS)]
        if torch.is_grad_enabled() or not _is_plain(upstream):  # To be differentiated again, which is refused there.
            found = iter(long_conv_gradients(upstream, *tensors, *ctx.options, list(wanted)))
            return (*(next(found) if is_wanted else None for is_wanted in wanted), None, None, None)
        boundary, lag = ctx.options
        plan = ctx.plan if upstream.is_contiguous() else planned(tensors, boundary, lag, upstream)
        return (*gradients(upstream, tensors, plan, wanted, ungated), None, None, None)


_OUTPUT_GATE = TENSORS.index("output_gate")
_PLAIN_TYPES = (Tensor, torch.nn.Parameter)


def _is_plain(tensor: Optional) -> bool:
    """Returns true if the numbers lie where a tensor's address says, as they are."""
    return tensor is None or (type(tensor) in _PLAIN_TYPES and tensor.is_cpu and not tensor.is_neg())


def dispatched_long_conv(*inputs: Any) -> Tensor:
    """``longconv::long_conv`` as what surrounds the call needs it; the shapes fit."""
    if torch.compiler.is_compiling():
        return long_conv(*inputs)
    if torch._C._are_functorch_transforms_active():
        return TransformableConvolution.apply(*inputs)
    if torch._C._len_torch_dispatch_stack() or torch._C._get_tracing_state() is not None or not all(
            map(_is_plain, inputs[:len(TENSORS)])):
        return long_conv(*inputs)
    gate = inputs[_OUTPUT_GATE]
    return EagerConvolution.apply(*inputs, gate is not None and gate.requires_grad and torch.is_grad_enabled())
