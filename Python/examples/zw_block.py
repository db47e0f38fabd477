"""The Z·W block of *HyperZ·Z·W Operator Connects Slow-Fast Networks for Full Context Interaction* (arXiv 2401.17948).

A slow net makes a kernel W as long as the input from coordinates alone. The input Z shapes it, Ŵ = Z ⊙ W, so that every
sample has kernels of its own, and is convolved with it.

    python zw_block.py
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from longconv.torch import long_conv


class ZW(nn.Module):
    """y = (Z ⊙ W) * gate(Z); Z and y are ``[B, C, L]``."""

    def __init__(self, channels: int, hidden: int = 32) -> None:
        super().__init__()
        self.slow_net = nn.Sequential(nn.Linear(1, hidden), nn.GELU(), nn.Linear(hidden, channels))
        self.gate = nn.Conv1d(channels, channels, 1)

    def forward(self, z: Tensor) -> Tensor:
        coordinates = torch.linspace(-1, 1, z.shape[-1])[:, None]
        w = self.slow_net(coordinates).t() / z.shape[-1]             # [C, L]
        return long_conv(self.gate(z).sigmoid() * z, z * w)          # kernels [B, C, L]


def main() -> None:
    """Learns to count: whether the first half of a sequence holds more ones than the second."""
    torch.manual_seed(1)
    model = nn.Sequential(nn.Conv1d(1, 16, 1), ZW(16), nn.GroupNorm(1, 16), nn.AdaptiveAvgPool1d(1), nn.Flatten(),
                          nn.Linear(16, 2))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for step in range(201):
        z = torch.randint(0, 2, (64, 1, 128)).float()
        halves = z[:, 0].unflatten(-1, (2, 64)).sum(-1)
        loss = nn.functional.cross_entropy(model(z), (halves[:, 0] > halves[:, 1]).long())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 50 == 0:
            print(f"step {step}: loss {loss.item():.3f}")


if __name__ == "__main__":
    main()
