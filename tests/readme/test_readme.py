"""The README and the pages of docs/ are true: programs run, texts are those that a user sees, tables leave nothing out."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from page_previews import PAGE_PREVIEWS, programs_of
from registries import emptied
from scenes import SCENES, text_of
from snapshots import Snapshots, blocks_of
from warm import warm_python

from pulumi_snowplow_signals.api import settings
from pulumi_snowplow_signals.criteria.operators import OPERATORS
from signals_local.emulator import Emulator

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXTS = {page: page.read_text(encoding="utf-8") for page in PAGES}
PROGRAMS = [
    pytest.param(program, id=f"{page.name}-{number}")
    for page, text in TEXTS.items()
    for number, program in enumerate(programs_of(text), 1)
]
SHOWN = [
    pytest.param(page, block, id=f"{page.name}-{block}")
    for page, text in TEXTS.items()
    for block in sorted(blocks_of(text))
]

MOCKED = """
import pulumi

class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args):
        return args.name, args.inputs

    def call(self, args):
        raise NotImplementedError(args.token)

pulumi.runtime.set_mocks(Mocks())
"""


def _environment(emulator: Emulator) -> dict[str, str]:
    own = {name: text for name, text in os.environ.items() if not name.startswith(("PULUMI_", "SNOWPLOW_"))}
    return {
        **own,
        "SNOWPLOW_SIGNALS_API_URL": emulator.url,
        "SNOWPLOW_SIGNALS_SANDBOX_TOKEN": emulator.token,
    }


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_program_runs(program: str) -> None:
    """A program that is copied out of a page runs as it stands."""
    if "snowplow_signals import" in program.replace("pulumi_snowplow_signals", "") or "as client" in program:
        pytest.importorskip("snowplow_signals", reason="the official client asks for Python 3.11")
    with emptied() as emulator:
        emulator.publish_group("shopping", {"cart_value": "double"})
        done = subprocess.run(
            [warm_python(), "-c", MOCKED + program],
            env=_environment(emulator),
            capture_output=True,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize(("page", "block"), SHOWN)
def test_every_shown_text_is_what_a_user_sees(page: Path, block: str, snapshots: Snapshots) -> None:
    """Pages show the texts of previews word for word."""
    text = PAGE_PREVIEWS[block]() if block in PAGE_PREVIEWS else text_of(block)
    snapshots.check(page, text, block=block)


def test_every_scene_is_shown() -> None:
    """Every text that pages mark as shown is made by a scene, and no scene is left over."""
    assert {block for text in TEXTS.values() for block in blocks_of(text)} == {*SCENES, *PAGE_PREVIEWS}


def test_the_readme_is_short() -> None:
    """Whoever looks in reads it to its end."""
    assert len(TEXTS[PAGES[0]].splitlines()) < 200


def test_every_operator_is_documented() -> None:
    """Each operator stands on the page of rules, in code."""
    page = TEXTS[ROOT / "docs" / "rule-intervention.md"]
    assert {operator for operator in OPERATORS if f"`{operator}`" not in page} == set()


def test_every_setting_is_documented() -> None:
    """Each config key and each environment variable that is read stands on the page of the configuration."""
    page = TEXTS[ROOT / "docs" / "configuration.md"]
    known = [value for value in vars(settings).values() if isinstance(value, settings._Setting)]
    names = {f"`signals:{setting.key}`" for setting in known}
    names |= {f"`{setting.variable}`" for setting in known if setting.variable}
    assert known
    assert {name for name in names if name not in page} == set()
