"""`longconv.torch.long_conv`: values, gradients, registration, compilation, batching."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from options import calls, expected, keywords, name, operands

import longconv.torch
from longconv.torch import long_conv
from longconv.torch._cpu import TENSORS

# PyTorch's compiler warns of what it uses itself.
pytestmark = pytest.mark.filterwarnings("default")
CALLS = calls()
# One call of each kind, for checks that take long.
FEW = [call for call in CALLS if len(call["with"]) in (0, 4) or call["dims"] == 2 and not call["with"]]


def tensors(given: dict[str, Any], dtype: torch.dtype = torch.float64, grad: bool = True) -> dict[str, torch.Tensor]:
    return {operand: torch.tensor(array, dtype=dtype, requires_grad=grad) for operand, array in given.items()}


def function(call: dict[str, Any], given: dict[str, Any]) -> Callable[..., torch.Tensor]:
    """The call as a function of its operands in order."""
    names = list(given)
    return lambda *arrays: long_conv(**dict(zip(names, arrays)), **keywords(call))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("call", CALLS, ids=name)
def test_values(rng: np.random.Generator, call: Any, dtype: torch.dtype) -> None:
    given = operands(rng, call)
    result = long_conv(**tensors(given, dtype), **keywords(call))
    # At most 80 terms of a few units each, rounded in each of some steps.
    tolerance = 200 * torch.finfo(dtype).eps
    assert result.dtype == dtype
    np.testing.assert_allclose(result.detach().numpy(), expected(call, given), rtol=tolerance, atol=50 * tolerance)


@pytest.mark.parametrize("call", CALLS, ids=name)
def test_gradcheck(rng: np.random.Generator, call: Any) -> None:
    given = operands(rng, call)
    assert torch.autograd.gradcheck(function(call, given), tuple(tensors(given).values()))


@pytest.mark.parametrize("call", FEW, ids=name)
def test_opcheck(rng: np.random.Generator, call: Any) -> None:
    given = tensors(operands(rng, call))
    arguments = [given.get(operand) for operand in TENSORS]
    torch.library.opcheck(torch.ops.longconv.long_conv.default, (*arguments, call["boundary"], call["lag"]))
    plain = [None if tensor is None else tensor.detach() for tensor in arguments]
    upstream = torch.ones_like(long_conv(**given, **keywords(call)))
    torch.library.opcheck(torch.ops.longconv.long_conv_gradients.default, (
        upstream.detach(), *plain, call["boundary"], call["lag"], [tensor is not None for tensor in plain]))


@pytest.mark.parametrize("operand", ["u", "k", "skip"])
def test_wanted_gradients_alone(rng: np.random.Generator, operand: str) -> None:
    given = tensors({"u": rng.standard_normal((2, 3, 9)), "k": rng.standard_normal((3, 9)), "skip": rng.standard_normal(3)})
    everything = torch.autograd.grad(long_conv(**given).sum(), list(given.values()))
    (one,) = torch.autograd.grad(long_conv(**given).sum(), [given[operand]])
    assert torch.equal(one, everything[list(given).index(operand)])


def test_what_the_output_gate_multiplies_is_kept(rng: np.random.Generator) -> None:
    """The same bits as where it is computed again: with strided results' gradients, and with a gate that needs none."""
    shapes = {"u": (2, 3, 40), "k": (3, 40), "output_gate": (2, 3, 40)}
    given = tensors({operand: rng.standard_normal(shape) for operand, shape in shapes.items()})
    u, k, gate = given.values()
    for upstream in (torch.randn(2, 3, 40, dtype=u.dtype), torch.ones((), dtype=u.dtype).expand(2, 3, 40),
                     torch.randn(2, 40, 3, dtype=u.dtype).mT):
        expected = torch.ops.longconv.long_conv_gradients(
            upstream, u, k, None, None, gate, None, "causal", 1, [True, True, False, False, True, False])
        result = long_conv(u, k, output_gate=gate)
        found = torch.autograd.grad(result, (u, k, gate), upstream)
        assert all(torch.equal(a, b) for a, b in zip(expected, found))
        (alone,) = torch.autograd.grad(long_conv(u, k, output_gate=gate.detach()), (u,), upstream)
        assert torch.equal(alone, found[0])
    with torch.no_grad():
        assert torch.equal(long_conv(u, k, output_gate=gate), result)


