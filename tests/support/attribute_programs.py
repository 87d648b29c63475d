"""Programs that declare attribute keys, attribute groups and services, and what came of deploying them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness import Engine
from harness.outcome import Outcome

from signals_local.emulator import Emulator

OWNER = "data@example.com"
IMPORTS = """
from datetime import timedelta
from pulumi_snowplow_signals import (
    Attribute, AttributeKey, EntityProperty, Event, EventProperty, ExternalBatchAttributeGroup, Service,
    StreamAttributeGroup,
)

cart = Event(vendor="com.example", name="cart", version="1-0-0")

def last(name, type="double"):
    path = EventProperty(vendor="com.example", name="cart", major_version=1, path=name)
    return Attribute(name=name, type=type, aggregation="last", events=[cart], property=path)
"""
KEY = """
account = AttributeKey(
    property=EntityProperty(vendor="com.example", name="account", major_version=1, path="account_id"),
    ttl=timedelta(days=365),
)
"""
RULE = 'RuleIntervention("vip", owner="m@example.com", criteria=basket["value"] > 75)\n'
SERVICE = 'Service("checkout", owner="data@example.com", attribute_groups=[basket])\n'


def group(*attributes: str, **inputs: Any) -> str:
    """Return the line that declares a group of these attributes. `opts` is code."""
    opts = inputs.pop("opts", "None")
    key = inputs.pop("attribute_key", '"domain_userid"')
    read = ", ".join(f"last({name!r})" for name in attributes)
    more = "".join(f", {name}={value!r}" for name, value in inputs.items())
    return (
        f'basket = StreamAttributeGroup("basket", owner="{OWNER}", attribute_key={key}, attributes=[{read}], '
        f"opts={opts}{more})\n"
    )


def live(emulator: Emulator) -> list[str]:
    """Return what is live but for the built-in keys, by name and, where there are numbers, by number."""
    found = []
    for kind in ("attribute_key", "attribute_group", "service", "intervention"):
        for each in emulator.history(kind)["versions"]:
            number = f" v{each['version']}" if kind in ("attribute_group", "intervention") else ""
            if each["exists"] and each["is_published"]:
                found.append(f"{each['name']}{number}")
    built_in = {"user_id", "domain_userid", "network_userid", "domain_sessionid", "snowplow_id"}
    return [name for name in found if name not in built_in]


def go(project: Engine, program: str | None, command: str = "up", *options: str) -> Outcome:
    """Run a command that succeeds."""
    outcome = attempt(project, program, command, *options)
    assert outcome.succeeded, outcome.text
    return outcome


def attempt(project: Engine, program: str | None, command: str = "up", *options: str) -> Outcome:
    """Run a command."""
    if program is not None:
        project.write(IMPORTS + program)
    return project.run(command, *options, environment={})


def operations(outcome: Outcome) -> dict[str, str]:
    """Return the operation on each resource that changed; the child that retires versions is `live`."""
    found: dict[str, str] = {}
    for step in outcome.steps:
        held: Mapping[str, Any] = step.new or step.old
        name = "live" if "group" in held else step.name
        if step.operation != "same":
            is_replaced = step.operation in ("replace", "create-replacement", "delete-replaced")
            found[name] = "replace" if is_replaced else step.operation
    return found


def said(outcome: Outcome, severity: str = "") -> list[str]:
    """Return the lines of the diagnostics, or those of one severity."""
    return [found.text for found in outcome.messages if severity in ("", found.severity.removesuffix("#err"))]
