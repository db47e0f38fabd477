"""`longconv.signal` against SciPy on random arrays: the same types, shapes, errors and, within rounding, values."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import scipy.signal

import longconv
import longconv.signal

TYPES = ["f2", "f4", "f8", "c8", "c16", "i4", "u1", "?", "g", "G", "i8"]


def random_pair(rng: np.random.Generator) -> tuple[Any, Any, Any]:
    """Two arrays of one rank from 1 to 4, most of which fit, and axes."""
    rank = int(rng.integers(1, 5))
    shapes = rng.integers(1, 7, (2, rank))
    axes: list[int] | None = None
    if rng.random() < 0.6:
        axes = [int(axis) for axis in rng.choice(rank, rng.integers(1, rank + 1), replace=False)]
        for axis in set(range(rank)) - set(axes):
            if rng.random() < 0.9:
                shapes[:, axis] = [(shapes[0, axis],) * 2, (1, shapes[1, axis]), (shapes[0, axis], 1)][rng.integers(3)]
    with np.errstate(all="ignore"):
        arrays = [(4 * rng.standard_normal(shape)).astype(dtype) for shape, dtype in zip(shapes, rng.choice(TYPES, 2))]
    return arrays[0], arrays[1], axes


def outcome(function: Any, *arguments: Any, **options: Any) -> Any:
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            # Some versions of SciPy announce that they will refuse extended precision.
            warnings.simplefilter("ignore", DeprecationWarning)
            return function(*arguments, **options)
    except (ValueError, TypeError) as error:
        return error


def tolerance(first: Any, second: Any, result: Any) -> float:
    """Of each element: n terms, each rounded in the coarsest type, against the product of the norms."""
    epsilon = max(np.finfo(x.dtype).eps if x.dtype.kind in "fc" else 0 for x in (first, second, result, np.zeros(1)))
    norms = [float(np.linalg.norm(x.astype(np.complex128).ravel())) for x in (first, second)]
    return 8 * float(epsilon) * norms[0] * norms[1] * np.log2(first.size + second.size + 2)


@pytest.mark.parametrize("name", ["fftconvolve", "oaconvolve", "convolve", "correlate"])
def test_against_scipy(rng: np.random.Generator, name: str) -> None:
    compared = 0
    for _ in range(700):
        first, second, axes = random_pair(rng)
        mode = rng.choice(["full", "same", "valid"])
        options = {"method": str(rng.choice(["fft", "direct", "auto"]))} if name[0] == "c" else {"axes": axes}
        theirs = outcome(getattr(scipy.signal, name), first, second, mode, **options)
        ours = outcome(getattr(longconv.signal, name), first, second, mode, **options)
        if isinstance(theirs, Exception):
            # Sums of booleans and of half precision over several axes are ours alone.
            if str(theirs) != "Unsupported type":
                assert type(ours) is type(theirs) and str(ours) == str(theirs)
            continue
        assert not isinstance(ours, Exception), ours
        assert ours.dtype == theirs.dtype and ours.shape == theirs.shape
        if theirs.dtype.kind in "fc":
            difference = np.abs(ours.astype(np.clongdouble) - theirs).max(initial=0)
            assert difference <= tolerance(first, second, theirs), (first.shape, second.shape, first.dtype, second.dtype)
        else:
            assert np.array_equal(ours, theirs)
        compared += 1
    assert compared > 300


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("taps", [2, 65, 1000, 30_000])
@pytest.mark.parametrize("dtype", ["f4", "c16"])
def test_blocks(rng: np.random.Generator, dtype: str, taps: int, mode: Any) -> None:
    first = rng.standard_normal((2, 70_000)).astype(dtype)
    second = rng.standard_normal((1, taps)).astype(dtype)
    for pair in ((first, second), (second, first)):
        ours, theirs = (module.oaconvolve(*pair, mode, axes=1) for module in (longconv.signal, scipy.signal))
        assert ours.dtype == theirs.dtype and ours.shape == theirs.shape
        assert np.abs(ours - theirs).max() <= tolerance(first[0], second[0], theirs)


def test_integers_are_exact(rng: np.random.Generator) -> None:
    """Where double precision does not represent the sums, `auto` sums directly; modulo 2^64 as NumPy does."""
    first, second = (rng.integers(-2**62, 2**62, 3000) for _ in range(2))
    assert np.array_equal(longconv.signal.convolve(first, second), np.convolve(first, second))
    first, second = (rng.integers(-1000, 1000, 3000) for _ in range(2))
    assert np.array_equal(longconv.signal.convolve(first, second), np.convolve(first, second))
    assert np.array_equal(longconv.signal.correlate(first, second), np.correlate(first, second, "full"))


def test_are_the_same_objects() -> None:
    assert longconv.fftconvolve is longconv.signal.fftconvolve
    assert longconv.oaconvolve is longconv.signal.oaconvolve


def test_nan_warns(rng: np.random.Generator) -> None:
    signal = np.full(1000, np.nan)
    with pytest.warns(RuntimeWarning, match="Use of fft convolution"):
        longconv.signal.convolve(signal, rng.standard_normal(200), method="fft")
