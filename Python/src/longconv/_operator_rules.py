"""What convolutions demand of their options and shapes; most of it is for the operators of PyTorch and JAX."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

Boundary = Literal["causal", "centred", "circular", "full", "valid"]
_BOUNDARIES = ("causal", "centred", "circular", "full", "valid")


def resolved_boundary(boundary: Boundary | None, dims: int) -> Boundary:
    """The given boundary, else that of rows or of planes."""
    if boundary is not None:
        return boundary
    return "centred" if dims == 2 else "causal"


def output_extents(boundary: str, extents: Sequence[int], taps: Sequence[int]) -> tuple[int, ...]:
    """The extents of a row or plane of the result."""
    if boundary == "full":
        return tuple(extent + k - 1 for extent, k in zip(extents, taps))
    if boundary == "valid":
        return tuple(extent - k + 1 for extent, k in zip(extents, taps))
    return tuple(extents)


def check_options(boundary: Any, skip: Any, reverse_kernel: Any, lag: Any, dims: Any) -> None:
    """A ``ValueError`` unless the options fit each other."""
    if dims not in (1, 2):
        raise ValueError(f"dims: expected 1 or 2, got {dims!r}")
    if boundary not in _BOUNDARIES:
        raise ValueError(f"boundary: expected one of {', '.join(_BOUNDARIES)}, got {boundary!r}")
    if boundary == "causal" and dims == 2:
        raise ValueError("boundary: causal is for one dimension, got dims=2")
    if skip is not None and boundary in ("full", "valid"):
        raise ValueError(f"skip: expected an output as long as u, got the boundary {boundary}")
    if lag not in (0, 1):
        raise ValueError(f"lag: expected 0 or 1, got {lag!r}")
    if reverse_kernel is not None and boundary != "causal":
        raise ValueError(f"reverse_kernel: expected the boundary causal, got {boundary}")


def check_rank(shape: tuple[int, ...], dims: int) -> None:
    """A ``ValueError`` unless u has channels and ``dims`` axes."""
    if len(shape) < dims + 1:
        raise ValueError(f"u: expected [..., C, {'L' if dims == 1 else 'H, W'}], got the shape {shape}")


def is_shared(kernel_shape: tuple[int, ...], dims: int) -> bool:
    """Returns true if all samples have the same kernels: nothing but axes of 1 before the channels."""
    return all(extent == 1 for extent in kernel_shape[:-dims - 1])


def kernel_fits(shape: tuple[int, ...], kernel_shape: tuple[int, ...], dims: int) -> bool:
    """Returns true if the kernel's leading axes are the signal's, or its channels and nothing but axes of 1."""
    leading, found = shape[:-dims], kernel_shape[:-dims]
    if len(found) == 1:
        return found == leading[-1:]
    # A dynamic extent is compared with that of its own axis alone: comparing it with another one would fix it.
    if not 2 <= len(found) <= len(leading) or found[-1] != leading[-1]:
        return False
    return is_shared(kernel_shape, dims) or (len(found) == len(leading) and found == leading)


def check_kernel(shape: tuple[int, ...], kernel_shape: tuple[int, ...], boundary: str, dims: int) -> None:
    """A ``ValueError`` unless k fits u, whose rank is checked."""
    leading, extents, taps = shape[:-dims], shape[-dims:], kernel_shape[-dims:]
    if not kernel_fits(shape, kernel_shape, dims):
        raise ValueError(f"k: expected the leading axes {leading[-1:]} or {leading} of u, got the shape {kernel_shape}")
    for extent, count in zip(extents, taps):
        if extent == 0 or count == 0:
            raise ValueError(f"expected extents from 1, got {extents} of u and {taps} of k")
        if boundary in ("valid", "circular") and count > extent:
            raise ValueError(f"boundary: {boundary} needs a kernel that is not larger than u, got the extents "
                             f"{taps} and {extents}")
