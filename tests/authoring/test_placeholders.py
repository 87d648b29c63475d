"""Text made from an output, Pulumi's mark of an unknown value, and None where something is sent: none is ever taken.

The program refuses what it can see; check refuses the same in what reaches it by other ways, such as a transformation.
"""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from pulumi.runtime import rpc

from pulumi_snowplow_signals import (
    AttributeKeyIdentifiers,
    DirectIntervention,
    InterventionCriterion,
    InterventionInstance,
    LinkAttributeKey,
    RuleIntervention,
    VersionedLinkAttributeGroup,
    attribute,
    matches,
)
from pulumi_snowplow_signals.fields.placeholders import HOLDS_AN_OUTPUT, IS_UNKNOWN, UNKNOWN_AS_TEXT
from pulumi_snowplow_signals.inputs.plain import to_plain
from pulumi_snowplow_signals.kinds.intervention import Intervention
from pulumi_snowplow_signals.push.parsing import parse_direct_inputs

ID = "218e8926-3858-431d-b2ed-66da03a1cbe5"
RICH = attribute("shopping:cart_value") > 75
RULE: dict[str, Any] = {"owner": "team@example.com", "criteria": RICH}
PUSH: dict[str, Any] = {"version": 1, "targets": {"domain_userid": [ID]}}


def in_a_loop(make: Callable[[], Any]) -> Any:
    """Call something that makes outputs, which need an event loop."""

    async def program() -> Any:
        return make()

    return asyncio.run(program())


def formatted(as_text: Callable[[pulumi.Output[Any]], str]) -> str:
    """Return what a program gets that puts an output into a text."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return str(in_a_loop(lambda: as_text(pulumi.Output.from_input("Hello"))))


TEXT = formatted(lambda output: f"for {output}")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(TEXT, id="in an f-string"),
        pytest.param(formatted(lambda output: f"for {output!r}"), id="its representation"),
        pytest.param(formatted(lambda output: f"for {[output]}"), id="in the text of a list"),
        pytest.param(formatted(lambda output: "for %s" % output), id="by the percent sign"),  # noqa: UP031
        pytest.param(formatted("for {}".format), id="by format"),
    ],
)
def test_every_text_of_an_output_is_known(text: str) -> None:
    """Whatever way a program has put an output into a text, it is told what to write."""
    with pytest.raises(pulumi.RunError) as refused:
        RuleIntervention("cart", **RULE, description=text)
    assert str(refused.value) == (
        'RuleIntervention "cart": description: contains an output that was formatted as text, so its value is missing. '
        'Write Output.concat("...", x) or x.apply(lambda v: f"...{v}").'
    )


def test_the_mark_of_an_unknown_is_pulumis() -> None:
    """The text that is refused is the one that Pulumi's serializer looks for."""
    assert UNKNOWN_AS_TEXT == rpc.UNKNOWN


CART = {"attribute": "shopping:cart_value", "operator": ">", "value": 75}
RULES: dict[str, tuple[dict[str, Any], str]] = {
    "name": ({"name": TEXT}, "name"),
    "owner": ({"owner": TEXT}, "owner"),
    "description": ({"description": TEXT}, "description"),
    "a criterion's attribute": (
        {"criteria": {"attribute": TEXT, "operator": "is null"}},
        "criteria.attribute",
    ),
    "a criterion's value": (
        {"criteria": {"all": [CART, {"attribute": "a:b", "operator": "=", "value": TEXT}]}},
        "criteria.all[1].value",
    ),
    "a pattern": (
        {"criteria": {"attribute": "a:b", "operator": "like", "value": TEXT}},
        "criteria.value",
    ),
    "a target key": (
        {"target_attribute_keys": [{"name": "domain_userid"}, {"name": TEXT}]},
        "target_attribute_keys[1].name",
    ),
    "a payload group": (
        {"payload_attribute_groups": [{"name": TEXT, "version": 1}]},
        "payload_attribute_groups[0].name",
    ),
}
PUSHES: dict[str, tuple[dict[str, Any], str]] = {
    "name": ({"name": TEXT}, "name"),
    "an attribute": ({"attributes": {"text": TEXT}}, "attributes.text"),
    "an id": ({"targets": {"domain_userid": [ID, TEXT]}}, "targets.domain_userid[1]"),
    "a trigger": ({"triggers": [1, TEXT]}, "triggers[1]"),
    "a part of a trigger": ({"triggers": [{"run": [TEXT]}]}, "triggers[0].run[0]"),
}
EACH_RULE = pytest.mark.parametrize(("given", "path"), RULES.values(), ids=RULES)
EACH_PUSH = pytest.mark.parametrize(("given", "path"), PUSHES.values(), ids=PUSHES)


