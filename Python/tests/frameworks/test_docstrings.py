"""The examples in the docstrings of `longconv.torch` and `longconv.jax`."""

from __future__ import annotations

import doctest
import importlib

import pytest


@pytest.mark.parametrize("name", [
    "longconv.torch", "longconv.torch._long_conv", "longconv.torch._fftconv", "longconv.torch._flash_fftconv",
    "longconv.torch._threads", "longconv.jax", "longconv.jax._long_conv"])
def test_docstrings(name: str) -> None:
    results = doctest.testmod(importlib.import_module(name))
    assert results.attempted > 0 and results.failed == 0
