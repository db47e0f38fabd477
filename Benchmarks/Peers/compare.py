"""Times the engine and its peers in turn, on the same inputs, with the same number of threads.

Needs the venv and the worker that `make peers` makes.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np

from contestants import contestants, prepare_for_workers
from process import Process, WorkerError
from report import Entry, header, row, write
from serve import RESULTS, TOLERANCE, relative_error
from workload import Workload

ROOT = Path(__file__).resolve().parents[2]


def write_inputs(workload: Workload, directory: Path) -> None:
    """Noise, the same in every run."""
    generator = np.random.default_rng(0)
    directory.mkdir()
    for name, shape in (("signal", workload.signal_shape), ("kernel", workload.kernel_shape),
                        ("upstream", workload.signal_shape)):
        generator.standard_normal(shape, np.float32).tofile(directory / f"{name}.f32")


def distance(ours: Path, theirs: Path) -> float:
    """The largest relative error among the results that both have written."""
    return max(
        relative_error(np.fromfile(theirs / f"{role}.f32", np.float32), np.fromfile(ours / f"{role}.f32", np.float32))
        for role in RESULTS if (theirs / f"{role}.f32").exists())


def measure(workload: Workload, processes: list[Process], rounds: int) -> Entry:
    """Prepares every contestant, then times them one after the other, round by round. A peer that fails drops out."""
    entry = Entry(workload)
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
            for form, mine in times.get(name, {}).items():
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
    return entry


def check_idle(ours: Process) -> bool:
    """Prints whether the machine is idle."""
    answer = ours.ask("calibrate")
    print(answer["condition"], flush=True)
    return answer["slowdown"] < 1.1


def parsed_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="measure a few small shapes")
    parser.add_argument("--shape", action="append", default=[], help="measure this shape, BxCxL or BxCxHxW; repeatable")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--rigour", default="estimate", help="how long FFTW may look for a fast plan")
    parser.add_argument("--only", action="append", default=[], help="compare with this peer; repeatable")
    parser.add_argument("--worker", type=Path, default=ROOT / ".build/benchmarks/release/Worker")
    parser.add_argument("--output", type=Path, default=ROOT / ".build/peers.json")
    arguments = parser.parse_args()
    if arguments.threads < 1 or arguments.rounds < 1:
        parser.error("expected at least 1 thread and 1 round")
    return arguments


def main() -> int:
    arguments = parsed_arguments()
    prepare_for_workers(arguments.threads)
    everyone = contestants(arguments.worker, arguments.threads, arguments.rigour)
    chosen = [one for one in everyone if one.name == "ours" or not arguments.only or one.name in arguments.only]
    processes = [Process(contestant) for contestant in chosen]
    ours = processes[0]
    entries: list[Entry] = []
    try:
        is_idle = check_idle(ours)
        answer = ours.ask("workloads", shapes=arguments.shape, quick=arguments.quick)
        names = [process.contestant.name for process in processes[1:]]
        print(header(names), flush=True)
        for fields in answer["workloads"]:
            entry = measure(Workload.from_json(fields), processes, arguments.rounds)
            entries.append(entry)
            print(row(entry, names), flush=True)
            write(entries, arguments.output, arguments.threads, False)  # idleness is known at the end
        is_idle = check_idle(ours) and is_idle
    except WorkerError as error:
        print(f"our worker: {error}", file=sys.stderr)
        return 1
    finally:
        for process in processes:
            process.end()
    write(entries, arguments.output, arguments.threads, is_idle)
    print(f"The results are in {arguments.output}.")
    wrong = [entry for entry in entries if max(entry.errors.values(), default=0.0) > TOLERANCE]
    for entry in wrong:
        print(f"{entry.workload.shape}, {entry.workload.kernels}: results differ from ours by {entry.errors}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
