"""Importing the package does nothing: whatever it reads or starts, it reads and starts when Pulumi calls it."""

from __future__ import annotations

import json
import subprocess
import sys

# What it depends on is loaded first. Of the rest, whatever happens below a frame of ours is ours.
WATCHES = """
import json, os, pkgutil, sys, threading
import deepdiff, dill, email_validator, grpc, httpx, jwt, pulumi, pulumi.dynamic, pulumi.runtime.mocks, pydantic, tenacity
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

names = [found.name for found in pkgutil.walk_packages(pulumi_snowplow_signals.__path__, "pulumi_snowplow_signals.")]
for name in names:
    __import__(name)
seen += [f"thread: {thread.name}" for thread in set(threading.enumerate()) - before]
print(json.dumps({"imported": names, "seen": seen}))
"""


def test_importing_reads_nothing_and_starts_nothing() -> None:
    """No module opens a file or a connection, looks at the environment, or starts a thread or a process."""
    done = subprocess.run([sys.executable, "-c", WATCHES], capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    assert "pulumi_snowplow_signals.api.client" in told["imported"]
    assert "pulumi_snowplow_signals.bridge" in told["imported"]
    assert told["seen"] == []
    assert done.stderr == ""
