"""A program written for SciPy, with one import changed: finds an echo, blurs a picture, smooths a long recording.

    python numpy_drop_in.py
"""

from __future__ import annotations

import time

import numpy as np

# Was: from scipy.signal import correlate, fftconvolve, oaconvolve
from longconv.signal import correlate, fftconvolve, oaconvolve


def main() -> None:
    rng = np.random.default_rng(1)

    call = rng.standard_normal(5_000)
    recording = 0.5 * rng.standard_normal(200_000)
    recording[123_456:123_456 + len(call)] += call
    found = int(correlate(recording, call, mode="valid").argmax())
    print(f"the echo begins at sample {found}")

    picture = np.zeros((600, 800))
    picture[200:400, 300:500] = 1
    bell = np.exp(-np.linspace(-3, 3, 61) ** 2)
    blurred = fftconvolve(picture, np.outer(bell, bell) / bell.sum() ** 2, mode="same")
    print(f"the blurred square has the sum {blurred.sum():.3f} and the center {blurred[300, 400]:.3f}")

    start = time.perf_counter()
    smooth = oaconvolve(rng.standard_normal(4_000_000), np.full(2_000, 1 / 2_000), mode="same")
    print(f"the smoothed noise has the deviation {smooth.std():.5f} of 1; it took {time.perf_counter() - start:.2f} s")


if __name__ == "__main__":
    main()
