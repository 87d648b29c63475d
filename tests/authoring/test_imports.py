"""A program that declares interventions pays for what it uses."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pulumi_snowplow_signals


def imported_by(statement: str) -> set[str]:
    """Return the names of all modules that a fresh interpreter has loaded after a statement."""
    program = f"import sys\n{statement}\nprint(*sys.modules)"
    return set(
        subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True
        ).stdout.split()
    )


def names_for_type_checkers() -> set[str]:
    """Return the names that the package imports where nothing is run."""
    block = next(
        each
        for each in ast.parse(Path(pulumi_snowplow_signals.__file__).read_text()).body
        if isinstance(each, ast.If)
    )
    return {name.name for line in block.body if isinstance(line, ast.ImportFrom) for name in line.names}


def test_every_name_is_there_for_programs_and_for_type_checkers() -> None:
    """A name that is loaded late is missed by nobody: import, `*`, `dir` and type checkers find the same ones."""
    names = set(pulumi_snowplow_signals.__all__)
    starred: dict[str, object] = {}
    exec("from pulumi_snowplow_signals import *", starred)
    assert {name for name in starred if name != "__builtins__"} == names
    assert all(
        found is getattr(pulumi_snowplow_signals, name) for name, found in starred.items() if name in names
    )
    assert names_for_type_checkers() == names
    assert names <= set(dir(pulumi_snowplow_signals))


def test_a_name_that_is_not_there_is_no_attribute() -> None:
    """Such as a misspelt one."""
    assert not hasattr(pulumi_snowplow_signals, "RuleIntervetion")


def test_importing_the_package_loads_nothing_of_it() -> None:
    """A program pays for the names that it takes."""
    ours = {name for name in imported_by("import pulumi_snowplow_signals") if name.startswith("pulumi")}
    assert ours == {"pulumi_snowplow_signals", "pulumi_snowplow_signals.loading"}


def test_a_rule_loads_no_other_kind_of_resource() -> None:
    """Nor what parses it, until one is declared."""
    loaded = imported_by("from pulumi_snowplow_signals import RuleIntervention")
    assert "pulumi_snowplow_signals.resources.interventions" in loaded
    assert not loaded & {"pulumi_snowplow_signals.resources.service", "pydantic"}


def test_declaring_loads_no_http_client_and_no_parser() -> None:
    """The program's process only describes resources; the provider's own process does the work."""
    loaded = imported_by("import pulumi_snowplow_signals.inputs")
    assert "pulumi_snowplow_signals.inputs.plain" in loaded
    assert not loaded & {"httpx", "pydantic", "tenacity", "jwt"}


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
HEAVY = {"httpx", "tenacity", "jwt"}


def test_a_preview_without_a_change_loads_no_http_client() -> None:
    """Of what the provider's process is for, a check and a diff that find nothing need only the reading of inputs."""
    loaded = imported_by(f"REVIEW = 'local'\n{PREVIEWS}\n{SAME}")
    assert "pydantic" in loaded
    assert not loaded & HEAVY


def test_a_preview_with_a_change_loads_the_http_client() -> None:
    """What is looked for above is loaded once it is needed."""
    assert "httpx" in imported_by(f"REVIEW = 'remote'\n{PREVIEWS}")
