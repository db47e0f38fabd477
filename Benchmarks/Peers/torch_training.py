"""A training step in PyTorch: loss, backward pass and Kar3."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from torch_network import Configuration, Network

SMOOTHING = 0.09


class Kar3:
    """Descent along the signs of the gradient and of two averages of those before, on one vector of all parameters."""

    def __init__(self, network: Network, rate: float, decays: tuple[float, float] = (0.5, 0.95)) -> None:
        self.parameters = list(network.parameters())
        self.vector = torch.cat([parameter.detach().flatten() for parameter in self.parameters])
        for parameter, part in zip(self.parameters, self.vector.split([one.numel() for one in self.parameters])):
            parameter.data = part.view(parameter.shape)
        self.averages = [torch.zeros_like(self.vector) for _ in decays]
        self.rate, self.decays = rate, decays

    def step(self, gradients: tuple[Tensor, ...]) -> None:
        gradient = torch.cat([part.flatten() for part in gradients])
        direction = gradient.sign()
        for average, decay in zip(self.averages, self.decays):
            direction.add_(average.sign())
            average.lerp_(gradient, 1 - decay)
        self.vector.sub_(direction, alpha=self.rate)


def slow_neural_loss(kernels: list[Tensor]) -> Tensor:
    """The mean squared differences of all pairs, the shallow one repeated over the channels of the deep one."""
    loss = kernels[0].new_zeros(())
    for index, deep in enumerate(kernels):
        for shallow in kernels[:index]:
            loss = loss + (deep.unflatten(0, (-1, shallow.shape[0])) - shallow).square().mean()
    return loss


def penalized(network: Network) -> tuple[list[Tensor], list[Tensor]]:
    """The parameters whose norms count in the authors' penalty: those of fast parts, and the weights of slow ones."""
    fast, slow = [], []
    for name, parameter in network.named_parameters():
        parts = name.split(".")
        if parts[0] != "blocks" or parts[2:] == ["offset"] or {"channelInteraction", "channelSlowNet"} & set(parts):
            continue
        if {"globalSlowNet", "localSlowNets", "spatialSlowNet", "activationRGU", "kernelRGU"} & set(parts):
            if parts[-1] == "weight":
                slow.append(parameter)
        else:
            fast.append(parameter)
    return fast, slow


class Training:
    """A network with what it is trained on. `forms` of its layers compute the same."""

    forms = ("conv", "matmul")

    def __init__(self, configuration: Configuration, parameters: dict[str, Tensor], inputs: Tensor, labels: Tensor,
                 weight_norm_coefficient: float, form: str) -> None:
        self.network = Network(configuration, form)
        self.network.load_state_dict(parameters)
        self.optimizer = Kar3(self.network, rate=1e-5)
        self.inputs, self.labels = inputs, labels
        self.penalized = penalized(self.network)
        self.coefficient = weight_norm_coefficient

    def loss(self, drops: bool = True) -> Tensor:
        logits, kernels = self.network(self.inputs, drops)
        loss = F.cross_entropy(logits, self.labels, label_smoothing=SMOOTHING) + slow_neural_loss(kernels)
        if self.coefficient:
            fast, slow = (torch.stack(torch._foreach_norm(group)).sum() for group in self.penalized)
            loss = loss + self.coefficient * (fast + 1e-6 * slow)
        return loss

    def step(self) -> None:
        self.optimizer.step(torch.autograd.grad(self.loss(), self.optimizer.parameters))

    def loss_and_gradient(self) -> tuple[float, dict[str, Tensor]]:
        """Without dropout, phases in double precision: for a comparison with others."""
        self.network.use_double_phases(True)
        loss = self.loss(drops=False)
        names = [name for name, _ in self.network.named_parameters()]
        gradients = torch.autograd.grad(loss, self.optimizer.parameters)
        self.network.use_double_phases(False)
        return loss.item(), dict(zip(names, gradients))


def peak_memory() -> int:
    """The largest amount of memory that this process has had resident, in bytes."""
    with open("/proc/self/status") as status:
        fields = dict(line.split(":", 1) for line in status)
    return int(fields["VmHWM"].split()[0]) << 10
