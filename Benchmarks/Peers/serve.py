"""A peer's long-lived process: answers the driver's requests, JSON on standard input and output.

    python serve.py MODULE FUNCTION THREADS

MODULE.FUNCTION(problem, threads) answers the forms in which that library can compute the problem.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable

import numpy as np

from workload import Workload

# Computes a problem once: the output and, unless the library has no gradients, those of all operands in their order.
Form = Callable[[], tuple[Any, ...]]
Forms = dict[str, Form]
TOLERANCE = 1e-4
WARM_SECONDS = 1.0


@dataclass(frozen=True)
class Problem:
    """A workload with its inputs; the kernel has a leading axis of 1 where the batch shares it."""

    workload: Workload
    operands: tuple[np.ndarray, ...]  # signal, kernel; input gate, output gate, skip
    upstream: np.ndarray

    @property
    def signal(self) -> np.ndarray:
        return self.operands[0]

    @property
    def kernel(self) -> np.ndarray:
        return self.operands[1]

    @staticmethod
    def read(workload: Workload, directory: Path) -> Problem:
        def array(name: str, shape: tuple[int, ...]) -> np.ndarray:
            return np.fromfile(directory / f"{name}.f32", np.float32).reshape(shape)

        return Problem(workload, tuple(array(*operand) for operand in workload.operand_shapes.items()),
                       array("upstream", workload.signal_shape))


def relative_error(found: np.ndarray, expected: np.ndarray) -> float:
    """In the Euclidean norm, over all elements."""
    difference = np.subtract(found.ravel(), expected.ravel(), dtype=np.float64)
    return float(np.linalg.norm(difference) / np.linalg.norm(expected.ravel().astype(np.float64)))


def milliseconds(form: Form, at_least: float = 0.1) -> float:
    """The median time of one call, taken as the Swift worker takes it: one call that is not counted, then calls until
    they have taken `at_least` seconds together. The first call counts where it takes too long to need warming."""
    first = milliseconds_without_warming(form, 0)
    return first if first > 1e3 * WARM_SECONDS else milliseconds_without_warming(form, at_least)


def milliseconds_without_warming(form: Form, at_least: float) -> float:
    """The median time of one call."""
    times: list[float] = []
    while not times or sum(times) < at_least:
        start = time.perf_counter()
        form()
        times.append(time.perf_counter() - start)
    return 1e3 * statistics.median(times)


def prepare(forms: Forms, roles: list[str], results: Path) -> Forms:
    """Writes the results of the first form, checks that all others give the same, and keeps the fast ones."""
    results.mkdir(parents=True, exist_ok=True)
    expected: list[np.ndarray] = []
    times: dict[str, float] = {}
    for name, form in forms.items():
        arrays = [np.asarray(array) for array in form()]
        expected = expected or arrays
        for role, found, first in zip(roles, arrays, expected):
            if (error := relative_error(found, first)) > TOLERANCE:
                raise RuntimeError(f"the {role} by '{name}' differs from the first form's by {error:.1e}")
        del arrays
        times[name] = milliseconds_without_warming(form, at_least=0.1)
    for role, array in zip(roles, expected):
        array.tofile(results / f"{role}.f32")
    fastest = min(times.values())
    return {name: forms[name] for name, duration in times.items() if duration <= 1.25 * fastest}


def main() -> None:
    # Answers go to the real standard output; whatever a library prints goes to standard error.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    make_forms = getattr(importlib.import_module(sys.argv[1]), sys.argv[2])
    threads = int(sys.argv[3])
    forms: Forms = {}

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        nonlocal forms
        if request["command"] == "prepare":
            forms = {}
            gc.collect()
            problem = Problem.read(Workload.from_json(request["workload"]), Path(request["inputs"]))
            forms = prepare(make_forms(problem, threads), problem.workload.results, Path(request["results"]))
            return {"forms": list(forms)}
        return {"milliseconds": milliseconds(forms[request["form"]])}

    print("{}", file=answers, flush=True)
    for line in sys.stdin:
        try:
            reply = answer(json.loads(line))
        except Exception as error:  # The driver reports it and goes on without this peer.
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), file=answers, flush=True)


if __name__ == "__main__":
    main()
