"""The engine's C library: where it is, its types and its functions, as ``longconv.h`` declares them."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

_INT32, _INT64, _POINTER = ctypes.c_int32, ctypes.c_int64, ctypes.c_void_p

PRECISIONS = {"float32": 32, "float64": 64}
BOUNDARIES = {"causal": 1, "centred": 2, "circular": 3, "full": 4, "valid": 5}
CENTERS = {"upper": 0, "lower": 1}
HAS_INPUT_GATE, HAS_OUTPUT_GATE, HAS_SKIP, IS_BIDIRECTIONAL = 1, 2, 4, 8
# The operands of a call that a descriptor has layouts for, in the order of `longconv_operands`; their indices number the
# layouts.
OPERANDS = (
    "signal", "kernel", "reverse_kernel", "input_gate", "output_gate", "skip", "output", "upstream", "signal_gradient",
    "kernel_gradient", "reverse_kernel_gradient", "input_gate_gradient", "output_gate_gradient", "skip_gradient")
INTERFACE_VERSION = 4
# What every structure that may grow begins with.
_HEAD: list[tuple[str, Any]] = [("size", ctypes.c_uint32), ("version", ctypes.c_uint32)]


class Layout(ctypes.Structure):
    """How an operand lies in memory: ``longconv_layout``."""

    _fields_ = [("is_strided", _INT64), ("sample", _INT64), ("channel", _INT64), ("axes", _INT64 * 2)]


class Descriptor(ctypes.Structure):
    """Which convolution, of what: ``longconv_descriptor``."""

    _fields_ = _HEAD + [
        (name, _INT32) for name in ("precision", "dimensions", "boundary", "center", "orientation", "pairing", "rigour",
                                    "flags", "lag", "exact_head")
    ] + [("batch", _INT64), ("channels", _INT64), ("signal_extents", _INT64 * 2), ("kernel_extents", _INT64 * 2),
         ("layouts", Layout * len(OPERANDS))]


class Operands(ctypes.Structure):
    """The memory of a call's operands: ``longconv_operands``."""

    _fields_ = _HEAD + [("threads", _INT32), ("reserved", _INT32)] + [
        (name, _POINTER) for name in (*OPERANDS, "ungated_output", "kept_ungated_output")]


class StreamDescriptor(ctypes.Structure):
    """A causal convolution of pieces: ``longconv_stream_descriptor``."""

    _fields_ = _HEAD + [("precision", _INT32), ("threads", _INT32)] + [
        (name, _INT64) for name in ("channels", "kernel_length", "block", "kernel_channel_stride")]


_PIECE = [_POINTER, _INT64, _POINTER, _INT64, _POINTER, _INT64]
# The arguments of each function that returns a status.
_FUNCTIONS: dict[str, list[Any]] = {
    "plan_create": [ctypes.POINTER(Descriptor), ctypes.POINTER(_POINTER)],
    "plan_destroy": [_POINTER],
    "plan_output_extents": [_POINTER, ctypes.POINTER(_INT64 * 2)],
    "apply": [_POINTER, ctypes.POINTER(Operands)],
    "gradients": [_POINTER, ctypes.POINTER(Operands)],
    "set_num_threads": [_INT32],
    "set_parallel": [_POINTER, _INT32],
    "stream_create": [ctypes.POINTER(StreamDescriptor), _POINTER, ctypes.POINTER(_POINTER)],
    "stream_destroy": [_POINTER],
    "stream_push": _PIECE,
    "stream_prefill": _PIECE,
    "stream_position": [_POINTER, ctypes.POINTER(_INT64)],
    "stream_reset": [_POINTER],
    "stream_copy": [_POINTER, ctypes.POINTER(_POINTER)],
    "stream_save": [_POINTER, _POINTER, _INT64, ctypes.POINTER(_INT64)],
    "stream_load": [_POINTER, _POINTER, _INT64],
}

_MISSING_FFTW = (
    "longconv needs FFTW 3 in single and double precision, which is not part of this package because of its license. "
    "Install it: apt-get install libfftw3-single3 libfftw3-double3 (Debian, Ubuntu), dnf install fftw-libs (Fedora), "
    "brew install fftw (macOS)")


def library_path() -> Path:
    """The library's file: that of the environment variable ``LONGCONV_LIBRARY``, else the package's own."""
    name = "liblongconv.dylib" if sys.platform == "darwin" else "liblongconv.so"
    return Path(os.environ.get("LONGCONV_LIBRARY") or Path(__file__).parent / "lib" / name)


def _load() -> ctypes.CDLL:
    path = library_path()
    if not path.exists():
        raise ImportError(f"longconv: there is no library {path}; install the package with pip install ./Python")
    try:
        # Modules that are linked with the library find it by its name once it is loaded.
        loaded = ctypes.CDLL(str(path), mode=ctypes.RTLD_GLOBAL)
    except OSError as error:
        raise ImportError(f"{_MISSING_FFTW}\n({error})" if "fftw" in str(error) else f"longconv: {error}") from error
    loaded.longconv_interface_version.restype = _INT32
    version = loaded.longconv_interface_version()
    if version < INTERFACE_VERSION:
        raise ImportError(f"longconv: expected version {INTERFACE_VERSION} of the interface or a later one, {path} has "
                          f"version {version}")
    for name, arguments in _FUNCTIONS.items():
        function = getattr(loaded, f"longconv_{name}")
        function.argtypes, function.restype = arguments, _INT32
    loaded.longconv_get_num_threads.restype = _INT32
    for name in ("last_error", "transform_library", "instruction_set"):
        getattr(loaded, f"longconv_{name}").restype = ctypes.c_char_p
    return loaded


# Calls of a `CDLL` release the interpreter lock.
library = _load()

_EXCEPTIONS: dict[int, type[Exception]] = {
    1: ValueError, 2: RuntimeError, 3: ValueError, 4: ValueError, 5: MemoryError, 6: MemoryError, 7: OSError,
    8: ValueError}


def raise_last_error(status: int) -> NoReturn:
    """Raises what a call that returned ``status`` has left as this thread's message."""
    raise _EXCEPTIONS.get(status, RuntimeError)(library.longconv_last_error().decode("utf-8", "replace"))


def check(status: int) -> None:
    """Raises unless a call succeeded."""
    if status != 0:
        raise_last_error(status)
