"""The text of programs. A test reads best where the program stands in it; what all programs share stands here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PRELUDE = '''\
import pulumi
from pulumi import ResourceOptions
from pulumi.dynamic import CreateResult, Resource, ResourceProvider, UpdateResult
from pulumi_snowplow_signals import (
    InterventionCriteriaAll,
    InterventionCriteriaAny,
    InterventionCriteriaNone,
    InterventionCriterion,
    LinkAttributeKey,
    RuleIntervention,
    VersionedLinkAttributeGroup,
    all_of,
    any_of,
    attribute,
    none_of,
)


class Elsewhere(ResourceProvider):
    """Another provider, whose outputs are its inputs, and known only once its resource is there."""

    serialize_as_secret_always = False

    def create(self, props):
        return CreateResult("elsewhere", {**props, "given": props["source"]})

    def update(self, _id, _olds, _news):
        return UpdateResult({**_news, "given": _news["source"]})


class Other(Resource):
    """A resource of something else; `given` is what `source` was."""

    given: pulumi.Output

    def __init__(self, name, source):
        super().__init__(Elsewhere(), name, {"source": source, "given": None})


refused = []


def attempt(name, declare):
    """Declare a resource, and report a fault of it without ending the program."""
    try:
        declare()
    except pulumi.RunError as fault:
        refused.append(name)
        pulumi.log.error(f"{name}: {fault}")


'''
# Pulumi counts an error that a program logs, and still ends with success unless the program fails.
EPILOGUE = """
if refused:
    raise pulumi.RunError(f"refused: {', '.join(refused)}")
"""

OWNER = "team@example.com"


class Code(str):
    """Text that stands in a program as it is, where a plain value would stand as its literal."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Stand as it is within lists and mappings too."""
        return str(self)


def rule(resource_name: str, over: float = 75, /, **inputs: Any) -> str:
    """Return the line that declares a rule over the value of the cart.

    Args:
        resource_name: Pulumi's logical name.
        over: The cart value above which it fires. What this changes is the definition.
        inputs: More inputs, or others than the usual `owner` and `criteria`; None leaves one out.
    """
    given: dict[str, Any] = {
        "owner": OWNER,
        "criteria": Code(f'attribute("shopping:cart_value") > {over}'),
        **inputs,
    }
    return declaration(resource_name, given)


def declaration(resource_name: str, inputs: Mapping[str, Any]) -> str:
    """Return the line that declares a rule with these inputs; None leaves one out."""
    written = [f"{name}={value!r}" for name, value in inputs.items() if value is not None]
    return f"RuleIntervention({', '.join([repr(resource_name), *written])})\n"


def moved(before: float, after: float) -> dict[str, tuple[Any, Any]]:
    """Return what a plan shows of a `rule` whose cart value is another: its criteria, and the rule in words."""
    return {
        "criteria": (
            {"attribute": "shopping:cart_value", "operator": ">", "value": before},
            {"attribute": "shopping:cart_value", "operator": ">", "value": after},
        ),
        "rule": (f"shopping:cart_value > {before}", f"shopping:cart_value > {after}"),
    }
