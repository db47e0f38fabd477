"""Convolves a WAV file of 16 bits with a kernel of floats by SciPy's oaconvolve, as its users write it.

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


if __name__ == "__main__":
    main()
