"""ducc0: its transforms, and its convolution along an axis."""

from __future__ import annotations

import ducc0
import numpy as np

import numpy_forms
from serve import Forms, Problem


def spectral(problem: Problem, threads: int) -> Forms:
    forms = numpy_forms.forms(problem, threads, _Transforms)
    if len(problem.workload.extents) == 1:
        for (length,) in problem.workload.transform_lengths():
            forms[f"convolve_axis {length}"] = _AlongAxis(problem, length, threads)
    return forms


class _Transforms:
    def __init__(self, shape: tuple[int, ...], axes: tuple[int, ...], threads: int, is_inverse_needed: bool) -> None:
        self._axes, self._threads = [len(shape) + axis for axis in axes], threads
        self.real = np.zeros(shape, np.float32)
        self.spectrum = np.empty((*shape[:-1], shape[-1] // 2 + 1), np.complex64)
        self._result = np.empty(shape if is_inverse_needed else 0, np.float32)

    def forward(self) -> None:
        ducc0.fft.r2c(self.real, self._axes, nthreads=self._threads, out=self.spectrum)

    def inverse(self) -> np.ndarray:
        return ducc0.fft.c2r(
            self.spectrum, self._axes, self.real.shape[-1], forward=False, nthreads=self._threads,
            out=self._result, allow_overwriting_input=True)


class _AlongAxis:
    """`convolve_axis` transforms, multiplies and transforms back row by row. It takes one kernel for many rows, so each
    kernel is a call."""

    def __init__(self, problem: Problem, length: int, threads: int) -> None:
        workload = problem.workload
        self._problem, self._threads = problem, threads
        self._signal = np.zeros((workload.batch, workload.channels, length), np.float32)
        self._kernel = np.zeros((*workload.kernel_shape[:2], length), np.float32)
        self._result = np.empty_like(self._signal)

    def __call__(self) -> tuple[np.ndarray, ...]:
        workload = self._problem.workload
        self._signal[workload.signal_window] = self._problem.signal
        self._kernel[workload.kernel_window] = self._problem.kernel
        samples = [slice(None)] if workload.kernels == "shared" else [
            slice(number, number + 1) for number in range(workload.batch)]
        for number, sample in enumerate(samples):
            for channel in range(workload.channels):
                ducc0.fft.convolve_axis(
                    self._signal[sample, channel], self._result[sample, channel], 1, self._kernel[number, channel],
                    self._threads)
        return (self._result[workload.window],)
