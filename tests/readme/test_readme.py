"""The README is true: its programs run, its texts are the ones that a user sees, its tables leave nothing out."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pulumi
import pytest
from scenes import SCENES, text_of
from snapshots import Snapshots, blocks_of

import pulumi_snowplow_signals as package
from pulumi_snowplow_signals.api import settings
from pulumi_snowplow_signals.criteria.operators import OPERATORS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ATTRIBUTES = (ROOT / "docs" / "attributes.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"```python\n(.*?)```", README + ATTRIBUTES, re.DOTALL)
RESOURCES = [
    each
    for each in vars(package).values()
    if isinstance(each, type) and issubclass(each, pulumi.Resource) and hasattr(each, "_shape")
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


@pytest.mark.parametrize("program", PROGRAMS, ids=[f"program-{i}" for i, _ in enumerate(PROGRAMS, 1)])
def test_every_program_of_the_readme_runs(program: str) -> None:
    """A program that is copied out of the README runs as it stands."""
    done = subprocess.run(
        [sys.executable, "-c", MOCKED + program], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("scene", SCENES)
def test_every_shown_text_is_what_a_user_sees(scene: str, snapshots: Snapshots) -> None:
    """The README shows the texts of previews word for word."""
    snapshots.check(ROOT / "README.md", text_of(scene), block=scene)


def test_nothing_is_shown_that_no_scene_makes() -> None:
    """Every text that the README marks as shown is checked."""
    assert blocks_of(README) == SCENES.keys()


@pytest.mark.parametrize("resource", RESOURCES)
def test_every_input_is_documented(resource: type[pulumi.Resource]) -> None:
    """Each input of each resource stands in the README or on the page of attributes, in code."""
    others = {"self", "resource_name", "opts", "unexpected"}
    inputs = set(inspect.signature(resource.__init__).parameters) - others
    assert {name for name in inputs if f"`{name}`" not in README + ATTRIBUTES} == set()


def test_every_operator_is_documented() -> None:
    """Each of the operators stands in the README, in code."""
    assert {operator for operator in OPERATORS if f"`{operator}`" not in README} == set()


def test_every_setting_is_documented() -> None:
    """Each config key and each environment variable that is read stands in the README."""
    known = [value for value in vars(settings).values() if isinstance(value, settings._Setting)]
    names = {f"`signals:{setting.key}`" for setting in known}
    names |= {f"`{setting.variable}`" for setting in known if setting.variable}
    assert known
    assert {name for name in names if name not in README} == set()


def test_every_link_into_the_project_leads_somewhere() -> None:
    """No link of the README to a file of the project is broken."""
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert [target for target in targets if not (ROOT / target).exists()] == []
