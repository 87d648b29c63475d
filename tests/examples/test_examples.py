"""No example rots: each is deployed, deployed again and taken down by the commands that the README names."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from signals_local.emulator import serve

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(path.parent.relative_to(ROOT) for path in ROOT.glob("examples/*/Pulumi.yaml"))

Deploy = Callable[..., str]


@pytest.fixture(params=["local", "pulumi"])
def deploy(request: pytest.FixtureRequest, tmp_path: Path) -> Deploy:
    """Give a function that carries out a deployment command in a copy of the project."""
    engine = request.param
    if engine == "pulumi" and shutil.which("pulumi") is None:
        pytest.skip("the pulumi command is not on PATH")
    for name in ("scripts", "examples"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "Pulumi.yaml", tmp_path)
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "SNOWPLOW_"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{own['PATH']}"

    def carry_out(command: str, example: Path) -> str:
        done = subprocess.run(
            ["bash", "scripts/deploy", command],
            cwd=tmp_path,
            env={**own, "PATH": path, "ENGINE": engine, "EXAMPLE": str(example), "PORT": str(_free_port())},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    return carry_out


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("example", [Path(), *EXAMPLES], ids=str)
def test_an_example_is_deployed_and_taken_down(deploy: Deploy, example: Path, tmp_path: Path) -> None:
    """An example goes up, is unchanged the second time, and leaves nothing live when it goes down."""
    assert "created" in deploy("up", example)
    assert re.search(r"^ +\d+ unchanged$", deploy("up", example), re.MULTILINE)
    deploy("down", example)
    with serve(db=tmp_path / ".signals" / "registry.db") as emulator:
        assert {name: timeline[-1]["live"] for name, timeline in emulator.history()["names"].items()} == {
            name: [] for name in emulator.history()["names"]
        }
