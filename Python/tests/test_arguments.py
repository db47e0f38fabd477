"""Wrong and unusual arguments: each gives the documented error or result, and the interpreter lives on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import longconv

X, K = np.ones((2, 3, 16)), np.ones((3, 16))
PLANES, PLANE_KERNELS = np.ones((2, 3, 8, 8)), np.ones((3, 5, 5))
HUGE = 2**62


def convolve(signal: Any = X, kernel: Any = K, **options: Any) -> Any:
    return longconv.convolve(signal, kernel, **options)


def gradients(signal: Any = X, kernel: Any = K, upstream: Any = X, **options: Any) -> Any:
    return longconv.gradients(signal, kernel, upstream, **options)


def read_only(array: Any) -> Any:
    array = array.copy()
    array.flags.writeable = False
    return array


def repeated(*shape: int) -> Any:
    """An array of the given shape on one number's memory."""
    return np.broadcast_to(np.ones(()), shape)


def overlapping(first: int, second: int) -> Any:
    """A convolution whose output begins `second - first` numbers behind its signal in the same memory."""
    memory = np.ones(200)
    signal, out = (memory[start:start + 96].reshape(2, 3, 16) for start in (first, second))
    return convolve(signal, out=out)


def repeating_out() -> Any:
    memory = np.ones(16)
    return convolve(out=np.lib.stride_tricks.as_strided(memory, X.shape, (0, 0, 8)))


class OnGPU:
    """What NumPy sees of an array on another device."""

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise TypeError("can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() to copy the tensor first.")


class OnGPUByDLPack:
    def __dlpack__(self, **_: Any) -> Any:
        raise BufferError("Unsupported device in DLTensor.")

    def __dlpack_device__(self) -> tuple[int, int]:
        return (2, 0)


class Failing:
    __array_interface__ = {"version": 3, "shape": (2,), "typestr": "<f8", "data": "nonsense"}


