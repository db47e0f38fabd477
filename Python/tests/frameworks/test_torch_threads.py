"""The engine's threads beside PyTorch's."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

SCRIPT = """
import os
import torch
import longconv.torch

bound = len(os.sched_getaffinity(0))
longconv.torch.long_conv(torch.ones(8, 64, 4096), torch.ones(64, 4096))
masks = [len(os.sched_getaffinity(int(thread))) for thread in os.listdir("/proc/self/task")]
print(bound, longconv.get_num_threads(), max(masks))
"""


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="affinities are Linux's")
@pytest.mark.skipif(len(getattr(os, "sched_getaffinity", lambda _: [0])(0)) < 2, reason="one processor only")
def test_a_bound_main_thread_is_no_limit() -> None:
    """With OMP_PROC_BIND, PyTorch leaves one processor to the thread that imports it, and threads inherit that."""
    environment = {**os.environ, "OMP_PROC_BIND": "true"}
    environment.pop("LONGCONV_NUM_THREADS", None)
    result = subprocess.run([sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=True)
    bound, threads, widest = map(int, result.stdout.split())
    processors = len(os.sched_getaffinity(0))
    assert bound < processors
    assert (threads, widest) == (processors, processors)
