"""Imports what deployments import, then runs each command that a client sends in a fork of itself."""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import io
import marshal
import os
import runpy
import selectors
import shutil
import signal
import socket
import struct
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

_IMPORTED = (
    "certifi",
    "cryptography.hazmat.primitives.ciphers.aead",
    "dill",
    "encodings.idna",
    "filelock",
    "grpc._channel",
    "grpc._interceptor",
    "grpc._server",
    "grpc._utilities",
    "grpc.experimental",
    "httpcore",
    "httpx",
    "importlib.readers",
    "jwt",
    "pulumi",
    "pulumi.dynamic",
    "pulumi.runtime.proto.provider_pb2_grpc",
    "pulumi_snowplow_signals",
    "pulumi_snowplow_signals.api.client",
    "pulumi_snowplow_signals.bridge",
    "pulumi_snowplow_signals.cli.command",
    "pulumi_snowplow_signals.cli.document",
    "pulumi_snowplow_signals.cli.doctor.command",
    "pulumi_snowplow_signals.cli.export.command",
    "pulumi_snowplow_signals.cli.listing.command",
    "pulumi_snowplow_signals.cli.markdown",
    "pulumi_snowplow_signals.cli.validation",
    "pulumi_snowplow_signals.criteria.relation",
    "pulumi_snowplow_signals.criteria.texts",
    "pulumi_snowplow_signals.dynamic",
    "pulumi_snowplow_signals.resources.attribute_group",
    "pulumi_snowplow_signals.resources.attribute_key",
    "pulumi_snowplow_signals.resources.interventions",
    "pulumi_snowplow_signals.resources.live_version",
    "pulumi_snowplow_signals.resources.service",
    "rich.console",
    "signals_local.emulator.command",
    "signals_local.emulator.fire_command",
    "signals_local.emulator.serving",
    "signals_local.engine.command",
    "signals_local.engine.deployment",
    "signals_local.engine.digest",
    "signals_local.engine.monitor",
    "signals_local.engine.refresh",
    "signals_local.engine.run",
    "signals_local.engine.session",
    "signals_local.engine.state",
    "signals_local.engine.steps",
    "signals_local.engine.transfer",
    "tenacity",
)
# Pulumi asks an interpreter for its packages before each run. What pip has inside changes from version to version.
_IMPORTED_FOR_PULUMI = (
    "pip._internal.cli.main",
    "pip._internal.commands.list",
    "pip._internal.metadata.importlib",
    "pip._vendor.pkg_resources",
)


class _Server:
    """Forks for clients, and tells each how its fork ended."""

    def __init__(self, path: str) -> None:
        self._selector = selectors.DefaultSelector()
        self._clients: dict[int, socket.socket] = {}
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        self._listener.listen(64)
        self._ended, tell = os.pipe()
        os.set_blocking(tell, False)
        signal.set_wakeup_fd(tell)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        self._selector.register(self._ended, selectors.EVENT_READ, self._reap)
        self._selector.register(0, selectors.EVENT_READ, self._stop)
        self._stopped = False

    def serve(self) -> None:
        """Serve until standard input ends: whoever started this is gone."""
        while not self._stopped:
            for key, _ in self._selector.select():
                key.data()

    def _accept(self) -> None:
        client, _ = self._listener.accept()
        process = _begin(client)
        if process:
            self._clients[process] = client
            self._selector.register(client, selectors.EVENT_READ, lambda: self._kill(process))

    def _kill(self, process: int) -> None:
        """Kill a fork whose client was killed."""
        os.kill(process, signal.SIGKILL)
        self._selector.unregister(self._clients[process])

    def _reap(self) -> None:
        os.read(self._ended, 4096)
        for process, code in _ends():
            client = self._clients.pop(process)
            with contextlib.suppress(KeyError):
                self._selector.unregister(client)
            with contextlib.suppress(OSError):
                client.sendall(struct.pack("!i", code))
            client.close()

    def _stop(self) -> None:
        for process in self._clients:
            os.kill(process, signal.SIGKILL)
        self._stopped = True


