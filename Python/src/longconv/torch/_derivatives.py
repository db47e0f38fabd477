"""Derivatives of any order, forward and backward, as calls of the operators.

``y = output_gate (k * v + reverse + skip v)`` with ``v = input_gate u`` is linear in u, in the kernels and the skip
together, in the input gate, and in the output gate. So the tangent of y, its derivative in a direction, is the sum over these
groups of y with the group's tangent in its place. The gradients are linear in the upstream gradient too: so are their tangents.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor

from ._cpu import TENSORS, Optional
from ._operator import long_conv, long_conv_flat_gradients, long_conv_gradients

_COUNT = len(TENSORS)
_KERNEL = TENSORS.index("k")
_GROUPS = [[TENSORS.index(name) for name in group]
           for group in (("u",), ("k", "reverse_kernel", "skip"), ("input_gate",), ("output_gate",))]


class Operators(NamedTuple):
    """The operators as the surrounding transform differentiates them."""

    convolve: Callable[..., Tensor]
    gradients: Callable[..., Sequence[Tensor]]


def is_batch_of_gradients(tensor: Optional) -> bool:
    """Returns true within `torch.autograd.grad(is_grads_batched=True)`, for what differs from one gradient to another."""
    return tensor is not None and torch._C._functorch.is_legacy_batchedtensor(tensor)


def registered_gradients(*inputs: Any) -> Sequence[Tensor]:
    """``longconv::long_conv_gradients``, for batches of gradients too; only operands that are present are wanted."""
    tensors, wanted = inputs[1:_COUNT + 1], inputs[-1]
    if not any(map(is_batch_of_gradients, inputs[:_COUNT + 1])):
        return long_conv_gradients(*inputs)
    # PyTorch loops over what has a single result.
    shapes = [tensor.shape for tensor, is_wanted in zip(tensors, wanted) if is_wanted]
    parts = long_conv_flat_gradients(*inputs).split([shape.numel() for shape in shapes])
    return [part.view(shape) for part, shape in zip(parts, shapes)]


REGISTERED = Operators(long_conv, registered_gradients)


def gradients(
    operators: Operators, upstream: Tensor, tensors: Sequence[Optional], boundary: str, lag: int, wanted: Sequence[bool]
) -> list[Optional]:
    """The wanted gradients, at the places of their operands."""
    return _placed(operators.gradients(upstream, *tensors, boundary, lag, list(wanted)), wanted)


def _placed(found: Sequence[Tensor], wanted: Sequence[bool]) -> list[Optional]:
    """The gradients at the places of their operands."""
    remaining = iter(found)
    return [next(remaining) if is_wanted else None for is_wanted in wanted]


def _with_tangents(
    tensors: Sequence[Optional], tangents: Sequence[Optional]
) -> list[tuple[list[int], list[Optional]]]:
    """Each group that has a tangent, and the operands with the tangent in its place."""
    results = []
    for group in _GROUPS:
        if any(tangents[number] is not None for number in group):
            operands = [tangents[number] if number in group else tensor for number, tensor in enumerate(tensors)]
            kernel = tensors[_KERNEL]
            assert kernel is not None
            if operands[_KERNEL] is None:  # The reverse kernel or the skip has one alone.
                operands[_KERNEL] = torch.zeros_like(kernel)
            results.append((group, operands))
    return results


def _sum(terms: Sequence[Optional]) -> Optional:
    present = [term for term in terms if term is not None]
    return sum(present[1:], start=present[0]) if present else None


def tangent_of_result(
    operators: Operators, tensors: Sequence[Optional], tangents: Sequence[Optional], boundary: str, lag: int
) -> Optional:
    """The tangent of the convolution's result."""
    return _sum([operators.convolve(*operands, boundary, lag) for _, operands in _with_tangents(tensors, tangents)])


def tangents_of_gradients(
    operators: Operators, upstream: Tensor, upstream_tangent: Optional, tensors: Sequence[Optional],
    tangents: Sequence[Optional], boundary: str, lag: int, wanted: Sequence[bool]
) -> list[Optional]:
    """The tangents of the wanted gradients, at the places of their operands."""
    terms = []
    if upstream_tangent is not None:
        terms.append(gradients(operators, upstream_tangent, tensors, boundary, lag, wanted))
    for group, operands in _with_tangents(tensors, tangents):
        # A group's gradients do not depend on the group.
        others = [is_wanted and number not in group for number, is_wanted in enumerate(wanted)]
        if any(others):
            terms.append(gradients(operators, upstream, operands, boundary, lag, others))
    return [_sum(column) for column in zip(*terms)] if terms else [None] * _COUNT


def save(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
    """Keeps the operands of a convolution."""
    ctx.save_for_backward(*inputs[:_COUNT])
    ctx.boundary, ctx.lag = inputs[_COUNT:]


def save_gradients(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
    """Keeps the upstream gradient and the operands."""
    ctx.save_for_backward(*inputs[:_COUNT + 1])
    ctx.boundary, ctx.lag, wanted = inputs[_COUNT + 1:]
    ctx.wanted = [is_wanted and tensor is not None for is_wanted, tensor in zip(wanted, inputs[1:])]


def differentiate(operators: Operators, ctx: Any, upstream: Tensor) -> tuple[Optional, ...]:
    """The backward pass of the convolution."""
    wanted = ctx.needs_input_grad[:_COUNT]
    return (*gradients(operators, upstream, ctx.saved_tensors, ctx.boundary, ctx.lag, wanted), None, None)


def differentiate_gradients(operators: Operators, ctx: Any, upstreams: Sequence[Optional]) -> tuple[Optional, ...]:
    """The backward pass of the gradients.

    The sum of their products with `upstreams` is the product of the upstream gradient with the result's tangent for the operands'
    tangents `upstreams`; this is differentiated.
    """
    upstream, *tensors = ctx.saved_tensors
    remaining = iter(upstreams)
    tangents = [next(remaining) if is_wanted else None for is_wanted in ctx.wanted]
    needs_upstream, *needed = ctx.needs_input_grad[:_COUNT + 1]
    of_upstream = tangent_of_result(operators, tensors, tangents, ctx.boundary, ctx.lag) if needs_upstream else None
    results = tangents_of_gradients(operators, upstream, None, tensors, tangents, ctx.boundary, ctx.lag, needed)
    return (of_upstream, *results, None, None, None)


torch.library.register_autograd("longconv::long_conv", partial(differentiate, REGISTERED), setup_context=save)
torch.library.register_autograd(
    "longconv::long_conv_gradients", partial(differentiate_gradients, REGISTERED), setup_context=save_gradients)
