"""One pool of threads for PyTorch and the engine."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

import torch

from .._library import check, library
from .._threads import set_limit


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
# The number of PyTorch's threads on which the engine's loops run; 1: they run on its own.
_team = 1


def share_threads(enabled: bool = True) -> None:
    """Choose whether the engine keeps to PyTorch's threads, as it does at first, or uses threads of its own.

    PyTorch's idle threads spin for about a millisecond, the engine's for 0.15 ms: on the same processors, two pools take
    time from each other. So all calls in the process, also those with NumPy's arrays, use at most
    ``torch.get_num_threads()`` threads, and their loops run on PyTorch's; on the engine's own where PyTorch has no OpenMP
    with GNU's interface. Results have the same bits.

    Parameters
    ----------
    enabled : bool
        False for threads of the engine's own, as many as :func:`longconv.set_num_threads` says.

    Examples
    --------
    >>> import torch, longconv.torch
    >>> count = torch.get_num_threads()
    >>> torch.set_num_threads(1)
    >>> longconv.get_num_threads()
    1
    >>> torch.set_num_threads(count)
    """
    set_limit(_follow if enabled else None)
    _lend(torch.get_num_threads() if enabled else 1)


def _follow() -> int:
    """PyTorch's number of threads, which the engine's loops are lent."""
    count = torch.get_num_threads()
    _lend(count)
    return count


def _lend(count: int) -> None:
    """Has the engine's loops run on `count` threads of PyTorch's, or on its own if that is one or there are none."""
    global _team
    team = count if _parallel is not None else 1
    if team != _team:
        check(library.longconv_set_parallel(_parallel if team > 1 else None, min(team, 4096)))
        _team = team


share_threads()
