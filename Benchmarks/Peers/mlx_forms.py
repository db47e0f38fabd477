"""MLX on the CPU: by Fourier transforms, differentiated automatically or by hand, compiled."""

from __future__ import annotations

from typing import Any, Callable

import mlx.core as mx

from serve import Forms, Problem
from workload import Workload

Array = Any


def spectral(problem: Problem, threads: int) -> Forms:
    """`threads` is not used: MLX chooses their number itself."""
    mx.set_default_device(mx.cpu)
    workload = problem.workload
    upstream, *operands = (mx.array(array) for array in (problem.upstream, *problem.operands))
    forms: Forms = {}
    for lengths in workload.transform_lengths():
        for name, convolve in (("autodiff", _convolution(workload, lengths)), ("by hand", _by_hand(workload, lengths))):
            compiled = mx.compile(_differentiated(workload.operator(convolve)))
            forms[f"{name} {'x'.join(map(str, lengths))}"] = lambda compiled=compiled: (
                _evaluated(compiled(upstream, *operands)))
    return forms


def _evaluated(arrays: list[Array]) -> tuple[Array, ...]:
    mx.eval(arrays)
    return tuple(arrays)


def _differentiated(operator: Callable[..., Array]) -> Callable[..., list[Array]]:
    def differentiate(upstream: Array, *operands: Array) -> list[Array]:
        outputs, gradients = mx.vjp(operator, list(operands), [upstream])
        return [*outputs, *gradients]

    return differentiate


def _convolution(workload: Workload, lengths: tuple[int, ...]) -> Callable[[Array, Array], Array]:
    def convolve(signal: Array, kernel: Array) -> Array:
        axes = workload.axes
        product = mx.fft.rfftn(signal, lengths, axes) * mx.fft.rfftn(kernel, lengths, axes)
        return mx.fft.irfftn(product, lengths, axes)[workload.window]

    return convolve


def _by_hand(workload: Workload, lengths: tuple[int, ...]) -> Callable[[Array, Array], Array]:
    """The convolution with its backward pass written out; the compiler finds the spectra that both passes have."""
    axes = workload.axes
    convolve = mx.custom_function(_convolution(workload, lengths))
    padding = [(0, 0), (0, 0)] + [(offset, length - extent - offset) for offset, extent, length in
                                  zip(workload.offsets, workload.extents, lengths)]

    @convolve.vjp
    def pull_back(operands: tuple[Array, Array], upstream: Array, _: Array) -> tuple[Array, Array]:
        signal, kernel = (mx.fft.rfftn(operand, lengths, axes) for operand in operands)
        spectrum = mx.fft.rfftn(mx.pad(upstream, padding), lengths, axes)
        signal_gradient = mx.fft.irfftn(spectrum * mx.conjugate(kernel), lengths, axes)
        product = spectrum * mx.conjugate(signal)
        if workload.kernels == "shared":
            product = product.sum(0, keepdims=True)
        kernel_gradient = mx.fft.irfftn(product, lengths, axes)
        return signal_gradient[workload.signal_window], kernel_gradient[workload.kernel_window]

    return convolve
