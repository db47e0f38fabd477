"""Convolves a WAV file of 16 bits with a kernel of floats by SciPy's oaconvolve, as its users write it, and says the peak of its memory.

    convolve_file.py SIGNAL KERNEL OUTPUT THREADS
"""

from __future__ import annotations

import sys

import numpy as np
from scipy import fft, signal
from scipy.io import wavfile


def main() -> None:
    source, response, target, threads = sys.argv[1:]
    rate, samples = wavfile.read(source)
    _, kernel = wavfile.read(response)
    with fft.set_workers(int(threads)):
        output = signal.oaconvolve(samples.astype(np.float32), kernel[:, np.newaxis], axes=0)
    np.rint(output, out=output)
    np.clip(output, -32768, 32767, out=output)
    wavfile.write(target, rate, output.astype(np.int16))
    with open("/proc/self/status") as status:
        kibibytes = next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))
    print(f"peak memory {kibibytes * 1024 / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