@pytest.mark.parametrize("call", [call for call in CALLS if call["extents"] in ((40,), (5, 4))], ids=name)
def test_compile(rng: np.random.Generator, call: Any) -> None:
    torch._dynamo.reset()
    given = operands(rng, call)
    eager, compiled = function(call, given), torch.compile(function(call, given), fullgraph=True, backend="aot_eager")
    a, b = tensors(given), tensors(given)
    x, y = eager(*a.values()).sin(), compiled(*b.values()).sin()
    assert torch.equal(x, y)
    x.sum().backward()
    y.sum().backward()
    assert all(torch.equal(a[operand].grad, b[operand].grad) for operand in a)


def test_compile_with_inductor(rng: np.random.Generator) -> None:
    u, k = (torch.tensor(rng.standard_normal(shape)) for shape in ((2, 3, 50), (3, 50)))

    def layer(u: torch.Tensor, k: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.gelu(long_conv(u * 2, k, skip=k[:, 0]))

    torch.testing.assert_close(torch.compile(layer, fullgraph=True)(u, k), layer(u, k))


@pytest.mark.parametrize("mapped", [("u",), ("k",), ("u", "k"), ("skip",), ("u", "input_gate"), ("k", "output_gate")])
@pytest.mark.parametrize("per_sample", [False, True])
def test_vmap(rng: np.random.Generator, per_sample: bool, mapped: tuple[str, ...]) -> None:
    call = {"boundary": "causal", "dims": 1, "extents": (20,), "taps": (20,), "lag": 0, "per_sample": per_sample,
            "with": ("skip", "input_gate", "output_gate", "reverse_kernel")}
    given = tensors(operands(rng, call), grad=False)
    axes = {operand: 1 if operand in mapped else None for operand in given}
    wide = {operand: torch.stack([tensor * n for n in (1, 2, 3)], 1) if operand in mapped else tensor
            for operand, tensor in given.items()}

    def loss(*arrays: torch.Tensor) -> torch.Tensor:
        return function(call, given)(*arrays).sin().sum()

    order = tuple(range(len(given)))
    batched = torch.vmap(torch.func.grad(loss, order), tuple(axes.values()))(*wide.values())
    values = torch.vmap(function(call, given), tuple(axes.values()))(*wide.values())
    for n in range(3):
        one = [wide[operand].select(1, n) if operand in mapped else given[operand] for operand in given]
        torch.testing.assert_close(values[n], function(call, given)(*one))
        for found, wanted in zip(batched, torch.func.grad(loss, order)(*one)):
            torch.testing.assert_close(found[n], wanted)


def test_strides(rng: np.random.Generator) -> None:
    """Views, as they lie."""
    base = torch.tensor(rng.standard_normal((4, 30, 6)))
    kernel = torch.tensor(rng.standard_normal((30, 6)))
    u, k = base.transpose(1, 2), kernel.t()
    assert torch.equal(long_conv(u, k), long_conv(u.contiguous(), k.contiguous()))
    assert torch.equal(long_conv(u[:, ::2, ::3], k[::2]), long_conv(u[:, ::2, ::3].contiguous(), k[::2].contiguous()))
    assert torch.equal(long_conv(u[:1].expand(3, -1, -1), k), long_conv(u[:1].repeat(3, 1, 1), k))
    u, k = (tensor.clone().requires_grad_() for tensor in (base, kernel))
    long_conv(u.transpose(1, 2), k.t())[:, :, ::2].sum().backward()
    v, l = (tensor.transpose(-1, -2).contiguous().requires_grad_() for tensor in (base, kernel))
    long_conv(v, l)[:, :, ::2].sum().backward()
    assert torch.equal(u.grad.transpose(1, 2), v.grad) and torch.equal(k.grad.t(), l.grad)


@pytest.mark.parametrize("leading", [(3,), (2, 3), (2, 2, 3), (0, 3), (2, 0, 3)])
def test_leading_axes(rng: np.random.Generator, leading: tuple[int, ...]) -> None:
    for k_leading in (leading[-1:], leading):
        u, k = torch.tensor(rng.standard_normal((*leading, 15))), torch.tensor(rng.standard_normal((*k_leading, 15)))
        result = long_conv(u, k, input_gate=u, output_gate=u)
        assert result.shape == u.shape
        every = torch.broadcast_to(k, u.shape).reshape(-1, 1, 15)
        rows = u.reshape(-1, 1, 15)
        torch.testing.assert_close(result.reshape(-1, 1, 15), long_conv(rows, every, input_gate=rows, output_gate=rows))


def test_kernels_of_one_sample(rng: np.random.Generator) -> None:
    """Leading axes of 1, as kernels of S4 have: the same kernels for all samples."""
    u, k, reverse = (torch.tensor(rng.standard_normal(shape)) for shape in ((2, 4, 3, 15), (3, 15), (3, 15)))
    expected = long_conv(u, k, reverse_kernel=reverse)
    for axes in (1, 2):
        wide, wide_reverse = (tensor[(None,) * axes].clone().requires_grad_() for tensor in (k, reverse))
        result = long_conv(u, wide, reverse_kernel=wide_reverse)
        assert torch.equal(result, expected)
        result.sum().backward()
        assert wide.grad.shape == wide.shape and wide_reverse.grad.shape == wide.shape
    assert torch.equal(long_conv(u[0, :1], k[None]), long_conv(u[0, :1], k))


def test_planes_are_centred_by_default(rng: np.random.Generator) -> None:
    u, k = torch.tensor(rng.standard_normal((2, 3, 6, 5))), torch.tensor(rng.standard_normal((3, 3, 3)))
    assert torch.equal(long_conv(u, k, dims=2), long_conv(u, k, dims=2, boundary="centred"))
    padded = torch.nn.functional.conv2d(u, k.flip(-1, -2)[:, None], padding="same", groups=3)
    torch.testing.assert_close(long_conv(u, k, dims=2), padded)


def test_another_default_device(rng: np.random.Generator) -> None:
    u, k = (torch.tensor(rng.standard_normal(shape), requires_grad=True) for shape in ((2, 3, 15), (3, 15)))
    expected = torch.autograd.grad(long_conv(u, k, output_gate=u).sum(), (u, k))
    with torch.device("meta"):
        found = torch.autograd.grad(long_conv(u, k, output_gate=u).sum(), (u, k))
    assert all(map(torch.equal, found, expected))


def test_meta_and_threads(rng: np.random.Generator) -> None:
    """Shapes without data; the same bits for any number of threads."""
    u, k = torch.empty(2, 3, 8, device="meta"), torch.empty(3, 5, device="meta")
    assert long_conv(u, k, boundary="full").shape == (2, 3, 12)
    u, k = torch.tensor(rng.standard_normal((4, 3, 800))), torch.tensor(rng.standard_normal((3, 800)))
    with longconv.num_threads(1):
        one = long_conv(u, k)
    with longconv.num_threads(3):
        assert torch.equal(long_conv(u, k), one)


X, K = torch.ones(2, 3, 8), torch.ones(3, 8)
REFUSED: dict[str, tuple[Callable[[], Any], Any, str]] = {
    "an array": (lambda: long_conv(X.numpy(), K), TypeError, "u: expected a tensor"),
    "a list as skip": (lambda: long_conv(X, K, skip=[1.0] * 3), TypeError, "skip: expected a tensor"),
    "integers": (lambda: long_conv(X.int(), K.int()), TypeError, "u: expected float32 or float64"),
    "half precision": (lambda: long_conv(X.half(), K.half()), TypeError, "got torch.float16"),
    "bfloat16": (lambda: long_conv(X.bfloat16(), K.bfloat16()), TypeError, "got torch.bfloat16"),
    "complex": (lambda: long_conv(X + 0j, K + 0j), TypeError, "got torch.complex64"),
    "two types": (lambda: long_conv(X, K.double()), TypeError, "k: expected torch.float32"),
    "a skip of another type": (lambda: long_conv(X, K, skip=torch.ones(3).double()), TypeError, "skip"),
    "a sparse tensor": (lambda: long_conv(X.to_sparse(), K), ValueError, "dense tensor"),
    "no channels": (lambda: long_conv(X[0, 0], K), ValueError, r"u: expected \[..., C, L\]"),
    "fewer kernels": (lambda: long_conv(X, K[:2]), ValueError, "k: expected the leading axes"),
    "an empty signal": (lambda: long_conv(X[..., :0], K), ValueError, "from 1"),
    "an empty kernel": (lambda: long_conv(X, K[:, :0]), ValueError, "from 1"),
    "a kernel too long": (lambda: long_conv(X, torch.ones(3, 9), boundary="circular"), ValueError, "not larger"),
    "an unknown boundary": (lambda: long_conv(X, K, boundary="same"), ValueError, "boundary"),
    "causal planes": (lambda: long_conv(X[None], K[:, None], dims=2, boundary="causal"), ValueError, "one dimension"),
    "kernels of two samples for three": (lambda: long_conv(X[:1].repeat(3, 1, 1), K.repeat(2, 1, 1)), ValueError, "k: expected"),
    "a kernel of higher rank": (lambda: long_conv(X, K[None, None]), ValueError, "k: expected the leading axes"),
    "three dimensions": (lambda: long_conv(X, K, dims=3), ValueError, "dims"),
    "lag 2": (lambda: long_conv(X, K, reverse_kernel=K, lag=2), ValueError, "lag"),
    "a reverse kernel of full": (lambda: long_conv(X, K, reverse_kernel=K, boundary="full"), ValueError, "causal"),
    "a shorter reverse kernel": (lambda: long_conv(X, K, reverse_kernel=K[:, :5]), ValueError, "reverse_kernel"),
    "a skip of full": (lambda: long_conv(X, K, skip=K[:, 0], boundary="full"), ValueError, "skip"),
    "a skip of other channels": (lambda: long_conv(X, K, skip=K[:2, 0]), ValueError, "skip"),
    "a skip of two axes": (lambda: long_conv(X, K, skip=K[:, :1]), ValueError, "skip"),
    "a gate of another shape": (lambda: long_conv(X, K, input_gate=X[:1]), ValueError, "input_gate"),
    "a gate of full": (lambda: long_conv(X, K, output_gate=X, boundary="full"), ValueError, "output_gate"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    call, error, message = REFUSED[case]
    with pytest.raises(error, match=message):
        call()


def test_the_operator_itself_is_safe() -> None:
    """Called directly, without the checks above, it raises."""
    operator = torch.ops.longconv.long_conv.default
    with pytest.raises(Exception):
        operator(X, K, None, None, None, None, "none", 0)
    with pytest.raises(Exception):
        operator(X, K[:2], None, None, None, None, "causal", 0)
    with pytest.raises(Exception):
        operator(X, K, None, X[:1], None, None, "causal", 0)
    with pytest.raises(Exception):
        operator(X, K.double(), None, None, None, None, "causal", 0)
    with pytest.raises(TypeError, match="float32 or float64"):
        operator(X.half(), K.half(), None, None, None, None, "causal", 0)
