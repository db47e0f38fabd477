"""Long convolutions for PyTorch: a custom operator with gradients, for ``vmap`` and ``torch.compile``, on the CPU.

>>> import torch
>>> import longconv.torch
>>> u, k = torch.ones(16, 64, 784), torch.full((64, 784), 0.25, requires_grad=True)
>>> y = longconv.torch.long_conv(u, k)
>>> y[0, 0, -1].round().item()
196.0
>>> y.sum().backward()
>>> tuple(k.grad.shape)
(64, 784)
"""

import os as _os

import torch as _torch

from ._fftconv import fftconv, fftconv_ref
from ._flash_fftconv import FlashFFTConv
from ._long_conv import long_conv
from ._threads import share_threads

# With OMP_PROC_BIND, PyTorch binds this thread to one processor when it is imported, and its own to the others once it has
# something for them to do. The engine takes the processors of all threads: so there is something.
if hasattr(_os, "sched_getaffinity") and len(_os.sched_getaffinity(0)) < _torch.get_num_threads():
    _torch.zeros(1 << 17).add_(1)

__all__ = ["FlashFFTConv", "fftconv", "fftconv_ref", "long_conv", "share_threads"]
