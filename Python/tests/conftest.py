"""Random numbers with a seed that a failed test shows, and the documentation's examples as tests."""

from __future__ import annotations

import os
from collections.abc import Iterator

import numpy as np
import pytest


@pytest.fixture
def rng() -> Iterator[np.random.Generator]:
    """Random numbers; the seed is that of the environment variable LONGCONV_TEST_SEED, else a new one."""
    seed = int(os.environ.get("LONGCONV_TEST_SEED") or np.random.SeedSequence().entropy % 2**32)
    print(f"LONGCONV_TEST_SEED={seed}")
    yield np.random.default_rng(seed)
