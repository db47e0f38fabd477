"""The operator for tensors of any rank, with all checks."""

from __future__ import annotations

import math
from typing import Any, Literal

import torch
from torch import Tensor

from .._operator_rules import (
    Boundary, check_kernel, check_options, check_rank, is_shared, output_extents, resolved_boundary)
from ._cpu import PRECISIONS
from ._operator import autocasted
from ._transforms import dispatched_long_conv


def long_conv(
    u: Tensor, k: Tensor, *, boundary: Boundary | None = None, skip: Tensor | None = None,
    input_gate: Tensor | None = None, output_gate: Tensor | None = None, reverse_kernel: Tensor | None = None,
    lag: Literal[0, 1] = 1, dims: Literal[1, 2] = 1
) -> Tensor:
    """Convolve with long kernels: ``output_gate * (k * v + skip v)`` with ``v = input_gate u``, differentiably.

    Parameters
    ----------
    u : Tensor
        ``[..., C, L]``, or ``[..., C, H, W]`` with ``dims=2``, on the CPU, float32 or float64.
    k : Tensor
        One kernel a channel, ``[C, K]`` or ``[1, C, K]``, or one a row, with the leading axes of u, ``[..., C, K]``;
        planes with ``dims=2``. Of u's type, as are all others.
    boundary : {'causal', 'centred', 'circular', 'full', 'valid'}, optional
        As in :func:`longconv.convolve`: by default ``causal``, with ``dims=2`` ``centred``.
    skip : Tensor, optional
        ``[C]``; not with the boundaries ``full`` and ``valid``.
    input_gate : Tensor, optional
        In u's shape.
    output_gate : Tensor, optional
        In the result's shape, which is u's but for ``full`` and ``valid``. If it needs a gradient, what it multiplies is
        kept for that in eager mode, as much memory as the result; elsewhere it is computed again.
    reverse_kernel : Tensor, optional
        In k's shape, with the boundary ``causal`` and ``dims=1``: adds ``Σ_s reverse_kernel[s] v[t + s + lag]``.
    lag : {0, 1}
        Whether the reverse kernel begins at the sample itself or at the next one.
    dims : {1, 2}
        The number of axes that are convolved, the last ones.

    Returns
    -------
    Tensor
        u's leading axes and the outputs.

    Raises
    ------
    TypeError
        If an operand is no tensor, or they are not all float32 or all float64.
    ValueError
        If shapes, devices, boundary, lag or dims do not fit.

    Notes
    -----
    Under ``torch.autocast`` for the CPU, operands of half precision are converted to float32 and so is the result, as for
    PyTorch's own transforms.

    Examples
    --------
    >>> import torch
    >>> from longconv.torch import long_conv
    >>> u, k = torch.tensor([[1.0, 2, 3]]), torch.tensor([[1.0, 10, 100]])
    >>> long_conv(u, k, skip=torch.tensor([1000.0])).tolist()
    [[1001.0, 2012.0, 3123.0]]
    """
    boundary = resolved_boundary(boundary, dims)
    check_options(boundary, skip, reverse_kernel, lag, dims)
    if torch.is_autocast_enabled("cpu"):
        u, k, skip, input_gate, output_gate, reverse_kernel = map(
            autocasted, (u, k, skip, input_gate, output_gate, reverse_kernel))
    _check_tensor(u, "u", u)
    shape = tuple(u.shape)
    check_rank(shape, dims)
    _check_tensor(k, "k", u)
    kernel_shape = tuple(k.shape)
    check_kernel(shape, kernel_shape, boundary, dims)
    leading, extents, taps = shape[:-dims], shape[-dims:], kernel_shape[-dims:]
    outputs = output_extents(boundary, extents, taps)
    _check_shape(skip, "skip", leading[-1:], u)
    _check_shape(input_gate, "input_gate", shape, u)
    _check_shape(output_gate, "output_gate", (*leading, *outputs), u)
    _check_shape(reverse_kernel, "reverse_kernel", kernel_shape, u)

    if k.ndim > dims + 1 and is_shared(kernel_shape, dims):
        k = k.reshape(kernel_shape[-dims - 1:])
        reverse_kernel = None if reverse_kernel is None else reverse_kernel.reshape(k.shape)
    rank = dims + 2
    if u.ndim == rank:
        return dispatched_long_conv(u, k, reverse_kernel, input_gate, output_gate, skip, boundary, lag)

    samples = math.prod(leading[:-1])

    def rows(tensor: Tensor | None) -> Tensor | None:
        return None if tensor is None else tensor.reshape(samples, *tensor.shape[-rank + 1:])

    kernels = (k, reverse_kernel) if k.ndim == dims + 1 else (rows(k), rows(reverse_kernel))
    result = dispatched_long_conv(rows(u), *kernels, rows(input_gate), rows(output_gate), skip, boundary, lag)
    return result.reshape(*leading, *outputs)


def _check_tensor(tensor: Any, name: str, u: Tensor) -> None:
    if not isinstance(tensor, Tensor):
        raise TypeError(f"{name}: expected a tensor, got {type(tensor).__name__}")
    dtype = tensor.dtype
    if dtype not in PRECISIONS:
        raise TypeError(f"{name}: expected float32 or float64, got {dtype}")
    if dtype != u.dtype:
        raise TypeError(f"{name}: expected {u.dtype} as u, got {tensor.dtype}")
    if not tensor.is_cpu and not tensor.is_meta:
        raise ValueError(f"{name}: expected a tensor on the CPU, got one on {tensor.device}")
    if tensor.layout != torch.strided:
        raise ValueError(f"{name}: expected a dense tensor, got one of layout {tensor.layout}")


def _check_shape(tensor: Any, name: str, shape: tuple[int, ...], u: Tensor) -> None:
    if tensor is not None:
        _check_tensor(tensor, name, u)
        if tuple(tensor.shape) != shape:
            raise ValueError(f"{name}: expected the shape {shape}, got {tuple(tensor.shape)}")
