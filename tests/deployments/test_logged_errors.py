"""An error that a program only logs is shown, and changes nothing of the run: on both engines."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from harness import Engine, rule

from signals_local.emulator import Emulator, serve

LOGS = 'pulumi.log.error("only said")\n'


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An emulator with the attribute that the rule is about."""
    with serve() as emulator:
        emulator.publish_group("shopping", {"cart_value": "double"})
        yield emulator


def test_an_error_that_is_only_logged_fails_no_run(project: Engine) -> None:
    """Previews and deployments succeed, resources are made, and what the program no longer declares is deleted."""
    for program, command, operations in (
        (LOGS + rule("cart"), "preview", {"cart": "create"}),
        (LOGS + rule("cart"), "up", {"cart": "create"}),
        (LOGS, "preview", {"cart": "delete"}),
        (LOGS, "up", {"cart": "delete"}),
    ):
        project.write(program)
        outcome = project.run(command, environment={})
        assert outcome.succeeded, outcome.text
        assert [found.text for found in outcome.of("error")] == ["only said"]
        assert outcome.operations == operations
    shown = project.show("preview", environment={})
    assert shown.succeeded
    assert "error: only said" in shown.text
