"""The operator for `torch.func`, whose `grad` does not reach what is registered with an operator."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from . import _batching as _batching  # Registers `vmap`.
from ._operator import TENSORS, Optional, long_conv, long_conv_gradients, refuse_second_order, save


class TransformableGradients(torch.autograd.Function):
    """``longconv::long_conv_gradients``."""

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
    """``longconv::long_conv``."""

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


def transformable_long_conv(*inputs: Any) -> Tensor:
    """The operator, within `torch.func` as it needs it."""
    if torch._C._are_functorch_transforms_active():
        return TransformableConvolution.apply(*inputs)
    return long_conv(*inputs)
