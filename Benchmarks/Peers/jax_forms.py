"""JAX: by Fourier transforms, differentiated automatically or by hand, compiled."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from serve import Forms, Problem
from workload import Workload

Array = Any


def spectral(problem: Problem, threads: int) -> Forms:
    """`threads` is not used: XLA takes as many threads as there are processors that its process may run on."""
    workload = problem.workload
    operands = tuple(jnp.asarray(array) for array in (problem.signal, problem.kernel, problem.upstream))
    forms: Forms = {}
    for lengths in workload.transform_lengths():
        for name, differentiate in (("autodiff", _automatically), ("by hand", _by_hand)):
            compiled = jax.jit(partial(differentiate, workload, lengths))
            forms[f"{name} {'x'.join(map(str, lengths))}"] = lambda compiled=compiled: (
                jax.block_until_ready(compiled(*operands)))
    return forms


def _automatically(
    workload: Workload, lengths: tuple[int, ...], signal: Array, kernel: Array, upstream: Array
) -> tuple[Array, ...]:
    output, pull_back = jax.vjp(partial(_convolve, workload, lengths), signal, kernel)
    return (output, *pull_back(upstream))


def _convolve(workload: Workload, lengths: tuple[int, ...], signal: Array, kernel: Array) -> Array:
    axes = workload.axes
    product = jnp.fft.rfftn(signal, lengths, axes) * jnp.fft.rfftn(kernel, lengths, axes)
    return _window(jnp.fft.irfftn(product, lengths, axes), workload.offsets, workload.extents)


def _by_hand(
    workload: Workload, lengths: tuple[int, ...], signal: Array, kernel: Array, upstream: Array
) -> tuple[Array, ...]:
    axes, origin = workload.axes, (0,) * len(workload.axes)
    padding = [(0, 0), (0, 0)] + [(offset, length - extent - offset) for offset, extent, length in
                                  zip(workload.offsets, workload.extents, lengths)]
    signal_spectrum = jnp.fft.rfftn(signal, lengths, axes)
    kernel_spectrum = jnp.fft.rfftn(kernel, lengths, axes)
    upstream_spectrum = jnp.fft.rfftn(jnp.pad(upstream, padding), lengths, axes)
    output = jnp.fft.irfftn(signal_spectrum * kernel_spectrum, lengths, axes)
    signal_gradient = jnp.fft.irfftn(upstream_spectrum * jnp.conj(kernel_spectrum), lengths, axes)
    product = upstream_spectrum * jnp.conj(signal_spectrum)
    if workload.kernels == "shared":
        product = product.sum(0, keepdims=True)
    kernel_gradient = jnp.fft.irfftn(product, lengths, axes)
    return (_window(output, workload.offsets, workload.extents),
            _window(signal_gradient, origin, workload.extents), _window(kernel_gradient, origin, workload.extents))


def _window(full: Array, offsets: tuple[int, ...], extents: tuple[int, ...]) -> Array:
    return full[(..., *(slice(offset, offset + extent) for offset, extent in zip(offsets, extents)))]
