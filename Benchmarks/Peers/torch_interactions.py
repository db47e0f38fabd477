"""The global interaction as a convolution, with its backward pass written out."""

from __future__ import annotations

from typing import Any

import torch
from scipy.fft import next_fast_len
from torch import Tensor


class CentredConvolution(torch.autograd.Function):
    """Centred convolutions of several sequences with one kernel as long as they are, whose spectrum is taken once.

    The backward pass takes transforms of real rows, where an automatic one would take complex ones.
    """

    @staticmethod
    def forward(ctx: Any, kernel: Tensor, *signals: Tensor) -> tuple[Tensor, ...]:
        extent = kernel.shape[-1]
        # Outputs end at extent / 2 + extent; what wraps around must end before they begin.
        length = next_fast_len(extent // 2 + extent, real=True)
        kernel_spectrum = torch.fft.rfft(kernel, length)
        spectra = [torch.fft.rfft(signal, length) for signal in signals]
        ctx.extent, ctx.length = extent, length
        ctx.save_for_backward(kernel_spectrum, *spectra)
        start = extent // 2
        return tuple(
            torch.fft.irfft(spectrum * kernel_spectrum, length)[..., start:start + extent] for spectrum in spectra)

    @staticmethod
    def backward(ctx: Any, *upstreams: Tensor) -> tuple[Tensor, ...]:
        kernel_spectrum, *spectra = ctx.saved_tensors
        extent, length = ctx.extent, ctx.length
        start = extent // 2
        conjugate = kernel_spectrum.conj_physical()
        kernel_sum: Tensor | None = None
        gradients = []
        for upstream, spectrum in zip(upstreams, spectra):
            padded = torch.nn.functional.pad(upstream, (start, length - extent - start))
            cotangent = torch.fft.rfft(padded)
            gradients.append(torch.fft.irfft(cotangent * conjugate, length)[..., :extent])
            product = cotangent.mul_(spectrum.conj_physical())
            kernel_sum = product if kernel_sum is None else kernel_sum.add_(product)
        assert kernel_sum is not None
        return torch.fft.irfft(kernel_sum, length)[..., :extent], *gradients
