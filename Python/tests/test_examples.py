"""The examples that need NumPy alone."""

from __future__ import annotations

import re
import subprocess
import sys
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def run(name: str, *arguments: Any) -> str:
    result = subprocess.run([sys.executable, "-W", "error", EXAMPLES / name, *map(str, arguments)], capture_output=True,
                            text=True)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_numpy_drop_in() -> None:
    printed = run("numpy_drop_in.py")
    assert "the echo begins at sample 123456" in printed
    # The square has 40,000 pixels; the bell has the sum 1 and does not reach its center's border.
    assert "the sum 40000.000 and the center 1.000" in printed
    # 1 / sqrt(2000); of 2,000 windows that share no sample the estimate itself deviates by 1 / sqrt(4000) of that.
    (deviation,) = re.findall("deviation ([0-9.]+) of 1", printed)
    assert abs(float(deviation) * 2000**0.5 - 1) < 6 / 4000**0.5


@pytest.mark.parametrize("block", [None, 256])
def test_reverb(tmp_path: Path, block: int | None) -> None:
    """Of a click the wet file has the room's response, at 60 dB less after the given time."""
    clicks = np.zeros((2, 8000), "<i2")
    clicks[:, 0] = 32767
    with wave.open(str(tmp_path / "dry.wav"), "wb") as file:
        file.setparams((2, 2, 8000, 0, "NONE", ""))
        file.writeframes(clicks.T.tobytes())
    options = ["--block", block] if block else []
    printed = run("reverb.py", tmp_path / "dry.wav", tmp_path / "wet.wav", "--seconds", 0.5, "--wet", 1, *options)
    assert "2 channels" in printed
    with wave.open(str(tmp_path / "wet.wav")) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2).T.astype(float)
    assert samples.shape[1] == (8000 if block else 8000 + 4000 - 1)
    early, late = (np.sqrt((samples[:, part] ** 2).mean()) for part in (slice(0, 400), slice(3600, 4000)))
    # 0.45 s later: 54 dB less, and 16 bits round at about 80 dB below.
    assert 40 < 20 * np.log10(early / late) < 60
    assert np.abs(samples[:, 4001:]).max() <= 1
