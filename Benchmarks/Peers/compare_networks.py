"""Times training steps of ours and of a PyTorch model of the same network in turn, and compares their peak memory.

Needs the venv and the worker that `make peers-terminator` makes.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from contestants import FOLDER, TUNING, prepare_for_workers
from process import Contestant, Process, WorkerError

ROOT = Path(__file__).resolve().parents[2]
FORMS = ("conv", "matmul")
TOLERANCE = 1e-3
# The authors' network for CIFAR-10 with their penalty of large weights; the defaults, on sequences of 784 pixels.
NETWORKS = {"authors-cifar10": 5e-5, "smnist": 0.0}


def contestants(worker: Path, threads: int) -> list[Contestant]:
    counts = {"OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}
    return [
        Contestant("ours", [str(worker), "--threads", str(threads)]),
        Contestant("torch", [sys.executable, str(FOLDER / "serve_network.py"), str(threads)], TUNING | counts),
        # The allocator as it is: slower, with less memory.
        Contestant("torch_plain", [sys.executable, str(FOLDER / "serve_network.py"), str(threads)], counts),
    ]


def begin(process: Process, preset: str, batch: int, directory: str, configuration: Any, form: str) -> dict[str, Any]:
    return process.ask("begin", preset=preset, batch=batch, weightNormCoefficient=NETWORKS[preset],
                       directory=directory, configuration=configuration, form=form)


def check(preset: str, batch: int, everyone: list[Contestant], directory: str) -> dict[str, Any]:
    """Compares loss and gradient, and finds PyTorch's fastest form. In processes of its own, as the memory of those
    that are timed is to be theirs alone."""
    ours, torch = Process(everyone[0]), Process(everyone[1])
    try:
        answer = begin(ours, preset, batch, directory, None, "")
        configuration = answer["configuration"]
        loss = ours.ask("check", directory=directory)["loss"]
        times: dict[str, float] = {}
        for form in FORMS:
            begin(torch, preset, batch, directory, configuration, form)
            found = torch.ask("check", directory=directory)  # Before a step changes the parameters.
            torch.ask("step", count=1)
            times[form] = torch.ask("step", count=2)["milliseconds"]
    finally:
        ours.end()
        torch.end()
    return {"configuration": configuration, "form": min(times, key=lambda form: times[form]),
            "parameters": answer["parameterCount"],
            "agreement": {"ourLoss": loss, "torchLoss": found["loss"], "gradientNorm": found["gradientNorm"],
                          "gradientDistance": found["gradientDistance"],
                          "largestNormDifference": found["largestNormDifference"]}}


def measure(preset: str, batch: int, rounds: int, steps: int, everyone: list[Contestant]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as directory:
        checked = check(preset, batch, everyone, directory)
        processes = [Process(contestant) for contestant in everyone]
        walls: dict[str, list[float]] = {one.name: [] for one in everyone}
        processors: dict[str, list[float]] = {one.name: [] for one in everyone}
        idle: dict[str, int] = {}
        peaks: dict[str, int] = {}
        try:
            for process in processes:
                name = process.contestant.name
                idle[name] = process.ask("memory")["peakBytes"]
                begin(process, preset, batch, directory, checked["configuration"], checked["form"])
                process.ask("step", count=1)
            for _ in range(rounds):
                for process in processes:
                    answer = process.ask("step", count=steps)
                    name = process.contestant.name
                    walls[name].append(answer["milliseconds"])
                    processors[name].append(answer["processorMilliseconds"])
                    peaks[name] = answer["peakBytes"]
        finally:
            for process in processes:
                process.end()
    figures = {
        name: {"samplesPerSecond": 1e3 * batch / statistics.median(walls[name]), "peakBytes": peaks[name],
               "idleBytes": idle[name], "millisecondsOfSteps": walls[name],
               "processorMilliseconds": statistics.median(processors[name])}
        for name in walls}
    return {"network": preset, "batch": batch, "parameters": checked["parameters"], "form": checked["form"],
            "agreement": checked["agreement"], **figures}


def describe(entry: dict[str, Any]) -> None:
    agreement = entry["agreement"]
    print(f"{entry['network']}: {entry['parameters']} parameters, batch {entry['batch']}")
    print(f"  loss {agreement['ourLoss']:.6f} here, {agreement['torchLoss']:.6f} in PyTorch; gradient of norm "
          f"{agreement['gradientNorm']:.4g}: relative distance {agreement['gradientDistance']:.1e}, norms of its parts "
          f"differ by {agreement['largestNormDifference']:.1e} of it at most")
    for name in ("ours", "torch", "torch_plain"):
        own, ours = entry[name], entry["ours"]
        ratio = "" if name == "ours" else (
            f"   we: {ours['samplesPerSecond'] / own['samplesPerSecond']:.2f} times the samples a second, "
            f"{ours['peakBytes'] / own['peakBytes']:.2f} of the memory")
        print(f"  {name:12}{own['samplesPerSecond']:8.2f} samples/s {own['processorMilliseconds']:8.0f} ms of "
              f"processors a step {own['peakBytes'] / 2**20:7.0f} MiB at the peak, {own['idleBytes'] / 2**20:.0f} MiB "
              f"before{ratio}", flush=True)


def parsed_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--network", action="append", default=[], choices=list(NETWORKS), help="repeatable")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--steps", type=int, default=3, help="steps of a round")
    parser.add_argument("--worker", type=Path, default=ROOT / ".build/benchmarks/release/NetworkWorker")
    parser.add_argument("--output", type=Path, default=ROOT / ".build/peers-terminator.json")
    arguments = parser.parse_args()
    if min(arguments.batch, arguments.threads, arguments.rounds, arguments.steps) < 1:
        parser.error("expected at least 1 sample, thread, round and step")
    return arguments


def main() -> int:
    arguments = parsed_arguments()
    prepare_for_workers(arguments.threads)
    everyone = contestants(arguments.worker, arguments.threads)
    calibrator = Process(everyone[0])
    entries: list[dict[str, Any]] = []
    try:
        before = calibrator.ask("calibrate")
        print(before["condition"], flush=True)
        for preset in arguments.network or NETWORKS:
            entries.append(measure(preset, arguments.batch, arguments.rounds, arguments.steps, everyone))
            describe(entries[-1])
        after = calibrator.ask("calibrate")
        print(after["condition"])
    except WorkerError as error:
        print(f"a worker: {error}", file=sys.stderr)
        return 1
    finally:
        calibrator.end()
    # The first network's figures stand at the top.
    result = {"ours": entries[0]["ours"], "torch": entries[0]["torch"], "threads": arguments.threads,
              "machine_was_idle": max(before["slowdown"], after["slowdown"]) < 1.1, "networks": entries}
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps(result, indent=2) + "\n")
    print(f"The results are in {arguments.output}.")
    wrong = [one for one in entries
             if not (one["agreement"]["gradientDistance"] < TOLERANCE and
                     abs(one["agreement"]["ourLoss"] / one["agreement"]["torchLoss"] - 1) < TOLERANCE)]
    for one in wrong:
        print(f"{one['network']}: loss or gradient differ from ours by more than {TOLERANCE:g}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
