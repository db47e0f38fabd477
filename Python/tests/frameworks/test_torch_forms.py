"""`fftconv` against safari's code and `FlashFFTConv` against its definition."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from longconv.torch import FlashFFTConv, fftconv


def safari(u: Any, k: Any, D: Any, dropout_mask: Any = None, gelu: bool = True, k_rev: Any = None) -> Any:
    """What `fftconv_ref` of HazyResearch/safari computes, by the transforms that it names."""
    length = u.shape[-1]
    spectrum = torch.fft.rfft(k, n=2 * length)
    if k_rev is not None:
        spectrum = spectrum + torch.fft.rfft(k_rev, n=2 * length).conj()
    if u.ndim > 3:
        spectrum = spectrum.unsqueeze(1)
    y = torch.fft.irfft(torch.fft.rfft(u.to(k.dtype), n=2 * length) * spectrum, n=2 * length)[..., :length]
    y = y + u * (D.unsqueeze(-1) if u.ndim == 3 else D[:, None, None])
    y = torch.nn.functional.gelu(y) if gelu else y
    if dropout_mask is not None:
        y = y * dropout_mask.reshape(*dropout_mask.shape, *[1] * (u.ndim - 2))
    return y.to(u.dtype)


def random(rng: np.random.Generator, *shape: int, dtype: torch.dtype = torch.float64) -> Any:
    return torch.tensor(rng.standard_normal(shape), dtype=dtype, requires_grad=True)


@pytest.mark.parametrize("shape", [(2, 3, 17), (2, 3, 4, 16)])
@pytest.mark.parametrize("gelu", [False, True])
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("both_ways", [False, True])
def test_fftconv(rng: np.random.Generator, shape: Any, gelu: bool, masked: bool, both_ways: bool) -> None:
    u, k, D = random(rng, *shape), random(rng, 3, shape[-1]), random(rng, 3)
    mask = torch.tensor(rng.integers(0, 2, shape[:2]) * 2.0) if masked else None
    k_rev = random(rng, 3, shape[-1]) if both_ways else None
    leaves = [tensor for tensor in (u, k, D, k_rev) if tensor is not None]
    results = [form(u, k, D, mask, gelu, k_rev) for form in (fftconv, safari)]
    torch.testing.assert_close(*results)
    upstream = torch.tensor(rng.standard_normal(shape))
    for found, wanted in zip(*(torch.autograd.grad(result, leaves, upstream) for result in results)):
        torch.testing.assert_close(found, wanted)


def test_fftconv_of_half_precision(rng: np.random.Generator) -> None:
    u, k, D = random(rng, 2, 3, 32, dtype=torch.bfloat16), random(rng, 3, 32, dtype=torch.float32), random(rng, 3)
    result = fftconv(u, k, D)
    assert result.dtype == torch.bfloat16
    torch.testing.assert_close(result, safari(u, k, D.to(torch.float32)))


@pytest.mark.parametrize("length, taps", [(16, 16), (8, 8), (16, 5), (11, 16), (13, 7), (1, 16), (16, 1)])
@pytest.mark.parametrize("gated", [False, True])
def test_flash(rng: np.random.Generator, length: int, taps: int, gated: bool) -> None:
    u, k = random(rng, 2, 3, length), random(rng, 3, taps)
    gates = [random(rng, 2, 3, length) for _ in range(2)] if gated else [None, None]
    leaves = [u, k, *(gate for gate in gates if gate is not None)]
    conv = FlashFFTConv(16, dtype=torch.float64)
    found = conv(u, k, *gates)
    v = u if gates[0] is None else u * gates[0]
    wanted = torch.fft.irfft(torch.fft.rfft(v, n=16) * torch.fft.rfft(k, n=16), n=16)[..., :length]
    wanted = wanted if gates[1] is None else wanted * gates[1]
    torch.testing.assert_close(found, wanted)
    for one, other in zip(*(torch.autograd.grad(result.sin().sum(), leaves) for result in (found, wanted))):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize("seqlen", [1, 7, 1000, 1023])
def test_flash_of_any_length(rng: np.random.Generator, seqlen: int) -> None:
    u, k = random(rng, 1, 2, seqlen, dtype=torch.float32), random(rng, 2, seqlen, dtype=torch.float32)
    wanted = torch.fft.irfft(torch.fft.rfft(u.double()) * torch.fft.rfft(k.double()), n=seqlen)
    torch.testing.assert_close(FlashFFTConv(seqlen, dtype=torch.float32)(u, k).double(), wanted, rtol=1e-4, atol=1e-4)


REFUSED = {
    "rank of u": (lambda: fftconv(torch.ones(3, 8), torch.ones(3, 8), torch.ones(3)), ValueError, "u: expected"),
    "rank of k": (lambda: fftconv(torch.ones(1, 3, 8), torch.ones(8), torch.ones(3)), ValueError, "k: expected"),
    "length of k": (lambda: fftconv(torch.ones(1, 3, 8), torch.ones(3, 9), torch.ones(3)), ValueError, "K <= 8"),
    "size of D": (lambda: fftconv(torch.ones(1, 3, 8), torch.ones(3, 8), torch.ones(2)), ValueError, "D: expected"),
    "no period": (lambda: FlashFFTConv(0), ValueError, "seqlen"),
    "half precision": (lambda: FlashFFTConv(8, dtype=torch.float16), TypeError, "dtype"),
    "other type": (lambda: FlashFFTConv(8)(torch.ones(1, 3, 8).double(), torch.ones(3, 8)), TypeError, "u: expected"),
    "longer u": (lambda: FlashFFTConv(8)(torch.ones(1, 3, 9), torch.ones(3, 8)), ValueError, "L <= 8"),
    "longer k": (lambda: FlashFFTConv(8)(torch.ones(1, 3, 8), torch.ones(3, 9)), ValueError, "K <= 8"),
    "other gate": (lambda: FlashFFTConv(8)(torch.ones(1, 3, 8), torch.ones(3, 8), torch.ones(1)), ValueError, "input_gate"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    call, error, message = REFUSED[case]
    with pytest.raises(error, match=message):
        call()
