"""The Terminator network (arXiv 2401.17948) in PyTorch, in the form that is fastest there.

Attributes have the names of the Swift package's parameters, so that a state dict is a checkpoint of it.
"""

from __future__ import annotations

from math import prod
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from torch_interactions import CentredConvolution

EPSILON = 1e-5
Configuration = dict[str, Any]


def standardized_per_instance(maps: Tensor) -> Tensor:
    return F.layer_norm(maps, maps.shape[2:], eps=EPSILON)


class Pointwise(nn.Module):
    """The same linear map of the channels at every point."""

    def __init__(self, inputs: int, outputs: int, bias: bool = True, form: str = "conv") -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(outputs, inputs))
        self.bias = nn.Parameter(torch.empty(outputs)) if bias else None
        self.form = form

    def forward(self, maps: Tensor) -> Tensor:
        """[B, C, *S] to [B, O, *S], or [C, S] to [O, S]."""
        if maps.dim() == 2:
            product = self.weight @ maps
            return product if self.bias is None else product.add_(self.bias[:, None])
        if self.form == "conv":
            convolve = F.conv2d if maps.dim() == 4 else F.conv1d
            return convolve(maps, self.weight.view(*self.weight.shape, *(maps.dim() - 2) * (1,)), self.bias)
        weight = self.weight.expand(len(maps), -1, -1)
        rows = maps.flatten(2)
        product = torch.bmm(weight, rows) if self.bias is None else torch.baddbmm(self.bias[:, None], weight, rows)
        return product.view(len(maps), -1, *maps.shape[2:])


class SineFilter(nn.Module):
    def __init__(self, axes: int, hidden: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(hidden, axes))
        self.bias = nn.Parameter(torch.empty(hidden))

    def forward(self, grid: Tensor) -> Tensor:
        # In the precision of the grid: phases may be large.
        phases = torch.addmm(self.bias[:, None].to(grid.dtype), self.weight.to(grid.dtype), grid)
        return torch.sin(phases).to(self.weight.dtype)


class FilterNetwork(nn.Module):
    """A multiplicative filter network over a grid of -1...1 along each axis."""

    def __init__(self, extents: list[int], outputs: int, hidden: int, layers: int, has_bias: bool = True) -> None:
        super().__init__()
        self.filters = nn.ModuleList(SineFilter(len(extents), hidden) for _ in range(layers + 1))
        self.linears = nn.ModuleList(Pointwise(hidden, hidden) for _ in range(layers))
        self.output = Pointwise(hidden, outputs)
        self.spatialBias = nn.Parameter(torch.empty(extents)) if has_bias else None
        self.register_buffer("grid", grid(extents, torch.float32), persistent=False)
        self.extents = extents

    def forward(self) -> Tensor:
        """[outputs, *extents]."""
        return self.samples(lambda layer, hidden: hidden)

    def samples(self, modulate: Any) -> Tensor:
        hidden = self.filters[0](self.grid)
        for layer, linear in enumerate(self.linears):
            hidden = self.filters[layer + 1](self.grid) * linear(hidden)
            if self.spatialBias is not None:
                hidden = hidden + self.spatialBias.flatten()
            hidden = modulate(layer, hidden)
        return self.output(hidden).view(-1, *self.extents)


class Renormalization(nn.Module):
    """α · h without its gradient + β · h / |h|."""

    def __init__(self, configuration: Configuration) -> None:
        super().__init__()
        self.constants = configuration["alpha"], configuration["beta"]
        self.alphaBeta = nn.Parameter(torch.empty(2)) if configuration["isTrained"] else None

    def forward(self, hidden: Tensor) -> Tensor:
        alpha, beta = self.constants if self.alphaBeta is None else self.alphaBeta
        return alpha * hidden.detach() + beta * F.normalize(hidden, dim=-1, eps=1e-12)


class LocalSlowNet(FilterNetwork):
    """Makes a small kernel for the whole batch from coordinates and pooled features."""

    def __init__(self, channels: int, size: int, configuration: Configuration, form: str) -> None:
        hidden, layers = configuration["localSlowNet"]["hidden"], configuration["localSlowNet"]["layers"]
        super().__init__(len(configuration["extents"]) * [size], channels, hidden, layers)
        self.contextReduce = Pointwise(channels, hidden, form=form)
        self.contextMix = Pointwise(hidden, hidden)
        self.contextLinears = nn.ModuleList(Pointwise(hidden, hidden) for _ in range(layers))
        self.renormalizations = nn.ModuleList(
            Renormalization(configuration["renormalization"]) for _ in range(layers))
        self.momentum = running_momentum(configuration)
        self.register_buffer("running_context", torch.zeros(hidden, size ** len(self.extents)), persistent=False)

    def forward(self, features: Tensor) -> Tensor:
        pool = F.adaptive_avg_pool2d if features.dim() == 4 else F.adaptive_avg_pool1d
        reduced = self.contextReduce(pool(features, self.extents)).mean(0).flatten(1)
        if self.momentum is not None:
            self.running_context.lerp_(reduced.detach(), self.momentum)
        context = F.gelu(self.contextMix(reduced))
        return self.samples(
            lambda layer, hidden: self.renormalizations[layer](hidden) * self.contextLinears[layer](context))


