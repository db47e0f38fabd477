"""``vmap`` of the operators: what is mapped over becomes samples, or channels where each has kernels of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from ._cpu import TENSORS, Optional
from ._operator import long_conv, long_conv_gradients

_KERNELS = [TENSORS.index(name) for name in ("k", "reverse_kernel", "skip")]


def _mapped_first(tensor: Optional, dimension: int | None, count: int) -> Optional:
    """The tensor with the mapped axis in front; one that is not mapped is repeated along it."""
    if tensor is None:
        return None
    return tensor.expand(count, *tensor.shape) if dimension is None else tensor.movedim(dimension, 0)


def _as_channels(tensor: Optional, rank: int) -> Optional:
    """``[N, B, C, ...]`` as ``[B, N C, ...]``; ``[N, C, ...]`` of what samples share as ``[N C, ...]``."""
    if tensor is None:
        return None
    if tensor.ndim == rank + 1:
        return tensor.movedim(0, 1).flatten(1, 2)
    return tensor.flatten(0, 1)


def _from_channels(tensor: Tensor, rank: int, count: int) -> Tensor:
    """The inverse of `_as_channels`."""
    if tensor.ndim == rank:
        return tensor.unflatten(1, (count, -1)).movedim(1, 0)
    return tensor.unflatten(0, (count, -1))


def _rank(u: Tensor, dimension: int | None) -> int:
    return u.ndim - (dimension is not None)


def _map_long_conv(info: Any, in_dims: Sequence[int | None], *inputs: Any) -> tuple[Tensor, int]:
    tensors, options = inputs[:len(TENSORS)], inputs[len(TENSORS):]
    count, rank = info.batch_size, _rank(inputs[0], in_dims[0])
    mapped = [_mapped_first(tensor, dimension, count) for tensor, dimension in zip(tensors, in_dims)]
    if any(in_dims[number] is not None for number in _KERNELS):
        result = long_conv(*(_as_channels(tensor, rank) for tensor in mapped), *options)
        return _from_channels(result, rank, count), 0
    # Kernels that all samples share stay as they are.
    merged = [tensor if wide is None or wide.ndim <= rank else wide.flatten(0, 1) for tensor, wide in zip(tensors, mapped)]
    return long_conv(*merged, *options).unflatten(0, (count, -1)), 0


def _map_gradients(info: Any, in_dims: Sequence[int | None], *inputs: Any) -> tuple[list[Tensor], list[int]]:
    # All become channels: samples would be summed in the gradient of a kernel that they share.
    tensors, options = inputs[:len(TENSORS) + 1], inputs[len(TENSORS) + 1:]
    count, rank = info.batch_size, _rank(inputs[0], in_dims[0])
    results = long_conv_gradients(*(
        _as_channels(_mapped_first(tensor, dimension, count), rank) for tensor, dimension in zip(tensors, in_dims)
    ), *options)
    return [_from_channels(result, rank, count) for result in results], [0] * len(results)


torch.library.register_vmap("longconv::long_conv", _map_long_conv)
torch.library.register_vmap("longconv::long_conv_gradients", _map_gradients)
