"""A pytest plugin that puts longconv's functions in the place of SciPy's, before SciPy's own tests are collected.

    python -m pytest -p scipy_bridge --pyargs scipy.signal.tests.test_signaltools

Every name that a function has in SciPy's modules is replaced, so that SciPy's other functions use ours as well.
"""

from __future__ import annotations

import sys

import scipy.signal
import scipy.signal._signaltools

import longconv.signal

REPLACED = ("convolve", "correlate", "fftconvolve", "oaconvolve")


def replace() -> None:
    """Replaces SciPy's functions in all of its modules that are loaded, and in its table of what functions support."""
    try:
        from scipy._lib._array_api import xp_capabilities_table as capabilities
    except ImportError:
        capabilities = {}
    for name in REPLACED:
        ours = getattr(longconv.signal, name)
        for theirs in {getattr(scipy.signal, name), getattr(scipy.signal._signaltools, name)}:
            if theirs in capabilities:
                capabilities[ours] = capabilities[theirs]
            for module in [module for key, module in sys.modules.items() if key.split(".")[0] == "scipy"]:
                if vars(module).get(name) is theirs:
                    setattr(module, name, ours)
        assert getattr(scipy.signal, name) is ours


replace()