@EACH_RULE
def test_a_rule_takes_no_text_of_an_output(given: dict[str, Any], path: str) -> None:
    """The constructor names the resource and the path, wherever in a rule the text stands."""
    with pytest.raises(pulumi.RunError) as refused:
        RuleIntervention("cart", **{**RULE, **given})
    assert str(refused.value) == f'RuleIntervention "cart": {path}: {HOLDS_AN_OUTPUT}'


@EACH_PUSH
def test_a_push_takes_no_text_of_an_output(given: dict[str, Any], path: str) -> None:
    """The constructor names the resource and the path, wherever in a push the text stands."""
    with pytest.raises(pulumi.RunError) as refused:
        DirectIntervention("hello", **{**PUSH, **given})
    assert str(refused.value) == f'DirectIntervention "hello": {path}: {HOLDS_AN_OUTPUT}'


OTHER_FORMS: dict[str, tuple[dict[str, Any], str]] = {
    "on_destroy": ({"on_destroy": TEXT}, "on_destroy"),
    "a criterion of our class": (
        {"criteria": RICH & InterventionCriterion(attribute="a:b", operator="=", value=TEXT)},
        "criteria.all[1].value",
    ),
    "an operator": (
        {"criteria": {"attribute": "a:b", "operator": TEXT, "value": 1}},
        "criteria.operator",
    ),
    "an item of a list": (
        {"criteria": {"attribute": "a:b", "operator": "in", "value": ["x", TEXT]}},
        "criteria.value[1]",
    ),
    "a target key by its name": ({"target_attribute_keys": [TEXT]}, "target_attribute_keys[0]"),
    "a target key of our class": (
        {"target_attribute_keys": [LinkAttributeKey(name=TEXT)]},
        "target_attribute_keys[0].name",
    ),
    "a payload group of our class": (
        {"payload_attribute_groups": [VersionedLinkAttributeGroup(name=TEXT)]},
        "payload_attribute_groups[0].name",
    ),
}


@pytest.mark.parametrize(("given", "path"), OTHER_FORMS.values(), ids=OTHER_FORMS)
def test_no_form_of_an_input_hides_it(given: dict[str, Any], path: str) -> None:
    """The classes and the short forms are looked into as the plain ones are."""
    with pytest.raises(pulumi.RunError) as refused:
        RuleIntervention("cart", **{**RULE, **given})
    assert str(refused.value) == f'RuleIntervention "cart": {path}: {HOLDS_AN_OUTPUT}'


CALLS: dict[str, tuple[Callable[[], Any], str]] = {
    "a logical name": (
        lambda: RuleIntervention(TEXT, name="cart", **RULE),
        (
            "RuleIntervention: the logical name contains an output that was formatted as text. Pulumi needs a logical name "
            "while the program runs: write a plain string as the first argument. The name in Signals may be an output: name=..."
        ),
    ),
    "a name that would be the logical name": (
        lambda: DirectIntervention(name=TEXT, **PUSH),
        (
            "DirectIntervention: name contains an output that was formatted as text. Pulumi needs a logical name while the "
            "program runs: write a plain string as the first argument. The name in Signals may be an output: name=..."
        ),
    ),
    "an instance's name": (
        lambda: DirectIntervention(
            "hello", instance=InterventionInstance(name=TEXT, version=1), targets=PUSH["targets"]
        ),
        f'DirectIntervention "hello": name: {HOLDS_AN_OUTPUT}',
    ),
    "an instance's attribute": (
        lambda: DirectIntervention(
            "hello",
            instance={"name": "a", "version": 1, "attributes": {"text": TEXT}},
            targets=PUSH["targets"],
        ),
        f'DirectIntervention "hello": attributes.text: {HOLDS_AN_OUTPUT}',
    ),
    "ids of the client's class": (
        lambda: DirectIntervention(
            "hello", version=1, targets=AttributeKeyIdentifiers({"domain_userid": [TEXT]})
        ),
        f'DirectIntervention "hello": targets.domain_userid[0]: {HOLDS_AN_OUTPUT}',
    ),
    "an attribute key of targets": (
        lambda: DirectIntervention("hello", version=1, targets={TEXT: [ID]}),
        f'DirectIntervention "hello": targets: has a key that {HOLDS_AN_OUTPUT}',
    ),
    "a key of attributes": (
        lambda: DirectIntervention("hello", **PUSH, attributes={TEXT: "x"}),
        f'DirectIntervention "hello": attributes: has a key that {HOLDS_AN_OUTPUT}',
    ),
    "the name that a .get looks for": (
        lambda: RuleIntervention.get("cart", TEXT),
        f'RuleIntervention "cart": id: {HOLDS_AN_OUTPUT}',
    ),
    "a part of an attribute's name": (
        lambda: attribute(f"shopping:{TEXT}"),
        f'attribute("shopping:for Calling __str__ on an Output[T] is not supporte..."): the name {HOLDS_AN_OUTPUT}',
    ),
    "several at once": (
        lambda: RuleIntervention("cart", owner=TEXT, description=TEXT, criteria=RICH),
        (
            f'RuleIntervention "cart": owner: {HOLDS_AN_OUTPUT}\n'
            f'RuleIntervention "cart": description: {HOLDS_AN_OUTPUT}'
        ),
    ),
}


