"""The build hook of hatchling that puts the engine's C library and its headers into the wheel."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# The repository, of which this folder is a part.
REPOSITORY = Path(__file__).resolve().parents[1]


class LibraryHook(BuildHookInterface):  # type: ignore[type-arg]
    """Builds the library with the Swift on this machine, or takes that of the folder `LONGCONV_C_LIBRARY`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        folder = self._library_folder()
        name = "liblongconv.dylib" if sys.platform == "darwin" else "liblongconv.so"
        included = {str(folder / name): f"longconv/lib/{name}"}
        for header in sorted((folder / "include").glob("longconv*.h")):
            included[str(header)] = f"longconv/include/{header.name}"
        if version == "editable":
            build_data["force_include_editable"].update(included)
        else:
            build_data["force_include"].update(included)
        # One wheel for every Python on this kind of machine: no module is compiled against one.
        build_data["pure_python"] = False
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["tag"] = f"py3-none-{platform}"

    def _library_folder(self) -> Path:
        given = os.environ.get("LONGCONV_C_LIBRARY")
        if given:
            return Path(given).resolve()
        script = REPOSITORY / "Scripts" / "c-library"
        if not script.exists():
            raise RuntimeError(f"longconv is built in a clone of its repository: there is no {script}")
        folder = REPOSITORY / ".build" / "c-library"
        try:
            subprocess.run([str(script), str(folder)], check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise RuntimeError(
                "longconv could not build the engine. It needs Swift 6.3 (https://www.swift.org/install) and FFTW with its "
                f"headers (`make setup` installs it): {error}") from error
        return folder
