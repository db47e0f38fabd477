"""Times `longconv.torch.long_conv`, forward and backward, inside a program that uses PyTorch's threads between the calls.

    .build/peers-venv/bin/python Benchmarks/Peers/measure_operator.py

The engine's loops run on PyTorch's threads; with --own-threads, on its own. Two pools of threads share the processors
then, and each one's idle threads spin for a while before they sleep. Columns, in milliseconds: the engine alone on kept memory;
the operator alone; PyTorch's transforms; each of them in the program, less what the program takes without it. *Pages* is
what mapping all results anew takes. PyTorch's memory sometimes is: what the operator's page faults take, by their number, stands
in brackets and is part of its time. Fastest and median of the rounds, which go through all columns in turn.
"""

from __future__ import annotations

import argparse
import mmap
import resource
import time
from collections.abc import Callable

import numpy as np
import torch

import longconv
from longconv.torch import _cpu, long_conv, share_threads

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
        """The results' memory as the system first gives it: each page written once, and returned."""
        for result in (y, du, dk):
            with mmap.mmap(-1, result.nbytes) as memory:
                np.frombuffer(memory, np.uint8)[::mmap.PAGESIZE] = 1

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


def faults_so_far() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--own-threads", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    longconv.set_num_threads(arguments.threads)
    share_threads(not arguments.own_threads)
    for shape in SHAPES:
        calls = forms(shape, torch.rand(shape))
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
        for round_number in range(arguments.rounds + 1):
            for name, call in calls.items():
                call()
                faults, start = faults_so_far(), time.perf_counter()
                for _ in range(4):
                    call()
                elapsed = time.perf_counter() - start
                if round_number:
                    times[name].append((elapsed / 4 * 1e3, (faults_so_far() - faults) / 4))
        fault = float(np.median([milliseconds / count for milliseconds, count in times["pages"]]))
        for statistic, position in (("fastest", 0), ("median", arguments.rounds // 2)):
            found = {name: sorted(of)[position] for name, of in times.items()}
            program = found["program"][0]

            def column(name: str, less: float = 0) -> str:
                milliseconds, count = found[name]
                return f"{milliseconds - less:.2f}" + (f" ({count * fault:.2f})" if name.startswith("operator") else "")

            print(f"{'x'.join(map(str, shape))}, {statistic}: engine {column('engine')}, operator {column('operator')}, "
                  f"transforms {column('transforms')}, pages {column('pages')}; between the program's {program:.2f}: engine "
                  f"{column('engine between', program)}, operator {column('operator between', program)}, transforms "
                  f"{column('transforms between', program)}", flush=True)


if __name__ == "__main__":
    main()