class BatchStandardization(nn.Module):
    """Over batch and space; collects running statistics where the configuration asks for them."""

    def __init__(self, channels: int, configuration: Configuration) -> None:
        super().__init__()
        self.momentum = running_momentum(configuration)
        self.register_buffer("running_mean", torch.zeros(channels), persistent=False)
        self.register_buffer("running_variance", torch.ones(channels), persistent=False)

    def forward(self, maps: Tensor) -> Tensor:
        if self.momentum is None:
            return F.batch_norm(maps, None, None, training=True, eps=EPSILON)
        return F.batch_norm(
            maps, self.running_mean, self.running_variance, training=True, momentum=self.momentum, eps=EPSILON)


class LocalBranch(nn.Module):
    def __init__(self, channels: int, configuration: Configuration, form: str) -> None:
        super().__init__()
        keeps_biases = configuration["keepsCanceledBiases"]
        self.mixer = Pointwise(channels, channels, keeps_biases, form)
        self.offset = nn.Parameter(torch.empty(1)) if keeps_biases else None
        self.standardization = BatchStandardization(channels, configuration)

    def forward(self, features: Tensor, kernel: Tensor) -> Tensor:
        correlate = F.conv2d if features.dim() == 4 else F.conv1d
        filtered = correlate(features, kernel[:, None], padding=kernel.shape[-1] // 2, groups=features.shape[1])
        branch = F.gelu(self.standardization(self.mixer(filtered)))
        return branch if self.offset is None else branch + self.offset


class GatedUnit(nn.Module):
    def __init__(self, channels: int, configuration: Configuration, form: str) -> None:
        super().__init__()
        self.key, self.value, self.query = (Pointwise(channels, channels, form=form) for _ in range(3))
        self.output = Pointwise(channels, channels, configuration["keepsCanceledBiases"], form)
        self.spatialBias = nn.Parameter(torch.empty(configuration["extents"]))

    def forward(self, maps: Tensor) -> Tensor:
        gate = self.key(maps) * self.query(self.value(maps))
        return self.output(F.gelu(standardized_per_instance(gate)) + self.spatialBias)


def channel_score(slow_net: FilterNetwork, maps: Tensor) -> Tensor:
    mean = maps.mean(tuple(range(2, maps.dim())), keepdim=True)
    return slow_net().view(1, -1, *(maps.dim() - 2) * (1,)) * mean.square()


class ChannelInteraction(nn.Module):
    def __init__(self, channels: int, configuration: Configuration) -> None:
        super().__init__()
        self.slowNet = FilterNetwork([channels], 1, **configuration["channelSlowNet"])

    def forward(self, maps: Tensor) -> Tensor:
        return torch.sigmoid(channel_score(self.slowNet, maps))


class HyperInteraction(nn.Module):
    def __init__(self, channels: int, configuration: Configuration) -> None:
        super().__init__()
        self.channelSlowNet = FilterNetwork([channels], 1, **configuration["interactionChannelSlowNet"])
        self.spatialSlowNet = FilterNetwork(configuration["extents"], 1, **configuration["interactionSpatialSlowNet"])

    def forward(self, features: Tensor, scored: Tensor) -> Tensor:
        score = self.spatialSlowNet()[None] * scored.mean(1, keepdim=True).square()
        return features * torch.sigmoid(score * channel_score(self.channelSlowNet, scored))


class AlternatingStandardization(nn.Module):
    """G-IBS: groups of channels, alternately over the batch and per instance."""

    def __init__(self, channels: int, configuration: Configuration) -> None:
        super().__init__()
        self.groups = configuration["standardizationGroups"]
        self.over_batch = BatchStandardization(channels // 2, configuration)

    def forward(self, maps: Tensor) -> Tensor:
        groups = maps.unflatten(1, (self.groups // 2, 2, -1))
        over_batch, per_instance = (part.flatten(1, 2) for part in groups.unbind(2))
        parts = self.over_batch(over_batch), standardized_per_instance(per_instance)
        return torch.stack([part.unflatten(1, (self.groups // 2, -1)) for part in parts], 2).flatten(1, 3)


class Block(nn.Module):
    def __init__(self, block: Configuration, configuration: Configuration, form: str) -> None:
        super().__init__()
        channels, keeps_biases = block["channels"], configuration["keepsCanceledBiases"]
        sizes = configuration["localKernelSizes"]
        self.globalSlowNet = FilterNetwork(
            configuration["extents"], channels, configuration["globalHidden"], block["globalLayers"])
        self.localSlowNets = nn.ModuleList(LocalSlowNet(channels, size, configuration, form) for size in sizes)
        self.localBranches = nn.ModuleList(LocalBranch(channels, configuration, form) for _ in sizes)
        self.channelMixer = Pointwise(channels, channels, keeps_biases, form)
        self.activationRGU = GatedUnit(channels, configuration, form)
        self.kernelRGU = GatedUnit(channels, configuration, form)
        self.channelInteraction = ChannelInteraction(channels, configuration)
        self.hyperInteraction = HyperInteraction(channels, configuration)
        outputs = channels * block["expansion"]
        self.bottleneck = Pointwise((10 + len(block["skips"])) * channels, outputs, keeps_biases, form)
        self.standardization = AlternatingStandardization(outputs, configuration)
        self.offset = nn.Parameter(torch.empty(1))
        self.is_gated_first = configuration["gateOrder"] == "beforeStandardization"
        self.is_product = configuration["globalInteraction"] == "matrixProduct"

    def forward(self, maps: Tensor, skips: list[Tensor]) -> tuple[Tensor, Tensor]:
        kernel = self.globalSlowNet()
        context = maps * kernel
        fast = standardized_per_instance(self.kernelRGU(context) + self.activationRGU(maps))
        mixed = standardized_per_instance(self.channelMixer(maps))
        gate = self.channelInteraction(maps)
        weighted = standardized_per_instance(maps * gate) if self.is_gated_first \
            else standardized_per_instance(maps) * gate
        if self.is_product:
            out, out_mixed, out_weighted = (torch.matmul(context, features) for features in (fast, mixed, weighted))
        else:
            out, out_mixed, out_weighted = CentredConvolution.apply(context, fast, mixed, weighted)
        wiring = (maps, weighted), (weighted, maps), (mixed, maps), (maps, mixed)
        local = [branch(target, slow_net(source)) for branch, slow_net, (source, target)
                 in zip(self.localBranches, self.localSlowNets, wiring)]
        hyper = self.hyperInteraction(maps, out)
        skips = [skip.repeat(1, maps.shape[1] // skip.shape[1], *(maps.dim() - 2) * (1,)) for skip in skips]
        everything = [out, local[1], *skips[:1], fast, out_mixed, local[0], F.silu(out), local[2], out_weighted,
                      local[3], *skips[1:], hyper]
        narrow = self.bottleneck(torch.cat(everything, 1))
        return F.gelu(self.standardization(narrow)) + self.offset, kernel


class Network(nn.Module):
    def __init__(self, configuration: Configuration, form: str = "conv") -> None:
        super().__init__()
        blocks = configuration["blocks"]
        self.blocks = nn.ModuleList(Block(block, configuration, form) for block in blocks)
        self.skips = [block["skips"] for block in blocks]
        self.rates = [block["dropout"] for block in blocks]
        self.classifier = nn.Linear(blocks[-1]["channels"] * blocks[-1]["expansion"], configuration["classCount"])

    def forward(self, maps: Tensor, drops: bool = True) -> tuple[Tensor, list[Tensor]]:
        """Logits and the blocks' global kernels."""
        outputs: list[Tensor] = []
        kernels: list[Tensor] = []
        for block, skips, rate in zip(self.blocks, self.skips, self.rates):
            maps, kernel = block(maps, [outputs[index] for index in skips])
            if drops and rate:
                maps = (F.dropout2d if maps.dim() == 4 else F.dropout1d)(maps, rate)
            outputs.append(maps)
            kernels.append(kernel)
        return self.classifier(maps.flatten(2).mean(2)), kernels

    def use_double_phases(self, uses: bool) -> None:
        """Whether the slow nets' sines take their phases in double precision."""
        for module in self.modules():
            if isinstance(module, FilterNetwork):
                module.grid = grid(module.extents, torch.float64 if uses else torch.float32)


def grid(extents: list[int], dtype: torch.dtype) -> Tensor:
    """The coordinates of all points, [axes, points]."""
    axes = [torch.linspace(-1, 1, extent, dtype=torch.float64) for extent in extents]
    return torch.stack(torch.meshgrid(*axes, indexing="ij")).flatten(1).to(dtype)


def running_momentum(configuration: Configuration) -> float | None:
    statistics = configuration["evaluationStatistics"]
    return None if statistics == "batch" else statistics["running"]["momentum"]
