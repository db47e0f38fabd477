"""Times `longconv.torch.long_conv`, forward and backward, inside a program that uses PyTorch's threads between the calls.

    .build/peers-venv/bin/python Benchmarks/Peers/measure_operator.py

Two pools of threads share the processors then, and each one's idle threads spin for a while before they sleep. Columns, in
milliseconds: the engine alone on kept memory; the operator alone; the operator in the program, less what the program
takes without it; what of that are the results' fresh pages; PyTorch's transforms in the same program. Fastest of the
rounds, which go through all columns in turn.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
import torch

import longconv
from longconv.torch import _cpu, long_conv

SHAPES = ((16, 64, 1024), (8, 64, 4096))


def forms(shape: tuple[int, ...], work: torch.Tensor) -> dict[str, Callable[[], object]]:
    generator = torch.Generator().manual_seed(1)
    u, g = (torch.randn(shape, generator=generator) for _ in range(2))
    k = torch.randn(shape[1:], generator=generator)
    operands = u.requires_grad_(), k.requires_grad_()
    length = shape[-1]
    tensors = (u.detach(), k.detach(), None, None, None, None)
    plan = _cpu.planned(tensors, "causal", 1)
    y, du, dk = torch.zeros(shape), torch.zeros(shape), torch.zeros(shape[1:])
    inputs = [None if tensor is None else tensor.data_ptr() for tensor in tensors]

    def engine() -> None:
        plan.apply(*inputs, y.data_ptr())
        plan.gradients(*inputs, None, g.data_ptr(), du.data_ptr(), dk.data_ptr(), None, None, None, None)

    def operator() -> None:
        torch.autograd.grad(long_conv(*operands), operands, g)

    def transforms() -> None:
        spectra = torch.fft.rfft(u, n=2 * length) * torch.fft.rfft(k, n=2 * length)
        torch.autograd.grad(torch.fft.irfft(spectra, n=2 * length)[..., :length], operands, g)

    def pages() -> None:
        """The results' memory: allocated, each page written once, and freed."""
        for like in (u, u, k):
            torch.empty_like(like).detach().numpy().reshape(-1)[::1024] = 0

    def program() -> None:
        torch.sin(work, out=work)

    def between(call: Callable[[], object]) -> Callable[[], object]:
        def both() -> None:
            program()
            call()
        return both

    return {"engine": engine, "operator": operator, "pages": pages, "program": program, "transforms": transforms,
            "engine between": between(engine), "operator between": between(operator),
            "transforms between": between(transforms)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=40)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    longconv.set_num_threads(arguments.threads)
    for shape in SHAPES:
        calls = forms(shape, torch.rand(shape))
        times: dict[str, list[float]] = {name: [] for name in calls}
        for round_number in range(arguments.rounds + 1):
            for name, call in calls.items():
                call()
                start = time.perf_counter()
                for _ in range(4):
                    call()
                if round_number:
                    times[name].append((time.perf_counter() - start) / 4 * 1e3)
        for statistic, of in (("fastest", min), ("median", np.median)):
            ms = {name: float(of(found)) for name, found in times.items()}
            mixed = {name: ms[f"{name} between"] - ms["program"] for name in ("engine", "operator", "transforms")}
            print(f"{'x'.join(map(str, shape))}, {statistic}: engine {ms['engine']:.2f}, operator {ms['operator']:.2f}, pages "
                  f"{ms['pages']:.2f}, transforms {ms['transforms']:.2f}; between the program's {ms['program']:.2f}: engine "
                  f"{mixed['engine']:.2f}, operator {mixed['operator']:.2f}, transforms {mixed['transforms']:.2f}",
                  flush=True)


if __name__ == "__main__":
    main()
