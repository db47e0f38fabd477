"""Convolution and correlation with the signatures and semantics of ``scipy.signal``.

Each function takes the place of its namesake: arrays of any rank, complex and integer inputs, axes, and the three modes.

>>> import numpy as np
>>> import longconv.signal
>>> longconv.signal.fftconvolve(np.array([1.0, 2, 3]), np.array([0.0, 1, 0.5])).round(12).tolist()
[0.0, 1.0, 2.5, 4.0, 1.5]

To use them in code that calls SciPy, assign them: ``scipy.signal.fftconvolve = longconv.signal.fftconvolve``.
"""

from ._frequency import fftconvolve, oaconvolve
from ._general import convolve, correlate

__all__ = ["convolve", "correlate", "fftconvolve", "oaconvolve"]
