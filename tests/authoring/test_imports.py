"""A program that declares interventions pays for what it uses."""

from __future__ import annotations

import subprocess
import sys


def imported_by(statement: str) -> set[str]:
    """Give the names of all modules that a fresh interpreter has loaded after a statement."""
    program = f"import sys; {statement}; print(*sys.modules)"
    return set(
        subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True
        ).stdout.split()
    )


def test_declaring_loads_no_http_client_no_parser_and_no_differ() -> None:
    """The program's process only describes resources; the provider's own process does the work."""
    loaded = imported_by("import pulumi_snowplow_signals.inputs")
    assert "pulumi_snowplow_signals.inputs.plain" in loaded
    assert not loaded & {"httpx", "deepdiff", "pydantic", "tenacity", "jwt"}
