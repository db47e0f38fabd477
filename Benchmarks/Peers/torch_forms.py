"""PyTorch: by Fourier transforms, differentiated automatically or by hand, and by direct convolution."""

from __future__ import annotations

from typing import Any, Callable

import torch

from serve import Forms, Problem
from workload import Workload

Tensor = torch.Tensor


def differentiated(problem: Problem, threads: int) -> Forms:
    """The form that its users write, differentiated automatically: of twice the extent, and of fast lengths."""
    return _forms(problem, threads, {
        _text(lengths): lambda signal, kernel, lengths=lengths: _convolve(signal, kernel, problem.workload, lengths)
        for lengths in problem.workload.transform_lengths()})


def by_hand(problem: Problem, threads: int) -> Forms:
    """What an expert could make of it: the convolution's backward pass written out, some channels at a time."""
    workload = problem.workload
    blocks = dict.fromkeys([workload.channels, workload.channels_in_cache(workload.channels)])
    return _forms(problem, threads, {
        f"{_text(lengths)}, {block} channels at a time": lambda signal, kernel, lengths=lengths, block=block: (
            _Convolution.apply(signal, kernel, workload, lengths, block))
        for lengths in workload.transform_lengths() for block in blocks})


def direct(problem: Problem, threads: int) -> Forms:
    """`conv1d` or `conv2d`, every channel (and sample, where it has a kernel of its own) a group."""
    workload = problem.workload
    if workload.products > 1 << 31:
        raise RuntimeError("a direct sum would not finish within seconds")
    library = torch.nn.functional.conv1d if len(workload.extents) == 1 else torch.nn.functional.conv2d

    def convolve(signal: Tensor, kernel: Tensor) -> Tensor:
        kernels = kernel.shape[0] * kernel.shape[1]
        # In full[n] = sum of k[s] x[n - s] the last kernel element meets sample offset - (K - 1) first.
        padding = [side for extent, offset in zip(reversed(workload.kernel_extents), reversed(workload.offsets))
                   for side in (extent - 1 - offset, offset)]
        padded = torch.nn.functional.pad(signal, padding)
        grouped = padded.reshape(-1, kernels, *padded.shape[2:])
        weight = kernel.flip(workload.axes).reshape(kernels, 1, *workload.kernel_extents)
        return library(grouped, weight, groups=kernels).reshape(workload.signal_shape)

    return _forms(problem, threads, {"groups": convolve})


def _forms(problem: Problem, threads: int, convolutions: dict[str, Callable[[Tensor, Tensor], Tensor]]) -> Forms:
    """The output and all gradients, by each of the convolutions."""
    torch.set_num_threads(threads)
    operands = tuple(torch.from_numpy(operand).requires_grad_() for operand in problem.operands)
    upstream = torch.from_numpy(problem.upstream)

    def differentiate(operator: Callable[..., Tensor]) -> tuple[Tensor, ...]:
        output = operator(*operands)
        return (output.detach(), *torch.autograd.grad(output, operands, upstream))

    return {name: lambda operator=problem.workload.operator(convolve): differentiate(operator)
            for name, convolve in convolutions.items()}


def _text(lengths: tuple[int, ...]) -> str:
    return "x".join(map(str, lengths))


def _convolve(signal: Tensor, kernel: Tensor, workload: Workload, lengths: tuple[int, ...]) -> Tensor:
    axes = workload.axes
    product = torch.fft.rfftn(signal, lengths, axes) * torch.fft.rfftn(kernel, lengths, axes)
    return torch.fft.irfftn(product, lengths, axes)[workload.window]


class _Convolution(torch.autograd.Function):
    """The convolution with its backward pass written out: three transforms of real rows, where the automatic one
    takes complex ones. Some channels at a time, so that what is between the transforms stays in the cache."""

    @staticmethod
    def forward(ctx: Any, signal: Tensor, kernel: Tensor, workload: Workload, lengths: Any, block: int) -> Tensor:
        ctx.workload, ctx.lengths, ctx.block = workload, lengths, block
        axes, saved, outputs = workload.axes, [], []
        for signals, kernels in zip(signal.split(block, 1), kernel.split(block, 1)):
            signal_spectrum = torch.fft.rfftn(signals, lengths, axes)
            kernel_spectrum = torch.fft.rfftn(kernels, lengths, axes)
            full = torch.fft.irfftn(signal_spectrum * kernel_spectrum, lengths, axes)
            outputs.append(full[workload.window])
            saved += [signal_spectrum, kernel_spectrum]
        ctx.save_for_backward(*saved)
        return _joined(outputs)

    @staticmethod
    def backward(ctx: Any, upstream: Tensor) -> Any:
        workload, lengths, axes, saved = ctx.workload, ctx.lengths, ctx.workload.axes, ctx.saved_tensors
        padding = [side for length, extent, offset in
                   zip(reversed(lengths), reversed(workload.extents), reversed(workload.offsets))
                   for side in (offset, length - extent - offset)]
        signal_gradients, kernel_gradients = [], []
        for index, upstreams in enumerate(upstream.split(ctx.block, 1)):
            signal_spectrum, kernel_spectrum = saved[2 * index:2 * index + 2]
            if any(workload.offsets):
                upstreams = torch.nn.functional.pad(upstreams, padding)
            spectrum = torch.fft.rfftn(upstreams, lengths, axes)
            gradient = torch.fft.irfftn(spectrum * kernel_spectrum.conj(), lengths, axes)
            signal_gradients.append(gradient[workload.signal_window])
            # In place, as the spectrum is not needed again.
            product = spectrum.conj_physical_().mul_(signal_spectrum)
            if kernel_spectrum.shape[0] < product.shape[0]:
                product = product.sum(0, keepdim=True)
            gradient = torch.fft.irfftn(product.conj_physical_(), lengths, axes)
            kernel_gradients.append(gradient[workload.kernel_window])
        return _joined(signal_gradients), _joined(kernel_gradients), None, None, None


def _joined(parts: list[Tensor]) -> Tensor:
    return parts[0] if len(parts) == 1 else torch.cat(parts, 1)
