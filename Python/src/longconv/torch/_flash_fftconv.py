"""`FlashFFTConv`, called as that of flash-fft-conv (HazyResearch/flash-fft-conv)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ._cpu import PRECISIONS
from ._long_conv import long_conv


class FlashFFTConv(torch.nn.Module):
    """A cyclic convolution, called as that of flash-fft-conv, on the CPU.

    Parameters
    ----------
    seqlen : int
        The period N, any number from 1. Signals of N/2 samples with kernels of N/2 taps do not wrap around: a causal
        convolution.
    dtype : torch.dtype
        Of the signals: float16, bfloat16, float32 or float64. Signals of other types are taken too.
    use_32_butterfly : bool
        Without effect.

    Examples
    --------
    >>> import torch
    >>> from longconv.torch import FlashFFTConv
    >>> conv = FlashFFTConv(3, dtype=torch.float32)
    >>> conv(torch.tensor([[[1.0, 2, 3]]]), torch.tensor([[1.0, 10, 0]])).tolist()
    [[[31.0, 12.0, 23.0]]]
    """

    def __init__(self, seqlen: int, dtype: torch.dtype = torch.float32, use_32_butterfly: bool = True) -> None:
        super().__init__()
        if isinstance(seqlen, bool) or not isinstance(seqlen, int) or seqlen < 1:
            raise ValueError(f"seqlen: expected a whole number from 1, got {seqlen!r}")
        if dtype not in (torch.float16, torch.bfloat16, *PRECISIONS):
            raise TypeError(f"dtype: expected float16, bfloat16, float32 or float64, got {dtype}")
        self.seqlen, self.dtype = seqlen, dtype

    def extra_repr(self) -> str:
        return f"{self.seqlen}, dtype={self.dtype}"

    def forward(self, u: Tensor, k: Tensor, pregate: Tensor | None = None, postgate: Tensor | None = None) -> Tensor:
        """``postgate[t] Σ_s k[s] (pregate u)[(t - s) mod seqlen]`` for the samples t of u.

        It is computed in float64 if u, k or the module is of that type, else in float32.

        Parameters
        ----------
        u : Tensor
            ``[B, H, L]``, L <= ``seqlen``; zero from L on.
        k : Tensor
            ``[H, K]``, K <= ``seqlen``.
        pregate, postgate : Tensor, optional
            In u's shape.

        Returns
        -------
        Tensor
            In u's shape and type.

        Raises
        ------
        TypeError, ValueError
            If types or shapes do not fit.
        """
        self._check(u, k)
        result_type, length, taps = u.dtype, u.shape[-1], k.shape[-1]
        dtype = torch.float64 if torch.float64 in (u.dtype, k.dtype, self.dtype) else torch.float32
        u, kernel = u.to(dtype), k.to(dtype)
        pregate, postgate = (gate.to(dtype) if isinstance(gate, Tensor) else gate for gate in (pregate, postgate))
        if length + taps - 1 <= self.seqlen:  # Nothing wraps around.
            return long_conv(u, kernel, input_gate=pregate, output_gate=postgate).to(result_type)
        missing = self.seqlen - length
        padded = [tensor if tensor is None or missing == 0 else torch.nn.functional.pad(tensor, (0, missing))
                  for tensor in (u, pregate, postgate)]
        assert padded[0] is not None
        result = long_conv(padded[0], kernel, boundary="circular", input_gate=padded[1], output_gate=padded[2])
        return result[..., :length].to(result_type)

    def _check(self, u: Any, k: Any) -> None:
        if not isinstance(u, Tensor) or not isinstance(k, Tensor):
            raise TypeError(f"expected tensors, got {type(u).__name__} and {type(k).__name__}")
        for name, tensor in (("u", u), ("k", k)):
            if not tensor.is_floating_point():
                raise TypeError(f"{name}: expected floating-point numbers, got {tensor.dtype}")
        if u.ndim != 3 or u.shape[-1] > self.seqlen:
            raise ValueError(f"u: expected [B, H, L] with L <= {self.seqlen}, got the shape {tuple(u.shape)}")
        if k.ndim != 2 or k.shape[0] != u.shape[1] or k.shape[-1] > self.seqlen:
            raise ValueError(f"k: expected [{u.shape[1]}, K] with K <= {self.seqlen}, got the shape {tuple(k.shape)}")
