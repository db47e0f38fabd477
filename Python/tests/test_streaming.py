"""`longconv.Streaming` against `longconv.convolve`."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from reference import bound

import longconv


def pieces(rng: np.random.Generator, length: int, longest: int) -> list[int]:
    """Random lengths from 0 that sum up to `length`."""
    found: list[int] = []
    while sum(found) < length:
        found.append(min(int(rng.integers(0, longest + 1)), length - sum(found)))
    return found


def check(found: Any, signal: Any, kernel: Any, levels: int = 1) -> None:
    expected = longconv.convolve(signal.astype(np.float64), kernel.astype(np.float64))
    for y, z, x, k in zip(found, expected, signal, kernel):
        # Each level of the tiling is a convolution of parts of the row.
        assert np.linalg.norm(y - z) <= levels * bound(x, k)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("block", [None, 1, 16, 128])
@pytest.mark.parametrize("taps", [1, 2, 3, 100, 700])
def test_pieces(rng: np.random.Generator, taps: int, block: int | None, dtype: Any) -> None:
    signal, kernel = (rng.standard_normal((3, n)).astype(dtype) for n in (1000, taps))
    stream = longconv.Streaming(kernel, block)
    results, start = [], 0
    for count in pieces(rng, 1000, 150):
        results.append(stream.push(signal[:, start:start + count]))
        assert results[-1].shape == (3, count) and results[-1].dtype == dtype
        start += count
        assert stream.position == start
    check(np.concatenate(results, 1), signal, kernel, levels=12)


@pytest.mark.parametrize("block, taps", [(None, 500), (64, 500), (64, 50)])
def test_prefill(rng: np.random.Generator, block: int | None, taps: int) -> None:
    signal, kernel = rng.standard_normal((2, 900)), rng.standard_normal((2, taps))
    stream = longconv.Streaming(kernel, block)
    results = [stream.prefill(signal[:, :600])] + [stream.push(signal[:, t:t + 1]) for t in range(600, 900)]
    check(np.concatenate(results, 1), signal, kernel, levels=12)
    with pytest.raises(ValueError, match="beginning"):
        stream.prefill(signal)
    stream.reset()
    assert stream.position == 0 and np.array_equal(stream.prefill(signal[:, :600]), results[0])


@pytest.mark.parametrize("block", [None, 32])
def test_copies_and_states(rng: np.random.Generator, block: int | None) -> None:
    signal, kernel = rng.standard_normal((2, 400)), rng.standard_normal((2, 300))
    stream = longconv.Streaming(kernel, block)
    stream.push(signal[:, :137])
    other = longconv.Streaming(kernel, block)
    other.load_state_dict(stream.state_dict())
    copies = [copy.copy(stream), copy.deepcopy(stream), pickle.loads(pickle.dumps(stream)), other]
    kernel[:] = 0  # Streams have their own.
    expected = stream.push(signal[:, 137:])
    for one in copies:
        assert one.position == 137
        assert np.array_equal(one.push(signal[:, 137:]), expected)


def test_strided_samples(rng: np.random.Generator) -> None:
    signal, kernel = rng.standard_normal((4, 200))[::-2, ::-2], rng.standard_normal((2, 50))
    expected = longconv.Streaming(kernel).push(np.ascontiguousarray(signal))
    assert np.array_equal(longconv.Streaming(np.asfortranarray(kernel)).push(signal), expected)


@pytest.mark.parametrize("arguments, error, message", [
    ((np.ones(4),), ValueError, r"\[C, K\]"),
    ((np.ones((0, 4)),), ValueError, "from 1"),
    ((np.ones((1, 0)),), ValueError, "from 1"),
    ((np.ones((1, 4), int),), TypeError, "int64"),
    ((None,), TypeError, "object"),
    ((np.ones((1, 4)), 0), ValueError, "power of two"),
    ((np.ones((1, 4)), 3), ValueError, "power of two"),
    ((np.ones((1, 4)), -4), ValueError, "power of two"),
    ((np.ones((1, 4)), 2**70), ValueError, "64 bits"),
    ((np.ones((1, 4)), 1.5), TypeError, "whole number"),
])
def test_refused_streams(arguments: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        longconv.Streaming(*arguments)


@pytest.mark.parametrize("samples, error, message", [
    (np.ones(4), ValueError, r"\[2, n\]"),
    (np.ones((3, 4)), ValueError, r"\[2, n\]"),
    (np.ones((2, 4), np.float32), TypeError, "float64 as the kernel"),
    (None, TypeError, "samples"),
])
def test_refused_samples(samples: Any, error: Any, message: str) -> None:
    stream = longconv.Streaming(np.ones((2, 8)))
    with pytest.raises(error, match=message):
        stream.push(samples)
    assert stream.position == 0


def test_refused_states(rng: np.random.Generator) -> None:
    kernel, signal = rng.standard_normal((2, 30)), rng.standard_normal((2, 50))
    stream = longconv.Streaming(kernel)
    stream.push(signal[:, :20])
    state = stream.state_dict()
    twin = copy.copy(stream)
    other = longconv.Streaming(rng.standard_normal((2, 31))).state_dict()
    for wrong in (other, {**state, "state": state["state"][:-1]}, {**state, "state": state["state"][:0]},
                  {**state, "state": rng.integers(0, 256, state["state"].size).astype(np.uint8)}):
        with pytest.raises(ValueError):
            stream.load_state_dict(wrong)
    for nonsense in (None, {}, {"state": np.ones(4)}):
        with pytest.raises(TypeError):
            stream.load_state_dict(nonsense)  # type: ignore[arg-type]
    assert np.array_equal(stream.push(signal[:, 20:]), twin.push(signal[:, 20:]))


THREADS = """
import os
import numpy as np
import longconv

def started(threads):
    before = len(os.listdir("/proc/self/task"))
    with longconv.num_threads(threads):
        stream = longconv.Streaming(np.ones((256, 4096), np.float32))
    stream.push(np.ones((256, 16384), np.float32))
    return len(os.listdir("/proc/self/task")) - before

print(started(1), started(3))
"""


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="threads are counted as Linux shows them")
def test_threads() -> None:
    """A stream has the number that held where it was made."""
    environment = {**os.environ, "LONGCONV_NUM_THREADS": "2"}
    result = subprocess.run([sys.executable, "-c", THREADS], env=environment, capture_output=True, text=True)
    assert result.stdout == "0 2\n", result.stderr
