"""A program that declares interventions pays for what it uses."""

from __future__ import annotations

import subprocess
import sys


def imported_by(statement: str) -> set[str]:
    """Give the names of all modules that a fresh interpreter has loaded after a statement."""
    program = f"import sys\n{statement}\nprint(*sys.modules)"
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


PREVIEWS = """
from pulumi.dynamic import Config, ConfigureRequest
from pulumi_snowplow_signals.dynamic import RuleInterventionProvider
address = "http://127.0.0.1:1"
provider = RuleInterventionProvider()
provider.configure(ConfigureRequest(Config({
    "signals:apiUrl": address, "signals:sandboxToken": "t", "signals:retrySeconds": "0", "signals:review": REVIEW,
}, "project")))
criteria = {"attribute": "shopping:cart_value", "operator": ">", "value": 75.0}
news = {"name": "cart", "owner": "team@example.com", "criteria": criteria, "rule": ""}
olds = provider.check({}, news)
assert not olds.failures, olds.failures
"""
SAME = """
checked = provider.check(olds.inputs, news)
assert not checked.failures
assert not provider.diff("cart", olds.inputs, checked.inputs).changes
"""
HEAVY = {"httpx", "deepdiff", "tenacity", "jwt"}


def test_a_preview_without_a_change_loads_no_http_client_and_no_differ() -> None:
    """Of what the provider's process is for, a check and a diff that find nothing need only the reading of inputs."""
    loaded = imported_by(f"REVIEW = 'local'\n{PREVIEWS}\n{SAME}")
    assert "pydantic" in loaded
    assert not loaded & HEAVY


def test_a_preview_with_a_change_loads_the_http_client() -> None:
    """What is looked for above is loaded once it is needed."""
    assert "httpx" in imported_by(f"REVIEW = 'remote'\n{PREVIEWS}")
