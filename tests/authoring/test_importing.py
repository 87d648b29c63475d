"""Importing the package does nothing: whatever it reads or starts, it reads and starts when Pulumi calls it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

# What it depends on is loaded first. Of the rest, whatever happens below a frame of ours is ours.
WATCHES = """
import json, os, pkgutil, sys, threading
import click, dill, email_validator, grpc, httpx, jwt, pulumi, pulumi.dynamic, pulumi.runtime.mocks, pydantic, rich.console, rich.progress, tenacity
from pydantic import BaseModel

class First(BaseModel):  # with which pydantic looks for its plugins
    field: str

seen = []
before = set(threading.enumerate())

def of_ours():
    frame = sys._getframe()
    while frame:
        if "/pulumi_snowplow_signals/" in frame.f_code.co_filename:
            return True
        frame = frame.f_back
    return False

class Environment(type(os.environ)):
    def __getitem__(self, name):
        # pydantic looks at its own variable for each model.
        if of_ours() and not name.startswith("PYDANTIC_"):
            seen.append(f"environment: {name}")
        return super().__getitem__(name)

    def __iter__(self):
        if of_ours():
            seen.append("environment: all of it")
        return super().__iter__()

os.environ.__class__ = Environment

STARTS = ("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn")

def watch(event, arguments):
    if event == "open" and not str(arguments[0]).endswith((".py", ".pyc", ".so")) and of_ours():
        seen.append(f"open: {arguments[0]}")
    elif event.startswith(STARTS) and of_ours():
        seen.append(f"{event}: {arguments}")

sys.addaudithook(watch)

import pulumi_snowplow_signals

# The command's options are click's, which looks up the user's language for them. No program and no provider loads that.
names = [
    found.name
    for found in pkgutil.walk_packages(pulumi_snowplow_signals.__path__, "pulumi_snowplow_signals.")
    if not (found.name.startswith("pulumi_snowplow_signals.cli.") and found.name.endswith(".command"))
]
for name in names:
    __import__(name)
seen += [f"thread: {thread.name}" for thread in set(threading.enumerate()) - before]
print(json.dumps({"imported": names, "seen": seen}))
"""


def watched(directory: Path) -> dict[str, Any]:
    """Import the package as it is seen from a directory, and give what was imported and what that did."""
    # Of the environment only what a process needs: a setting of Python's own may make others print. No bytecode, which would
    # be written where a module has changed since it was imported last.
    done = subprocess.run(
        [sys.executable, "-B", "-W", "ignore", "-c", WATCHES],
        cwd=directory,
        env={"PATH": os.environ["PATH"], "HOME": str(directory)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_importing_reads_nothing_and_starts_nothing(tmp_path: Path) -> None:
    """No module opens a file or a connection, looks at the environment, or starts a thread or a process."""
    told = watched(tmp_path)
    assert "pulumi_snowplow_signals.api.client" in told["imported"]
    assert "pulumi_snowplow_signals.bridge" in told["imported"]
    assert told["seen"] == []


def test_what_a_module_does_when_it_is_imported_is_seen(tmp_path: Path) -> None:
    """Of another package of the name, in whose place ours would be, each thing of these is told."""
    done = {
        "import os; os.environ.get('HOME')": "environment: HOME",
        "dict(os.environ)": "environment: all of it",
        "open('settings.toml', 'w').close()": "open: settings.toml",
        "import socket; socket.socket().close()": "socket.__new__: ",
        "import subprocess; subprocess.run(['true'])": "subprocess.Popen: ",
        "import threading, time; threading.Thread(target=time.sleep, args=[1], name='t').start()": "thread: t",
    }
    package = tmp_path / "pulumi_snowplow_signals"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "module.py").write_text("\n".join(done))
    told = watched(tmp_path)
    assert told["imported"] == ["pulumi_snowplow_signals.module"]
    assert [seen for seen in done.values() if not any(each.startswith(seen) for each in told["seen"])] == []
