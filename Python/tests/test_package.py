"""What is installed; the examples in documentation; what is said when something is missing."""

from __future__ import annotations

import doctest
import importlib
import os
import pkgutil
import re
import subprocess
import sys
from importlib.metadata import distribution, version
from pathlib import Path

import guides
import numpy as np
import pytest
from guides import REPOSITORY

import longconv

FRAMEWORKS = ("longconv.torch", "longconv.jax")


def modules(package: str = "longconv") -> list[str]:
    """The package and what is in it, without importing PyTorch or JAX, whose threads would be shared."""
    names = [package]
    for found in pkgutil.iter_modules(importlib.import_module(package).__path__, f"{package}."):
        if found.name not in FRAMEWORKS:
            names += modules(found.name) if found.ispkg else [found.name]
    return names


@pytest.mark.parametrize("name", modules())
def test_docstrings(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


@pytest.mark.parametrize("path", guides.GUIDES)
def test_guides(path: str) -> None:
    """Each example of a guide that needs NumPy alone runs, and prints what the guide says."""
    for code, printed in guides.examples(path, with_frameworks=False):
        guides.check(code, printed)


def test_versions() -> None:
    assert longconv.__version__ == version("longconv")
    assert distribution("longconv").requires is not None
    needed = [requirement for requirement in distribution("longconv").requires or [] if "extra ==" not in requirement]
    assert [re.split("[<>=]", requirement)[0] for requirement in needed] == ["numpy"]


def test_files() -> None:
    folder = Path(longconv.__file__).parent
    for name in ("py.typed", "include/longconv.h", "jax/handlers.cpp"):
        assert (folder / name).exists(), name
    wheel = distribution("longconv").read_text("WHEEL")
    assert wheel is not None and "Root-Is-Purelib: false" in wheel and "Tag: py3-none-" in wheel


def run(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", script], env={**os.environ, **environment}, capture_output=True, text=True)


def test_a_wheel_runs_without_swift(tmp_path: Path) -> None:
    """It is installed into an environment of its own, which sees NumPy and nothing else, and finds no program."""
    built = {**os.environ, "LONGCONV_C_LIBRARY": str(REPOSITORY / ".build" / "c-library")}
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", tmp_path, REPOSITORY / "Python"],
                   env=built, check=True)
    (wheel,) = tmp_path.glob("longconv-*-py3-none-*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--no-index", "--target", tmp_path / "site", wheel], check=True)
    (tmp_path / "site" / "numpy").symlink_to(Path(np.__file__).parent)
    for libraries in Path(np.__file__).parents[1].glob("numpy.libs"):
        (tmp_path / "site" / "numpy.libs").symlink_to(libraries)
    script = "import longconv; print(longconv.__file__, longconv.convolve([[1.0, 2.0]], [[1.0, 10.0]]).tolist())"
    result = subprocess.run([sys.executable, "-S", "-c", script], env={"PYTHONPATH": str(tmp_path / "site"), "PATH": ""},
                            capture_output=True, text=True)
    assert result.stdout == f"{tmp_path}/site/longconv/__init__.py [[1.0, 12.0]]\n", result.stderr


def test_frameworks_are_imported_by_their_modules_alone() -> None:
    result = run("import sys, longconv; print({'torch', 'jax', 'scipy'} & set(sys.modules))")
    assert result.stdout == "set()\n", result.stderr


def test_a_missing_library() -> None:
    result = run("import longconv", LONGCONV_LIBRARY="/nowhere/liblongconv.so")
    assert result.returncode == 1 and "ImportError" in result.stderr and "/nowhere/liblongconv.so" in result.stderr


def test_missing_fftw(tmp_path: Path) -> None:
    """A library that needs one of FFTW's which is not there, as the loader finds it on a machine without FFTW."""
    source = tmp_path / "empty.c"
    source.write_text("int fftwf_nowhere(void) { return 0; }\n")
    try:
        for arguments in (["-o", "libfftw3f-nowhere.so"], ["-o", "liblongconv.so", "-L.", "-Wl,--no-as-needed",
                                                           "-lfftw3f-nowhere"]):
            subprocess.run(["cc", "-shared", "-fPIC", "empty.c", *arguments], cwd=tmp_path, check=True)
    except FileNotFoundError:
        pytest.skip("no C compiler")
    (tmp_path / "libfftw3f-nowhere.so").unlink()
    result = run("import longconv", LONGCONV_LIBRARY=str(tmp_path / "liblongconv.so"))
    assert result.returncode == 1 and "ImportError" in result.stderr
    assert "apt-get install libfftw3-single3 libfftw3-double3" in result.stderr
