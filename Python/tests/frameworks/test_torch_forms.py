"""`fftconv` and `fftconv_ref` against safari's code and `FlashFFTConv` against its definition."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from longconv.torch import FlashFFTConv, fftconv, fftconv_ref, long_conv


def safari(u: Any, k: Any, D: Any, dropout_mask: Any, gelu: bool = True, k_rev: Any = None) -> Any:
    """What `fftconv_ref` of HazyResearch/safari computes, by the transforms that it names."""
    length = u.shape[-1]
    spectrum = torch.fft.rfft(k, n=2 * length)
    if k_rev is not None:
        spectrum = spectrum + torch.fft.rfft(k_rev, n=2 * length).conj()
    if u.ndim > 3:
        spectrum = spectrum.unsqueeze(1)
    y = torch.fft.irfft(torch.fft.rfft(u.to(k.dtype), n=2 * length) * spectrum, n=2 * length)[..., :length]
    y = y + u * D.unsqueeze(-1)
    y = torch.nn.functional.gelu(y) if gelu else y
    return (y if dropout_mask is None else y * dropout_mask.unsqueeze(-1)).to(u.dtype)


def random(rng: np.random.Generator, *shape: int, dtype: torch.dtype = torch.float64) -> Any:
    return torch.tensor(rng.standard_normal(shape), dtype=dtype, requires_grad=True)


# Of u, k, D: layers of three axes, one sample, groups, and Hyena's operator with heads and blocks.
SHAPES = [((2, 3, 17), (3, 17), (3,)), ((2, 3, 17), (3, 5), (1, 3)), ((3, 17), (3, 17), (3,)), ((2, 3, 17), (3, 17), ()),
          ((2, 3, 4, 16), (3, 16), (3, 1)), ((2, 3, 3, 16), (3, 16), (1, 3, 1)), ((2, 1, 3, 1, 16), (3, 16), (1, 3, 1)),
          ((2, 2, 3, 4, 16), (3, 16), (1, 3, 1)), ((2, 2, 3, 1, 16), (3, 9), (1,))]


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
@pytest.mark.parametrize("gelu", [False, True])
@pytest.mark.parametrize("both_ways", [False, True])
def test_fftconv_ref(rng: np.random.Generator, shapes: Any, gelu: bool, both_ways: bool) -> None:
    u, k, D = (random(rng, *shape) for shape in shapes)
    mask = torch.tensor(rng.integers(0, 2, (2, 3)) * 2.0) if u.ndim == 3 else None
    k_rev = random(rng, *shapes[1]) if both_ways else None
    leaves = [tensor for tensor in (u, k, D, k_rev) if tensor is not None]
    results = [form(u, k, D, mask, gelu, k_rev) for form in (fftconv_ref, safari)]
    torch.testing.assert_close(*results)
    upstream = torch.tensor(rng.standard_normal(shapes[0]))
    for found, wanted in zip(*(torch.autograd.grad(result, leaves, upstream) for result in results)):
        torch.testing.assert_close(found, wanted)


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_fftconv(rng: np.random.Generator, shapes: Any) -> None:
    """As that of safari's standalone file: no GELU."""
    u, k, D = (random(rng, *shape) for shape in shapes)
    torch.testing.assert_close(fftconv(u, k, D), safari(u, k, D, None, gelu=False))


def test_fftconv_ref_has_gelu_by_default(rng: np.random.Generator) -> None:
    u, k, D = random(rng, 2, 3, 8), random(rng, 3, 8), random(rng, 3)
    torch.testing.assert_close(fftconv_ref(u, k, D, None), torch.nn.functional.gelu(fftconv(u, k, D)))


def test_fftconv_of_half_precision(rng: np.random.Generator) -> None:
    u, k, D = random(rng, 2, 3, 32, dtype=torch.bfloat16), random(rng, 3, 32, dtype=torch.float32), random(rng, 3)
    result = fftconv_ref(u, k, D, None)
    assert result.dtype == torch.bfloat16
    torch.testing.assert_close(result, safari(u, k, D.to(torch.float32), None))


