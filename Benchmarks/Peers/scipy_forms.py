"""SciPy: forward only."""

from __future__ import annotations

import numpy as np
from scipy import fft, signal

from serve import Forms, Problem


def spectral(problem: Problem, threads: int) -> Forms:
    """Its two convolutions by Fourier transforms, and the transforms themselves."""
    workload, axes = problem.workload, problem.workload.axes
    window = (..., *(slice(offset, offset + extent) for offset, extent in zip(workload.offsets, workload.extents)))

    def library(convolve) -> tuple[np.ndarray, ...]:
        with fft.set_workers(threads):
            return (convolve(problem.signal, problem.kernel, mode="full", axes=axes)[window],)

    def transforms(lengths: tuple[int, ...]) -> tuple[np.ndarray, ...]:
        product = fft.rfftn(problem.signal, lengths, axes, workers=threads)
        product *= fft.rfftn(problem.kernel, lengths, axes, workers=threads)
        return (fft.irfftn(product, lengths, axes, workers=threads, overwrite_x=True)[window],)

    forms: Forms = {
        "fftconvolve": lambda: library(signal.fftconvolve), "oaconvolve": lambda: library(signal.oaconvolve)}
    for lengths in workload.transform_lengths():
        forms[f"rfftn {'x'.join(map(str, lengths))}"] = lambda lengths=lengths: transforms(lengths)
    return forms
