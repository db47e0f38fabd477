"""`torch.export` and `torch.compile` with extents that are not fixed."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from longconv.torch import long_conv

pytestmark = pytest.mark.filterwarnings("default")
BATCH, LENGTH = torch.export.Dim("batch"), torch.export.Dim("length", min=4, max=4096)


class Layer(torch.nn.Module):
    def forward(self, u: torch.Tensor, k: torch.Tensor) -> torch.Tensor:
        return long_conv(u, k, input_gate=u, output_gate=u)


CASES = {
    "batch": ((4, 3, 16), (3, 16), {"u": {0: BATCH}, "k": None}, (7, 3, 16), (3, 16)),
    "batch of three channels": ((3, 3, 16), (3, 16), {"u": {0: BATCH}, "k": None}, (7, 3, 16), (3, 16)),
    "leading axes": ((4, 2, 3, 16), (3, 16), {"u": {0: BATCH}, "k": None}, (7, 2, 3, 16), (3, 16)),
    "one sample's kernels": ((4, 3, 16), (1, 3, 16), {"u": {0: BATCH}, "k": None}, (7, 3, 16), (1, 3, 16)),
    "kernels per sample": ((4, 3, 16), (4, 3, 16), {"u": {0: BATCH}, "k": {0: BATCH}}, (7, 3, 16), (7, 3, 16)),
    "length": ((4, 3, 16), (3, 16), {"u": {2: LENGTH}, "k": {1: LENGTH}}, (4, 3, 33), (3, 33)),
    "signal's length": ((4, 3, 16), (3, 8), {"u": {0: BATCH, 2: LENGTH}, "k": None}, (5, 3, 6), (3, 8)),
}


@pytest.mark.parametrize("case", CASES)
def test_dynamic_extents(rng: np.random.Generator, case: str) -> None:
    u_shape, k_shape, dynamic, *others = CASES[case]
    exported = torch.export.export(Layer(), (torch.randn(u_shape), torch.randn(k_shape)), dynamic_shapes=dynamic)
    for shapes in ((u_shape, k_shape), others):
        u, k = (torch.tensor(rng.standard_normal(shape), dtype=torch.float32) for shape in shapes)
        assert torch.equal(exported.module()(u, k), Layer()(u, k))


def test_compiled_once_for_all_batches(rng: np.random.Generator) -> None:
    torch._dynamo.reset()
    count = 0

    def counting(graph: torch.fx.GraphModule, inputs: list[torch.Tensor]) -> torch.fx.GraphModule:
        nonlocal count
        count += 1
        return graph

    compiled = torch.compile(Layer(), fullgraph=True, dynamic=True, backend=counting)
    k = torch.tensor(rng.standard_normal((3, 16)), dtype=torch.float32)
    for batch in (5, 3, 8, 2):
        u = torch.tensor(rng.standard_normal((batch, 3, 16)), dtype=torch.float32)
        assert torch.equal(compiled(u, k), Layer()(u, k))
    assert count == 1
