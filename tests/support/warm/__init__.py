"""An interpreter that has imported what every deployment imports, and forks instead of starting.

A deployment on the local engine is three processes, each of which spends half a second on imports. `warm_prefix` is a
virtual environment, as far as an engine can tell: its `bin/python` is a small client, and what it is asked to run runs in a
fork of a server that has imported it already. Standard streams, environment, working directory, exit code and death are
those of the client. A soak starts every process from nothing instead.

- `server`: imports, forks, and tells each client how its process ended;
- `client`: the `bin/python`.
"""

from __future__ import annotations

import atexit
import functools
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from thorough import SOAK

_HERE = Path(__file__).parent


@functools.cache
def warm_prefix() -> Path:
    """Return the directory whose `bin/python` runs what it is given: in a fork of a warm server, in a soak as it is."""
    if SOAK:
        return Path(sys.prefix)
    # A socket's path is short.
    prefix = Path(tempfile.mkdtemp(prefix="warm-"))
    (prefix / "bin").mkdir()
    client = prefix / "bin" / "python"
    client.write_text(
        f"#!{Path(sys.executable).resolve()} -IS\n" + (_HERE / "client.py").read_text(encoding="utf-8")
    )
    client.chmod(0o700)
    for name in ("python3", "pip"):
        (prefix / "bin" / name).symlink_to(client if name == "python3" else Path(sys.prefix, "bin", "pip"))
    shutil.copy(Path(sys.prefix, "pyvenv.cfg"), prefix)
    server = subprocess.Popen(
        [sys.executable, str(_HERE / "server.py"), str(prefix / "socket")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert server.stdout is not None
    assert server.stdout.readline() == b"ready\n"

    # The server removes the directory when its standard input ends: so it does also where this process is killed.
    atexit.register(server.communicate)
    return prefix


def warm_python() -> str:
    """Return the command that stands for Python."""
    return str(warm_prefix() / "bin" / "python")
