"""The project's own workflows and its hook do what the Makefile does, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
SET_UP = {"actions/checkout", "actions/setup-python", "pulumi/actions"}
(TARGETS,) = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_each_step_sets_up_or_is_a_make_target(workflow):
    """What a workflow runs can be run on a laptop in the same words."""
    jobs = yaml.safe_load(workflow.read_text())["jobs"].values()
    steps = [step for job in jobs for step in job["steps"]]
    used = {step["uses"].partition("@")[0] for step in steps if "uses" in step}
    commands = [step["run"] for step in steps if "run" in step]
    assert used <= SET_UP
    assert commands
    assert [each for each in commands if each.removeprefix("make ") not in TARGETS.split()] == []


def test_every_supported_python_is_tested():
    """Each of them checks and tests, from the oldest that the package admits."""
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text())["jobs"]
    matrices = [job["strategy"]["matrix"]["python"] for job in jobs.values()]
    assert matrices == [[f"3.{minor}" for minor in range(10, 15)]] * len(jobs)
    project = (ROOT / "pyproject.toml").read_text()
    assert f'requires-python = ">={matrices[0][0]}"' in project


def test_the_hook_is_a_make_target():
    """What runs before each commit is the fast half of `make check`."""
    (repository,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    entries = [hook["entry"] for hook in repository["hooks"]]
    assert entries == ["make check-fast"]
