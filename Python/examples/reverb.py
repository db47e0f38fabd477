"""Adds the reverberation of a room to a WAV file.

    python reverb.py dry.wav wet.wav
    python reverb.py dry.wav wet.wav --room church.wav     a recorded impulse response
    python reverb.py dry.wav wet.wav --block 256           in blocks, as audio arrives

Files have 16 bits a sample. Without a recording the room is noise that decays by 60 dB in the given time.
"""

from __future__ import annotations

import argparse
import wave
from typing import Any

import numpy as np
import numpy.typing as npt

import longconv

Samples = npt.NDArray[np.float32]


def read(path: str) -> tuple[Samples, int]:
    """The samples ``[channels, n]`` from -1 to 1, and how many there are in a second."""
    with wave.open(path) as file:
        if file.getsampwidth() != 2:
            raise SystemExit(f"{path}: expected 16 bits a sample, found {8 * file.getsampwidth()}")
        data = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return (data.reshape(-1, file.getnchannels()).T / np.float32(32768)).astype(np.float32), file.getframerate()


def write(path: str, samples: Samples, rate: int) -> None:
    with wave.open(path, "wb") as file:
        file.setnchannels(len(samples))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.round(samples.T * 32767).astype("<i2").tobytes())


def decaying_noise(seconds: float, channels: int, rate: int) -> Samples:
    """An impulse response ``[channels, n]``, each channel with noise of its own."""
    times = np.arange(int(seconds * rate)) / rate
    noise = np.random.default_rng(1).standard_normal((channels, len(times)))
    return (noise * 10 ** (-3 * times / seconds)).astype(np.float32)


def reverberate(dry: Samples, room: Samples, block: int | None) -> Samples:
    """dry * room: all of it, or as long as ``dry`` in blocks."""
    if block is None:
        return longconv.convolve(dry, room, boundary="full")
    stream = longconv.Streaming(room, block)
    return np.concatenate([stream.push(dry[:, start:start + block]) for start in range(0, dry.shape[1], block)], 1)


def main() -> None:
    parser: Any = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("input")
    parser.add_argument("output")
    parser.add_argument("--room", help="a WAV file with an impulse response")
    parser.add_argument("--seconds", type=float, default=2.0, help="in which the noise decays by 60 dB")
    parser.add_argument("--wet", type=float, default=0.4, help="the part of the reverberation, from 0 to 1")
    parser.add_argument("--block", type=int, help="samples of a block, a power of two")
    arguments = parser.parse_args()

    dry, rate = read(arguments.input)
    room, room_rate = read(arguments.room) if arguments.room else (decaying_noise(arguments.seconds, len(dry), rate), rate)
    if room_rate != rate:
        raise SystemExit(f"expected two files of one rate, found {rate} and {room_rate}")
    room = np.ascontiguousarray(np.broadcast_to(room[:1] if len(room) != len(dry) else room, (len(dry), room.shape[1])))
    wet = reverberate(dry, room, arguments.block)
    mixed = arguments.wet * wet / max(float(np.abs(wet).max()), 1e-9)
    mixed[:, :dry.shape[1]] += (1 - arguments.wet) * dry
    write(arguments.output, mixed / max(1.0, float(np.abs(mixed).max())), rate)
    print(f"{arguments.output}: {mixed.shape[1] / rate:.2f} s, {len(mixed)} channels")


if __name__ == "__main__":
    main()
