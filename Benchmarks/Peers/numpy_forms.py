"""Libraries of transforms for NumPy arrays: forward only, in buffers that are kept between calls."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from math import prod
from typing import Any, Callable, Protocol

import numpy as np

from serve import Forms, Problem


class Transforms(Protocol):
    """Transforms of an array of real rows or planes, without normalization."""

    real: np.ndarray  # what is transformed: [B, C, ...lengths], zeros at first, kept by `forward`
    spectrum: np.ndarray

    def forward(self) -> None:
        """From `real` to `spectrum`."""

    def inverse(self) -> np.ndarray:
        """From `spectrum`, which need not be kept, to an array like `real`, but not that one."""


# Makes them for an array of a shape, some axes, a number of threads; whether the inverse is needed.
Maker = Callable[[tuple[int, ...], tuple[int, ...], int, bool], Transforms]


def forms(problem: Problem, threads: int, make: Maker) -> Forms:
    """All channels at once by the library's threads, or as many as stay in the cache on each of ours."""
    workload = problem.workload
    found: Forms = {}
    for lengths in workload.transform_lengths():
        name = "x".join(map(str, lengths))
        found[f"{name}, all channels at once"] = _Convolution(problem, lengths, workload.channels, 1, threads, make)
        if 1 < workload.channels >= threads:
            count = workload.channels_in_cache(workload.channels // threads)
            found[f"{name}, {count} channels at a time on each thread"] = (
                _Convolution(problem, lengths, count, threads, 1, make))
    return found


class _Convolution:
    """The convolution of some channels at a time by each of some workers."""

    def __init__(self, problem: Problem, lengths: tuple[int, ...], count: int, workers: int, threads: int,
                 make: Maker) -> None:
        self._problem, self._lengths, self._count, self._threads = problem, lengths, count, threads
        self._make = make
        self._workers: list[tuple[Transforms, Transforms]] = []
        self._worker_count = workers
        self._pool = ThreadPoolExecutor(workers) if workers > 1 else None

    def __call__(self) -> tuple[np.ndarray, ...]:
        if not self._workers:  # Plans are made when they are first needed, and by one thread.
            self._workers = [self._new_worker() for _ in range(self._worker_count)]
        workload = self._problem.workload
        output = np.empty(workload.signal_shape, np.float32)
        firsts = range(0, workload.channels, self._count)
        parts = [firsts[number::self._worker_count] for number in range(self._worker_count)]
        if self._pool is None:
            self._convolve(self._workers[0], parts[0], output)
        else:
            list(self._pool.map(lambda worker, part: self._convolve(worker, part, output), self._workers, parts))
        return (output,)

    def _new_worker(self) -> tuple[Transforms, Transforms]:
        workload = self._problem.workload

        def make(batch: int, is_inverse_needed: bool) -> Transforms:
            shape = (batch, self._count, *self._lengths)
            return self._make(shape, workload.axes, self._threads, is_inverse_needed)

        return make(workload.batch, True), make(workload.kernel_shape[0], False)

    def _convolve(self, worker: tuple[Transforms, Transforms], firsts: Any, output: np.ndarray) -> None:
        signal, kernel = worker
        workload, normalization = self._problem.workload, np.float32(1 / prod(self._lengths))
        for first in firsts:
            channels = slice(first, first + self._count)
            signal.real[workload.signal_window] = self._problem.signal[:, channels]
            np.multiply(self._problem.kernel[:, channels], normalization, out=kernel.real[workload.kernel_window])
            signal.forward()
            kernel.forward()
            signal.spectrum *= kernel.spectrum
            output[:, channels] = signal.inverse()[workload.window]
