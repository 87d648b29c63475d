"""Runs the command in this process, and programs in another."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest
from typing_extensions import Self

from pulumi_snowplow_signals.cli.main import main
from signals_local.emulator import Emulator


@dataclass(frozen=True)
class Result:
    """What a command did."""

    code: int
    out: str
    err: str


def settings_of(emulator: Emulator) -> dict[str, str]:
    """Return the environment variables that lead to an emulator."""
    return {
        "SNOWPLOW_SIGNALS_API_URL": emulator.url,
        "SNOWPLOW_SIGNALS_SANDBOX_TOKEN": emulator.token,
        "SNOWPLOW_SIGNALS_RETRY_SECONDS": "0",
    }


def run(emulator: Emulator, *arguments: str, **environment: str) -> Result:
    """Run `pulumi-signals` against an emulator, in this process."""
    out, err = StringIO(), StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        for name, value in {**settings_of(emulator), **environment}.items():
            patch.setenv(name, value)
        code = main(arguments)
    return Result(code, out.getvalue(), err.getvalue())


class Evaluator:
    """A process that runs programs without an engine; see `evaluator.py`."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("evaluator.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate(timeout=10)

    def declared_by(self, directory: Path) -> dict[str, dict[str, Any]]:
        """Return what the program in a directory declares: the inputs of each resource, by its name in Signals."""
        return {inputs["name"]: inputs for _, inputs in self.declarations(directory)}

    def declarations(self, directory: Path) -> list[tuple[str, dict[str, Any]]]:
        """Return the class and the inputs of each resource that the program in a directory declares."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{directory}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the program failed; its traceback is in the captured output"
        # The child of a group that stands for its live version is nothing that a program declares.
        return [(kind, inputs) for kind, inputs in json.loads(answer) if kind != "LiveVersion"]