@pytest.mark.parametrize(("call", "told"), CALLS.values(), ids=CALLS)
def test_what_the_text_stands_for_is_told_apart(call: Callable[[], Any], told: str) -> None:
    """Where an output may not stand at all, or has another name, the sentence says so."""
    with pytest.raises(pulumi.RunError) as refused:
        call()
    assert str(refused.value) == told


@pytest.mark.parametrize(
    "compare",
    [
        pytest.param(lambda: attribute("a:b") == TEXT, id="compared"),
        pytest.param(lambda: attribute("a:b").in_(["x", TEXT]), id="in a list"),
        pytest.param(lambda: attribute("a:b").like(TEXT), id="as a pattern"),
    ],
)
def test_a_comparison_refuses_it_where_it_is_written(compare: Callable[[], Any]) -> None:
    """The line of the comparison is the one that Python blames."""
    with pytest.raises(pulumi.RunError, match=r"the value contains an output that was formatted as text"):
        compare()


def test_a_trial_refuses_it() -> None:
    """A unit test of a rule does not pass with the text of an output in it."""
    with pytest.raises(pulumi.RunError, match=r"^criteria\.value: contains an output"):
        matches({"attribute": "a:b", "operator": "=", "value": TEXT}, after={"a:b": TEXT})


@EACH_RULE
def test_check_refuses_it_in_a_rule(given: dict[str, Any], path: str) -> None:
    """Whatever reaches check with such a text in it has this fault, and no other."""
    raw = {"name": "cart", "owner": "team@example.com", "criteria": CART, **given}
    assert [str(fault) for fault in Intervention.parse(raw).faults] == [f"{path}: {HOLDS_AN_OUTPUT}"]


@EACH_PUSH
def test_check_refuses_it_in_a_push(given: dict[str, Any], path: str) -> None:
    """Whatever reaches check with such a text in it has this fault, and no other."""
    _, faults = parse_direct_inputs({"name": "hello", **PUSH, **given})
    assert [str(fault) for fault in faults] == [f"{path}: {HOLDS_AN_OUTPUT}"]


@pytest.mark.parametrize("name", ["attributes", "triggers"])
def test_check_names_no_key_of_a_secret(name: str) -> None:
    """Keys of a program's own are as secret as what they lead to."""
    values = {"attributes": {"SECRET": TEXT}, "triggers": [{"SECRET": TEXT}]}
    _, faults = parse_direct_inputs({"name": "hello", **PUSH, name: values[name]}, secret=[name])
    assert [str(fault) for fault in faults] == [f"{name}: {HOLDS_AN_OUTPUT}"]


@pytest.mark.parametrize(
    ("given", "path"),
    [
        pytest.param({"attributes": {TEXT: "x"}}, "attributes", id="attributes"),
        pytest.param({"targets": {TEXT: [ID]}}, "targets", id="targets"),
        pytest.param({"triggers": [{TEXT: 1}]}, "triggers[0]", id="triggers"),
    ],
)
def test_check_refuses_it_as_a_key(given: dict[str, Any], path: str) -> None:
    """A key is a text as well."""
    _, faults = parse_direct_inputs({"name": "hello", **PUSH, **given})
    assert [str(fault) for fault in faults] == [f"{path}: has a key that {HOLDS_AN_OUTPUT}"]


def test_what_is_stored_already_is_read() -> None:
    """What 0.1.0 let through is in the registry: a refresh and a destroy have to read it."""
    body = {"name": "cart", "owner": "team@example.com", "description": TEXT, "criteria": CART}
    assert Intervention.stored(body).held["description"] == TEXT


# What is not a placeholder passes: words about outputs, and longer texts with the mark in them.
@pytest.mark.parametrize("text", ["", "Calling __str__", "Output[T]", f"id {UNKNOWN_AS_TEXT}", "{v}", "\x01"])
def test_other_texts_are_taken(text: str) -> None:
    """No text that a person would write is refused."""
    assert to_plain(text, "description") == text
    raw = {"name": "cart", "owner": "team@example.com", "description": text, "criteria": CART}
    assert Intervention.parse(raw).faults == ()


