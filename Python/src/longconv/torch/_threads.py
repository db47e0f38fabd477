"""One pool of threads for PyTorch and the engine."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

import torch

from .._library import check, library


def _openmp_parallel() -> int | None:
    """The address of ``GOMP_parallel`` in the OpenMP library that PyTorch is linked with, if it has one."""
    if not torch.backends.openmp.is_available():
        return None
    try:
        # Found through PyTorch's own dependencies: a process can have several such libraries, each with threads of its own.
        path = Path(torch.__file__).parent / "lib" / "libtorch_cpu.so"
        loaded = ctypes.CDLL(str(path), mode=os.RTLD_NOLOAD | os.RTLD_NOW)
        return ctypes.cast(loaded.GOMP_parallel, ctypes.c_void_p).value
    except (OSError, AttributeError):
        return None


_parallel = _openmp_parallel()
_is_sharing = True
# The number of PyTorch's threads on which the engine's loops run; 1: they run on its own.
_team = 1


def share_threads(enabled: bool = True) -> None:
    """Choose whether the engine's loops run on PyTorch's threads, as they do at first, or on threads of their own.

    PyTorch's idle threads spin for about a millisecond, the engine's for 0.15 ms: on the same processors, two pools take
    time from each other. On PyTorch's threads a call uses at most ``torch.get_num_threads()`` of them. Where that is 1,
    or PyTorch has no OpenMP with GNU's interface, the engine's own threads are used in any case. Results have the same
    bits.

    Parameters
    ----------
    enabled : bool
        False for threads of the engine's own.

    Examples
    --------
    >>> import longconv.torch
    >>> longconv.torch.share_threads(False)
    >>> longconv.torch.share_threads()
    """
    global _is_sharing
    _is_sharing = enabled
    follow()


def follow() -> None:
    """Has the engine's loops run on as many threads of PyTorch's as it uses now."""
    global _team
    team = torch.get_num_threads() if _is_sharing and _parallel is not None else 1
    if team != _team:
        check(library.longconv_set_parallel(_parallel if team > 1 else None, min(team, 4096)))
        _team = team
