"""Starts and ends the two processes of a run: the program, and its dynamic providers.

Both are started before the engine's own imports, wait for their settings on standard input, and die with the engine
however it dies: the system closes the pipe for a process that was killed.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Final

from signals_local.engine.config import Project
from signals_local.engine.errors import EngineError
from signals_local.engine.report import Severity

_HERE: Final = Path(__file__).parent
_GRACE_SECONDS: Final = 5.0


Listener = Callable[[str, Severity], None]


class Host:
    """A child process whose output is passed on line by line."""

    def __init__(self, script: str, project: Project, environment: Mapping[str, str]) -> None:
        # The provider's address is the first line it prints, so nothing may be held back in a buffer.
        command = [project.interpreter, "-u", str(_HERE / script)]
        try:
            self._process = subprocess.Popen(  # noqa: S603 -- the interpreter is the project's own choice
                command,
                cwd=project.program_directory,
                env={**os.environ, **environment, "PULUMI_PROJECT": project.name, "PYTHONUTF8": "1"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                # A Ctrl-C on the terminal is for the engine alone, which ends the others in order.
                start_new_session=True,
                bufsize=0,
            )
        except OSError as fault:
            raise EngineError(f"{project.interpreter} cannot be started: {fault.strerror}") from None
        self._readers: list[threading.Thread] = []

    def send(self, line: str) -> None:
        """Send the process its settings, as a line."""
        # A process that died at once is told of by whoever waits for it.
        with contextlib.suppress(BrokenPipeError):
            self._stdin.write(line.encode() + b"\n")
            self._stdin.flush()

    def read_line(self) -> str:
        """Return the next line of standard output; empty if the process ended."""
        return self._stdout.readline().decode(errors="replace").strip()

    def pass_on(self, listener: Listener) -> None:
        """Hand what the process writes from now on to the listener, in pieces of whole lines."""
        for stream, severity in ((self._stdout, "info"), (self._stderr, "info#err")):
            reader = threading.Thread(target=self._read, args=(stream, severity, listener), daemon=True)
            reader.start()
            self._readers.append(reader)

    def wait(self, seconds: float | None = None) -> int | None:
        """Return the exit code once the process ends; None if it has not by then."""
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        for reader in self._readers:
            reader.join(_GRACE_SECONDS)
        return code

    @property
    def running(self) -> bool:
        """Whether the process has not ended yet."""
        return self._process.poll() is None

    def stop(self) -> None:
        """End the process: by closing its pipe, or harder."""
        with contextlib.suppress(OSError):
            self._stdin.close()
        if self.wait(_GRACE_SECONDS) is None:
            self._process.kill()
            self.wait()
        for stream in (self._stdout, self._stderr):
            stream.close()

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()

    @property
    def errors(self) -> str:
        """What stands on standard error, for a process that ended early."""
        return self._stderr.read().decode(errors="replace").strip()

    @property
    def _stdin(self) -> IO[bytes]:
        assert self._process.stdin is not None  # noqa: S101 -- it was asked for
        return self._process.stdin

    @property
    def _stdout(self) -> IO[bytes]:
        assert self._process.stdout is not None  # noqa: S101 -- it was asked for
        return self._process.stdout

    @property
    def _stderr(self) -> IO[bytes]:
        assert self._process.stderr is not None  # noqa: S101 -- it was asked for
        return self._process.stderr

    @staticmethod
    def _read(stream: IO[bytes], severity: Severity, listener: Listener) -> None:
        with (
            contextlib.suppress(ValueError, OSError),
            io.BufferedReader(io.FileIO(stream.fileno(), closefd=False)) as lines,
        ):
            for line in lines:
                listener(line.decode(errors="replace"), severity)


class Hosts:
    """The processes of one run. Entered before the engine knows its own address; left with both ended."""

    def __init__(self, project: Project, *, program: bool) -> None:
        self._project = project
        self.provider = Host("provider_host.py", project, {})
        self.program = Host("program_host.py", project, {}) if program else None

    def stop(self) -> None:
        """End both."""
        for host in (self.program, self.provider):
            if host is not None:
                host.stop()

    def kill(self) -> None:
        """End both at once."""
        for host in (self.program, self.provider):
            if host is not None:
                host.kill()

    def start_program(self, settings: Mapping[str, Any]) -> None:
        """Let the program run."""
        if self.program is not None:
            self.program.send(json.dumps(settings))

    def start_provider(self, address: str) -> int:
        """Let the provider serve, and return its port.

        Raises:
            EngineError: if it does not start; with what it wrote.
        """
        self.provider.send(address)
        line = self.provider.read_line()
        if not line.isdecimal():
            self.provider.wait(_GRACE_SECONDS)
            raise EngineError(
                f"the provider process did not start. Is Pulumi installed for {self._project.interpreter}?\n"
                + (self.provider.errors or line)
            )
        return int(line)


@contextlib.contextmanager
def started(project: Project, *, program: bool) -> Iterator[Hosts]:
    """Start the processes, and end them whatever happens."""
    hosts = Hosts(project, program=program)
    try:
        yield hosts
    finally:
        hosts.stop()
