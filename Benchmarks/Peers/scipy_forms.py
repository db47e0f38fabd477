"""SciPy: forward only."""

from __future__ import annotations

import numpy as np
from scipy import fft, signal

from serve import Forms, Problem


def spectral(problem: Problem, threads: int) -> Forms:
    """Its two convolutions by Fourier transforms, and the transforms themselves."""
    workload, axes = problem.workload, problem.workload.axes

    def transforms(lengths: tuple[int, ...]) -> tuple[np.ndarray, ...]:
        product = fft.rfftn(problem.signal, lengths, axes, workers=threads)
        product *= fft.rfftn(problem.kernel, lengths, axes, workers=threads)
        return (fft.irfftn(product, lengths, axes, workers=threads, overwrite_x=True)[workload.window],)

    forms: Forms = {"fftconvolve": _library(signal.fftconvolve, problem, threads), **overlap_add(problem, threads)}
    for lengths in workload.transform_lengths():
        forms[f"rfftn {'x'.join(map(str, lengths))}"] = lambda lengths=lengths: transforms(lengths)
    return forms


def overlap_add(problem: Problem, threads: int) -> Forms:
    """Its convolution in blocks."""
    return {"oaconvolve": _library(signal.oaconvolve, problem, threads)}


def _library(convolve, problem: Problem, threads: int):
    def form() -> tuple[np.ndarray, ...]:
        with fft.set_workers(threads):
            full = convolve(problem.signal, problem.kernel, mode="full", axes=problem.workload.axes)
        return (full[problem.workload.window],)

    return form
