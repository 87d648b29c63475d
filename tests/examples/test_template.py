"""The template for `pulumi new` gives a project that deploys, and that reaches nobody before somebody says so."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from harness import ENGINES, ON_BOTH, PulumiEngine, needs, settings_of
from registries import emptied

from signals_local.emulator import Emulator

TEMPLATE = Path(__file__).parents[2] / "template"


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An emulator that holds nothing."""
    with emptied() as emulator:
        yield emulator


@pytest.mark.parametrize("engine", ON_BOTH)
def test_its_program_deploys(engine: str, emulator: Emulator, tmp_path: Path) -> None:
    """In an empty registry it stores drafts, warns of nothing, changes nothing the second time, and goes live without
    `published=False`."""
    project = ENGINES[engine](tmp_path, settings_of(emulator))
    file = project.project / "__main__.py"
    shutil.copy(TEMPLATE / "__main__.py", file)
    live = []
    assert project.run("preview", environment={}).of("warning") == []
    for _ in range(2):
        assert project.run("up", environment={}).succeeded
        live.append(emulator.history()["names"]["newsletter_offer"][-1]["live"])
    assert project.run("preview", environment={}).operations == {}
    file.write_text(file.read_text().replace("published=False", "published=True"))
    assert project.run("up", environment={}).succeeded
    live.append(emulator.history()["names"]["newsletter_offer"][-1]["live"])
    assert live == [[], [], [1]]
    assert project.run("destroy", environment={}).succeeded


@needs("pulumi")
def test_pulumi_makes_a_project_of_it(emulator: Emulator, tmp_path: Path) -> None:
    """`pulumi new` fills in the name and the settings, and the project is the template's in all else."""
    engine = PulumiEngine(tmp_path / "engine", settings_of(emulator))
    made = tmp_path / "shop-signals"
    done = engine.call(
        "new", str(TEMPLATE), "--dir", str(made), "--yes", "--generate-only", "--name", "shop-signals"
    )
    assert done.returncode == 0, done.stderr
    settings = yaml.safe_load((made / "Pulumi.yaml").read_text())
    assert settings["name"] == "shop-signals"
    assert settings["runtime"] == {"name": "python", "options": {"toolchain": "pip", "virtualenv": "venv"}}
    tracked = subprocess.run(
        ["git", "ls-files", "."], cwd=TEMPLATE, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    assert {path.name for path in made.iterdir()} == {*tracked}
    assert (made / "__main__.py").read_text() == (TEMPLATE / "__main__.py").read_text()
