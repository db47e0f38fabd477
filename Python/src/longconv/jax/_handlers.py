"""The handlers through which XLA calls the engine, compiled once for each version of jaxlib."""

from __future__ import annotations

import ctypes
import hashlib
import os
import shlex
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import jax

from .._library import library_path

_SOURCE = Path(__file__).with_name("handlers.cpp")
_HEADERS = Path(__file__).parents[1] / "include"
# The library is loaded already: its symbols are found in the process.
_FLAGS = ["-std=c++17", "-O2", "-shared", "-fPIC"] + (
    ["-undefined", "dynamic_lookup"] if sys.platform == "darwin" else [])
TARGETS = ("longconv_jax_apply", "longconv_jax_gradients")


def _cache_folder() -> Path:
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "longconv"


def _compile(target: Path) -> None:
    """Compiles the handlers with the headers that jaxlib has; the file gets its name once it is complete."""
    compiler = shlex.split(os.environ.get("CXX", "c++"))
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        result = Path(folder) / target.name
        command = [*compiler, *_FLAGS, f"-I{jax.ffi.include_dir()}", f"-I{_HEADERS}", str(_SOURCE), "-o", str(result)]
        try:
            subprocess.run(command, check=True, capture_output=True, text=True)
        except FileNotFoundError as error:
            raise ImportError(
                "longconv.jax compiles a small file with the headers of the installed jaxlib when it is imported for "
                f"the first time, and found no C++ compiler {compiler[0]!r}; install one (apt-get install g++) or "
                "name it in the environment variable CXX") from error
        except subprocess.CalledProcessError as error:
            raise ImportError(f"longconv.jax: {shlex.join(command)}\n{error.stderr}") from error
        os.replace(result, target)


def register() -> None:
    """Registers the handlers with XLA, after compiling them if this is the first time."""
    contents = b"".join(path.read_bytes() for path in [_SOURCE, *sorted(_HEADERS.glob("*.h"))])
    jaxlib = version("jaxlib")
    key = hashlib.sha256(contents + repr((jaxlib, _FLAGS)).encode()).hexdigest()[:16]
    target = _cache_folder() / f"handlers-{jaxlib}-{key}{library_path().suffix}"
    if not target.exists():
        _compile(target)
    handlers = ctypes.CDLL(str(target))
    for name in TARGETS:
        jax.ffi.register_ffi_target(name, jax.ffi.pycapsule(getattr(handlers, name)), platform="cpu")
