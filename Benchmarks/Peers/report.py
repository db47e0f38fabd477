"""What a comparison found: a row of a table, an object of a file."""

from __future__ import annotations

import json
import statistics
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workload import Workload

Times = dict[str, dict[str, list[float]]]  # contestant -> form -> milliseconds of each round


@dataclass
class Entry:
    """One workload. Times are milliseconds: medians over the rounds, of the form that has the smallest."""

    table: str
    workload: Workload
    threads: int
    ours: float = 0.0  # the engine: output and both gradients
    tensors: float = 0.0  # the same through our reverse-mode differentiation
    forward: float = 0.0  # the engine's output alone
    spread: float = 0.0  # the largest distance of a round from our median, relative to it
    peers: dict[str, float] = field(default_factory=dict)
    forms: dict[str, str] = field(default_factory=dict)  # the one that was the fastest
    forward_only: list[str] = field(default_factory=list)
    errors: dict[str, float] = field(default_factory=dict)  # relative distance from our results
    absences: dict[str, str] = field(default_factory=dict)  # why a peer has no time

    def take(self, times: Times, forward_only: set[str]) -> None:
        """Keeps the medians of the rounds."""
        medians = {name: {form: statistics.median(rounds) for form, rounds in forms.items()}
                   for name, forms in times.items()}
        ours = medians.pop("ours")
        self.ours, self.tensors, self.forward = ours["engine"], ours["tensors"], ours["forward"]
        self.spread = max(abs(time - self.ours) / self.ours for time in times["ours"]["engine"])
        for name, forms in medians.items():
            self.forms[name] = min(forms, key=lambda form: forms[form])
            self.peers[name] = forms[self.forms[name]]
        self.forward_only = sorted(forward_only & medians.keys())

    def ratio(self, peer: str) -> float:
        """How many times as long as ours the peer takes for the same."""
        return self.peers[peer] / (self.forward if peer in self.forward_only else self.ours)


def header(names: list[str]) -> str:
    words = [f"{'shape':16}", f"{'boundary':8}", f"{'kernels':10}"]
    ours = [f"{name:>8}" for name in ("ours", "tensors", "forward")]
    return "  ".join(words + ours + [f"{name:>17}" for name in names] + [f"{'error':>7}", f"{'spread':>6}"])


def row(entry: Entry, names: list[str]) -> str:
    workload = entry.workload
    cells = [f"{workload.shape:16}", f"{workload.boundary:8}", f"{kernels(workload):10}"]
    cells += [f"{time:8.{digits(time)}f}" for time in (entry.ours, entry.tensors, entry.forward)]
    for name in names:
        time = entry.peers.get(name)
        text = "-" if time is None else f"{time:.{digits(time)}f} ({entry.ratio(name):.1f}x)"
        cells.append(f"{text + ('f' if name in entry.forward_only else ' '):>17}")
    cells += [f"{max(entry.errors.values(), default=0.0):7.0e}", f"{100 * entry.spread:4.0f} %"]
    return "  ".join(cells)


def kernels(workload: Workload) -> str:
    """How they are shared or, where they are shorter than the signals, their lengths."""
    is_long = workload.kernel_extents == workload.extents
    return workload.kernels if is_long else "x".join(map(str, workload.kernel_extents)) + " taps"


def digits(time: float) -> int:
    """So many decimal places that three significant digits show."""
    return 3 if time < 1 else 2 if time < 10 else 1 if time < 100 else 0


def write(entries: list[Entry], file: Path, is_idle: bool) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps([fields(entry, is_idle) for entry in entries], indent=2) + "\n")


def fields(entry: Entry, is_idle: bool) -> dict[str, Any]:
    workload = entry.workload
    # In two dimensions the direct convolution is torch's other one.
    names = {"conv1d": "conv1d" if len(workload.extents) == 1 else "conv2d"}
    return {
        "table": entry.table, "shape": workload.shape, "kernel_extents": list(workload.kernel_extents),
        "boundary": workload.boundary, "kernels": workload.kernels, "is_gated": workload.is_gated,
        "ours": entry.ours, "ours_through_tensors": entry.tensors, "ours_forward": entry.forward,
        "peers": {names.get(name, name): time for name, time in entry.peers.items()},
        "forward_only": entry.forward_only, "fastest_forms": entry.forms, "relative_errors": entry.errors,
        "absent": entry.absences, "spread": entry.spread, "threads": entry.threads, "machine_was_idle": is_idle,
    }
