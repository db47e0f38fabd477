"""The convolution and its gradients of tensors on the CPU whose shapes are known to fit."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from .._library import BOUNDARIES, HAS_INPUT_GATE, HAS_OUTPUT_GATE, HAS_SKIP, IS_BIDIRECTIONAL
from .._plans import Plan, Specification, StridedLayout, plan

Optional = Tensor | None
PRECISIONS = {torch.float32: 32, torch.float64: 64}
#: The tensors of a call in the order of the library's operands.
TENSORS = ("u", "k", "reverse_kernel", "input_gate", "output_gate", "skip")
_UPSTREAM = 7


def planned(tensors: Sequence[Optional], boundary: str, lag: int, upstream: Optional = None) -> Plan:
    """The plan for these tensors as they lie in memory."""
    u, k, reverse_kernel, input_gate, output_gate, skip = tensors
    assert u is not None and k is not None
    shape, taps = u.shape, k.shape
    layouts: tuple[StridedLayout, ...] = ()
    for number, tensor in enumerate(tensors):
        if tensor is not None and not tensor.is_contiguous():
            layouts += (_layout(number, tensor, len(shape) - 2),)
    if upstream is not None and not upstream.is_contiguous():
        layouts += (_layout(_UPSTREAM, upstream, len(shape) - 2),)
    flags = 0
    if input_gate is not None:
        flags |= HAS_INPUT_GATE
    if output_gate is not None:
        flags |= HAS_OUTPUT_GATE
    if skip is not None:
        flags |= HAS_SKIP
    if reverse_kernel is not None:
        flags |= IS_BIDIRECTIONAL
    return plan(Specification(
        PRECISIONS[u.dtype], BOUNDARIES[boundary], 0, 0, int(len(taps) == len(shape)), flags,
        lag if reverse_kernel is not None else 0, shape[0], shape[1], tuple(shape[2:]), tuple(taps[2 - len(shape):]),
        layouts))


def _layout(number: int, tensor: Tensor, dimensions: int) -> StridedLayout:
    strides = tensor.stride()
    if tensor.ndim == 1:
        return number, 0, strides[0], 0, 0
    axes = strides[-dimensions:]
    sample = strides[0] if tensor.ndim == dimensions + 2 else 0
    return number, sample, strides[-dimensions - 1], axes[0], axes[1] if dimensions == 2 else 0


def _address(tensor: Optional) -> int | None:
    return None if tensor is None else tensor.data_ptr()


def apply(tensors: Sequence[Optional], convolution: Plan, ungated: Optional = None) -> Tensor:
    """The result in fresh memory; `ungated`, contiguous, receives what the output gate multiplies."""
    u = tensors[0]
    assert u is not None
    # Not `torch.empty`, whose memory is on the default device.
    result = u.new_empty((*u.shape[:2], *convolution.output_extents))
    convolution.apply(*map(_address, tensors), result.data_ptr(), ungated=_address(ungated))
    return result


def gradients(
    upstream: Tensor, tensors: Sequence[Optional], convolution: Plan, wanted: Sequence[bool], ungated: Optional = None
) -> list[Optional]:
    """A gradient in fresh memory for each tensor that is there and wanted; `ungated` is what `apply` wrote there."""
    results = [tensor.new_empty(tensor.shape) if tensor is not None and is_wanted else None
               for tensor, is_wanted in zip(tensors, wanted)]
    convolution.gradients(*map(_address, tensors), None, upstream.data_ptr(), *map(_address, results),
                          ungated=_address(ungated))
    return results