NULLS = {
    "an attribute": ({"attributes": {"a": "x", "b": None}}, "attributes.b"),
    "an id": ({"targets": {"domain_userid": [ID, None]}}, "targets.domain_userid[1]"),
    "a list of ids": ({"targets": {"domain_userid": [ID], "other": None}}, "targets.other"),
}


@pytest.mark.parametrize(("given", "path"), NULLS.values(), ids=NULLS)
def test_a_push_takes_no_none(given: dict[str, Any], path: str) -> None:
    """Pulumi drops None from mappings, so that the push would leave with less than was written."""
    with pytest.raises(pulumi.RunError) as refused:
        DirectIntervention("hello", **{**PUSH, **given})
    told = f'DirectIntervention "hello": {path}: is None, which Pulumi silently drops. Write a value, or remove it.'
    assert str(refused.value) == told


def test_an_instance_takes_no_none_in_its_attributes() -> None:
    """The same in the client's form; what an instance leaves out is left out."""
    instance = {"name": "hello", "version": 1, "attributes": {"a": None}}
    with pytest.raises(pulumi.RunError, match=r"\"hello\": attributes\.a: is None"):
        DirectIntervention("hello", instance=instance, targets=PUSH["targets"])
    without = to_plain({**instance, "attributes": None}, "instance", whole=["instance.attributes"])
    assert without == {"name": "hello", "version": 1, "attributes": None}


def test_a_push_takes_no_mark_of_an_unknown() -> None:
    """It would be waited for, and never be known."""
    for given, path in (
        ({"triggers": [UNKNOWN_AS_TEXT]}, "triggers[0]"),
        ({"attributes": {"a": UNKNOWN_AS_TEXT}}, "attributes.a"),
        ({"targets": {"domain_userid": [UNKNOWN_AS_TEXT]}}, "targets.domain_userid[0]"),
    ):
        with pytest.raises(pulumi.RunError) as refused:
            DirectIntervention("hello", **{**PUSH, **given})
        assert str(refused.value) == f'DirectIntervention "hello": {path}: {IS_UNKNOWN}'


def resolve(given: dict[str, Any], *, dry_run: bool) -> Any:
    """Convert inputs in a preview or a deployment, and wait for the outputs in them."""

    async def program() -> Any:
        pulumi.runtime.settings.configure(
            pulumi.runtime.Settings(project="project", stack="stack", dry_run=dry_run)
        )
        outputs = {
            name: later(value) if name == "triggers" else {key: later(item) for key, item in value.items()}
            for name, value in given.items()
        }
        plain = {
            name: to_plain(value, name, resource="hello", whole=("attributes", "targets"))
            for name, value in outputs.items()
        }
        return await pulumi.Output.from_input(plain).future()

    return asyncio.run(program())


def later(value: Any) -> pulumi.Output[Any]:
    """Return an output that resolves to a value."""
    return pulumi.Output.from_input(0).apply(lambda _: value)


@pytest.mark.parametrize("dry_run", [True, False], ids=["in a preview", "in a deployment"])
@pytest.mark.parametrize(
    ("given", "told"),
    [
        pytest.param({"attributes": {"a": None}}, "hello: attributes.a: is None", id="None for an attribute"),
        pytest.param(
            {"targets": {"domain_userid": [None]}},
            "hello: targets.domain_userid[0]: is None",
            id="None for an id",
        ),
        pytest.param({"targets": {"domain_userid": None}}, "hello: targets.domain_userid: is None", id="ids"),
        pytest.param({"attributes": {"a": TEXT}}, "hello: attributes.a: contains an output", id="a text"),
        pytest.param({"triggers": [{"b": TEXT}]}, "hello: triggers[0].b: contains an output", id="a trigger"),
    ],
)
def test_an_output_is_judged_when_it_resolves(given: dict[str, Any], told: str, *, dry_run: bool) -> None:
    """What an output turns out to hold is refused like what the program writes."""
    with pytest.raises(pulumi.RunError) as refused:
        resolve(given, dry_run=dry_run)
    assert str(refused.value).startswith(told)


def test_the_mark_of_an_unknown_in_an_output_waits_for_the_deployment() -> None:
    """In a preview it may stand for a value that is not known yet; in a deployment it is none."""
    given = {"triggers": [UNKNOWN_AS_TEXT]}
    assert resolve(given, dry_run=True) == given
    with pytest.raises(pulumi.RunError, match=r"hello: triggers\[0\]: is"):
        resolve(given, dry_run=False)


def test_an_output_of_the_whole_may_be_none() -> None:
    """`attributes` as an output that turns out to be None is left out, as `attributes=None` is."""

    async def program() -> Any:
        plain = to_plain(later(None), "attributes", resource="hello", whole=["attributes"])
        return await pulumi.Output.from_input(plain).future()

    assert asyncio.run(program()) is None
