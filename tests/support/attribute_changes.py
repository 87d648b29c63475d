"""Pull requests about attribute keys, groups and services, and the comment that each of them gets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from harness import Engine, settings_of
from registries import emptied

from pulumi_snowplow_signals.cli.markdown import to_markdown
from pulumi_snowplow_signals.cli.preview import read_preview
from pulumi_snowplow_signals.cli.summary import build_summary

_IMPORTS: Final = """
from pulumi_snowplow_signals import (
    Attribute, AttributeKey, EntityProperty, Event, EventProperty, Service, StreamAttributeGroup,
)

cart = Event(vendor="com.example", name="cart", version="1-0-0")


def last(name, type="double"):
    path = EventProperty(vendor="com.example", name="cart", major_version=1, path=name)
    return Attribute(name=name, type=type, aggregation="last", events=[cart], property=path)


account = AttributeKey(
    property=EntityProperty(vendor="com.example", name="account", major_version=1, path="account_id"),
)
"""
_GROUP: Final = 'basket = StreamAttributeGroup("basket", owner="data@company.com", attribute_key=account, attributes=[{}])\n'
_SERVICE: Final = 'Service("checkout", owner="data@company.com", attribute_groups=[basket])\n'
_RULES: Final = """
RuleIntervention("vip", owner="marketing@company.com", criteria=attribute("basket:value") > 75)
RuleIntervention(
    "coupon", owner="marketing@company.com", criteria=attribute("basket:coupon").is_not_null(), payload_attribute_groups=[basket]
)
"""
_ATTRIBUTES: Final = 'last("value", "int32"), last("coupon", "string"), last("currency", "string")'
_OTHERS: Final = 'last("value"), last("coupon", "string"), last("items", "int32")'

EVERYTHING: Final = _IMPORTS + _GROUP.format(_ATTRIBUTES) + _SERVICE + _RULES

PULL_REQUESTS: Final[Mapping[str, tuple[str, str]]] = {
    "adds": ("", EVERYTHING),
    "changes": (EVERYTHING, _IMPORTS + _GROUP.format(_OTHERS) + _SERVICE + _RULES),
    "removes": (
        EVERYTHING,
        _IMPORTS + 'RuleIntervention("new", owner="m@company.com", criteria=attribute("shop:a") > 1)\n',
    ),
}
"""The program before and after, by what is done to a key, a group, a service and two rules that read the group."""


def comment_on(engine: type[Engine], directory: Path, before: str, after: str) -> str:
    """Return the comment on a pull request."""
    with emptied() as emulator:
        emulator.publish_group("shop", {"a": "double"})
        project = engine(directory, settings_of(emulator))
        if before:
            project.write(before)
            done = project.run("up", environment={})
            assert done.succeeded, done.text
        project.write(after)
        plain = {"PULUMI_ENABLE_STREAMING_JSON_PREVIEW": ""}
        shown = project.call("preview", "--json", environment=plain)
    assert json.loads(shown.stdout)["steps"], shown.stderr
    return to_markdown(build_summary(read_preview(shown.stdout)))
