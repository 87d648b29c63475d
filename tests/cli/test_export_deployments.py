"""An exported program on whole engines: it takes over, writes nothing, is quiet afterwards, and a destroy leaves all."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from command_line import run
from harness import ENGINES, ON_BOTH, Engine, settings_of
from registries_in_use import EVERYTHING, publish_by_the_official_client, publish_every_kind
from registry_shapes import fill

from signals_local.emulator import Emulator

# The exported project names no virtual environment: Python is the one on PATH.
_PYTHON = {"PATH": f"{Path(sys.prefix) / 'bin'}{os.pathsep}{os.environ['PATH']}"}


@pytest.fixture(params=ON_BOTH)
def project(request: pytest.FixtureRequest, emulator: Emulator, tmp_path: Path) -> Engine:
    """A project of each engine that deploys to the emulator."""
    return ENGINES[request.param](tmp_path / "engine", settings_of(emulator))


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Snowplow's client needs Python 3.11")
def test_what_the_official_client_published(emulator: Emulator, project: Engine, tmp_path: Path) -> None:
    """Rules of a publish script are all taken over."""
    publish_by_the_official_client(emulator, 8)
    taken = _demand_quiet(emulator, project, tmp_path, set(), "--kind", "intervention")
    assert len(taken) == 8


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
@pytest.mark.skipif(sys.version_info < (3, 11), reason="Snowplow's client needs Python 3.11")
def test_every_kind(emulator: Emulator, project: Engine, tmp_path: Path) -> None:
    """Keys, groups in several versions, services and rules are taken over together, but for what is said to be left out."""
    emulator.reset()
    publish_every_kind(emulator)
    left_out = {"attribute group without_owner"}
    taken = _demand_quiet(emulator, project, tmp_path, left_out)
    assert len(taken) >= 80


def test_a_bit_of_everything(emulator: Emulator, project: Engine, tmp_path: Path) -> None:
    """So is whatever else a registry holds, but for what is said to be left out."""
    fill(emulator, EVERYTHING)
    left_out = {"two_live", "without_owner"}
    told = {f"intervention {name}" for name in left_out}
    taken = _demand_quiet(emulator, project, tmp_path, told, "--kind", "intervention")
    assert taken == EVERYTHING.keys() - left_out


def _demand_quiet(
    emulator: Emulator, project: Engine, directory: Path, left_out: set[str], *options: str
) -> set[str]:
    before, mark = _history(emulator), emulator.mark()
    output = directory / "program"
    result = run(emulator, "export", "--output", str(output), *options)
    assert result.code == bool(left_out)
    assert {line.split(":")[0].strip() for line in result.err.splitlines() if line[:1] == " "} == left_out

    shutil.copytree(output, project.project, dirs_exist_ok=True)
    if project.name == "pulumi":
        project.call(
            "stack", "init", "dev"
        ).check_returncode()  # of the exported project, which has another name
    preview = project.run("preview", environment=_PYTHON)
    assert preview.succeeded, preview.text
    taken = {message.name for message in preview.messages if "is taken over" in message.text}
    assert preview.operations == dict.fromkeys(taken, "create")
    for command, operations in (
        ("up", dict.fromkeys(taken, "create")),
        ("preview", {}),
        ("refresh", {}),
        ("up", {}),
    ):
        done = project.run(command, environment=_PYTHON)
        assert (done.succeeded, done.operations) == (True, operations), done.text
    assert project.run("destroy", environment=_PYTHON).succeeded
    assert [each for each in emulator.requests(since=mark) if each["method"] != "GET"] == []
    assert _history(emulator) == before
    return taken


def _history(emulator: Emulator) -> list[Any]:
    kinds = ("attribute_key", "attribute_group", "service", "intervention")
    histories = [emulator.history(kind) for kind in kinds]
    return [(each["versions"], each["names"]) for each in histories]
