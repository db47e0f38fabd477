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
    for name in ("LONGCONV_NUM_THREADS", "OMP_NUM_THREADS"):
        environment.pop(name, None)
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


ONE = """
import os
import numpy as np
import torch
import longconv
from longconv.torch import long_conv, share_threads

def thread_count():
    return len(os.listdir("/proc/self/task"))

longconv.set_num_threads(2)
torch.set_num_threads(1)
before = thread_count()
u, k = torch.randn(8, 64, 4096, requires_grad=True), torch.randn(64, 4096, requires_grad=True)
counts = [longconv.get_num_threads()]
with longconv.num_threads(2):
    counts.append(longconv.get_num_threads())
    long_conv(u, k).sum().backward()
    longconv.convolve(u.detach().numpy(), k.detach().numpy())
long_conv(u, k).sum().backward()
counts.append(thread_count() - before)
share_threads(False)
counts.append(longconv.get_num_threads())
long_conv(u, k)
counts.append(thread_count() - before)
print(*counts)
"""


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="threads are counted as Linux shows them")
def test_one_thread_of_pytorch_is_one_of_the_engine() -> None:
    """Unless threads are not shared, whatever number the engine has."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OMP_")}
    result = subprocess.run([sys.executable, "-c", ONE], env=environment, capture_output=True, text=True, check=True)
    assert result.stdout == "1 1 0 2 1\n"


FORKED = """
import os
import torch
import longconv
from longconv.torch import long_conv
from torch.utils.data import DataLoader, Dataset

longconv.set_num_threads(2)
u, k = torch.randn(8, 64, 4096), torch.randn(64, 4096)
long_conv(u, k)

class Counts(Dataset):
    def __len__(self): return 1
    def __getitem__(self, index):
        before = len(os.listdir("/proc/self/task"))
        long_conv(u, k)
        return longconv.get_num_threads(), len(os.listdir("/proc/self/task")) - before

for counts in DataLoader(Counts(), num_workers=1, multiprocessing_context="fork"):
    print(*(count.item() for count in counts))
"""


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="threads are counted as Linux shows them")
def test_workers_of_a_data_loader_use_one_thread() -> None:
    """PyTorch sets its own number to 1 in each."""
    result = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, text=True, check=True)
    assert result.stdout == "1 0\n"