def test_bidirectional_s4(rng: np.random.Generator) -> None:
    """S4 and SGConv lay the second kernel, flipped, at the end of a period of 2 L: it begins one sample ahead, unflipped."""
    u, k, k1 = random(rng, 2, 3, 16), random(rng, 3, 16), random(rng, 3, 16)
    both = torch.nn.functional.pad(k, (0, 16)) + torch.nn.functional.pad(k1.flip(-1), (16, 0))
    expected = torch.fft.irfft(torch.fft.rfft(u, n=32) * torch.fft.rfft(both, n=32), n=32)[..., :16]
    torch.testing.assert_close(long_conv(u, k, reverse_kernel=k1, lag=1), expected)


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


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
@pytest.mark.parametrize("length, taps", [(8, 8), (16, 16)])
def test_flash_of_other_types(rng: np.random.Generator, length: int, taps: int, dtype: torch.dtype) -> None:
    """Computed in float32 at least, and returned in the type of u, whatever the module was made for."""
    u, pregate, postgate = (random(rng, 2, 3, length, dtype=dtype) for _ in range(3))
    computed = torch.float64 if dtype == torch.float64 else torch.float32
    for k in (random(rng, 3, taps, dtype=torch.float32), random(rng, 3, taps, dtype=dtype)):
        expected = FlashFFTConv(16, dtype=computed)(
            u.to(computed), k.to(computed), pregate.to(computed), postgate.to(computed)).to(dtype)
        for conv in (FlashFFTConv(16).double(), FlashFFTConv(16, dtype=dtype)):
            result = conv(u, k, pregate, postgate)
            assert result.dtype == dtype and torch.equal(result, expected)
    result.float().sum().backward()
    assert u.grad.dtype == dtype


REFUSED = {
    "rank of u": (lambda: fftconv(torch.ones(8), torch.ones(3, 8), torch.ones(3)), ValueError, "u: expected"),
    "rank of k": (lambda: fftconv(torch.ones(1, 3, 8), torch.ones(8), torch.ones(3)), ValueError, "k: expected"),
    "length of k": (lambda: fftconv(torch.ones(1, 3, 8), torch.ones(3, 9), torch.ones(3)), ValueError, "K <= 8"),
    "size of D": (lambda: fftconv(torch.ones(1, 3, 8), torch.ones(3, 8), torch.ones(2)), ValueError, "D: expected"),
    "D of channels in place of groups": (
        lambda: fftconv(torch.ones(1, 3, 3, 8), torch.ones(3, 8), torch.ones(3)), ValueError, "D: expected 3.*axis -2"),
    "D of groups": (
        lambda: fftconv(torch.ones(1, 3, 4, 8), torch.ones(3, 8), torch.ones(4)), ValueError, "D: expected"),
    "length of k in blocks": (
        lambda: fftconv(torch.ones(1, 1, 3, 2, 8), torch.ones(3, 16), torch.ones(1, 3, 1)), ValueError, "K <= 8"),
    "type of k": (lambda: fftconv(torch.ones(1, 3, 8), torch.ones(3, 8).half(), torch.ones(3)), TypeError, "k: expected"),
    "mask of groups": (lambda: fftconv_ref(
        torch.ones(2, 3, 4, 8), torch.ones(3, 8), torch.ones(3, 1), torch.ones(2, 3)), ValueError, "dropout_mask: expected"),
    "no mask": (lambda: fftconv_ref(torch.ones(1, 3, 8), torch.ones(3, 8), torch.ones(3)), TypeError, "dropout_mask"),
    "no period": (lambda: FlashFFTConv(0), ValueError, "seqlen"),
    "integers": (lambda: FlashFFTConv(8, dtype=torch.int32), TypeError, "dtype"),
    "u of integers": (lambda: FlashFFTConv(8)(torch.ones(1, 3, 8).int(), torch.ones(3, 8)), TypeError, "u: expected"),
    "an array as gate": (
        lambda: FlashFFTConv(8)(torch.ones(1, 3, 8), torch.ones(3, 8), np.ones((1, 3, 8))), TypeError, "input_gate"),
    "longer u": (lambda: FlashFFTConv(8)(torch.ones(1, 3, 9), torch.ones(3, 8)), ValueError, "L <= 8"),
    "longer k": (lambda: FlashFFTConv(8)(torch.ones(1, 3, 8), torch.ones(3, 9)), ValueError, "K <= 8"),
    "other gate": (lambda: FlashFFTConv(8)(torch.ones(1, 3, 8), torch.ones(3, 8), torch.ones(1)), ValueError, "input_gate"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    call, error, message = REFUSED[case]
    with pytest.raises(error, match=message):
        call()
