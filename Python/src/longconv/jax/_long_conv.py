"""The operator for arrays of any rank, with all checks."""

from __future__ import annotations

from math import prod
from typing import Any, Literal

import jax
import jax.numpy as jnp

from .._operator_rules import (
    Boundary, check_kernel, check_options, check_rank, is_shared, output_extents, resolved_boundary)
from ._operator import NAMES, Options, operator


def long_conv(
    u: jax.typing.ArrayLike, k: jax.typing.ArrayLike, *, boundary: Boundary | None = None,
    skip: jax.typing.ArrayLike | None = None, input_gate: jax.typing.ArrayLike | None = None,
    output_gate: jax.typing.ArrayLike | None = None, reverse_kernel: jax.typing.ArrayLike | None = None,
    lag: Literal[0, 1] = 1, dims: Literal[1, 2] = 1
) -> jax.Array:
    """Convolve with long kernels: ``output_gate * (k * v + skip v)`` with ``v = input_gate u``, differentiably.

    Works under ``jit``, ``vmap`` and ``grad``, on the CPU, also where ``grad`` is differentiated again; not under ``jvp``.
    It uses the number of threads that :func:`longconv.set_num_threads` sets.

    Parameters
    ----------
    u : array_like
        ``[..., C, L]``, or ``[..., C, H, W]`` with ``dims=2``, float32 or float64.
    k : array_like
        One kernel a channel, ``[C, K]`` or ``[1, C, K]``, or one a row, with the leading axes of u, ``[..., C, K]``;
        planes with ``dims=2``. Of u's type, as are all others.
    boundary : {'causal', 'centred', 'circular', 'full', 'valid'}, optional
        As in :func:`longconv.convolve`: by default ``causal``, with ``dims=2`` ``centred``.
    skip : array_like, optional
        ``[C]``; not with the boundaries ``full`` and ``valid``.
    input_gate : array_like, optional
        In u's shape.
    output_gate : array_like, optional
        In the result's shape, which is u's but for ``full`` and ``valid``.
    reverse_kernel : array_like, optional
        In k's shape, with the boundary ``causal`` and ``dims=1``: adds ``Σ_s reverse_kernel[s] v[t + s + lag]``.
    lag : {0, 1}
        Whether the reverse kernel begins at the sample itself or at the next one.
    dims : {1, 2}
        The number of axes that are convolved, the last ones.

    Returns
    -------
    jax.Array
        u's leading axes and the outputs.

    Raises
    ------
    TypeError
        If the operands are not all float32 or all float64.
    ValueError
        If shapes, boundary, lag or dims do not fit.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> from longconv.jax import long_conv
    >>> u, k = jnp.array([[1.0, 2, 3]]), jnp.array([[1.0, 10, 100]])
    >>> long_conv(u, k, skip=jnp.array([1000.0])).tolist()
    [[1001.0, 2012.0, 3123.0]]
    """
    boundary = resolved_boundary(boundary, dims)
    check_options(boundary, skip, reverse_kernel, lag, dims)
    given = dict(zip(NAMES, (u, k, reverse_kernel, input_gate, output_gate, skip)))
    arrays = {name: jnp.asarray(array) for name, array in given.items() if array is not None}
    _check_types(arrays)
    shape, taps = arrays["u"].shape, arrays["k"].shape
    check_rank(shape, dims)
    check_kernel(shape, taps, boundary, dims)
    leading, extents = shape[:-dims], shape[-dims:]
    outputs = output_extents(boundary, extents, taps[-dims:])
    expected = {"skip": leading[-1:], "input_gate": shape, "output_gate": (*leading, *outputs), "reverse_kernel": taps}
    for name, wanted in expected.items():
        if name in arrays and arrays[name].shape != wanted:
            raise ValueError(f"{name}: expected the shape {wanted}, got {arrays[name].shape}")
    # All that is no kernel for all samples becomes [B, C, ...].
    shared = {"k", "reverse_kernel"} if is_shared(taps, dims) else set()
    rows = [array if name == "skip" else
            array.reshape(*(() if name in shared else (prod(leading[:-1]),)), *array.shape[-dims - 1:])
            for name, array in arrays.items()]
    return operator(Options(boundary, lag, tuple(arrays)))(*rows).reshape(*leading, *outputs)


def _check_types(arrays: dict[str, Any]) -> None:
    dtype = arrays["u"].dtype
    for name, array in arrays.items():
        if array.dtype not in (jnp.float32, jnp.float64):
            raise TypeError(f"{name}: expected float32 or float64, got {array.dtype}")
        if array.dtype != dtype:
            raise TypeError(f"{name}: expected {dtype} as u, got {array.dtype}")