# What, the call, the error, and what its message says.
REFUSED: list[tuple[str, Callable[[], Any], type[Exception], str]] = [
    # Types.
    ("integers", lambda: convolve(X.astype(int)), TypeError, "signal: expected float32 or float64, got int64"),
    ("integer kernel", lambda: convolve(kernel=K.astype("i4")), TypeError, "kernel: expected float32 or float64, got int32"),
    ("half precision", lambda: convolve(X.astype("f2"), K.astype("f2")), TypeError, "got float16"),
    ("extended precision", lambda: convolve(X.astype("g"), K.astype("g")), TypeError, "got float128|got longdouble"),
    ("complex", lambda: convolve(X + 0j, K + 0j), TypeError, "got complex128"),
    ("booleans", lambda: convolve(X > 0, K > 0), TypeError, "got bool"),
    ("objects", lambda: convolve(X.astype(object)), TypeError, "got object"),
    ("texts", lambda: convolve(X.astype("U3")), TypeError, "got <U3"),
    ("dates", lambda: convolve(X.astype("M8[s]")), TypeError, "got datetime64"),
    ("structures", lambda: convolve(np.zeros((2, 3, 16), "f8,f8")), TypeError, "float32 or float64"),
    ("two types", lambda: convolve(X, K.astype("f4")), TypeError, "one type, got float64 and float32"),
    ("two types, the other way", lambda: convolve(X.astype("f4"), K), TypeError, "one type, got float32 and float64"),
    ("another byte order", lambda: convolve(X.astype(">f8")), TypeError, "got >f8"),
    ("nothing", lambda: convolve(None), TypeError, "got object"),
    ("a text", lambda: convolve("signal"), TypeError, "signal"),
    ("a number", lambda: convolve(1.0), ValueError, r"expected \[..., C, L\], got the shape \(\)"),
    ("a ragged list", lambda: convolve([[1.0], [1.0, 2.0]]), TypeError, "signal: expected an array"),
    ("a masked signal", lambda: convolve(np.ma.masked_array(X)), TypeError, "without a mask"),
    ("a masked kernel", lambda: convolve(kernel=np.ma.masked_array(K)), TypeError, "without a mask"),
    ("another device", lambda: convolve(OnGPU()), TypeError, "this machine's memory.*cuda:0"),
    ("another device by DLPack", lambda: convolve(kernel=OnGPUByDLPack()), TypeError, "this machine's memory.*device"),
    ("a broken array interface", lambda: convolve(Failing()), TypeError, "signal"),
    # Ranks and shapes.
    ("a signal without channels", lambda: convolve(X[0, 0], K[0]), ValueError, r"signal: expected \[..., C, L\]"),
    ("a plane without channels", lambda: convolve(PLANES[0, 0], PLANE_KERNELS, boundary="full", dims=2), ValueError,
     r"\[..., C, H, W\]"),
    ("a kernel without channels", lambda: convolve(kernel=K[0]), ValueError, "kernel: expected the leading axes"),
    ("fewer kernels", lambda: convolve(kernel=K[:2]), ValueError, r"kernel: expected the leading axes \(3,\) or \(2, 3\)"),
    ("more kernels", lambda: convolve(kernel=np.ones((4, 16))), ValueError, "leading axes"),
    ("kernels of other samples", lambda: convolve(kernel=np.ones((3, 3, 16))), ValueError, "leading axes"),
    ("a kernel of higher rank", lambda: convolve(kernel=np.ones((1, 2, 3, 16))), ValueError, "leading axes"),
    ("an empty signal", lambda: convolve(X[..., :0]), ValueError, "extents from 1"),
    ("an empty kernel", lambda: convolve(kernel=K[:, :0]), ValueError, "extents from 1"),
    ("an empty plane", lambda: convolve(PLANES[:, :, :0], PLANE_KERNELS, boundary="full", dims=2), ValueError, "from 1"),
    ("valid, kernel too long", lambda: convolve(X, np.ones((3, 17)), boundary="valid"), ValueError, "not larger"),
    ("circular, kernel too long", lambda: convolve(X, np.ones((3, 17)), boundary="circular"), ValueError, "not larger"),
    ("valid, plane too high", lambda: convolve(PLANES, np.ones((3, 9, 1)), boundary="valid", dims=2), ValueError,
     "not larger"),
    ("circular, plane too wide", lambda: convolve(PLANES, np.ones((3, 1, 9)), boundary="circular", dims=2), ValueError,
     "not larger"),
    # Options.
    ("an unknown boundary", lambda: convolve(boundary="same"), ValueError, "boundary: expected one of causal, .*'same'"),
    ("a list as boundary", lambda: convolve(boundary=["full"]), ValueError, "boundary"),
    ("causal planes", lambda: convolve(PLANES, PLANE_KERNELS, boundary="causal", dims=2), ValueError,
     "causal is for one dimension"),
    ("three dimensions", lambda: convolve(boundary="full", dims=3), ValueError, "dims: expected 1 or 2, got 3"),
    ("no dimension", lambda: convolve(boundary="full", dims=0), ValueError, "dims"),
    ("a truth value as dims", lambda: convolve(boundary="full", dims=True), ValueError, "dims"),
    ("a text as dims", lambda: convolve(boundary="full", dims="1"), ValueError, "dims"),
    ("an unknown center", lambda: convolve(boundary="centred", center="left"), ValueError, "center: expected upper or"),
    ("a number as center", lambda: convolve(boundary="centred", center=1), ValueError, "center"),
    ("positional options", lambda: longconv.convolve(X, K, "causal"), TypeError, "positional"),  # type: ignore[misc]
    # Results in the caller's memory.
    ("a list as out", lambda: convolve(out=X.tolist()), TypeError, "out: expected an ndarray, got list"),
    ("a masked out", lambda: convolve(out=np.ma.masked_array(X)), TypeError, "out: expected an ndarray"),
    ("out of another type", lambda: convolve(out=X.astype("f4")), TypeError, "out: expected float64"),
    ("out of another byte order", lambda: convolve(out=X.astype(">f8")), TypeError, "out: expected float64"),
    ("out of another shape", lambda: convolve(out=np.ones((2, 3, 17))), ValueError, r"shape \(2, 3, 16\), got \(2, 3, 17\)"),
    ("out of another rank", lambda: convolve(out=np.ones(96)), ValueError, "out: expected the shape"),
    ("a read-only out", lambda: convolve(out=read_only(X)), ValueError, "read-only"),
    ("a broadcast out", lambda: convolve(out=repeated(2, 3, 16)), ValueError, "read-only"),
    ("an out that repeats elements", repeating_out, ValueError, "output"),
    ("out is the signal", lambda: overlapping(0, 0), ValueError, "overlap"),
    ("out begins in the signal", lambda: overlapping(0, 50), ValueError, "overlap"),
    ("out ends in the signal", lambda: overlapping(50, 0), ValueError, "overlap"),
    ("out overlaps by one number", lambda: overlapping(0, 95), ValueError, "overlap"),
    ("out is the kernel", lambda: convolve(X[0], K, out=K), ValueError, "overlap"),
    # Sizes.
    ("a signal of 2^62", lambda: convolve(repeated(1, HUGE)), (MemoryError, ValueError), "."),
    ("a kernel of 2^62", lambda: convolve(X[0, :1], repeated(1, HUGE)), (MemoryError, ValueError), "."),
    ("both of 2^62", lambda: convolve(repeated(1, HUGE), repeated(1, HUGE), boundary="full"), (MemoryError, ValueError), "."),
    ("2^62 channels", lambda: convolve(repeated(HUGE, 1), repeated(HUGE, 1)), (MemoryError, ValueError), "."),
    ("2^60 samples", lambda: convolve(repeated(2**60, 3, 16)), (MemoryError, ValueError), "."),
    ("planes of 2^31 by 2^31", lambda: convolve(
        repeated(1, 2**31, 2**30), repeated(1, 2, 2), boundary="centred", dims=2), (MemoryError, ValueError), "."),
    # Gradients.
    ("upstream of another shape", lambda: gradients(upstream=X[..., :15]), ValueError, "upstream: expected the shape"),
    ("upstream of another rank", lambda: gradients(upstream=X[0]), ValueError, "upstream: expected the shape"),
    ("upstream of another type", lambda: gradients(upstream=X.astype("f4")), TypeError, "upstream: expected float64"),
    ("upstream of full", lambda: gradients(boundary="full"), ValueError, r"shape \(2, 3, 31\)"),
    ("no upstream", lambda: gradients(upstream=None), TypeError, "upstream"),
    ("gradients of integers", lambda: gradients(X.astype(int)), TypeError, "signal"),
    ("gradients, kernel too long", lambda: gradients(X, np.ones((3, 17)), boundary="valid"), ValueError, "not larger"),
    # Threads.
    ("no thread", lambda: longconv.set_num_threads(0), ValueError, "from 1 to 4096, got 0"),
    ("fewer than no thread", lambda: longconv.set_num_threads(-1), ValueError, "got -1"),
    ("too many threads", lambda: longconv.set_num_threads(4097), ValueError, "got 4097"),
    ("2^40 threads", lambda: longconv.set_num_threads(2**40), ValueError, "threads"),
    ("half a thread", lambda: longconv.set_num_threads(1.5), TypeError, "whole number"),  # type: ignore[arg-type]
    ("a text of threads", lambda: longconv.num_threads("2").__enter__(), TypeError, "whole"),  # type: ignore[arg-type]
    # SciPy's functions.
    ("other ranks", lambda: longconv.fftconvolve(X, K), ValueError, "same dimensionality"),
    ("an unknown mode", lambda: longconv.fftconvolve(K, K, "causal"), ValueError, "acceptable mode flags"),  # type: ignore
    ("an axis too many", lambda: longconv.fftconvolve(K, K, axes=2), ValueError, "exceeds dimensionality"),
    ("an unknown method", lambda: longconv.signal.convolve(K, K, method="fast"), ValueError, "method"),  # type: ignore
]

