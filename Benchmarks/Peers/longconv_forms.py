"""The engine as programs in Python use it: `longconv.torch`. What it takes beyond the engine is what Python costs."""

from __future__ import annotations

import torch

import longconv
from longconv.torch import long_conv
from serve import Forms, Problem


def operator(problem: Problem, threads: int) -> Forms:
    """The operator, differentiated automatically."""
    torch.set_num_threads(threads)
    longconv.set_num_threads(threads)
    workload = problem.workload
    signal, kernel, upstream = map(torch.from_numpy, (problem.signal, problem.kernel, problem.upstream))
    kernels = kernel[0] if kernel.shape[0] == 1 else kernel
    operands = signal.requires_grad_(), kernels.requires_grad_()

    def form() -> tuple[torch.Tensor, ...]:
        output = long_conv(*operands, boundary=workload.boundary, dims=len(workload.extents))
        return (output.detach(), *torch.autograd.grad(output, operands, upstream))

    return {"long_conv": form}
