"""Who takes part, and under which conditions."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from process import Contestant

FOLDER = Path(__file__).resolve().parent

# The engine runs as it is installed; the peers get what makes them fastest. Threads stay on their cores, and memory
# that was freed is kept, in huge pages where there are any: by default every large array is mapped anew, and each of
# its pages costs a fault.
TUNING = {
    "OMP_PROC_BIND": "true",
    "OMP_PLACES": "cores",
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": str(1 << 40),
    "MALLOC_TOP_PAD_": str(1 << 26),
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
    "JAX_PLATFORMS": "cpu",
}


def contestants(worker: Path, threads: int, rigour: str) -> list[Contestant]:
    """Ours first."""
    counts = {"OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}

    def command(module: str, function: str) -> list[str]:
        return [sys.executable, str(FOLDER / "serve.py"), module, function, str(threads)]

    tuned = TUNING | counts
    return [
        Contestant("ours", [str(worker), "--threads", str(threads), "--rigour", rigour]),
        Contestant("longconv_torch", command("longconv_forms", "operator"), tuned),
        Contestant("torch", command("torch_forms", "differentiated"), tuned),
        Contestant("torch_by_hand", command("torch_forms", "by_hand"), tuned),
        Contestant("jax", command("jax_forms", "spectral"), tuned),
        Contestant("scipy", command("scipy_forms", "spectral"), tuned, forward_only=True),
        Contestant("conv1d", command("torch_forms", "direct"), tuned, timeout=20),
    ]


def prepare_for_workers(threads: int) -> None:
    """Keeps the workers to so many processors, and ends them when this process is asked to end."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the callers' `finally` ends them
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, distinct_processors(threads))  # the workers inherit it


def distinct_processors(count: int) -> set[int]:
    """So many processors, on a core each while there are cores."""
    def core(processor: int) -> str:
        siblings = Path(f"/sys/devices/system/cpu/cpu{processor}/topology/thread_siblings_list")
        return siblings.read_text() if siblings.exists() else str(processor)

    allowed = sorted(os.sched_getaffinity(0))
    firsts = list({core(processor): processor for processor in reversed(allowed)}.values())
    return set((sorted(firsts) + [processor for processor in allowed if processor not in firsts])[:count])
