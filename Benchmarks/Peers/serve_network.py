"""PyTorch's long-lived process for training steps: answers the driver's requests as the Swift worker does.

    python serve_network.py THREADS
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from torch_training import Training, peak_memory


def relative_distance(found: dict[str, torch.Tensor], expected: dict[str, torch.Tensor]) -> dict[str, float]:
    """Of a gradient: of all tensors together, and the largest difference of a tensor's norm, relative to the
    gradient's."""
    norm = sum(tensor.double().square().sum() for tensor in expected.values()).sqrt()
    distance = sum((found[name].double() - tensor.double()).square().sum() for name, tensor in expected.items()).sqrt()
    norms = max(abs(found[name].norm() - tensor.norm()) for name, tensor in expected.items())
    return {"gradientNorm": norm.item(), "gradientDistance": (distance / norm).item(),
            "largestNormDifference": (norms / norm).item()}


def begin(request: dict[str, Any]) -> Training:
    directory = Path(request["directory"])
    batch = load_file(directory / "batch.safetensors")
    return Training(request["configuration"], load_file(directory / "parameters.safetensors"), batch["inputs"],
                    batch["labels"].long(), request["weightNormCoefficient"], request["form"])


def check(training: Training, directory: Path) -> dict[str, Any]:
    loss, gradient = training.loss_and_gradient()
    return {"loss": loss, **relative_distance(gradient, load_file(directory / "gradient.safetensors"))}


def processor_milliseconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return 1e3 * (usage.ru_utime + usage.ru_stime)


def steps(training: Training, count: int) -> dict[str, Any]:
    times: list[float] = []
    before = processor_milliseconds()
    for _ in range(count):
        start = time.perf_counter()
        training.step()
        times.append(1e3 * (time.perf_counter() - start))
    return {"milliseconds": statistics.median(times),
            "processorMilliseconds": (processor_milliseconds() - before) / count}


def main() -> None:
    # Answers go to the real standard output; whatever a library prints goes to standard error.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    torch.set_num_threads(int(sys.argv[1]))
    training: Training | None = None
    print("{}", file=answers, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            reply: dict[str, Any] = {}
            if request["command"] == "begin":
                training = begin(request)
            elif request["command"] == "check":
                reply = check(training, Path(request["directory"]))
            elif request["command"] == "step":
                reply = steps(training, request["count"])
            reply["peakBytes"] = peak_memory()
        except Exception as error:  # The driver reports it.
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), file=answers, flush=True)


if __name__ == "__main__":
    main()
