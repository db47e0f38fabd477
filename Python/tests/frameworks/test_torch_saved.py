"""The backward pass with saved tensors that hooks have packed: of other strides, types and shapes than those saved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.utils.checkpoint
from options import calls, keywords, name, operands

from longconv.torch import long_conv

CALLS = [call for call in calls() if len(call["with"]) in (0, 1, 4) and call["extents"] in ((12,), (7,), (9,), (5, 4))]


def reversed_strides(tensor: torch.Tensor) -> torch.Tensor:
    """The tensor with its axes in the opposite order in memory."""
    axes = tuple(reversed(range(tensor.ndim)))
    return tensor.permute(axes).contiguous().permute(axes)


def repeated_memory(tensor: torch.Tensor) -> torch.Tensor:
    """Every other element of memory twice as large."""
    return tensor.repeat_interleave(2, -1)[..., ::2]


PACKINGS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "contiguous": lambda tensor: tensor.contiguous(), "reversed": reversed_strides, "twice as wide": repeated_memory,
    "negative": lambda tensor: torch._neg_view(-tensor)}


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("is_strided", [False, True])
@pytest.mark.parametrize("call", CALLS, ids=name)
def test_other_strides(rng: np.random.Generator, call: Any, is_strided: bool, packing: str) -> None:
    given = {operand: torch.tensor(array) for operand, array in operands(rng, call).items()}
    if is_strided:
        given = {operand: reversed_strides(tensor) for operand, tensor in given.items()}
    leaves = {operand: tensor.requires_grad_() for operand, tensor in given.items()}
    expected = long_conv(**leaves, **keywords(call))
    upstream = torch.tensor(rng.standard_normal(expected.shape))
    with torch.autograd.graph.saved_tensors_hooks(lambda tensor: tensor, PACKINGS[packing]):
        result = long_conv(**leaves, **keywords(call))
    wanted, found = (torch.autograd.grad(y, list(leaves.values()), upstream) for y in (expected, result))
    for one, other in zip(wanted, found):
        torch.testing.assert_close(one, other, rtol=1e-13, atol=1e-13)


def test_on_the_cpu_and_recomputed(rng: np.random.Generator) -> None:
    base, kernel = torch.tensor(rng.standard_normal((2, 40, 3))), torch.tensor(rng.standard_normal((40, 3)))
    u, k = base.mT.requires_grad_(), kernel.t().requires_grad_()
    expected = torch.autograd.grad(long_conv(u, k, output_gate=u).sum(), (u, k))
    with torch.autograd.graph.save_on_cpu():
        saved = long_conv(u, k, output_gate=u)
    again = torch.utils.checkpoint.checkpoint(lambda: long_conv(u, k, output_gate=u), use_reentrant=False)
    for result in (saved, again):
        assert all(map(torch.equal, torch.autograd.grad(result.sum(), (u, k)), expected))


CHANGES: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "float32": lambda tensor: tensor.float(), "bfloat16": lambda tensor: tensor.bfloat16(),
    "shorter": lambda tensor: tensor[..., :3], "one row": lambda tensor: tensor[:1], "a lower rank": lambda tensor: tensor[0]}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("operand", ["u", "k", "input_gate", "output_gate", "skip", "ungated"])
def test_what_does_not_fit_is_refused(rng: np.random.Generator, operand: str, change: str) -> None:
    """No memory but the tensors' is read."""
    shapes = {"u": (2, 4, 12), "k": (4, 12), "input_gate": (2, 4, 12), "output_gate": (2, 4, 12), "skip": (4,)}
    given = {name: torch.tensor(rng.standard_normal(shape), requires_grad=True) for name, shape in shapes.items()}
    names = {tensor.data_ptr(): name for name, tensor in given.items()}

    def unpack(tensor: torch.Tensor) -> torch.Tensor:
        return CHANGES[change](tensor) if names.get(tensor.data_ptr(), "ungated") == operand else tensor

    with torch.autograd.graph.saved_tensors_hooks(lambda tensor: tensor, unpack):
        result = long_conv(**given)
    # A shorter kernel fits the call, but its gradient does not fit the kernel, as PyTorch says.
    with pytest.raises((TypeError, ValueError, RuntimeError), match="expected"):
        torch.autograd.grad(result.sum(), list(given.values()))
