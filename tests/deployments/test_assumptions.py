"""What nobody outside Snowplow knows about the service must not matter to a deployment.

Each value by itself is tried in `tests/lifecycle/test_assumptions.py`, where that takes no processes.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from harness import LocalEngine, carry_out
from lifecycles.anywhere import ANYWHERE

_SERVICES = {
    "lists the newest version of each name, normalises definitions, and publishes in two steps": {
        "list": "newest",
        "answers": "normalised",
        "publishing": "two-steps",
    },
    "lists what is live, withdraws the previous version by itself, and answers in other forms": {
        "list": "published",
        "latest": "published",
        "post-status": "200",
        "extra-fields": "some",
        "error-detail": "list",
        "wrong-scope": "403",
        "previous": "withdrawn",
    },
    "refuses a second live version": {"previous": "blocks"},
}


@pytest.mark.parametrize("assume", _SERVICES.values(), ids=[f"a service that {id_}" for id_ in _SERVICES])
def test_a_deployment_ends_the_same(assume: dict[str, str], tmp_path: Path) -> None:
    """Whatever the service does, the registry ends as promised; a live version is missing only where it has to be."""
    # A service that allows one live version only cannot be given a new one before the old one goes.
    carry_out(ANYWHERE, LocalEngine, tmp_path, assume=assume, gaps_allowed=assume.get("previous") == "blocks")
