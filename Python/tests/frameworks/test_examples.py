"""The examples in PyTorch: the same losses with both backends, also with data loaders in processes of their own; guides."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import guides
import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def run(name: str, *arguments: Any) -> str:
    # One thread of PyTorch: its threads wait for each other, which takes long on a busy machine.
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    result = subprocess.run([sys.executable, EXAMPLES / name, *map(str, arguments)], capture_output=True, text=True,
                            env=environment)
    assert result.returncode == 0, result.stderr
    return result.stdout


def losses(*arguments: Any) -> list[float]:
    printed = run("s4d_digits.py", *arguments)
    assert "accuracy" in printed
    return [float(loss) for loss in re.findall(r"loss ([0-9.]+), [0-9.]+ s", printed)]


def test_s4d_has_the_same_losses() -> None:
    ours, theirs = (losses("--backend", backend, "--epochs", 2) for backend in ("longconv", "torch"))
    assert len(ours) == 2 and ours[1] < ours[0]
    assert all(abs(a - b) <= 1e-4 for a, b in zip(ours, theirs))


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_s4d_with_processes_of_a_data_loader(method: str) -> None:
    alone, workers = (losses("--epochs", 1, *options) for options in ((), ("--workers", 2, "--start-method", method)))
    assert alone == workers


def test_data_loaders_that_convolve() -> None:
    """Workers forked while PyTorch's threads and the engine's exist convolve themselves."""
    script = """
import numpy as np, torch, longconv
from longconv.torch import long_conv
from torch.utils.data import DataLoader, Dataset
kernel = torch.randn(3, 500)
signals = torch.randn(40, 3, 500)
expected = long_conv(signals, kernel)
class Convolved(Dataset):
    def __len__(self): return 40
    def __getitem__(self, index): return index, long_conv(signals[index], kernel)
for _ in range(2):
    for index, rows in DataLoader(Convolved(), batch_size=4, num_workers=2, multiprocessing_context="fork"):
        assert torch.equal(rows, expected[index])
        torch.randn(300, 300) @ torch.randn(300, 300)
        assert torch.equal(long_conv(signals, kernel), expected)
print("done")
"""
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120)
    assert result.stdout == "done\n", result.stderr


def test_zw_block_learns() -> None:
    found = [float(loss) for loss in re.findall(r"loss ([0-9.]+)", run("zw_block.py"))]
    assert len(found) == 5 and found[-1] < 0.5 * found[0]


@pytest.mark.parametrize("path", guides.GUIDES)
def test_guides(path: str) -> None:
    """Each example of a guide that needs PyTorch or JAX runs, and prints what the guide says."""
    for code, printed in guides.examples(path, with_frameworks=True):
        guides.check(code, printed, warnings="default")
