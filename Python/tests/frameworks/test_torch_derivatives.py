"""Derivatives of `longconv.torch.long_conv` in both modes and of higher order; batches of gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from options import calls, keywords, name, operands

from longconv.torch import long_conv

# PyTorch warns of what it uses itself.
pytestmark = pytest.mark.filterwarnings("default")
SMALL = [call for call in calls() if len(call["with"]) in (0, 2, 4)
         and (call["extents"] in ((7,), (9,), (3, 4)) or call["boundary"] in ("valid", "centred"))]
EVERYTHING = next(call for call in calls() if call["extents"] == (7,) and len(call["with"]) == 4)


def function(call: dict[str, Any], given: dict[str, Any]) -> Callable[..., torch.Tensor]:
    """The call as a function of its operands in order."""
    names = list(given)
    return lambda *arrays: long_conv(**dict(zip(names, arrays)), **keywords(call))


def leaves(rng: np.random.Generator, call: dict[str, Any]) -> tuple[Callable[..., torch.Tensor], tuple[torch.Tensor, ...]]:
    given = operands(rng, call, (1,), 2)
    return function(call, given), tuple(torch.tensor(array, requires_grad=True) for array in given.values())


@pytest.mark.parametrize("call", SMALL, ids=name)
def test_both_modes_and_orders(rng: np.random.Generator, call: Any) -> None:
    convolve, given = leaves(rng, call)
    assert torch.autograd.gradcheck(convolve, given, check_forward_ad=True, check_batched_grad=True)
    assert torch.autograd.gradgradcheck(convolve, given, check_fwd_over_rev=True)


def test_the_third_order(rng: np.random.Generator) -> None:
    convolve, given = leaves(rng, EVERYTHING)
    assert torch.autograd.gradgradcheck(lambda *arrays: torch.autograd.grad(
        convolve(*arrays).sin().sum(), arrays, create_graph=True), given)


def test_hessians(rng: np.random.Generator) -> None:
    """All ways of PyTorch's to the matrix of second derivatives."""
    convolve, given = leaves(rng, EVERYTHING)
    numbers = tuple(range(len(given)))

    def loss(*arrays: torch.Tensor) -> torch.Tensor:
        return convolve(*arrays).sin().sum()

    expected = torch.autograd.functional.hessian(loss, given)
    others = [
        torch.func.hessian(loss, numbers)(*given),
        torch.func.jacrev(torch.func.jacrev(loss, numbers), numbers)(*given),
        torch.autograd.functional.hessian(loss, given, vectorize=True),
        torch.autograd.functional.hessian(loss, given, vectorize=True, outer_jacobian_strategy="forward-mode")]
    for other in others:
        for row, wanted in zip(other, expected):
            for block, wanted_block in zip(row, wanted):
                torch.testing.assert_close(block, wanted_block)


def test_batches_of_gradients(rng: np.random.Generator) -> None:
    convolve, given = leaves(rng, EVERYTHING)
    result = convolve(*given)
    upstreams = torch.tensor(rng.standard_normal((5, *result.shape)))
    together = torch.autograd.grad(result, given, upstreams, is_grads_batched=True, retain_graph=True)
    for number, upstream in enumerate(upstreams):
        for found, wanted in zip(together, torch.autograd.grad(result, given, upstream, retain_graph=True)):
            assert torch.equal(found[number], wanted)
    (alone,) = torch.autograd.grad(result, given[1], upstreams, is_grads_batched=True)
    assert torch.equal(alone, together[1])


def test_jacobians(rng: np.random.Generator) -> None:
    convolve, given = leaves(rng, EVERYTHING)
    expected = torch.autograd.functional.jacobian(convolve, given)
    numbers = tuple(range(len(given)))
    for found in (torch.autograd.functional.jacobian(convolve, given, vectorize=True),
                  torch.func.jacrev(convolve, numbers)(*given), torch.func.jacfwd(convolve, numbers)(*given)):
        for one, other in zip(found, expected):
            torch.testing.assert_close(one, other)


def test_plans_that_were_not_made_end_silently() -> None:
    """As while PyTorch traces their creation."""
    from longconv._plans import Plan

    Plan.__new__(Plan).__del__()


def test_forward_mode_begins_behind_the_convolution(rng: np.random.Generator) -> None:
    """Of the gradients alone, whose upstream gradient has a direction."""
    convolve, given = leaves(rng, EVERYTHING)
    result = convolve(*given)
    upstream, direction = (torch.tensor(rng.standard_normal(result.shape)) for _ in range(2))
    expected = torch.autograd.grad(result, given, direction, retain_graph=True)
    with torch.autograd.forward_ad.dual_level():
        dual = torch.autograd.forward_ad.make_dual(upstream, direction)
        found = torch.autograd.grad(result, given, dual)
        for one, other in zip(found, expected):
            torch.testing.assert_close(torch.autograd.forward_ad.unpack_dual(one).tangent, other)


def test_the_registered_operator_says_that_it_has_no_forward_mode() -> None:
    """PyTorch would take its derivative for zero."""
    u, k = torch.ones(1, 2, 4), torch.ones(2, 4)
    with pytest.raises(NotImplementedError, match="forward mode"):
        torch.func.jvp(lambda k: torch.ops.longconv.long_conv(u, k, None, None, None, None, "causal", 1), (k,), (k,))
    compiled = torch.compile(
        lambda k: torch.func.jvp(lambda k: long_conv(u, k), (k,), (k,)), backend="eager", fullgraph=True)
    with pytest.raises(Exception, match="forward mode"):
        compiled(k)
