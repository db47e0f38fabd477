"""The operator's ways into PyTorch: registered, for `torch.func`, and straight to the engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd import forward_ad

from . import _batching as _batching  # Registers `vmap`.
from . import _cpu, _derivatives
from ._cpu import TENSORS, Optional
from ._derivatives import Operators
from ._operator import check_operands, long_conv


class TransformableGradients(torch.autograd.Function):
    """``longconv::long_conv_gradients`` for `torch.func` and forward mode; what is wanted are its last inputs."""

    generate_vmap_rule = True

    @staticmethod
    def forward(*inputs: Any) -> tuple[Tensor, ...]:
        return tuple(_derivatives.registered_gradients(*inputs[:-len(TENSORS)], list(inputs[-len(TENSORS):])))

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
        _derivatives.save_gradients(ctx, (*inputs[:-len(TENSORS)], inputs[-len(TENSORS):]), output)
        ctx.save_for_forward(*inputs[:len(TENSORS) + 1])

    @staticmethod
    def backward(ctx: Any, *upstreams: Tensor) -> Any:
        found = _derivatives.differentiate_gradients(_TRANSFORMABLE, ctx, upstreams)
        return (*found, *(None for _ in TENSORS[1:]))

    @staticmethod
    def jvp(ctx: Any, upstream_tangent: Optional, *tangents: Any) -> tuple[Optional, ...]:
        upstream, *tensors = ctx.saved_tensors
        results = _derivatives.tangents_of_gradients(
            _TRANSFORMABLE, upstream, upstream_tangent, tensors, tangents[:len(TENSORS)], ctx.boundary, ctx.lag, ctx.wanted)
        return tuple(result for result, is_wanted in zip(results, ctx.wanted) if is_wanted)


class TransformableConvolution(torch.autograd.Function):
    """``longconv::long_conv`` for `torch.func`, whose `grad` does not reach what is registered, and for forward mode."""

    generate_vmap_rule = True

    @staticmethod
    def forward(*inputs: Any) -> Tensor:
        return long_conv(*inputs)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        _derivatives.save(ctx, inputs, output)
        ctx.save_for_forward(*inputs[:len(TENSORS)])

    @staticmethod
    def backward(ctx: Any, upstream: Tensor) -> tuple[Optional, ...]:
        return _derivatives.differentiate(_TRANSFORMABLE, ctx, upstream)

    @staticmethod
    def jvp(ctx: Any, *tangents: Any) -> Optional:
        return _derivatives.tangent_of_result(
            _TRANSFORMABLE, ctx.saved_tensors, tangents[:len(TENSORS)], ctx.boundary, ctx.lag)


_TRANSFORMABLE = Operators(
    TransformableConvolution.apply, lambda *inputs: TransformableGradients.apply(*inputs[:-1], *inputs[-1]))


class EagerConvolution(torch.autograd.Function):
    """The operator without PyTorch's dispatcher, which takes longer than a small convolution.

    What the output gate multiplies is kept for its gradient, as automatic differentiation would.
    """

    @staticmethod
    def forward(ctx: Any, *inputs: Any) -> Tensor:
        tensors = inputs[:len(TENSORS)]
        *ctx.options, keeps_ungated = inputs[len(TENSORS):]
        ungated = tensors[0].new_empty(tensors[_OUTPUT_GATE].shape) if keeps_ungated else None
        ctx.save_for_backward(*tensors, ungated)
        ctx.plan, ctx.layouts = _cpu.planned(tensors, *ctx.options), _layouts((*tensors, ungated))
        return _cpu.apply(tensors, ctx.plan, ungated)

    @staticmethod
    def backward(ctx: Any, upstream: Tensor) -> tuple[Optional, ...]:
        saved = ctx.saved_tensors
        *tensors, ungated = saved
        boundary, lag = ctx.options
        wanted = ctx.needs_input_grad[:len(TENSORS)]
        # Hooks may have put other tensors in the place of those saved, of any shape, strides, type and device.
        if torch.is_grad_enabled() or _is_forward_mode() or _derivatives.is_batch_of_gradients(upstream) or not all(
                map(_is_plain, (upstream, *saved))):
            operators = _TRANSFORMABLE if _is_forward_mode() else _derivatives.REGISTERED
            return (*_derivatives.gradients(operators, upstream, tensors, boundary, lag, wanted), None, None, None)
        plan = ctx.plan
        if not upstream.is_contiguous() or _layouts(saved) != ctx.layouts:
            check_operands(tensors, boundary, upstream, ungated)
            plan = _cpu.planned(tensors, boundary, lag, upstream)
            ungated = None if ungated is None else ungated.contiguous()
        return (*_cpu.gradients(upstream, tensors, plan, wanted, ungated), None, None, None)


def _layouts(tensors: Sequence[Optional]) -> list[Any]:
    """What a plan takes for granted of tensors on the CPU."""
    return [None if tensor is None else (tensor.shape, tensor.stride(), tensor.dtype) for tensor in tensors]


_OUTPUT_GATE = TENSORS.index("output_gate")
_PLAIN_TYPES = (Tensor, torch.nn.Parameter)


def _is_plain(tensor: Optional) -> bool:
    """Returns true if the numbers lie where a tensor's address says, as they are."""
    return tensor is None or (
        type(tensor) in _PLAIN_TYPES and tensor.is_cpu and not tensor.is_neg() and not tensor._is_zerotensor())


def _is_forward_mode() -> bool:
    """Returns true where a tensor may carry its derivative in a direction."""
    return forward_ad._current_level >= 0


def dispatched_long_conv(*inputs: Any) -> Tensor:
    """``longconv::long_conv`` as what surrounds the call needs it; the shapes fit."""
    if torch.compiler.is_compiling():
        return long_conv(*inputs)
    if torch._C._are_functorch_transforms_active() or _is_forward_mode():
        return TransformableConvolution.apply(*inputs)
    if torch._C._len_torch_dispatch_stack() or torch._C._get_tracing_state() is not None or not all(
            map(_is_plain, inputs[:len(TENSORS)])):
        return long_conv(*inputs)
    gate = inputs[_OUTPUT_GATE]
    return EagerConvolution.apply(*inputs, gate is not None and gate.requires_grad and torch.is_grad_enabled())
