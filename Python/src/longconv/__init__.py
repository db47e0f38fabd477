"""Long convolutions on the CPU: fast, exact, differentiable, streaming.

:func:`convolve` and :func:`gradients` work on NumPy's arrays; :mod:`longconv.signal` has the functions of
``scipy.signal``; :class:`Streaming` convolves signals that arrive in pieces. ``longconv.torch`` and ``longconv.jax``
have the same for PyTorch and JAX, which they import.

>>> import numpy as np
>>> import longconv
>>> signal = np.ones((16, 64, 784), np.float32)
>>> kernel = np.full((64, 784), 0.25, np.float32)
>>> float(longconv.convolve(signal, kernel)[0, 0, -1].round())
196.0
"""

from . import signal
from ._convolution import Gradients, convolve, gradients
from ._streaming import Streaming
from ._threads import get_num_threads, num_threads, set_num_threads
from .signal import fftconvolve, oaconvolve

__version__ = "0.1.0"
__all__ = [
    "Gradients", "Streaming", "convolve", "fftconvolve", "get_num_threads", "gradients", "num_threads", "oaconvolve",
    "set_num_threads", "signal"]
