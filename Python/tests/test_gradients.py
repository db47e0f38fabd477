"""`longconv.gradients` against the derivatives of sums of products."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from reference import BOUNDARIES, bound, rows

import longconv


def derivatives(signal: Any, kernel: Any, upstream: Any, dims: int, *options: Any) -> tuple[Any, Any]:
    """The gradients of Σ upstream · y in extended precision: y is linear in each operand, so units show them."""
    results = []
    for operand in (signal, kernel):
        gradient = np.zeros(operand.shape, np.longdouble)
        for place in np.ndindex(*operand.shape):
            unit = np.zeros(operand.shape)
            unit[place] = 1
            pair = (unit, kernel) if operand is signal else (signal, unit)
            gradient[place] = (upstream * rows(*pair, dims, *options)).sum()
        results.append(gradient)
    return results[0], results[1]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("per_sample", [False, True])
@pytest.mark.parametrize("correlate", [False, True])
@pytest.mark.parametrize("dims, boundary", [(1, name) for name in BOUNDARIES] + [(2, name) for name in BOUNDARIES[1:]])
def test_against_sums(
    rng: np.random.Generator, dims: Any, boundary: Any, correlate: bool, per_sample: bool, dtype: Any
) -> None:
    for center in ("upper", "lower") if boundary == "centred" else ("upper",):
        extents, taps = ((26,), (26,)) if dims == 1 else ((5, 4), (2, 4))
        signal = rng.standard_normal((2, 2, *extents)).astype(dtype)
        kernel = rng.standard_normal((*signal.shape[0 if per_sample else 1:2], *taps)).astype(dtype)
        result = longconv.convolve(signal, kernel, boundary=boundary, dims=dims, correlate=correlate, center=center)
        upstream = rng.standard_normal(result.shape).astype(dtype)
        found = longconv.gradients(
            signal, kernel, upstream, boundary=boundary, dims=dims, correlate=correlate, center=center)
        for gradient, expected in zip(found, derivatives(
                signal.astype(float), kernel.astype(float), upstream, dims, boundary, correlate, center)):
            assert gradient.dtype == dtype and gradient.shape == expected.shape
            # Convolutions of upstream with an operand, as accurate as those; a shared kernel's is a sum over the samples.
            allowed = sum(max(bound(g, x), bound(g, k)) for g, x, k in zip(
                upstream.reshape(-1, *result.shape[-dims:]), signal.reshape(-1, *extents),
                np.broadcast_to(kernel, (*signal.shape[:2], *taps)).reshape(-1, *taps)))
            assert float(np.linalg.norm((gradient - expected).astype(float))) <= allowed


def test_leading_axes_and_strides(rng: np.random.Generator) -> None:
    signal = rng.standard_normal((2, 3, 4, 60))[:, :, ::-1, ::2]
    kernel, upstream = rng.standard_normal((30, 4)).T, rng.standard_normal((2, 3, 4, 30)).swapaxes(0, 1).copy().swapaxes(0, 1)
    found = longconv.gradients(signal, kernel, upstream)
    expected = longconv.gradients(*map(np.ascontiguousarray, (signal, kernel, upstream)))
    assert found.signal.shape == signal.shape and found.kernel.shape == kernel.shape
    assert np.array_equal(found.signal, expected.signal) and np.array_equal(found.kernel, expected.kernel)


def test_no_samples() -> None:
    found = longconv.gradients(np.zeros((0, 2, 8)), np.ones((2, 8)), np.zeros((0, 2, 8)))
    assert found.signal.shape == (0, 2, 8) and np.array_equal(found.kernel, np.zeros((2, 8)))
