"""Runs Pulumi programs without an engine, one after another, and prints what each declares.

A process of its own: Pulumi's mocks are globals. It reads a directory a line, and answers with one line of JSON: the class
and the inputs of every resource, as an engine would hand them to the provider. A version that the provider would number is
`NUMBERED_LATER`.
"""

from __future__ import annotations

import asyncio
import json
import os
import runpy
import sys
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime import mocks, settings

NUMBERED_LATER = -1


class _Recorder(mocks.Mocks):
    def __init__(self) -> None:
        self.declared: list[tuple[str, dict[str, Any]]] = []

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        inputs = {name: value for name, value in args.inputs.items() if name != "__provider"}
        self.declared.append((args.typ.rpartition(":")[2], inputs))
        return None, {"name": inputs.get("name"), "version": inputs.get("version") or NUMBERED_LATER}

    def call(self, args: mocks.MockCallArgs) -> dict[str, Any]:
        raise NotImplementedError(args.token)


class _Engine:
    """Answers as Pulumi's mocks do.

    It is no `MockMonitor` itself: with one, resources send what a deployment would answer, not what is declared.
    """

    def __init__(self, recorder: _Recorder) -> None:
        self._answers = mocks.MockMonitor(recorder)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._answers, name)


def declared_by(directory: Path) -> list[tuple[str, dict[str, Any]]]:
    """Return the class and the inputs of each resource that the program in a directory declares."""
    recorder = _Recorder()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    mocks.set_mocks(recorder, project="registry", stack="dev", preview=True, monitor=_Engine(recorder))
    settings.set_root_resource(None)
    sys.path.insert(0, str(directory))
    sys.dont_write_bytecode = True
    try:
        loop.run_until_complete(
            pulumi.runtime.run_in_stack(lambda: runpy.run_path(str(directory / "__main__.py")))
        )
    finally:
        sys.path.remove(str(directory))
        for name in ("attribute_keys", "attribute_groups", "services", "interventions"):
            sys.modules.pop(name, None)
        loop.close()
    return recorder.declared


if __name__ == "__main__":
    # A program without an address and credentials is refused. Nothing is sent there.
    os.environ |= {
        "SNOWPLOW_SIGNALS_API_URL": "http://127.0.0.1:1",
        "SNOWPLOW_SIGNALS_SANDBOX_TOKEN": "token-of-tests",
    }
    for line in sys.stdin:
        sys.stdout.write(f"{json.dumps(declared_by(Path(line.rstrip(chr(10)))))}\n")
        sys.stdout.flush()
