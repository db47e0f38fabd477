"""`fftconv` and `fftconv_ref`, called as those of safari (HazyResearch/safari)."""

from __future__ import annotations

import torch
from torch import Tensor

from ._cpu import PRECISIONS
from ._long_conv import long_conv
from ._operator import autocasted


def fftconv(u: Tensor, k: Tensor, D: Tensor) -> Tensor:
    """Do as ``fftconv`` of safari's ``standalone_hyena.py``: ``y[t] = Σ_s k[s] u[t - s] + D u[t]``, without GELU.

    Parameters
    ----------
    u : Tensor
        ``[..., H, L]`` of up to three axes, or ``[..., H, G, L]`` of four or more; converted to k's type.
    k : Tensor
        ``[H, K]``, K <= L, float32 or float64; under autocast also of half precision.
    D : Tensor
        H numbers, or one for all, where ``D.unsqueeze(-1)`` meets the axis H of u: ``[H]`` for up to three axes, else
        ``[H, 1]``; leading axes of 1 do not matter.

    Returns
    -------
    Tensor
        In u's shape and type.

    Raises
    ------
    TypeError, ValueError
        If types or shapes do not fit. A kernel that is longer than u, as of Hyena with several blocks, wraps around in
        safari's transforms and is refused.

    Examples
    --------
    >>> import torch
    >>> from longconv.torch import fftconv
    >>> u, k = torch.tensor([[[1.0, 2, 3]]]), torch.tensor([[1.0, 10, 100]])
    >>> fftconv(u, k, torch.zeros(1)).tolist()
    [[[1.0, 12.0, 123.0]]]
    """
    return _convolved(u, k, D, None).to(u.dtype)


def fftconv_ref(
    u: Tensor, k: Tensor, D: Tensor, dropout_mask: Tensor | None, gelu: bool = True, k_rev: Tensor | None = None
) -> Tensor:
    """Do as ``fftconv_ref`` of safari, the operator of Hyena and its relatives.

    ``y[t] = Σ_s k[s] u[t - s] + Σ_s k_rev[s] u[t + s] + D u[t]``, then GELU and the dropout mask.

    Parameters
    ----------
    u, k, D : Tensor
        As in :func:`fftconv`.
    dropout_mask : Tensor or None
        ``[B, H]`` with u ``[B, H, L]``; multiplies the result.
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
        As :func:`fftconv`.

    Examples
    --------
    >>> import torch
    >>> from longconv.torch import fftconv_ref
    >>> u, k = torch.tensor([[[1.0, 2, 3]]]), torch.tensor([[1.0, 10, 100]])
    >>> fftconv_ref(u, k, torch.zeros(1), None, gelu=False, k_rev=k).round().tolist()
    [[[322.0, 44.0, 126.0]]]
    """
    result = _convolved(u, k, D, k_rev)
    if gelu:
        result = torch.nn.functional.gelu(result)
    if dropout_mask is not None:
        if u.ndim != 3 or dropout_mask.shape != u.shape[:2]:
            raise ValueError(f"dropout_mask: expected [B, H] for u [B, H, L], got {tuple(dropout_mask.shape)} for "
                             f"{tuple(u.shape)}")
        result = result * dropout_mask.unsqueeze(-1)
    return result.to(u.dtype)


def _convolved(u: Tensor, k: Tensor, D: Tensor, k_rev: Tensor | None) -> Tensor:
    """The convolution and the skip, in the kernel's type."""
    if not isinstance(u, Tensor) or u.ndim < 2:
        raise ValueError(f"u: expected [..., H, L] or [..., H, G, L], got {getattr(u, 'shape', type(u).__name__)}")
    axis = -2 if u.ndim <= 3 else -3
    channels, length = u.shape[axis], u.shape[-1]
    if not isinstance(k, Tensor) or k.ndim != 2 or k.shape[0] != channels or k.shape[1] > length:
        raise ValueError(f"k: expected [{channels}, K] with K <= {length}, got {getattr(k, 'shape', type(k).__name__)}")
    if torch.is_autocast_enabled("cpu"):
        k, k_rev = autocasted(k), autocasted(k_rev)
    if k.dtype not in PRECISIONS:
        raise TypeError(f"k: expected float32 or float64, got {k.dtype}")
    if not isinstance(D, Tensor) or not _meets_channels(D, axis + 1, channels):
        raise ValueError(f"D: expected {channels} numbers at the axis {axis + 1}, got "
                         f"{getattr(D, 'shape', type(D).__name__)}")
    signal, skip = u.to(k.dtype), D.reshape(-1).to(k.dtype).expand(channels)
    if u.ndim <= 3:
        return long_conv(signal, k, skip=skip, reverse_kernel=k_rev, lag=0)
    # Other axes are samples.
    return long_conv(signal.movedim(-3, -2), k, skip=skip, reverse_kernel=k_rev, lag=0).movedim(-2, -3)


def _meets_channels(D: Tensor, axis: int, channels: int) -> bool:
    """Returns true if D has one number, or one a channel at the axis."""
    return D.numel() == 1 or (D.numel() == channels and D.ndim >= -axis and D.shape[axis] == channels)
