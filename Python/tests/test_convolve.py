"""`longconv.convolve` against sums of products."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from reference import BOUNDARIES, check_rows

import longconv

TYPES = (np.float32, np.float64)


def random(rng: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> Any:
    return rng.standard_normal(shape).astype(dtype)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("correlate", [False, True])
@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_rows(rng: np.random.Generator, boundary: Any, correlate: bool, dtype: Any) -> None:
    for length in (1, 2, 3, 7, 16, 33, 100, 257):
        for taps in {1, 2, 5, 24, 25, length // 2 + 1, length, length + 1, 2 * length}:
            if taps > length and boundary in ("valid", "circular"):
                continue
            signal, kernel = random(rng, (2, 3, length), dtype), random(rng, (3, taps), dtype)
            for center in ("upper", "lower") if boundary == "centred" else ("upper",):
                result = longconv.convolve(signal, kernel, boundary=boundary, correlate=correlate, center=center)
                check_rows(result, signal, kernel, 1, boundary, correlate, center)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("correlate", [False, True])
@pytest.mark.parametrize("boundary", BOUNDARIES[1:])
def test_planes(rng: np.random.Generator, boundary: Any, correlate: bool, dtype: Any) -> None:
    for extents, taps in (((1, 1), (1, 1)), ((5, 4), (2, 3)), ((9, 16), (9, 16)), ((20, 33), (6, 5)), ((3, 30), (2, 28))):
        signal, kernel = random(rng, (2, 2, *extents), dtype), random(rng, (2, *taps), dtype)
        for center in ("upper", "lower") if boundary == "centred" else ("upper",):
            result = longconv.convolve(signal, kernel, boundary=boundary, dims=2, correlate=correlate, center=center)
            check_rows(result, signal, kernel, 2, boundary, correlate, center)


@pytest.mark.parametrize("leading", [(3,), (2, 3), (2, 2, 3), (0, 3), (2, 0), (1, 2, 1, 2)])
def test_leading_axes(rng: np.random.Generator, leading: tuple[int, ...]) -> None:
    """Kernels for all samples and kernels of each row."""
    signal = random(rng, (*leading, 40), np.float64)
    for kernel in (random(rng, (leading[-1], 40), np.float64), random(rng, (*leading, 40), np.float64)):
        result = longconv.convolve(signal, kernel)
        if signal.size:
            check_rows(result, signal, kernel, 1, "causal")
        assert result.shape == signal.shape


def test_lists_and_interfaces(rng: np.random.Generator) -> None:
    """What NumPy makes an array of, and what only has DLPack."""

    class OnlyDLPack:
        def __init__(self, array: Any) -> None:
            self.array = array

        def __dlpack__(self, **arguments: Any) -> Any:
            return self.array.__dlpack__(**arguments)

        def __dlpack_device__(self) -> Any:
            return self.array.__dlpack_device__()

    signal, kernel = random(rng, (2, 50), np.float64), random(rng, (2, 50), np.float64)
    expected = longconv.convolve(signal, kernel)
    assert np.array_equal(longconv.convolve(signal.tolist(), kernel), expected)
    assert np.array_equal(longconv.convolve(signal, OnlyDLPack(kernel)), expected)


@pytest.mark.parametrize("dtype", TYPES)
def test_strides(rng: np.random.Generator, dtype: Any) -> None:
    """Strides of any sign, of operands and of `out`, give the bits of contiguous arrays."""
    base = random(rng, (3, 6, 4, 5, 80), dtype)
    kernels = random(rng, (8, 40), dtype)
    for signal in (base[1, ::-2, :, 0, :].transpose(0, 1, 2), base[:, 0, ::-1, 1, ::-2], base[0, :, 3, :4, ::3],
                   base.transpose(0, 4, 2, 3, 1)[0, :5, :, 0, :], np.broadcast_to(base[0, 0, 0, 0], (2, 4, 80))):
        channels, length = signal.shape[-2:]
        for kernel in (kernels[:channels], kernels[::-1][:channels, ::-1], kernels.T[:channels, : length // 2 + 1]):
            expected = longconv.convolve(np.ascontiguousarray(signal), np.ascontiguousarray(kernel))
            assert np.array_equal(longconv.convolve(signal, kernel), expected)
            memory = np.zeros((*signal.shape[:-1], 3 * length), dtype)
            for out in (memory[..., :length], memory[..., ::-3], memory[::-1, ..., 1::3]):
                assert longconv.convolve(signal, kernel, out=out) is out
                assert np.array_equal(out, expected)


def test_leading_axes_without_a_common_stride(rng: np.random.Generator) -> None:
    base, kernel = random(rng, (4, 6, 2, 30), np.float32), random(rng, (2, 30), np.float32)
    signal = base[::2, ::3]
    out = np.zeros_like(base)[::2, 1::3]
    assert longconv.convolve(signal, kernel, out=out) is out
    assert np.array_equal(out, longconv.convolve(signal.copy(), kernel))


def test_scalars_that_are_not_aligned(rng: np.random.Generator) -> None:
    signal, kernel = random(rng, (2, 30), np.float64), random(rng, (2, 30), np.float64)
    expected = longconv.convolve(signal, kernel)
    packed = np.zeros((2, 30), np.dtype([("byte", "u1"), ("value", "f8")]))
    packed["value"] = signal
    assert np.array_equal(longconv.convolve(packed["value"], kernel), expected)
    assert longconv.convolve(signal, kernel, out=packed["value"]) is not None
    assert np.array_equal(packed["value"], expected)


def test_only_out_is_written(rng: np.random.Generator) -> None:
    signal, kernel = random(rng, (2, 3, 64), np.float32), random(rng, (3, 64), np.float32)
    copies = signal.copy(), kernel.copy()
    memory = np.full((2, 3, 68), 7, np.float32)
    longconv.convolve(signal, kernel, out=memory[..., 2:-2])
    assert np.all(memory[..., :2] == 7) and np.all(memory[..., -2:] == 7)
    assert np.array_equal(signal, copies[0]) and np.array_equal(kernel, copies[1])


def test_nan_stays_in_its_row(rng: np.random.Generator) -> None:
    signal, kernel = random(rng, (4, 2, 100), np.float32), random(rng, (2, 100), np.float32)
    expected = longconv.convolve(signal, kernel)
    signal[2, 1, 50] = np.nan
    result = longconv.convolve(signal, kernel)
    assert np.isnan(result[2, 1]).any()
    result[2, 1] = expected[2, 1]
    assert np.array_equal(result, expected)


def test_a_kernel_of_nan_spoils_its_rows(rng: np.random.Generator) -> None:
    signal, kernel = random(rng, (2, 2, 100), np.float32), random(rng, (2, 100), np.float32)
    expected = longconv.convolve(signal, kernel)
    kernel[1] = np.nan
    result = longconv.convolve(signal, kernel)
    assert np.isnan(result[:, 1]).all() and np.array_equal(result[:, 0], expected[:, 0])
