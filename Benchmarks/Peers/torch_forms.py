"""PyTorch: by Fourier transforms, differentiated automatically or by hand, and by direct convolution."""

from __future__ import annotations

from typing import Any

import torch

from serve import Forms, Problem
from workload import Workload

Tensor = torch.Tensor


def differentiated(problem: Problem, threads: int) -> Forms:
    """The form that its users write, differentiated automatically: of twice the extent, and of fast lengths."""
    torch.set_num_threads(threads)
    workload = problem.workload
    operands = _operands(problem)
    return {
        "x".join(map(str, lengths)): lambda lengths=lengths: _differentiate(
            _convolve(operands[0], operands[1], workload, lengths), operands)
        for lengths in workload.transform_lengths()}


def by_hand(problem: Problem, threads: int) -> Forms:
    """What an expert could make of it: the backward pass written out, some channels at a time."""
    torch.set_num_threads(threads)
    workload = problem.workload
    operands = _operands(problem)
    forms: Forms = {}
    for lengths in workload.transform_lengths():
        name = "x".join(map(str, lengths))
        for block in dict.fromkeys([workload.channels, _channels_in_cache(workload)]):
            forms[f"{name}, {block} channels at a time"] = lambda lengths=lengths, block=block: (
                _differentiate(_Convolution.apply(*operands[:2], workload, lengths, block), operands))
    return forms


def direct(problem: Problem, threads: int) -> Forms:
    """`conv1d` or `conv2d`, every channel (and sample, where it has a kernel of its own) a group."""
    torch.set_num_threads(threads)
    workload = problem.workload
    if workload.products > 1 << 31:
        raise RuntimeError("a direct sum would not finish within seconds")
    operands = _operands(problem)
    convolve = torch.nn.functional.conv1d if len(workload.extents) == 1 else torch.nn.functional.conv2d

    def form() -> tuple[Tensor, ...]:
        signal, kernel, _ = operands
        kernels = kernel.shape[0] * kernel.shape[1]
        # In full[n] = sum of k[s] x[n - s] the last kernel element meets sample offset - (L - 1) first.
        padding = [side for extent, offset in zip(reversed(workload.extents), reversed(workload.offsets))
                   for side in (extent - 1 - offset, offset)]
        padded = torch.nn.functional.pad(signal, padding)
        grouped = padded.reshape(-1, kernels, *padded.shape[2:])
        weight = kernel.flip(workload.axes).reshape(kernels, 1, *workload.extents)
        return _differentiate(convolve(grouped, weight, groups=kernels).reshape(workload.signal_shape), operands)

    return {"groups": form}


def _operands(problem: Problem) -> tuple[Tensor, Tensor, Tensor]:
    signal, kernel, upstream = map(torch.from_numpy, (problem.signal, problem.kernel, problem.upstream))
    return signal.requires_grad_(), kernel.requires_grad_(), upstream


def _differentiate(output: Tensor, operands: tuple[Tensor, Tensor, Tensor]) -> tuple[Tensor, ...]:
    return (output.detach(), *torch.autograd.grad(output, operands[:2], operands[2]))


def _convolve(signal: Tensor, kernel: Tensor, workload: Workload, lengths: tuple[int, ...]) -> Tensor:
    axes = workload.axes
    product = torch.fft.rfftn(signal, lengths, axes) * torch.fft.rfftn(kernel, lengths, axes)
    return _window(torch.fft.irfftn(product, lengths, axes), workload.offsets, workload.extents)


def _window(full: Tensor, offsets: tuple[int, ...], extents: tuple[int, ...]) -> Tensor:
    return full[(..., *(slice(offset, offset + extent) for offset, extent in zip(offsets, extents)))]


def _channels_in_cache(workload: Workload) -> int:
    """So many channels that one array of their spectra is about 2 MiB."""
    return max(1, min(workload.channels, (1 << 18) * workload.channels // torch.Size(workload.signal_shape).numel()))


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
            outputs.append(_window(full, workload.offsets, workload.extents))
            saved += [signal_spectrum, kernel_spectrum]
        ctx.save_for_backward(*saved)
        return _joined(outputs)

    @staticmethod
    def backward(ctx: Any, upstream: Tensor) -> Any:
        workload, lengths, axes, saved = ctx.workload, ctx.lengths, ctx.workload.axes, ctx.saved_tensors
        padding = [side for length, extent, offset in
                   zip(reversed(lengths), reversed(workload.extents), reversed(workload.offsets))
                   for side in (offset, length - extent - offset)]
        origin = (0,) * len(axes)
        signal_gradients, kernel_gradients = [], []
        for index, upstreams in enumerate(upstream.split(ctx.block, 1)):
            signal_spectrum, kernel_spectrum = saved[2 * index:2 * index + 2]
            if any(workload.offsets):
                upstreams = torch.nn.functional.pad(upstreams, padding)
            spectrum = torch.fft.rfftn(upstreams, lengths, axes)
            gradient = torch.fft.irfftn(spectrum * kernel_spectrum.conj(), lengths, axes)
            signal_gradients.append(_window(gradient, origin, workload.extents))
            # In place, as the spectrum is not needed again.
            product = spectrum.conj_physical_().mul_(signal_spectrum)
            if kernel_spectrum.shape[0] < product.shape[0]:
                product = product.sum(0, keepdim=True)
            gradient = torch.fft.irfftn(product.conj_physical_(), lengths, axes)
            kernel_gradients.append(_window(gradient, origin, workload.extents))
        return _joined(signal_gradients), _joined(kernel_gradients), None, None, None


def _joined(parts: list[Tensor]) -> Tensor:
    return parts[0] if len(parts) == 1 else torch.cat(parts, 1)
