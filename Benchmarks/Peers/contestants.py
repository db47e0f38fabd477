"""Who takes part, and under which conditions."""

from __future__ import annotations

import importlib.util
import os
import signal
import sys
from pathlib import Path
from typing import Any

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


# The tables: kernels as long as the signals; gated convolutions of that kind; kernels much shorter than the signals, on
# one thread.
TABLES = ("long", "gated", "short")
LONG = frozenset(["long"])
DIFFERENTIATED = frozenset(["long", "gated"])
SHORT = frozenset(["short"])


def contestants(table: str, worker: Path, threads: int, rigour: str) -> list[Contestant]:
    """Those of a table that are installed, ours first."""
    counts = {"OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}
    tuned = TUNING | counts

    def peer(name: str, forms: str, library: str, tables: frozenset[str] = LONG, **further: Any) -> Contestant:
        module, function = forms.split(".")
        command = [sys.executable, str(FOLDER / "serve.py"), module, function, str(threads)]
        return Contestant(name, command, tuned, tables=tables, library=library, **further)

    ours = Contestant(
        "ours", [str(worker), "--threads", str(threads), "--rigour", rigour], tables=frozenset(TABLES))
    everyone = [
        ours,
        peer("longconv_torch", "longconv_forms.operator", "longconv"),
        peer("torch", "torch_forms.differentiated", "torch", DIFFERENTIATED),
        peer("torch_by_hand", "torch_forms.by_hand", "torch", DIFFERENTIATED),
        peer("jax", "jax_forms.spectral", "jax", DIFFERENTIATED),
        peer("mlx", "mlx_forms.spectral", "mlx", DIFFERENTIATED),
        peer("scipy", "scipy_forms.spectral", "scipy", forward_only=True),
        peer("pyfftw", "pyfftw_forms.spectral", "pyfftw", forward_only=True),
        peer("ducc0", "ducc0_forms.spectral", "ducc0", forward_only=True),
        peer("oaconvolve", "scipy_forms.overlap_add", "scipy", SHORT, forward_only=True),
        peer("conv1d", "torch_forms.direct", "torch", timeout=20),
    ]
    return [one for one in everyone if table in one.tables and is_installed(one)]


def is_installed(contestant: Contestant) -> bool:
    """Says so if it is not."""
    if contestant.library is None or importlib.util.find_spec(contestant.library) is not None:
        return True
    print(f"{contestant.name} is left out: there is no {contestant.library} in this environment")
    return False


def prepare_for_workers(threads: int) -> None:
    """Binds the workers to a number of processors, and ends them when this process is asked to end."""
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
