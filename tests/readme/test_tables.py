"""The tables of inputs and outputs on the pages of resources are those of the classes and of the models behind them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pulumi
import pytest

import pulumi_snowplow_signals as package
from pulumi_snowplow_signals.api.settings import SignalsSettings
from pulumi_snowplow_signals.kinds.options import Options, Unversioned

DOCS = Path(__file__).parents[2] / "docs"
RESOURCES: list[Any] = [
    each
    for each in (getattr(package, name) for name in package.__all__)
    if isinstance(each, type) and issubclass(each, pulumi.Resource) and hasattr(each, "_shape")
]
_NOT_INPUTS = {"self", "resource_name", "opts", "unexpected"}
_ROW = re.compile(r"^\| `(\w+)` \| (.*?) \| ", re.MULTILINE)


def _section(resource: type) -> str:
    """Return the part of a page that is about a resource: the page, or the section of that name."""
    for page in sorted(DOCS.glob("*.md")):
        text = page.read_text(encoding="utf-8")
        found = re.search(
            rf"^#+ `{resource.__name__}`\n(.*?)(?=^#+ `\w+`\n|\Z)", text, re.DOTALL | re.MULTILINE
        )
        if found:
            return found[1]
    raise AssertionError(f"no page is about {resource.__name__}")


def _table(resource: type, head: str) -> dict[str, str]:
    """Return the second column of a table by the first."""
    found = re.search(rf"^\| {head} \|.*?(?=\n\n|\Z)", _section(resource), re.DOTALL | re.MULTILINE)
    assert found, f"{resource.__name__} has no table {head!r}"
    return dict(_ROW.findall(found[0].replace(r"\|", "\N{BROKEN BAR}")))


def _annotations(resource: Any) -> Iterator[tuple[str, str]]:
    for name, annotation in resource.__annotations__.items():
        found = re.fullmatch(r"Output\[(.*)\]", re.sub(r"\b(typing|pulumi\.output)\.", "", str(annotation)))
        if found and not name.startswith("_"):
            yield name, f"`{found[1]}`".replace("|", "\N{BROKEN BAR}").replace("'", '"')


def _required(resource: Any) -> set[str]:
    """Return the inputs without which a program has a fault. A name stands in the logical name."""
    composite = {resource._shape.composite}
    return {field for field, _ in resource._shape.faults({})} - {"name"} - composite


@pytest.mark.parametrize("resource", RESOURCES)
def test_the_inputs_are_those_of_the_constructor(resource: Any) -> None:
    """Each argument has a row, and no row is of something else."""
    assert (
        _table(resource, "Input").keys() == {*inspect.signature(resource.__init__).parameters} - _NOT_INPUTS
    )


@pytest.mark.parametrize("resource", RESOURCES)
def test_what_is_required_is_what_the_model_demands(resource: Any) -> None:
    """`required` stands with the inputs that a resource without any input is refused for, and with no other."""
    stated = {name for name, default in _table(resource, "Input").items() if default == "required"}
    assert stated == _required(resource)


@pytest.mark.parametrize("resource", RESOURCES)
def test_the_defaults_are_those_of_the_models(resource: Any) -> None:
    """A default that holds something stands there as Python has it; what holds nothing has words."""
    defaults = {
        name: field.default for name, field in (Options.model_fields | Unversioned.model_fields).items()
    }
    defaults["adopt"] = SignalsSettings.adopt  # None in the program: the stack's setting counts
    stated = _table(resource, "Input")
    for name in defaults.keys() & stated.keys():
        value = defaults[name]
        assert (stated[name] == f"`{value}`") is (value is not None), name
    assert [name for name, default in stated.items() if not default] == []


@pytest.mark.parametrize("resource", RESOURCES)
def test_the_outputs_are_those_of_the_class(resource: Any) -> None:
    """Each output has a row with its type."""
    assert _table(resource, "Output") == dict(_annotations(resource))