def main() -> None:
    """Import, and serve."""
    for name in _IMPORTED:
        importlib.import_module(name)
    for name in _IMPORTED_FOR_PULUMI if shutil.which("pulumi") else ():
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    assert threading.active_count() == 1, "a fork has no threads but the one that forks"
    gc.collect()
    gc.freeze()
    server = _Server(sys.argv[1])
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    try:
        server.serve()
    finally:
        shutil.rmtree(Path(sys.argv[1]).parent)


def _begin(client: socket.socket) -> int:
    """Run what a client wants in a fork; return the fork's id, 0 if the client went away."""
    head, streams, *_ = socket.recv_fds(client, 4, 3)
    size, wish = struct.unpack("!I", head)[0] if head else 0, b""
    while len(wish) < size and (more := client.recv(size - len(wish))):
        wish += more
    is_whole = 0 < size == len(wish)
    process = os.fork() if is_whole else 0
    if is_whole and not process:
        _become(streams, *marshal.loads(wish))  # from our own client
    for stream in streams:
        os.close(stream)
    if not process:
        client.close()
    return process


def _ends() -> list[tuple[int, int]]:
    found = []
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG)) != (0, 0):
            found.append((ended[0], os.waitstatus_to_exitcode(ended[1])))
    return found


def _become(
    streams: list[int], command: list[str], directory: str, environment: dict[bytes, bytes], umask: int
) -> None:
    """Be the process that a client stands for. Does not return."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        os.closerange(3, 256)
        os.chdir(directory)
        os.umask(umask)
        os.environ.clear()
        os.environb.update(environment)
        # What this starts with the same interpreter is warm, too.
        sys.executable, *arguments = command
        code = _run(arguments)
        threading._shutdown()  # type: ignore[attr-defined]  # waits for threads, as an interpreter that ends
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:  # noqa: BLE001  # a fork must never come back into the server
        traceback.print_exc()
    finally:
        os._exit(code)


def _run(arguments: list[str]) -> int:
    """Run what follows `python` in a command, and return its exit code."""
    is_unbuffered = False
    while arguments and arguments[0] in ("-u", "-B"):
        is_unbuffered |= arguments.pop(0) == "-u"
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = sys.__stdout__ = _stream(1, 0 if is_unbuffered else -1)
    sys.stderr = sys.__stderr__ = _stream(2, 0)
    sys.dont_write_bytecode = bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))
    sys.path[:1] = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    try:
        _start(arguments)
    except SystemExit as end:
        if isinstance(end.code, str):
            sys.stderr.write(f"{end.code}\n")
            return 1
        return int(end.code or 0)
    except BaseException:  # noqa: BLE001  # as an interpreter ends
        traceback.print_exc()
        return 1
    return 0


def _start(arguments: list[str]) -> None:
    how, *rest = arguments
    if how == "-m":
        sys.path.insert(0, os.getcwd())  # noqa: PTH109
        sys.argv = rest
        # Here a module that runs has been imported already, of which `runpy` warns.
        if not hasattr(sys.modules.get(rest[0]), "__path__"):  # of a package, it runs another module
            sys.modules.pop(rest[0], None)
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    elif how == "-c":
        sys.path.insert(0, "")
        sys.argv = ["-c", *rest[1:]]
        scope: dict[str, Any] = {"__name__": "__main__"}
        exec(compile(rest[0], "<string>", "exec"), scope)
    else:
        assert not how.startswith("-"), f"{how} is no option that is known here"
        sys.path.insert(0, os.path.dirname(os.path.abspath(how)))  # noqa: PTH100, PTH120
        sys.argv = arguments
        runpy.run_path(how, run_name="__main__")


def _stream(number: int, buffering: int) -> io.TextIOWrapper:
    buffer: Any = open(number, "wb", buffering, closefd=False)  # noqa: SIM115
    errors = "backslashreplace" if number == 2 else "strict"
    return io.TextIOWrapper(buffer, encoding="utf-8", errors=errors, write_through=not buffering)


if __name__ == "__main__":
    main()
