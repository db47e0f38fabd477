#!/usr/bin/env python3
"""Trains one network on sequential MNIST with every kind of global kernels, without and with a window, and prints a table.

The network, the images, their order and the budget are the same for all; the kind of the kernels is what differs. The images
are the first of MNIST's training set; the accuracy is that on its last 10,000, on which no run is trained. The test set is
not read. Runs that are done are kept in the output folder: started again, the script does the rest.

    make compare-kernels MNIST=data/mnist
    make compare-kernels MNIST=data/mnist ARGUMENTS="--time"    # seconds a step alone, on a machine that does nothing else
"""

from __future__ import annotations

import argparse
import concurrent.futures
import gzip
import json
import pathlib
import shutil
import struct
import subprocess
import sys
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
KINDS = {
    "magnet": "MAGNet",
    "fourierFilters": "Fourier filters",
    "gaborFilters": "Gabor filters",
    "siren": "SIREN",
    "fourierFeatures": "Fourier features",
    "perceptron": "perceptron",
    "hashGrid": "hash grid",
    "diagonalStateSpace": "state space (S4D)",
    "hyena": "Hyena's filter",
    "multiscale": "SGConv",
    "explicit": "free taps (LongConv)",
}
WINDOWS = ("none", "exponential")
# The preset `smnist` with three blocks of 12 channels.
NETWORK = ["--set", "blocks.1.expansion=1", "--set", "blocks.2.channels=12", "--set", "blocks.2.expansion=1"]
HELD_OUT = 10_000
TIMED_STEPS = 40


def idx_part(path: pathlib.Path, start: int, count: int) -> bytes:
    """An IDX file with `count` items of another one, from the one numbered `start`, or from the end if it is negative."""
    data = path.read_bytes() if path.exists() else gzip.decompress(path.with_name(path.name + ".gz").read_bytes())
    header = 4 + 4 * data[3]
    total, *extents = struct.unpack(f">{data[3]}I", data[4:header])
    size, first = 1, start % total
    for extent in extents:
        size *= extent
    items = data[header + first * size:header + (first + count) * size]
    return data[:4] + struct.pack(">I", count) + data[8:header] + items


def make_data(mnist: pathlib.Path, folder: pathlib.Path, training: int, held_out: int) -> pathlib.Path:
    """A data folder whose test set is the end of MNIST's training set."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind in ("images-idx3-ubyte", "labels-idx1-ubyte"):
        source = mnist / f"train-{kind}"
        (folder / f"train-{kind}").write_bytes(idx_part(source, 0, training))
        (folder / f"t10k-{kind}").write_bytes(idx_part(source, -HELD_OUT, held_out))
    return folder


def run(arguments: argparse.Namespace, verb: str, kind: str, window: str, *options: Any) -> list[dict[str, Any]]:
    """The events of a run of the program."""
    command = [
        arguments.program, verb, *NETWORK, "--set", f"globalSlowNet={kind}", "--set", f"globalKernel.window={window}", "--json",
        *options,
    ]
    words = [str(word) for word in command]
    result = subprocess.run(words, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(words)}\n{result.stderr}")
    return [json.loads(line) for line in result.stdout.splitlines()]


def accuracy(arguments: argparse.Namespace, kind: str, window: str, seed: int) -> float:
    """That of a training, which is done if it has not been, with a picture of the last block's kernels."""
    done = arguments.output / f"{kind}-{window}-{seed}.jsonl"
    if not done.exists():
        folder = arguments.output / "runs" / done.stem
        shutil.rmtree(folder, ignore_errors=True)
        events = run(
            arguments, "train", kind, window, "--data", arguments.output / "data", "--epochs", arguments.epochs, "--seed", seed,
            "--threads", arguments.threads, "--output", folder)
        subprocess.run(
            [arguments.program, "kernels", folder / "model.safetensors", "--output", folder], check=True, capture_output=True)
        done.write_text("".join(json.dumps(event) + "\n" for event in events))
    events = [json.loads(line) for line in done.read_text().splitlines()]
    return next(event["accuracy"] for event in events if event["event"] == "test")


def kernel_parameters(arguments: argparse.Namespace, kind: str, window: str) -> int:
    return run(arguments, "info", kind, window)[0]["parameterGroups"]["globalSlowNets"]


def seconds_a_step(arguments: argparse.Namespace) -> dict[str, float]:
    """The fastest of the rounds, which go through all kinds; of a training's two epochs the second."""
    data = make_data(arguments.mnist, arguments.output / "time-data", TIMED_STEPS * 64, 64)
    times: dict[str, list[float]] = {kind: [] for kind in arguments.kinds}
    for _ in range(arguments.rounds):
        for kind in arguments.kinds:
            events = run(
                arguments, "train", kind, "none", "--data", data, "--epochs", 2, "--threads", arguments.threads, "--output",
                arguments.output / "time", "--overwrite")
            epoch = [event for event in events if event["event"] == "epoch"][-1]
            times[kind].append(epoch["seconds"] / TIMED_STEPS)
            print(f"{kind} {1000 * times[kind][-1]:.1f} ms", file=sys.stderr, flush=True)
    return {kind: min(values) for kind, values in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mnist", type=pathlib.Path, required=True, help="the folder with MNIST's training set")
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / ".build/programs/SequentialMNIST")
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / ".build/kernels")
    parser.add_argument("--training", type=int, default=20_000, help="the number of training images")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--threads", type=int, default=1, help="of a run; results do not depend on it")
    parser.add_argument("--jobs", type=int, default=2, help="runs at a time")
    parser.add_argument("--time", action="store_true", help="measure the seconds of a step instead")
    parser.add_argument("--rounds", type=int, default=3, help="of that measurement")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    times = arguments.output / "seconds.json"
    if arguments.time:
        times.write_text(json.dumps(seconds_a_step(arguments), indent=1))
        print(times.read_text())
        return
    make_data(arguments.mnist, arguments.output / "data", arguments.training, HELD_OUT)
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        # Seed by seed: a table of one seed comes early.
        keys = [(kind, window, seed) for seed in arguments.seeds for kind in arguments.kinds for window in WINDOWS]
        found = dict(zip(keys, pool.map(lambda key: accuracy(arguments, *key), keys)))
    seconds = json.loads(times.read_text()) if times.exists() else {}
    print("| kernels | parameters in kernels | ms a step | accuracy, no window | with the exponential window |")
    print("|---|---|---|---|---|")
    for kind in arguments.kinds:
        percent = {window: ", ".join(f"{100 * found[kind, window, seed]:.2f}" for seed in arguments.seeds) for window in WINDOWS}
        step = f"{1000 * seconds[kind]:.0f}" if kind in seconds else ""
        parameters = kernel_parameters(arguments, kind, "none")
        print(f"| {KINDS[kind]} | {parameters:,} | {step} | {percent['none']} | {percent['exponential']} |", flush=True)


if __name__ == "__main__":
    main()
