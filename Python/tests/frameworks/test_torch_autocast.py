"""Under `torch.autocast` the operators compute in single precision, as PyTorch's transforms do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from longconv.torch import FlashFFTConv, fftconv, fftconv_ref, long_conv

HALF = [torch.bfloat16, torch.float16]


def operands(rng: np.random.Generator, dtype: torch.dtype) -> dict[str, torch.Tensor]:
    shapes = {"u": (2, 3, 16), "k": (3, 16), "skip": (3,), "input_gate": (2, 3, 16), "output_gate": (2, 3, 16),
              "reverse_kernel": (3, 16)}
    return {name: torch.tensor(rng.standard_normal(shape), dtype=dtype) for name, shape in shapes.items()}


@pytest.mark.parametrize("dtype", HALF)
def test_long_conv(rng: np.random.Generator, dtype: torch.dtype) -> None:
    given = {name: tensor.requires_grad_() for name, tensor in operands(rng, dtype).items()}
    wide = {name: tensor.detach().float().requires_grad_() for name, tensor in given.items()}
    with torch.autocast("cpu", dtype):
        result = long_conv(**given)
        mixed = long_conv(**{**given, "k": wide["k"]})
    expected = long_conv(**wide)
    assert torch.equal(result, expected) and torch.equal(mixed, expected)
    expected.square().sum().backward()
    result.square().sum().backward()
    for name, tensor in given.items():
        assert torch.equal(tensor.grad, wide[name].grad.to(dtype))


def test_after_a_linear_layer(rng: np.random.Generator) -> None:
    layer, u, k = torch.nn.Linear(16, 16), torch.randn(2, 3, 16), torch.randn(3, 16, requires_grad=True)
    with torch.autocast("cpu", torch.bfloat16):
        assert layer(u).dtype == torch.bfloat16
        result = long_conv(layer(u), k)
        spectrum = torch.fft.rfft(layer(u), n=32) * torch.fft.rfft(k, n=32)
    torch.testing.assert_close(result, torch.fft.irfft(spectrum, n=32)[..., :16])
    result.sum().backward()
    assert layer.weight.grad is not None and k.grad is not None


@pytest.mark.parametrize("dtype", HALF)
def test_the_registered_operator(rng: np.random.Generator, dtype: torch.dtype) -> None:
    given = operands(rng, dtype)
    order = [given[name] for name in ("u", "k", "reverse_kernel", "input_gate", "output_gate", "skip")]
    with torch.autocast("cpu", dtype):
        result = torch.ops.longconv.long_conv(*order, "causal", 1)
        mapped = torch.vmap(long_conv, (0, None))(given["u"], given["k"])
        gradient = torch.func.grad(lambda k: long_conv(given["u"], k).sum())(given["k"])
    wide = {name: tensor.float() for name, tensor in given.items()}
    torch.testing.assert_close(result, long_conv(**wide))
    torch.testing.assert_close(mapped, long_conv(wide["u"], wide["k"]))
    assert gradient.dtype == dtype
    with pytest.raises(Exception):
        torch.ops.longconv.long_conv(*order, "causal", 1)


@pytest.mark.filterwarnings("default")
def test_compiled(rng: np.random.Generator) -> None:
    torch._dynamo.reset()
    layer, u, k = torch.nn.Linear(16, 16), torch.randn(2, 3, 16), torch.randn(3, 16)

    def model(u: torch.Tensor, k: torch.Tensor) -> torch.Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            return long_conv(layer(u), k, input_gate=layer(u))

    compiled = torch.compile(model, fullgraph=True, backend="aot_eager")
    assert torch.equal(compiled(u, k), model(u, k))
    with torch.autocast("cpu", torch.bfloat16):
        outside = torch.compile(lambda u, k: long_conv(layer(u), k), fullgraph=True, backend="aot_eager")(u, k)
        assert torch.equal(outside, long_conv(layer(u), k))


def test_double_precision_stays() -> None:
    with torch.autocast("cpu", torch.bfloat16):
        assert long_conv(torch.ones(1, 1, 4).double(), torch.ones(1, 4).double()).dtype == torch.float64
        with pytest.raises(TypeError, match="k: expected torch.float64"):
            long_conv(torch.ones(1, 1, 4).double(), torch.ones(1, 4))


FORMS: dict[str, Callable[..., Any]] = {
    "fftconv": lambda u, k, D: fftconv(u, k, D), "fftconv_ref": lambda u, k, D: fftconv_ref(u, k, D, None, k_rev=k),
    "FlashFFTConv": lambda u, k, D: FlashFFTConv(32)(u, k)}


@pytest.mark.parametrize("form", FORMS)
def test_forms_of_other_packages(rng: np.random.Generator, form: str) -> None:
    given = operands(rng, torch.bfloat16)
    u, k, D = (given[name] for name in ("u", "k", "skip"))
    expected = FORMS[form](u.float(), k.float(), D.float())
    with torch.autocast("cpu", torch.bfloat16):
        for kernel in (k, k.float()):
            result = FORMS[form](u, kernel, D)
            assert result.dtype == torch.bfloat16 and torch.equal(result, expected.bfloat16())


def test_half_precision_elsewhere_is_refused() -> None:
    with torch.autocast("cpu", torch.bfloat16, enabled=False), pytest.raises(TypeError, match="got torch.bfloat16"):
        long_conv(torch.ones(1, 1, 4).bfloat16(), torch.ones(1, 4).bfloat16())
    with pytest.raises(TypeError, match="k: expected float32 or float64"):
        fftconv(torch.ones(1, 1, 4), torch.ones(1, 4).half(), torch.ones(1))
