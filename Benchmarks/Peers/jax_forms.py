"""JAX: by Fourier transforms, differentiated automatically or by hand, compiled."""

from __future__ import annotations

from functools import partial
from typing import Any, Callable

import jax
import jax.numpy as jnp

from serve import Forms, Problem
from workload import Workload

Array = Any


def spectral(problem: Problem, threads: int) -> Forms:
    """`threads` is not used: XLA takes as many threads as there are processors that its process may run on."""
    workload = problem.workload
    upstream, *operands = (jnp.asarray(array) for array in (problem.upstream, *problem.operands))
    forms: Forms = {}
    for lengths in workload.transform_lengths():
        for name, convolve in (("autodiff", partial(_convolve, workload, lengths)),
                               ("by hand", _by_hand(workload, lengths))):
            compiled = jax.jit(partial(_differentiate, workload.operator(convolve)))
            forms[f"{name} {'x'.join(map(str, lengths))}"] = lambda compiled=compiled: (
                jax.block_until_ready(compiled(upstream, *operands)))
    return forms


def _differentiate(operator: Callable[..., Array], upstream: Array, *operands: Array) -> tuple[Array, ...]:
    output, pull_back = jax.vjp(operator, *operands)
    return (output, *pull_back(upstream))


def _convolve(workload: Workload, lengths: tuple[int, ...], signal: Array, kernel: Array) -> Array:
    axes = workload.axes
    product = jnp.fft.rfftn(signal, lengths, axes) * jnp.fft.rfftn(kernel, lengths, axes)
    return jnp.fft.irfftn(product, lengths, axes)[workload.window]


def _by_hand(workload: Workload, lengths: tuple[int, ...]) -> Callable[[Array, Array], Array]:
    """The convolution with its backward pass written out: three transforms of real rows."""
    axes = workload.axes
    padding = [(0, 0), (0, 0)] + [(offset, length - extent - offset) for offset, extent, length in
                                  zip(workload.offsets, workload.extents, lengths)]

    def forward(signal: Array, kernel: Array) -> tuple[Array, tuple[Array, Array]]:
        spectra = (jnp.fft.rfftn(signal, lengths, axes), jnp.fft.rfftn(kernel, lengths, axes))
        return jnp.fft.irfftn(spectra[0] * spectra[1], lengths, axes)[workload.window], spectra

    def backward(spectra: tuple[Array, Array], upstream: Array) -> tuple[Array, Array]:
        spectrum = jnp.fft.rfftn(jnp.pad(upstream, padding), lengths, axes)
        signal_gradient = jnp.fft.irfftn(spectrum * jnp.conj(spectra[1]), lengths, axes)
        product = spectrum * jnp.conj(spectra[0])
        if workload.kernels == "shared":
            product = product.sum(0, keepdims=True)
        kernel_gradient = jnp.fft.irfftn(product, lengths, axes)
        return signal_gradient[workload.signal_window], kernel_gradient[workload.kernel_window]

    convolve = jax.custom_vjp(lambda signal, kernel: forward(signal, kernel)[0])
    convolve.defvjp(forward, backward)
    return convolve
