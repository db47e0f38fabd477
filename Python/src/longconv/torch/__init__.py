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

from ._forms import FlashFFTConv, fftconv
from ._long_conv import long_conv

__all__ = ["FlashFFTConv", "fftconv", "long_conv"]
