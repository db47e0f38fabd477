"""The engine's threads beside PyTorch's."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import torch

SCRIPT = """
import os
import torch
import longconv.torch

bound = len(os.sched_getaffinity(0))
longconv.torch.share_threads(False)
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


SHARED = """
import os
import torch
import longconv
from longconv.torch import long_conv, share_threads

torch.set_num_threads(2)
longconv.set_num_threads(2)
u, k = torch.randn(8, 64, 4096, requires_grad=True), torch.randn(64, 4096, requires_grad=True)
torch.sin(torch.ones(1 << 20))

def results():
    y = long_conv(u, k)
    return y.detach(), *torch.autograd.grad(y.square().sum(), (u, k))

def thread_count():
    return len(os.listdir("/proc/self/task"))

before = thread_count()
shared = results()
of_shared = thread_count()
share_threads(False)
own = results()
of_own = thread_count()
share_threads()
again = results()
torch.set_num_threads(1)
alone = results()
print(of_shared - before, of_own - before, all(
    torch.equal(a, b) for other in (own, again, alone) for a, b in zip(shared, other)))
"""


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="threads are counted as Linux shows them")
@pytest.mark.skipif(not torch.backends.openmp.is_available(), reason="PyTorch without OpenMP")
def test_loops_run_on_the_threads_of_pytorch() -> None:
    """The engine starts a thread of its own only where it is to have some; the bits are the same."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OMP_")}
    result = subprocess.run([sys.executable, "-c", SHARED], env=environment, capture_output=True, text=True, check=True)
    assert result.stdout == "0 1 True\n"
