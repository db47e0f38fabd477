"""Times streams in blocks against zita-convolver, and convolutions from file to file against SciPy's oaconvolve, interleaved.

Needs what `make peers` makes: the venv, Bench and ConvolveFile. A peer that is not installed is left out, which a line says.
The results are in .build/peers-streams.json.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
BLOCK, TAPS = 64, 1 << 18
RATE = 48_000


def on_one_processor(command: list[str]) -> list[str]:
    """The command on the first processor that this process may use."""
    return ["taskset", "-c", str(min(os.sched_getaffinity(0))), *command]


def compiled_zita(folder: Path) -> Path | None:
    """The measuring program, if the library and a compiler are there."""
    program = folder / "measure_zita"
    try:
        subprocess.run(
            [os.environ.get("CXX", "c++"), "-O2", "-o", program, HERE / "measure_zita.cpp", "-lzita-convolver", "-lpthread"],
            check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        print("zita-convolver: not installed (Debian: libzita-convolver-dev), left out")
        return None
    return program


def medians(rounds: list[dict[str, float]]) -> dict[str, float]:
    return {key: statistics.median(one[key] for one in rounds) for key in rounds[0]}


def compare_blocks(folder: Path, bench: Path, rounds: int, periods: int) -> dict[str, Any]:
    """Blocks of 64 samples with 2^18 taps on one processor, nanoseconds."""
    zita = compiled_zita(folder)
    found: dict[str, list[dict[str, float]]] = {"ours": []}
    for _ in range(rounds):
        report = folder / "bench.json"
        subprocess.run(
            on_one_processor([str(bench), "--stream", f"block:{TAPS}", "--output", str(report)]), check=True,
            stdout=subprocess.DEVNULL)
        times = json.loads(report.read_text())["streaming"][0]
        found["ours"].append({
            "median": times["medianBlockNanoseconds"], "worst": times["worstBlockNanoseconds"],
            "mean": BLOCK * times["nanosecondsPerSample"], "longest": times["longestBlockNanoseconds"]})
        for form in ("ALL", "PACED") if zita else ():
            output = subprocess.run(
                on_one_processor([str(zita), str(TAPS), str(BLOCK), str(periods), form]), check=True, capture_output=True)
            found.setdefault(f"zita-convolver, {form.lower()}", []).append(json.loads(output.stdout))
    results = {name: medians(times) for name, times in found.items()}
    print(f"Streams in blocks of {BLOCK} samples, {TAPS} taps, one channel, one processor; nanoseconds")
    print(f"{'':24}{'median':>10}{'worst':>10}{'mean':>10}{'longest':>12}")
    for name, times in results.items():
        print(f"{name:24}" + "".join(f"{times[key]:{width}.0f}" for key, width in
                                      (("median", 10), ("worst", 10), ("mean", 10), ("longest", 12))), flush=True)
    return results


def timed(command: list[str]) -> tuple[float, float]:
    """The seconds of a command that must succeed, and its peak memory in MB, which it says itself: what the system says of a
    process that has ended includes the program that started it."""
    start = time.perf_counter()
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    seconds = time.perf_counter() - start
    return seconds, float(output.split("peak memory ")[1].split()[0])


def write_inputs(folder: Path, seconds: int, taps: int) -> tuple[Path, Path]:
    """Two channels of 16-bit noise, and a fading response in floats."""
    from scipy.io import wavfile

    generator = np.random.default_rng(0)
    signal, kernel = folder / "signal.wav", folder / "kernel.wav"
    wavfile.write(signal, RATE, generator.integers(-9000, 9000, (seconds * RATE, 2), np.int16))
    fading = np.exp(-6 * np.arange(taps) / taps) * generator.standard_normal(taps) / 30
    wavfile.write(kernel, RATE, fading.astype(np.float32))
    return signal, kernel


def copy_synchronized(source: Path, target: Path) -> float:
    """The seconds of a copy that is on the disk."""
    start = time.perf_counter()
    shutil.copyfile(source, target)
    descriptor = os.open(target, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
    return time.perf_counter() - start


def distance(ours: Path, theirs: Path) -> int:
    """The largest difference between two files of 16-bit samples, in steps."""
    from scipy.io import wavfile

    (_, first), (_, second) = (wavfile.read(file, mmap=True) for file in (ours, theirs))
    if first.shape != second.shape:
        sys.exit(f"the outputs have the shapes {first.shape} and {second.shape}")
    parts = range(0, len(first), 1 << 20)
    return max(int(np.abs(first[at:at + (1 << 20)].astype(int) - second[at:at + (1 << 20)]).max()) for at in parts)


def compare_files(folder: Path, program: Path, rounds: int, seconds: int, taps: int, threads: int) -> dict[str, Any]:
    signal, kernel = write_inputs(folder, seconds, taps)
    ours, theirs, copied = folder / "ours.wav", folder / "theirs.wav", folder / "copied.wav"
    commands = {
        "ours": [str(program), str(signal), str(kernel), str(ours), "--threads", str(threads)],
        "oaconvolve": [sys.executable, str(HERE / "convolve_file.py"), str(signal), str(kernel), str(theirs), str(threads)],
    }
    found: dict[str, list[dict[str, float]]] = {name: [] for name in commands}
    copies = []
    for _ in range(rounds):
        copies.append(copy_synchronized(signal, copied))
        for name, command in commands.items():
            time_taken, peak = timed(command)
            found[name].append({"seconds": time_taken, "megabytes": peak})
    results: dict[str, Any] = {name: medians(times) for name, times in found.items()}
    results["copy"] = {"seconds": statistics.median(copies)}
    results["difference"] = distance(ours, theirs)
    samples = 2 * seconds * RATE
    print(f"From file to file: {samples / 1e6:.1f} million samples of 16 bits, {taps} taps, {threads} threads")
    for name in ("ours", "oaconvolve", "copy"):
        times = results[name]
        memory = f"{times['megabytes']:9.0f} MB" if "megabytes" in times else ""
        print(f"{name:12}{times['seconds']:8.2f} s{samples / times['seconds'] / 1e6:9.1f} million samples a second{memory}")
    print(f"largest difference: {results['difference']} of 65,536 steps", flush=True)
    return results | {"samples": samples, "taps": taps, "threads": threads}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one round, and shorter files")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--minutes", type=int, default=10, help="the length of the file")
    parser.add_argument("--taps", type=int, default=144_000, help="the taps of the file's kernel")
    parser.add_argument("--only", choices=("blocks", "files"), help="measure this alone")
    parser.add_argument("--bench", type=Path, default=ROOT / ".build/benchmarks/release/Bench")
    parser.add_argument("--program", type=Path, default=ROOT / ".build/programs/ConvolveFile")
    parser.add_argument("--output", type=Path, default=ROOT / ".build/peers-streams.json")
    arguments = parser.parse_args()
    rounds, minutes = (1, 1) if arguments.quick else (arguments.rounds, arguments.minutes)
    results: dict[str, Any] = {}
    # On a disk: what is in memory alone is written at another speed.
    with tempfile.TemporaryDirectory(dir=arguments.output.parent) as name:
        folder = Path(name)
        if arguments.only != "files":
            results["blocks"] = compare_blocks(folder, arguments.bench, rounds, 3 if arguments.quick else 21)
        if arguments.only != "blocks":
            results["files"] = compare_files(
                folder, arguments.program, rounds, 60 * minutes, arguments.taps, arguments.threads)
    arguments.output.write_text(json.dumps(results, indent=2) + "\n")
    print(f"The results are in {arguments.output}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
