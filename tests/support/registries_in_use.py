"""Registries as they are found: one that the official client filled, and one with a bit of everything."""

from __future__ import annotations

from typing import Any

from registries_of_kinds import Fate, Written, post_all
from registry_shapes import Registry, Version

from signals_local.emulator import Emulator

_OWNERS = ("marketing@company.com", "crm@company.com", "growth@company.com")


def publish_by_the_official_client(emulator: Emulator, count: int) -> None:
    """Publish so many rules by `snowplow-signals`, every third one in two versions of which the first is withdrawn."""
    # The client asks for Python 3.11.
    import snowplow_signals as sdk  # noqa: PLC0415

    attributes = {"cart_value": "double", "visits": "int32", "country": "string", "member": "bool"}
    emulator.publish_group("shopping", attributes, owner="data@company.com")
    signals = sdk.SignalsSandbox(api_url=emulator.url, sandbox_token=emulator.token)
    rules = [_rule(sdk, number) for number in range(count)]
    signals.publish(rules)
    for number in range(0, count, 3):
        signals.publish([_rule(sdk, number, version=2, description="The second one")])
        signals.unpublish([rules[number]])


def publish_every_kind(emulator: Emulator) -> None:
    """Publish all that people publish by `snowplow-signals`, and beside it what only grows with time."""
    # The client asks for Python 3.11.
    import snowplow_signals as sdk  # noqa: PLC0415
    from published_definitions import SETS  # noqa: PLC0415

    publish_by_the_official_client(emulator, 40)
    signals = sdk.SignalsSandbox(api_url=emulator.url, sandbox_token=emulator.token)
    signals.publish([each for definitions in SETS for each in definitions()])
    post_all(
        emulator,
        # Several live versions with a draft above: the lowest pinned by a service, and read by a rule for what it alone has.
        _group("several", 1, "live", "old", "kept"),
        _group("several", 2, "live", "kept"),
        _group("several", 3, "live", "kept", "added"),
        _group("several", 4, "draft", "kept"),
        _service("on_the_lowest", ("several", 1)),
        _service("on_the_newest", ("several", 3)),
        _reader("of_the_lowest", "several:old"),
        _reader(
            "of_the_newest", "several:added", payload_attribute_groups=[{"name": "several", "version": 2}]
        ),
        _group("ahead", 1, "live", "a"),
        _group("ahead", 2, "draft", "a", "b"),
        _group("on_the_shelf", 1, "draft", "a"),
        _group("without_owner", 1, "live", "a", owner=None),
        _service("of_what_is_left_out", ("without_owner", 1)),
        _reader("reads_what_is_left_out", "without_owner:a"),
    )


def _group(name: str, version: int, fate: Fate, *attributes: str, **fields: Any) -> Written:
    body = {
        "name": name,
        "version": version,
        "owner": _OWNERS[0],
        "attribute_key": {"name": "domain_userid"},
        "attributes": [
            {"name": each, "type": "int32", "aggregation": "counter", "events": []} for each in attributes
        ],
        **fields,
    }
    return Written("attribute_groups", body, fate)


def _service(name: str, *pins: tuple[str, int]) -> Written:
    groups = [{"name": group, "version": version} for group, version in pins]
    return Written("services", {"name": name, "owner": _OWNERS[0], "attribute_groups": groups}, "live")


def _reader(name: str, attribute: str, **fields: Any) -> Written:
    criteria = {"attribute": attribute, "operator": ">", "value": 1}
    body = {"name": name, "version": 1, "owner": _OWNERS[0], "criteria": criteria, **fields}
    return Written("interventions", body, "live")


def _rule(sdk: Any, number: int, version: int = 1, **fields: Any) -> Any:
    cart = sdk.InterventionCriterion(attribute="shopping:cart_value", operator=">", value=50.0 + number)
    visits = sdk.InterventionCriterion(attribute="shopping:visits", operator=">=", value=2)
    country = sdk.InterventionCriterion(attribute="shopping:country", operator="in", value=["DE", "FR"])
    member = sdk.InterventionCriterion(attribute="shopping:member", operator="=", value=True)
    criteria = [
        cart,
        sdk.InterventionCriteriaAll(all=[cart, visits]),
        sdk.InterventionCriteriaAny(any=[cart, sdk.InterventionCriteriaAll(all=[visits, country])]),
        sdk.InterventionCriteriaNone(none=[member, sdk.InterventionCriteriaAny(any=[visits, country])]),
    ]
    targets = [sdk.LinkAttributeKey(name="domain_userid")] if number % 2 else None
    return sdk.RuleIntervention(
        name=f"rule_{number:03}",
        version=version,
        owner=_OWNERS[number % len(_OWNERS)],
        criteria=criteria[number % len(criteria)],
        target_attribute_keys=targets,
        **fields,
    )


def _deep() -> dict[str, Any]:
    """A tree as deep as a program may have it."""
    node: dict[str, Any] = {"attribute": "shop:a", "operator": "=", "value": "x"}
    for level in range(99):
        beside = {"attribute": "shop:b", "operator": "!=", "value": str(level)}
        node = {("none", "any", "all")[level % 3]: [node, beside]}
    return node


_LEAF = {"attribute": "shop:a", "operator": "=", "value": "x"}


def _fields(**fields: Any) -> dict[str, Any]:
    return {"owner": "marketing@company.com", "criteria": _LEAF, **fields}


EVERYTHING: Registry = {
    "live": [Version(1, "live", _fields(description="Who's \"in\"?\n\\N{BULLET} {x} '''"))],
    "draft": [Version(3, "draft", _fields(description="é \u202e 😀"))],
    "withdrawn": [
        Version(1, "withdrawn", _fields()),
        Version(2, "withdrawn", _fields(owner="crm@company.com")),
    ],
    "ahead": [
        Version(1, "live", _fields()),
        Version(2, "draft", _fields(owner="crm@company.com", description="next")),
    ],
    "gone_back": [Version(1, "live", _fields()), Version(7, "withdrawn", _fields(description="too much"))],
    "deep": [Version(1, "live", _fields(criteria=_deep()))],
    "wide": [
        Version(1, "live", _fields(criteria={"any": [{**_LEAF, "value": str(n)} for n in range(3000)]}))
    ],
    "class": [Version(1, "live", _fields(owner="o'neil@example.com"))],
    "two_live": [Version(1, "live", _fields()), Version(2, "live", _fields(description="another"))],
    "without_owner": [Version(1, "live", _fields(owner=None))],
}
"""A bit of everything; the last two cannot be taken over."""