# What, the call, and its result.
ACCEPTED: list[tuple[str, Callable[[], Any], Callable[[Any], bool]]] = [
    ("no samples", lambda: convolve(X[:0]), lambda y: y.shape == (0, 3, 16)),
    ("no channels", lambda: convolve(X[:, :0], K[:0]), lambda y: y.shape == (2, 0, 16)),
    ("no samples into out", lambda: convolve(X[:0], out=np.ones((0, 3, 16))), lambda y: y.shape == (0, 3, 16)),
    ("one number", lambda: convolve([[2.0]], [[3.0]]), lambda y: y.tolist() == [[6.0]]),
    ("no boundary", lambda: convolve(boundary=None), lambda y: np.array_equal(y, convolve(boundary="causal"))),
    ("planes without a boundary", lambda: convolve(PLANES, PLANE_KERNELS, dims=2),
     lambda y: np.array_equal(y, convolve(PLANES, PLANE_KERNELS, dims=2, boundary="centred"))),
    ("kernels of one sample", lambda: convolve(kernel=np.ones((1, 3, 16))), lambda y: np.array_equal(y, convolve())),
    ("gradients of kernels of one sample", lambda: gradients(kernel=np.ones((1, 3, 16))).kernel,
     lambda y: y.shape == (1, 3, 16) and np.array_equal(y[0], gradients().kernel)),
    ("kernels of one sample, strided", lambda: convolve(kernel=np.ones((3, 1, 32))[:, :, ::2].swapaxes(0, 1)),
     lambda y: np.array_equal(y, convolve())),
    ("a longer kernel", lambda: convolve(X, np.ones((3, 40))), lambda y: np.allclose(y, np.arange(1, 17))),
    ("a repeated signal", lambda: convolve(repeated(2, 3, 16)), lambda y: np.allclose(y, np.arange(1, 17))),
    ("a read-only signal", lambda: convolve(read_only(X)), lambda y: np.allclose(y, np.arange(1, 17))),
    ("one array as both", lambda: convolve(K, K), lambda y: np.allclose(y, np.arange(1, 17))),
    ("a kernel of NaN", lambda: convolve(kernel=np.full((3, 16), np.nan)), lambda y: bool(np.isnan(y).all())),
    ("a signal of infinities", lambda: convolve(np.full((2, 3, 64), np.inf), np.ones((3, 64))),
     lambda y: not np.isfinite(y).any()),
    ("the largest numbers", lambda: convolve(X * 1e308), lambda y: y.shape == X.shape),
    ("the smallest numbers", lambda: convolve(X * 5e-324), lambda y: y.shape == X.shape),
    ("a matrix", lambda: convolve(np.asmatrix(K), K), lambda y: type(y) is np.ndarray),
    ("a buffer", lambda: convolve(memoryview(K), K), lambda y: np.allclose(y, np.arange(1, 17))),
    ("disjoint parts of one memory", lambda: overlapping(0, 96), lambda y: np.allclose(y, np.arange(1, 17))),
    ("columns between columns", lambda: convolve(np.ones((3, 32))[:, ::2], out=np.ones((3, 32))[:, 1::2]),
     lambda y: np.allclose(y, np.arange(1, 17))),
    ("two empty arrays", lambda: longconv.fftconvolve([], []), lambda y: y.shape == (0,)),
]


