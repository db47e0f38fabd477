"""Causal convolutions of signals that arrive in pieces."""

from __future__ import annotations

import ctypes
import operator
from typing import Any, SupportsIndex

import numpy as np
import numpy.typing as npt

from ._arrays import Array, address, as_array, precision
from ._library import StreamDescriptor, check, library
from ._threads import call_threads


class Streaming:
    """A causal convolution whose signal arrives in pieces of any length.

    The concatenated outputs are those of :func:`longconv.convolve` with the boundary ``causal``, whatever the pieces.
    Several threads may use one object; their calls wait for each other. It uses the number of threads that
    :func:`longconv.get_num_threads` returns where it is made.

    Parameters
    ----------
    kernel : array_like
        ``[C, K]``, one kernel a channel, float32 or float64; it is copied.
    block : int, optional
        A power of two. If given, the work for each block of this length is bounded, as audio needs it; push whole
        blocks then, as one that is pushed in parts is computed for each of them. Otherwise each sample's output is
        computed at once, in amortized O(log² K) operations.

    Raises
    ------
    TypeError
        If the kernel is no array of float32 or float64, or the block no whole number.
    ValueError
        If shape or block do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> import longconv
    >>> stream = longconv.Streaming(np.array([[1.0, 10, 100]]))
    >>> stream.push(np.array([[1.0, 2]])).tolist(), stream.push(np.array([[3.0]])).tolist()
    ([[1.0, 12.0]], [[123.0]])
    """

    def __init__(self, kernel: npt.ArrayLike, block: SupportsIndex | None = None) -> None:
        self._handle: ctypes.c_void_p | None = None
        given = as_array(kernel, "kernel")
        code = precision(given.dtype, "kernel")
        if given.ndim != 2 or 0 in given.shape:
            raise ValueError(f"kernel: expected [C, K] from 1 on, got the shape {given.shape}")
        # The caller's kernel may change afterwards; pickles and saved states need it as it was.
        self._kernel = np.array(given, order="C")
        self._block = 0 if block is None else _whole(block, "block")
        if block is not None and (self._block < 1 or self._block & (self._block - 1)):
            raise ValueError(f"block: expected a power of two, got {self._block}")
        if self._block >= 2**63:
            raise ValueError(f"block: expected less than 64 bits, got {self._block}")
        channels, taps = self._kernel.shape
        descriptor = StreamDescriptor(
            ctypes.sizeof(StreamDescriptor), 1, code, call_threads(), channels, taps, self._block, taps)
        handle = ctypes.c_void_p()
        check(library.longconv_stream_create(descriptor, address(self._kernel), handle))
        self._handle = handle

    def __del__(self) -> None:
        if getattr(self, "_handle", None) is not None:
            library.longconv_stream_destroy(self._handle)

    @property
    def position(self) -> int:
        """The number of samples that have been taken."""
        position = ctypes.c_int64()
        check(library.longconv_stream_position(self._handle, position))
        return position.value

    def push(self, samples: npt.ArrayLike) -> Array:
        """Take the next samples and return their outputs.

        Parameters
        ----------
        samples : array_like
            ``[C, n]`` for any n from 0, of the kernel's type.

        Returns
        -------
        ndarray
            ``[C, n]``

        Raises
        ------
        TypeError, ValueError
            If type or shape do not fit.
        """
        return self._take(library.longconv_stream_push, samples)

    def prefill(self, samples: npt.ArrayLike) -> Array:
        """Do as :meth:`push` at the beginning of the signal, at the speed of whole rows.

        Parameters
        ----------
        samples : array_like
            ``[C, n]`` for any n from 0, of the kernel's type.

        Returns
        -------
        ndarray
            ``[C, n]``

        Raises
        ------
        TypeError, ValueError
            If type or shape do not fit, or samples have been taken before.
        """
        if self.position:
            raise ValueError(f"prefill: expected a stream at its beginning, this one has taken {self.position} samples")
        return self._take(library.longconv_stream_prefill, samples)

    def _take(self, function: Any, samples: npt.ArrayLike) -> Array:
        given = as_array(samples, "samples")
        if given.dtype != self._kernel.dtype:
            raise TypeError(f"samples: expected {self._kernel.dtype} as the kernel, got {given.dtype}")
        channels = self._kernel.shape[0]
        if given.ndim != 2 or given.shape[0] != channels:
            raise ValueError(f"samples: expected [{channels}, n], got the shape {given.shape}")
        piece = np.ascontiguousarray(given)
        result = np.empty_like(piece)
        count = piece.shape[1]
        check(function(self._handle, count, address(piece), count, address(result), count))
        return result

    def reset(self) -> None:
        """Return to the beginning of the signal."""
        check(library.longconv_stream_reset(self._handle))

    def state_dict(self) -> dict[str, Any]:
        """Return the state: what of the signal later outputs depend on, without the kernel.

        Returns
        -------
        dict
            ``position``, and ``state``, an array of bytes for machines of this kind.
        """
        count = ctypes.c_int64()
        check(library.longconv_stream_save(self._handle, None, 0, count))
        state = np.empty(count.value, np.uint8)
        check(library.longconv_stream_save(self._handle, address(state), count.value, count))
        return {"position": self.position, "state": state}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Set the state to one that :meth:`state_dict` has returned for the same kernel and block.

        Raises
        ------
        TypeError, ValueError
            If it is no such state; the stream is unchanged then.
        """
        if not isinstance(state_dict, dict) or "state" not in state_dict:
            raise TypeError(f"expected what state_dict returns, got {type(state_dict).__name__}")
        state = np.ascontiguousarray(as_array(state_dict["state"], "state"))
        if state.dtype != np.uint8:
            raise TypeError(f"state: expected bytes, got {state.dtype}")
        check(library.longconv_stream_load(self._handle, address(state), state.size))

    def __copy__(self) -> Streaming:
        """A second stream with the same kernel and state."""
        other = object.__new__(type(self))
        other._kernel, other._block, other._handle = self._kernel, self._block, None
        handle = ctypes.c_void_p()
        check(library.longconv_stream_copy(self._handle, handle))
        other._handle = handle
        return other

    def __deepcopy__(self, memo: dict[int, Any]) -> Streaming:
        return self.__copy__()

    def __reduce__(self) -> tuple[Any, ...]:
        return (_restored, (type(self), self._kernel, self._block or None, self.state_dict()))

    def __repr__(self) -> str:
        channels, taps = self._kernel.shape
        block = f", block={self._block}" if self._block else ""
        return (f"{type(self).__name__}({channels} kernels of {taps} taps, {self._kernel.dtype}{block}, "
                f"at {self.position})")


def _restored(kind: type[Streaming], kernel: Array, block: int | None, state: dict[str, Any]) -> Streaming:
    stream = kind(kernel, block)
    stream.load_state_dict(state)
    return stream


def _whole(number: SupportsIndex, name: str) -> int:
    try:
        return operator.index(number)
    except TypeError as error:
        raise TypeError(f"{name}: expected a whole number, got {number!r}") from error
