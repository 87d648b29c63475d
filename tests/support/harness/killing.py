"""Ends processes without a word to them, as a machine that goes down does, or one that runs out of memory."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Collection, Iterator
from contextlib import suppress

# How the process that serves the provider is started: by the local engine, and by pulumi.
_PROVIDERS = ("provider_host.py", "pulumi.dynamic")
# In which an engine notices that its provider is gone.
_SECONDS = 60


def kill_run(begun: subprocess.Popen[bytes]) -> None:
    """Kill a process and all that it started."""
    doomed = [begun.pid, *(pid for pid, _ in _children(begun.pid))]
    _kill(doomed)
    begun.wait()


def kill_provider(begun: subprocess.Popen[bytes]) -> None:
    """Kill the provider's process alone, and let the engine come to its end, which must be a failure."""
    doomed = [pid for pid, line in _children(begun.pid) if any(name in line for name in _PROVIDERS)]
    assert doomed, "no process serves the provider"
    _kill(doomed)
    begun.wait(_SECONDS)
    assert begun.returncode != 0, "the run ended as if its provider were alive"


def _kill(doomed: Collection[int]) -> None:
    for pid in doomed:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _children(pid: int) -> Iterator[tuple[int, str]]:
    """Yield the id and the command line of every process that was started by this one, at whatever remove."""
    listing = ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="]
    listed = subprocess.run(listing, capture_output=True, text=True, check=True).stdout
    processes = [line.split(maxsplit=2) for line in listed.splitlines()]
    found = [pid]
    for parent in found:
        for child, of, *line in processes:
            if int(of) == parent:
                found.append(int(child))
                yield int(child), " ".join(line)