@pytest.mark.parametrize("call, error, message", [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_refused(call: Callable[[], Any], error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("call, is_right", [row[1:] for row in ACCEPTED], ids=[row[0] for row in ACCEPTED])
@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_accepted(call: Callable[[], Any], is_right: Callable[[Any], bool]) -> None:
    assert is_right(call())


def test_the_table_is_long_enough() -> None:
    assert len(REFUSED) + len(ACCEPTED) >= 60
    names = [row[0] for row in REFUSED] + [row[0] for row in ACCEPTED]
    assert len(set(names)) == len(names)


def test_random_arguments(rng: np.random.Generator) -> None:
    """Any combination of operands and options gives a result or one of the documented errors."""
    operands = [X, K, X.astype("f4"), K.astype("f4"), PLANES, PLANE_KERNELS, X[::-1, ::-1, ::-1], X[..., ::2], K.T, K[:, :5],
                X[:0], K[:0], None, 1.0, "x", X.astype(int), repeated(2, 3, 16), [[1.0, 2.0]], np.float64(3), OnGPU()]
    choices = {"boundary": ["causal", "centred", "circular", "full", "valid", "x", None], "dims": [1, 2, 3, None],
               "center": ["upper", "lower", 0], "correlate": [False, True, None],
               "out": [None, None, np.ones((2, 3, 16)), np.ones((3, 16)), np.ones((2, 3, 31))]}
    results = 0
    for _ in range(3000):
        options = {name: values[rng.integers(len(values))] for name, values in choices.items() if rng.random() < 0.4}
        pair = [operands[rng.integers(len(operands))] for _ in range(2)]
        try:
            longconv.convolve(*pair, **options)
            results += 1
        except (TypeError, ValueError):
            pass
    assert results > 50
