"""What is measured, as the Swift worker describes it."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any, Callable


@dataclass(frozen=True)
class Workload:
    """A convolution, causal in one dimension, centred in two, as it is or gated."""

    batch: int
    channels: int
    extents: tuple[int, ...]  # [L] or [H, W]: of a signal and of an output
    kernel_extents: tuple[int, ...]
    boundary: str
    kernels: str
    is_gated: bool

    @staticmethod
    def from_json(fields: dict[str, Any]) -> Workload:
        extents = {name: tuple(fields[name]) for name in ("extents", "kernel_extents")}
        return Workload(**{**fields, **extents})

    def to_json(self) -> dict[str, Any]:
        return {**vars(self), "extents": list(self.extents), "kernel_extents": list(self.kernel_extents)}

    @property
    def shape(self) -> str:
        return "x".join(map(str, self.signal_shape))

    @property
    def signal_shape(self) -> tuple[int, ...]:
        return (self.batch, self.channels, *self.extents)

    @property
    def kernel_shape(self) -> tuple[int, ...]:
        """With a leading axis in any case: 1 where the batch shares a kernel."""
        return (1 if self.kernels == "shared" else self.batch, self.channels, *self.kernel_extents)

    @property
    def operand_shapes(self) -> dict[str, tuple[int, ...]]:
        """Of what the operator takes, in the order of its parameters."""
        shapes = {"signal": self.signal_shape, "kernel": self.kernel_shape}
        if self.is_gated:
            shapes |= {"input_gate": self.signal_shape, "output_gate": self.signal_shape, "skip": (self.channels,)}
        return shapes

    @property
    def results(self) -> list[str]:
        """The output and the gradients of the operands, in their order."""
        return ["output", *(f"{name}_gradient" for name in self.operand_shapes)]

    def operator(self, convolve: Callable[[Any, Any], Any]) -> Callable[..., Any]:
        """The operator, given the convolution of a signal with a kernel, for the arrays of any library."""
        def gated(signal: Any, kernel: Any, input_gate: Any, output_gate: Any, skip: Any) -> Any:
            v = input_gate * signal
            return output_gate * (convolve(v, kernel) + skip.reshape(-1, *(1 for _ in self.axes)) * v)

        return gated if self.is_gated else convolve

    @property
    def axes(self) -> tuple[int, ...]:
        """The axes that are convolved, counted from the last."""
        return tuple(range(-len(self.extents), 0))

    @property
    def offsets(self) -> tuple[int, ...]:
        """Where the outputs begin in the full convolution."""
        return tuple(0 if self.boundary == "causal" else extent // 2 for extent in self.kernel_extents)

    @property
    def window(self) -> tuple[Any, ...]:
        """The indices of the outputs in the full convolution."""
        return (..., *(slice(offset, offset + extent) for offset, extent in zip(self.offsets, self.extents)))

    @property
    def signal_window(self) -> tuple[Any, ...]:
        """The indices of a signal that zeros are appended to."""
        return (..., *map(slice, self.extents))

    @property
    def kernel_window(self) -> tuple[Any, ...]:
        """The indices of a kernel that zeros are appended to."""
        return (..., *map(slice, self.kernel_extents))

    @property
    def products(self) -> int:
        """The multiplications of a direct sum over all lags."""
        return prod(self.signal_shape) * prod(self.kernel_extents)

    def transform_lengths(self) -> list[tuple[int, ...]]:
        """The lengths of circular convolution worth trying: signal and kernel together, which is what everyone writes
        (twice the extent for a kernel as long); the next fast length from the smallest in which no wrap touches an
        output; the next power of two from there."""
        from scipy.fft import next_fast_len

        sizes = list(zip(self.extents, self.kernel_extents, self.offsets))
        # Outputs end at offset + L; what wraps around ends at L + K - 1 - length, which must not pass the offset.
        smallest = [max(extent + kernel - 1 - offset, offset + extent) for extent, kernel, offset in sizes]
        lengths = [
            tuple(extent + kernel for extent, kernel, _ in sizes),
            tuple(next_fast_len(length, real=True) for length in smallest),
            tuple(1 << (length - 1).bit_length() for length in smallest),
        ]
        return list(dict.fromkeys(lengths))

    def channels_in_cache(self, most: int) -> int:
        """The largest divisor of the channels, up to `most`, at which one array of their spectra is about 2 MiB."""
        limit = max(1, min(most, (1 << 18) * self.channels // prod(self.signal_shape)))
        return max(count for count in range(1, limit + 1) if self.channels % count == 0)
