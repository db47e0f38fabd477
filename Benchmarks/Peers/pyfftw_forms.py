"""pyFFTW: FFTW with plans that are measured."""

from __future__ import annotations

import numpy as np
import pyfftw

import numpy_forms
from serve import Forms, Problem

PLANNING_SECONDS = 30  # for one plan; without a limit the longest take minutes


def spectral(problem: Problem, threads: int) -> Forms:
    return numpy_forms.forms(problem, threads, _Transforms)


class _Transforms:
    def __init__(self, shape: tuple[int, ...], axes: tuple[int, ...], threads: int, is_inverse_needed: bool) -> None:
        def plan(source: np.ndarray, target: np.ndarray, direction: str) -> pyfftw.FFTW:
            return pyfftw.FFTW(source, target, axes, direction, ("FFTW_MEASURE", "FFTW_DESTROY_INPUT")[
                :2 if direction == "FFTW_BACKWARD" else 1], threads, PLANNING_SECONDS)

        self.real = pyfftw.empty_aligned(shape, np.float32)
        self.spectrum = pyfftw.empty_aligned((*shape[:-1], shape[-1] // 2 + 1), np.complex64)
        self._forward = plan(self.real, self.spectrum, "FFTW_FORWARD")
        if is_inverse_needed:
            self._result = pyfftw.empty_aligned(shape, np.float32)
            self._inverse = plan(self.spectrum, self._result, "FFTW_BACKWARD")
        self.real[...] = 0  # planning writes to it

    def forward(self) -> None:
        self._forward.execute()

    def inverse(self) -> np.ndarray:
        self._inverse.execute()
        return self._result
