"""The local engine beside the real one. Without `pulumi` on PATH these tests are skipped by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from engines import Local, Pulumi, pulumi_is_there
from hypothesis import HealthCheck, Phase, given, settings
from made_up import histories
from parity import Stage, compare
from table import TABLE, program, thing

needs_pulumi = pytest.mark.skipif(not pulumi_is_there(), reason="the real engine, `pulumi`, is not on PATH")


# A minute's worth of the table; `make parity` takes all of it through both engines.
SOME = (
    "create, no change, update, destroy",
    "delete before replace takes dependents along that would be replaced",
    "a read of what is not ours, and taking it over by name",
)


@needs_pulumi
@pytest.mark.parametrize("name", SOME)
def test_table(name: str, tmp_path: Path) -> None:
    """Both engines plan the same steps, make the same calls and end in the same state."""
    compare(tmp_path, TABLE[name])


@needs_pulumi
@settings(
    max_examples=1,
    derandomize=True,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    database=None,
)
@given(stages=histories())
def test_made_up_programs(stages: list[Stage], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Both engines agree on a program that nobody thought of, and on what becomes of it; `make parity` tries many."""
    compare(tmp_path_factory.mktemp("made-up"), stages, until_failure=True)


@needs_pulumi
def test_the_state_goes_to_pulumi_and_back(tmp_path: Path) -> None:
    """A state of this engine, imported by the real one, shows no change there; exported and taken in, none here."""
    wanted = program(
        {"name": "g", "kind": "group", "outputs": {"o": "a"}},
        thing("a", v=[1, {"x": None}], options={"parent": "g", "protect": True}),
        thing("b", **{"from": {"source": "a"}}, m={"deep": "hidden"}, secret=["m"]),
        exports={"found": "b"},
        secret_exports=["s"],
    )
    local, pulumi = Local(tmp_path / "local"), Pulumi(tmp_path / "pulumi")
    for engine in (local, pulumi):
        engine.write(wanted)
    assert local.run("up").code == 0
    (tmp_path / "out.json").write_text(local.command("export", check=True).stdout)
    pulumi.command("stack", "import", "--file", str(tmp_path / "out.json"), check=True)
    planned = pulumi.preview("--expect-no-changes")
    assert (planned.code, planned.steps) == (0, []), planned.text
    pulumi.command("stack", "export", "--file", str(tmp_path / "back.json"), check=True)
    local.command("import", str(tmp_path / "back.json"), check=True)
    again = local.preview()
    assert (again.code, again.steps) == (0, []), again.text
