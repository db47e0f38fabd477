"""Times the engine and its peers in turn, on the same inputs, with the same number of threads.

Needs the venv and the worker that `make peers` makes.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from pathlib import Path

import numpy as np

from contestants import TABLES, contestants, prepare_for_workers
from process import Process, WorkerError
from report import Entry, header, row, write
from serve import TOLERANCE, relative_error
from workload import Workload

ROOT = Path(__file__).resolve().parents[2]
# Forms that take more than SLOW times as long as ours are timed in ROUNDS_OF_SLOW rounds.
SLOW, ROUNDS_OF_SLOW = 8, 3
TITLES = {
    "long": "Kernels as long as the signals", "gated": "Gated convolutions with a skip, all gradients",
    "short": "Kernels much shorter than the signals"}


def write_inputs(workload: Workload, directory: Path) -> None:
    """Noise, the same in every run."""
    generator = np.random.default_rng(0)
    directory.mkdir()
    shapes = workload.operand_shapes
    first = {"signal": shapes.pop("signal"), "kernel": shapes.pop("kernel"), "upstream": workload.signal_shape}
    for name, shape in (first | shapes).items():
        generator.standard_normal(shape, np.float32).tofile(directory / f"{name}.f32")


def distance(ours: Path, theirs: Path) -> float:
    """The largest relative error among the results that both have written."""
    return max(
        relative_error(np.fromfile(result, np.float32), np.fromfile(ours / result.name, np.float32))
        for result in theirs.iterdir())


def measure(entry: Entry, processes: list[Process], rounds: int) -> None:
    """Prepares every contestant, then times them one after the other, round by round. A peer that fails drops out."""
    workload = entry.workload
    times: dict[str, dict[str, list[float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        inputs, ours = Path(folder) / "inputs", Path(folder) / "ours"
        write_inputs(workload, inputs)

        def prepare(process: Process, name: str) -> None:
            results = Path(folder) / name
            answer = process.ask("prepare", workload=workload.to_json(), inputs=str(inputs), results=str(results))
            times[name] = {form: [] for form in answer["forms"]}
            if results != ours:
                entry.errors[name] = distance(ours, results)

        def time(process: Process, name: str) -> None:
            ours = min(times["ours"]["engine"], default=math.inf)
            for form, mine in times.get(name, {}).items():
                if len(mine) >= ROUNDS_OF_SLOW and min(mine) > SLOW * ours:
                    continue
                mine.append(process.ask("measure", form=form)["milliseconds"])

        for step in [prepare] + rounds * [time]:
            for process in processes:
                name = process.contestant.name
                try:
                    step(process, name)
                except WorkerError as error:
                    if name == "ours":
                        raise
                    entry.absences[name] = str(error)
                    times.pop(name, None)
    entry.take(times, forward_only={one.contestant.name for one in processes if one.contestant.forward_only})


def compare(table: str, arguments: argparse.Namespace, entries: list[Entry]) -> bool:
    """Adds a table's entries; returns whether the machine is idle."""
    threads = 1 if table == "short" else arguments.threads
    prepare_for_workers(threads)
    everyone = contestants(table, arguments.worker, threads, arguments.rigour)
    chosen = [one for one in everyone if one.name == "ours" or not arguments.only or one.name in arguments.only]
    processes = [Process(contestant) for contestant in chosen]
    ours = processes[0]
    names = [process.contestant.name for process in processes[1:]]
    try:
        is_idle = check_idle(ours)
        answer = ours.ask("workloads", table=table, shapes=arguments.shape, quick=arguments.quick)
        print(f"{TITLES[table]}, {threads} {'thread' if threads == 1 else 'threads'}")
        print(header(names), flush=True)
        for fields in answer["workloads"]:
            entry = Entry(table, Workload.from_json(fields), threads)
            measure(entry, processes, arguments.rounds)
            entries.append(entry)
            print(row(entry, names), flush=True)
            write(entries, arguments.output, False)  # idleness is known at the end
        return check_idle(ours) and is_idle
    finally:
        for process in processes:
            process.end()


def check_idle(ours: Process) -> bool:
    """Prints whether the machine is idle."""
    answer = ours.ask("calibrate")
    print(answer["condition"], flush=True)
    return answer["slowdown"] < 1.1


def parsed_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="measure a few small shapes")
    parser.add_argument("--table", action="append", choices=TABLES, help="measure this table; repeatable")
    parser.add_argument("--shape", action="append", default=[],
                        help="measure this shape, BxCxL or BxCxHxW, of the long table or those given; repeatable")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--rigour", default="estimate", help="how long FFTW may look for a fast plan")
    parser.add_argument("--only", action="append", default=[], help="compare with this peer; repeatable")
    parser.add_argument("--worker", type=Path, default=ROOT / ".build/benchmarks/release/Worker")
    parser.add_argument("--output", type=Path, default=ROOT / ".build/peers.json")
    arguments = parser.parse_args()
    if arguments.threads < 1 or arguments.rounds < 1:
        parser.error("expected at least 1 thread and 1 round")
    names = {one.name for table in arguments.table or TABLES
             for one in contestants(table, arguments.worker, arguments.threads, arguments.rigour)} - {"ours"}
    for name in arguments.only:
        if name not in names:
            parser.error(f"--only: expected one of {', '.join(sorted(names))}, got {name}")
    return arguments


def main() -> int:
    arguments = parsed_arguments()
    tables = arguments.table or (["long"] if arguments.shape else TABLES)
    entries: list[Entry] = []
    try:
        # One after the other: the last table has fewer threads, and this process keeps to as many processors.
        is_idle = all([compare(table, arguments, entries) for table in TABLES if table in tables])
    except WorkerError as error:
        print(f"our worker: {error}", file=sys.stderr)
        return 1
    write(entries, arguments.output, is_idle)
    print(f"The results are in {arguments.output}.")
    wrong = [entry for entry in entries if max(entry.errors.values(), default=0.0) > TOLERANCE]
    for entry in wrong:
        print(f"{entry.workload.shape}, {entry.workload.kernels}: results differ from ours by {entry.errors}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
