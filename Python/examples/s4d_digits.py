"""S4D on handwritten digits as sequences of 64 pixels: the same training with PyTorch's transforms and with longconv.

    python s4d_digits.py --backend torch
    python s4d_digits.py --backend longconv

The model is the diagonal state space model of Gu et al., *On the Parameterization and Initialization of Diagonal State
Space Models* (arXiv 2206.11893), initialized as S4D-Lin. With the same seed both print the same losses, to 1e-4.
"""

from __future__ import annotations

import argparse
import gzip
import math
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

DATA = Path(__file__).resolve().parents[2] / "Examples" / "Sources" / "Digits" / "Data"
Convolution = Callable[[Tensor, Tensor, Tensor], Tensor]


def convolve_with_torch(u: Tensor, k: Tensor, skip: Tensor) -> Tensor:
    """k * u + skip u as PyTorch's users write it; u ``[B, C, L]``, k ``[C, L]``."""
    length = u.shape[-1]
    spectrum = torch.fft.rfft(u, n=2 * length) * torch.fft.rfft(k, n=2 * length)
    return torch.fft.irfft(spectrum, n=2 * length)[..., :length] + skip[:, None] * u


def convolve_with_longconv(u: Tensor, k: Tensor, skip: Tensor) -> Tensor:
    """The same in one call."""
    import longconv.torch

    return longconv.torch.long_conv(u, k, skip=skip)


class S4D(nn.Module):
    """A layer of state space models, one a channel, as a convolution with their impulse responses."""

    def __init__(self, channels: int, states: int, convolve: Convolution) -> None:
        super().__init__()
        self.convolve = convolve
        self.log_step = nn.Parameter(torch.rand(channels) * math.log(100) + math.log(1e-3))
        self.log_decay = nn.Parameter(torch.full((channels, states), math.log(0.5)))
        self.frequency = nn.Parameter(math.pi * torch.arange(states, dtype=torch.float32).repeat(channels, 1))
        self.output = nn.Parameter(torch.randn(channels, states, 2) * math.sqrt(0.5))
        self.skip = nn.Parameter(torch.randn(channels))
        self.mix = nn.Conv1d(channels, 2 * channels, 1)

    def kernel(self, length: int) -> Tensor:
        """k[t] = 2 Re Σ_n C_n (exp(Δ A_n) - 1) / A_n exp(t Δ A_n), ``[channels, length]``."""
        eigenvalues = torch.complex(-self.log_decay.exp(), self.frequency)
        scaled = eigenvalues * self.log_step.exp()[:, None]
        weights = torch.view_as_complex(self.output) * (scaled.exp() - 1) / eigenvalues
        powers = (scaled[..., None] * torch.arange(length)).exp()
        return 2 * torch.einsum("cn,cnl->cl", weights, powers).real

    def forward(self, u: Tensor) -> Tensor:
        y = nn.functional.gelu(self.convolve(u, self.kernel(u.shape[-1]), self.skip))
        return nn.functional.glu(self.mix(y), dim=1)


class Classifier(nn.Module):
    """Layers of S4D with residuals; the mean over the sequence is classified."""

    def __init__(self, convolve: Convolution, channels: int = 64, states: int = 16, layers: int = 3) -> None:
        super().__init__()
        self.encoder = nn.Conv1d(1, channels, 1)
        self.layers = nn.ModuleList(S4D(channels, states, convolve) for _ in range(layers))
        self.norms = nn.ModuleList(nn.GroupNorm(1, channels) for _ in range(layers))
        self.decoder = nn.Linear(channels, 10)

    def forward(self, pixels: Tensor) -> Tensor:
        z = self.encoder(pixels)
        for layer, norm in zip(self.layers, self.norms):
            z = norm(z + layer(z))
        return self.decoder(z.mean(-1))


def digits(part: str, dtype: torch.dtype) -> TensorDataset:
    """Images of 8x8 pixels as rows ``[1, 64]`` from -1 to 1, and their classes, in the IDX format."""
    def content(kind: str, head: int) -> npt.NDArray[np.uint8]:
        return np.frombuffer(gzip.decompress((DATA / f"{part}-{kind}-ubyte.gz").read_bytes()), np.uint8, offset=head)

    images = torch.tensor(content("images-idx3", 16).reshape(-1, 1, 64).astype(np.float64))
    images = (images / images.max() * 2 - 1).to(dtype)
    return TensorDataset(images, torch.tensor(content("labels-idx1", 8).astype(np.int64)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--backend", choices=["torch", "longconv"], default="longconv")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=0, help="processes of the data loader")
    parser.add_argument("--start-method", choices=["fork", "spawn", "forkserver"], help="of these processes")
    parser.add_argument("--single", action="store_true", help="single precision: the losses drift apart by rounding")
    arguments = parser.parse_args()

    dtype = torch.float32 if arguments.single else torch.float64
    torch.manual_seed(arguments.seed)
    model = Classifier({"torch": convolve_with_torch, "longconv": convolve_with_longconv}[arguments.backend]).to(dtype)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    context = {"multiprocessing_context": arguments.start_method} if arguments.workers and arguments.start_method else {}
    loader: DataLoader[tuple[Tensor, ...]] = DataLoader(
        digits("train", dtype), arguments.batch, shuffle=True, num_workers=arguments.workers, **context)
    for epoch in range(arguments.epochs):
        start, total = time.perf_counter(), 0.0
        for images, classes in loader:
            loss = nn.functional.cross_entropy(model(images), classes)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(classes)
        seconds = time.perf_counter() - start
        print(f"epoch {epoch + 1}: loss {total / 1437:.6f}, {seconds:.2f} s", flush=True)
    images, classes = digits("t10k", dtype).tensors
    with torch.no_grad():
        accuracy = (model(images).argmax(-1) == classes).double().mean().item()
    print(f"accuracy on the test's 360 digits: {accuracy:.3f}")


if __name__ == "__main__":
    main()
