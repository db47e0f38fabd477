"""The code in guides, and what it prints."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
GUIDES = ("README.md", "Python/README.md", "Docs/LongConvolution.docc/FromPython.md")
_EXAMPLE = re.compile(r"```python\n(.*?)```\n(?:\nprints\n\n```text\n(.*?)```)?", re.DOTALL)
_FRAMEWORK = re.compile(r"^\s*(import|from) (torch|jax)|longconv\.(torch|jax)", re.MULTILINE)


def examples(path: str, with_frameworks: bool) -> list[tuple[str, str]]:
    """Each example that needs PyTorch or JAX, or each other one, and what the guide says that it prints."""
    found = _EXAMPLE.findall((REPOSITORY / path).read_text())
    assert found
    return [example for example in found if bool(_FRAMEWORK.search(example[0])) == with_frameworks]


def check(code: str, printed: str, warnings: str = "error") -> None:
    result = subprocess.run([sys.executable, "-W", warnings, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert result.stdout == printed
