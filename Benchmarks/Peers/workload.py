"""What is measured, as the Swift worker describes it."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any


@dataclass(frozen=True)
class Workload:
    """A convolution whose kernels are as long as its signals: causal in one dimension, centred in two."""

    batch: int
    channels: int
    extents: tuple[int, ...]  # [L] or [H, W]: of a signal, of a kernel and of an output
    boundary: str
    kernels: str

    @staticmethod
    def from_json(fields: dict[str, Any]) -> Workload:
        return Workload(**{**fields, "extents": tuple(fields["extents"])})

    def to_json(self) -> dict[str, Any]:
        return {**vars(self), "extents": list(self.extents)}

    @property
    def shape(self) -> str:
        return "x".join(map(str, self.signal_shape))

    @property
    def signal_shape(self) -> tuple[int, ...]:
        return (self.batch, self.channels, *self.extents)

    @property
    def kernel_shape(self) -> tuple[int, ...]:
        """With a leading axis in any case: 1 where the batch shares a kernel."""
        return (1 if self.kernels == "shared" else self.batch, self.channels, *self.extents)

    @property
    def axes(self) -> tuple[int, ...]:
        """The axes that are convolved, counted from the last."""
        return tuple(range(-len(self.extents), 0))

    @property
    def offsets(self) -> tuple[int, ...]:
        """Where the outputs begin in the full convolution."""
        return tuple(0 if self.boundary == "causal" else extent // 2 for extent in self.extents)

    @property
    def products(self) -> int:
        """The multiplications of a direct sum over all lags."""
        return prod(self.signal_shape) * prod(self.extents)

    def transform_lengths(self) -> list[tuple[int, ...]]:
        """The lengths of circular convolution worth trying: twice the extent, which is what everyone writes; the
        next fast length from the smallest in which no wrap touches an output; the next power of two from there."""
        from scipy.fft import next_fast_len

        # Outputs end at offset + L; what wraps around ends at 2L - 1 - length, which must not pass the offset.
        smallest = [max(2 * extent - 1 - offset, offset + extent) for extent, offset in zip(self.extents, self.offsets)]
        lengths = [
            tuple(2 * extent for extent in self.extents),
            tuple(next_fast_len(length, real=True) for length in smallest),
            tuple(1 << (length - 1).bit_length() for length in smallest),
        ]
        return list(dict.fromkeys(lengths))
