"""The number of threads; concurrent calls; forked processes."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import longconv


@pytest.fixture(autouse=True)
def restore() -> Any:
    count = longconv.get_num_threads()
    yield
    longconv.set_num_threads(count)


def test_numbers() -> None:
    longconv.set_num_threads(3)
    assert longconv.get_num_threads() == 3
    with longconv.num_threads(2):
        with longconv.num_threads(np.int64(5)):
            assert longconv.get_num_threads() == 5
        assert longconv.get_num_threads() == 2
        longconv.set_num_threads(4)
        assert longconv.get_num_threads() == 2
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(longconv.get_num_threads).result() == 4
    assert longconv.get_num_threads() == 4


def test_environment() -> None:
    script = "import longconv; print(longconv.get_num_threads())"
    result = subprocess.run([sys.executable, "-c", script], env={"LONGCONV_NUM_THREADS": "7"}, capture_output=True,
                            text=True, check=True)
    assert result.stdout == "7\n"


def test_bits_do_not_depend_on_the_number(rng: np.random.Generator) -> None:
    signal, kernel = (rng.standard_normal(shape).astype(np.float32) for shape in ((5, 7, 300), (7, 300)))
    results = []
    for count in (1, 2, 5):
        with longconv.num_threads(count):
            results.append((longconv.convolve(signal, kernel), *longconv.gradients(signal, kernel, signal)))
    for other in results[1:]:
        assert all(np.array_equal(a, b) for a, b in zip(results[0], other))


def test_the_interpreter_lock_is_released() -> None:
    """While one thread convolves, another one runs Python."""
    signal, kernel = np.ones((1, 2**22)), np.ones((1, 2**22))
    longconv.convolve(signal, kernel)
    done, counts = threading.Event(), []

    def count() -> None:
        n = 0
        while not done.is_set():
            n += 1
            time.sleep(0.0005)
        counts.append(n)

    counter = threading.Thread(target=count)
    counter.start()
    start = time.perf_counter()
    longconv.convolve(signal, kernel)
    elapsed = time.perf_counter() - start
    done.set()
    counter.join()
    # Held, the lock would let the counter through twice at most.
    assert elapsed > 0.02 and counts[0] >= 4, f"counted to {counts[0]} in {elapsed:.3f} s"


def test_concurrent_calls(rng: np.random.Generator) -> None:
    """More shapes than plans are kept, on several threads at once."""
    signals = [rng.standard_normal((2, 2, length)) for length in range(1, 700)]
    expected = [longconv.convolve(signal, signal) for signal in signals]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(2):
            for found, wanted in zip(pool.map(lambda signal: longconv.convolve(signal, signal), signals), expected):
                assert np.array_equal(found, wanted)


def _convolve_in_child(queue: Any, signal: Any, kernel: Any) -> None:
    queue.put(longconv.convolve(signal, kernel))


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
@pytest.mark.filterwarnings("ignore:This process.*multi-threaded:DeprecationWarning")
def test_forked_processes(rng: np.random.Generator, method: str) -> None:
    signal, kernel = (rng.standard_normal(shape).astype(np.float32) for shape in ((16, 8, 2000), (8, 2000)))
    with longconv.num_threads(2):
        expected = longconv.convolve(signal, kernel)
    context: Any = multiprocessing.get_context(method)
    for _ in range(3):
        queue = context.Queue()
        process = context.Process(target=_convolve_in_child, args=(queue, signal, kernel))
        process.start()
        found = queue.get(timeout=60)
        process.join(60)
        assert process.exitcode == 0 and np.array_equal(found, expected)
        assert np.array_equal(longconv.convolve(signal, kernel), expected)
