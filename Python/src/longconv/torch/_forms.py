"""Long convolutions in the calling conventions of other packages."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ._cpu import PRECISIONS
from ._long_conv import long_conv


def fftconv(
    u: Tensor, k: Tensor, D: Tensor, dropout_mask: Tensor | None = None, gelu: bool = True, k_rev: Tensor | None = None
) -> Tensor:
    """Do as ``fftconv`` of safari (HazyResearch/safari, ``src/ops/fftconv.py``): the operator of Hyena and its relatives.

    ``y[t] = Σ_s k[s] u[t - s] + Σ_s k_rev[s] u[t + s] + D u[t]``, then GELU and the dropout mask.

    Parameters
    ----------
    u : Tensor
        ``[B, H, L]`` or ``[B, H, G, L]``; converted to the kernel's type.
    k : Tensor
        ``[H, L]``, float32 or float64.
    D : Tensor
        ``[H]``, or any shape of H elements.
    dropout_mask : Tensor, optional
        ``[B, H]``; multiplies the result.
    gelu : bool
        Whether GELU is applied.
    k_rev : Tensor, optional
        The kernel of what follows, in k's shape; its first element adds to that of k, as its lag is 0.

    Returns
    -------
    Tensor
        In u's shape and type.

    Raises
    ------
    TypeError, ValueError
        As :func:`long_conv`; also if the kernel is longer than u.

    Examples
    --------
    >>> import torch
    >>> from longconv.torch import fftconv
    >>> u, k = torch.tensor([[[1.0, 2, 3]]]), torch.tensor([[1.0, 10, 100]])
    >>> fftconv(u, k, torch.zeros(1), gelu=False).tolist()
    [[[1.0, 12.0, 123.0]]]
    """
    if not isinstance(u, Tensor) or u.ndim not in (3, 4):
        raise ValueError(f"u: expected [B, H, L] or [B, H, G, L], got {getattr(u, 'shape', type(u).__name__)}")
    if not isinstance(k, Tensor) or k.ndim != 2 or k.shape[0] != u.shape[1] or k.shape[1] > u.shape[-1]:
        raise ValueError(f"k: expected [{u.shape[1]}, K] with K <= {u.shape[-1]}, got "
                         f"{getattr(k, 'shape', type(k).__name__)}")
    if not isinstance(D, Tensor) or D.numel() != u.shape[1]:
        raise ValueError(f"D: expected {u.shape[1]} elements, got {getattr(D, 'shape', type(D).__name__)}")
    # [B, H, G, L] as samples [B, G] of channels H: a view, which the engine reads as it lies.
    signal = u.to(k.dtype) if u.ndim == 3 else u.to(k.dtype).movedim(1, 2)
    result = long_conv(signal, k, skip=D.reshape(-1).to(k.dtype), reverse_kernel=k_rev, lag=0)
    result = result if u.ndim == 3 else result.movedim(2, 1)
    if gelu:
        result = torch.nn.functional.gelu(result)
    if dropout_mask is not None:
        result = result * dropout_mask[(...,) + (None,) * (u.ndim - 2)]
    return result.to(u.dtype)


class FlashFFTConv(torch.nn.Module):
    """A cyclic convolution, called as that of flash-fft-conv (HazyResearch/flash-fft-conv), on the CPU.

    Parameters
    ----------
    seqlen : int
        The period N, any number from 1. Signals of N/2 samples with kernels of N/2 taps do not wrap around: a causal
        convolution.
    dtype : torch.dtype
        Of the signals: float32 or float64.
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
        if dtype not in PRECISIONS:
            raise TypeError(f"dtype: expected torch.float32 or torch.float64, got {dtype}")
        self.seqlen, self.dtype = seqlen, dtype

    def extra_repr(self) -> str:
        return f"{self.seqlen}, dtype={self.dtype}"

    def forward(self, u: Tensor, k: Tensor, pregate: Tensor | None = None, postgate: Tensor | None = None) -> Tensor:
        """``postgate[t] Σ_s k[s] (pregate u)[(t - s) mod seqlen]`` for the samples t of u.

        Parameters
        ----------
        u : Tensor
            ``[B, H, L]``, L <= ``seqlen``, of the module's type; zero from L on.
        k : Tensor
            ``[H, K]``, K <= ``seqlen``; converted to the module's type.
        pregate, postgate : Tensor, optional
            In u's shape.

        Returns
        -------
        Tensor
            ``[B, H, L]``

        Raises
        ------
        TypeError, ValueError
            If types or shapes do not fit.
        """
        self._check(u, k)
        length, taps = u.shape[-1], k.shape[-1]
        kernel = k.to(self.dtype)
        if length + taps - 1 <= self.seqlen:  # Nothing wraps around.
            return long_conv(u, kernel, input_gate=pregate, output_gate=postgate)
        missing = self.seqlen - length
        padded = [tensor if tensor is None or missing == 0 else torch.nn.functional.pad(tensor, (0, missing))
                  for tensor in (u, pregate, postgate)]
        assert padded[0] is not None
        result = long_conv(padded[0], kernel, boundary="circular", input_gate=padded[1], output_gate=padded[2])
        return result[..., :length]

    def _check(self, u: Any, k: Any) -> None:
        if not isinstance(u, Tensor) or not isinstance(k, Tensor):
            raise TypeError(f"expected tensors, got {type(u).__name__} and {type(k).__name__}")
        if u.dtype != self.dtype:
            raise TypeError(f"u: expected {self.dtype}, got {u.dtype}")
        if u.ndim != 3 or u.shape[-1] > self.seqlen:
            raise ValueError(f"u: expected [B, H, L] with L <= {self.seqlen}, got the shape {tuple(u.shape)}")
        if k.ndim != 2 or k.shape[0] != u.shape[1] or k.shape[-1] > self.seqlen:
            raise ValueError(f"k: expected [{u.shape[1]}, K] with K <= {self.seqlen}, got the shape {tuple(k.shape)}")
