"""A worker process that runs only while it is asked something."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import time
from dataclasses import dataclass, field
from typing import Any


class WorkerError(Exception):
    """A worker could not do what it was asked."""


@dataclass(frozen=True)
class Contestant:
    """How a worker is started."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    timeout: float = 900  # seconds for one answer
    forward_only: bool = False
    tables: frozenset[str] = frozenset(["long"])  # those that it takes part in
    library: str | None = None  # the module without which it cannot


class Process:
    """A contestant's process. Between requests it is stopped (SIGSTOP), so that none of its threads spins while it is
    another's turn."""

    def __init__(self, contestant: Contestant) -> None:
        self.contestant = contestant
        self._process: subprocess.Popen[bytes] | None = None
        self._received = b""

    def ask(self, command: str, **fields: Any) -> dict[str, Any]:
        """Starts the process if need be, and answers its answer."""
        process = self._process or self._start()
        os.kill(process.pid, signal.SIGCONT)
        try:
            assert process.stdin is not None
            process.stdin.write(json.dumps({"command": command, **fields}).encode() + b"\n")
            process.stdin.flush()
            answer = json.loads(self._receive(process))
        except BrokenPipeError:
            self.end()
            raise WorkerError("its process has ended") from None
        os.kill(process.pid, signal.SIGSTOP)
        if "error" in answer:
            raise WorkerError(answer["error"])
        return answer

    def end(self) -> None:
        """Ends the process, running or stopped."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process, self._received = None, b""

    def _start(self) -> subprocess.Popen[bytes]:
        self._process = subprocess.Popen(
            self.contestant.command, env=os.environ | self.contestant.environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._receive(self._process)  # It says when it is ready.
        return self._process

    def _receive(self, process: subprocess.Popen[bytes]) -> bytes:
        assert process.stdout is not None
        deadline = time.monotonic() + self.contestant.timeout
        while b"\n" not in self._received:
            ready, _, _ = select.select([process.stdout], [], [], max(0.0, deadline - time.monotonic()))
            part = os.read(process.stdout.fileno(), 1 << 16) if ready else b""
            if not part:
                self.end()
                raise WorkerError(
                    "its process has ended" if ready else f"no answer within {self.contestant.timeout:.0f} s")
            self._received += part
        line, _, self._received = self._received.partition(b"\n")
        return line
