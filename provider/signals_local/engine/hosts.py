"""Start and end the two processes of a run: the program, and its dynamic providers.

Both start before the engine's own imports and wait for their settings on standard input. They end with the engine however it
ends, since the system closes the pipe of a killed process.
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
    """A child process whose output is forwarded line by line."""

    def __init__(self, script: str, project: Project, environment: Mapping[str, str]) -> None:
        # The provider prints its address as its first line, so its output must not be buffered.
        command = [project.interpreter, "-u", str(_HERE / script)]
        try:
            self._process = subprocess.Popen(  # noqa: S603 -- the interpreter is the project's own choice
                command,
                cwd=project.program_directory,
                env={**os.environ, **environment, "PULUMI_PROJECT": project.name, "PYTHONUTF8": "1"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                # Ctrl-C must reach only the engine, which ends the other processes in order.
                start_new_session=True,
                bufsize=0,
            )
        except OSError as fault:
            raise EngineError(f"{project.interpreter} cannot be started: {fault.strerror}") from None
        self._readers: list[threading.Thread] = []

    def send(self, line: str) -> None:
        """Send the process its settings as one line."""
        # If the process has already died, the code that waits for it reports that.
        with contextlib.suppress(BrokenPipeError):
            self._stdin.write(line.encode() + b"\n")
            self._stdin.flush()

    def read_line(self) -> str:
        """Return the next line of standard output, or an empty string if the process has ended."""
        return self._stdout.readline().decode(errors="replace").strip()

    def pass_on(self, listener: Listener) -> None:
        """Pass all further output of the process to the listener, in whole lines."""
        for stream, severity in ((self._stdout, "info"), (self._stderr, "info#err")):
            reader = threading.Thread(target=self._read, args=(stream, severity, listener), daemon=True)
            reader.start()
            self._readers.append(reader)

    def wait(self, seconds: float | None = None) -> int | None:
        """Wait for the process to end and return its exit code, or None on timeout."""
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        for reader in self._readers:
            reader.join(_GRACE_SECONDS)
        return code

    @property
    def running(self) -> bool:
        """Whether the process is still running."""
        return self._process.poll() is None

    def stop(self) -> None:
        """End the process by closing its pipe, or by killing it if that does not help."""
        with contextlib.suppress(OSError):
            self._stdin.close()
        if self.wait(_GRACE_SECONDS) is None:
            self._process.kill()
            self.wait()
        for stream in (self._stdout, self._stderr):
            stream.close()

    def kill(self) -> None:
        """Kill the process."""
        self._process.kill()

    @property
    def errors(self) -> str:
        """Return the standard error of a process that ended early."""
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
    """The processes of one run. On entry, the engine need not know its own address yet. On exit, both have ended."""

    def __init__(self, project: Project, *, program: bool) -> None:
        self._project = project
        self.provider = Host("provider_host.py", project, {})
        self.program = Host("program_host.py", project, {}) if program else None

    def stop(self) -> None:
        """End both processes."""
        for host in (self.program, self.provider):
            if host is not None:
                host.stop()

    def kill(self) -> None:
        """Kill both processes."""
        for host in (self.program, self.provider):
            if host is not None:
                host.kill()

    def start_program(self, settings: Mapping[str, Any]) -> None:
        """Send the program its settings, so that it runs."""
        if self.program is not None:
            self.program.send(json.dumps(settings))

    def start_provider(self, address: str) -> int:
        """Send the provider its settings, and return the port that it listens on.

        Raises:
            EngineError: The provider does not start. The text contains its output.
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
    """Start the processes, and end them in any case."""
    hosts = Hosts(project, program=program)
    try:
        yield hosts
    finally:
        hosts.stop()
