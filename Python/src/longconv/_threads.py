"""How many threads a call uses."""

from __future__ import annotations

import contextlib
import contextvars
import operator
from collections.abc import Callable, Iterator
from typing import SupportsIndex

from ._library import check, library

#: The number of the innermost `num_threads` around the caller; 0 outside.
scoped_count: contextvars.ContextVar[int] = contextvars.ContextVar("longconv_num_threads", default=0)
_LARGEST = 4096
# Returns the most threads of a call while another library's number of threads is to be kept.
_limit: Callable[[], int] | None = None


def set_limit(limit: Callable[[], int] | None) -> None:
    """Asks `limit` at each call for the most threads that it may use."""
    global _limit
    _limit = limit


def call_threads() -> int:
    """The number of threads to pass with a call; 0 for the process's."""
    count = scoped_count.get()
    if _limit is None:
        return count
    return min(count or int(library.longconv_get_num_threads()), _limit())


def _checked(count: SupportsIndex) -> int:
    try:
        number = operator.index(count)
    except TypeError as error:
        raise TypeError(f"expected a whole number of threads, got {count!r}") from error
    if not 1 <= number <= _LARGEST:
        raise ValueError(f"expected a number of threads from 1 to {_LARGEST}, got {number}")
    return number


def set_num_threads(count: SupportsIndex) -> None:
    """Set the number of threads for the whole process.

    At first it is that of the environment variable ``LONGCONV_NUM_THREADS``, else the number of processors that the
    process may use. Results have the same bits for any number.

    Parameters
    ----------
    count : int
        From 1 to 4096.

    Raises
    ------
    TypeError, ValueError
        If it is no whole number, or out of range.
    """
    check(library.longconv_set_num_threads(_checked(count)))


def get_num_threads() -> int:
    """Return the number of threads that a call here would use.

    Returns
    -------
    int
        That of the innermost :func:`num_threads` around the caller, else the process's; at most PyTorch's number while
        its threads are shared (:func:`longconv.torch.share_threads`).
    """
    return call_threads() or int(library.longconv_get_num_threads())


@contextlib.contextmanager
def num_threads(count: SupportsIndex) -> Iterator[None]:
    """Use another number of threads within a ``with`` statement; other threads and tasks keep theirs.

    It holds for calls with NumPy's arrays and with PyTorch's tensors, and for a :class:`Streaming` that is made within.
    XLA calls the engine on threads of its own: ``longconv.jax`` keeps to :func:`set_num_threads`.

    Parameters
    ----------
    count : int
        From 1 to 4096.

    Examples
    --------
    >>> import longconv
    >>> with longconv.num_threads(1):
    ...     longconv.get_num_threads()
    1
    """
    token = scoped_count.set(_checked(count))
    try:
        yield
    finally:
        scoped_count.reset(token)
