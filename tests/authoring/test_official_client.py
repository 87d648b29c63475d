"""Definitions written for Snowplow's own client move over with a changed import, or as they are."""

from __future__ import annotations

import inspect
import math
import sys
from typing import Any

import pytest

from pulumi_snowplow_signals import inputs
from pulumi_snowplow_signals.criteria.tree import tree_of
from pulumi_snowplow_signals.inputs import InputFault, attribute, matches, to_plain

if sys.version_info < (3, 11):
    pytest.skip("Snowplow's client needs Python 3.11", allow_module_level=True)

import snowplow_signals as theirs
from snowplow_signals.models import model

CRITERIA = """
ns.InterventionCriteriaAny(any=[
    ns.InterventionCriteriaAll(all=[
        ns.InterventionCriterion(attribute="shopping:cart_value", operator=">", value=75.00),
        ns.InterventionCriterion(attribute="shopping:minutes_since_last_activity", operator=">=", value=15),
    ]),
    ns.InterventionCriteriaNone(none=[
        ns.InterventionCriterion(attribute="account:plan", operator="in", value=["free", "trial"]),
        ns.InterventionCriterion(attribute="account:plan", operator="is null"),
    ]),
])
"""

WRITTEN_FOR_BOTH = {
    "criteria": CRITERIA,
    "a target key": 'ns.LinkAttributeKey(name="domain_userid")',
    "an instance": 'ns.InterventionInstance(name="hello", version=2, attributes={"text": "hi"})',
    "identifiers": 'ns.AttributeKeyIdentifiers({"domain_userid": ["8c9104e3-c300-4b20-82f2-93b7fa0b8feb"]})',
    "identifiers by name": 'ns.AttributeKeyIdentifiers(root={"domain_userid": ["8c9104e3"]})',
}


@pytest.mark.parametrize("text", WRITTEN_FOR_BOTH.values(), ids=WRITTEN_FOR_BOTH.keys())
def test_the_same_text_gives_the_same_values(text: str) -> None:
    """An expression over the client's classes means the same with ours, and the client's objects may stay."""
    expression = text.strip()
    ours, official = eval(expression, {"ns": inputs}), eval(expression, {"ns": theirs})
    assert to_plain(ours, "value") == to_plain(official, "value")


def test_a_payload_group_is_named_as_in_the_models() -> None:
    """The client exports no name for it; ours is that of its models, with the same default."""
    ours, official = inputs.VersionedLinkAttributeGroup(name="a"), model.VersionedLinkAttributeGroup(name="a")
    assert to_plain(ours, "value") == to_plain(official, "value") == {"name": "a", "version": 1}


@pytest.mark.parametrize(
    ("ours", "official"),
    [
        (inputs.InterventionCriterion, theirs.InterventionCriterion),
        (inputs.InterventionCriteriaAll, theirs.InterventionCriteriaAll),
        (inputs.InterventionCriteriaAny, theirs.InterventionCriteriaAny),
        (inputs.InterventionCriteriaNone, theirs.InterventionCriteriaNone),
        (inputs.LinkAttributeKey, theirs.LinkAttributeKey),
        (inputs.VersionedLinkAttributeGroup, model.VersionedLinkAttributeGroup),
        (inputs.InterventionInstance, theirs.InterventionInstance),
        (inputs.AttributeKeyIdentifiers, theirs.AttributeKeyIdentifiers),
    ],
    ids=lambda cls: cls.__module__.partition(".")[0],
)
def test_the_fields_are_those_of_the_client(ours: Any, official: Any) -> None:
    """Our classes take the client's arguments, the same ones required."""
    parameters = inspect.signature(ours).parameters.values()
    required = {parameter.name for parameter in parameters if parameter.default is parameter.empty}
    fields = official.model_fields
    assert {parameter.name for parameter in parameters} == fields.keys()
    # The client lets identifiers be left out, and then refuses to push to nobody.
    assert required == {name for name, field in fields.items() if field.is_required()} | (
        {"root"} & fields.keys()
    )


def test_the_operators_are_those_of_the_client() -> None:
    """Not one operator more or less than the client's models have."""
    annotation = theirs.InterventionCriterion.model_fields["operator"].annotation
    assert set(annotation.__args__) == set(inputs.OperatorName.__args__)  # type: ignore[union-attr]  # both are literals


def test_objects_of_the_client_join_with_ours() -> None:
    """A criterion of the client may stand on either side of `&`, in a list of ours, and in a dict."""
    official = theirs.InterventionCriterion(attribute="account:plan", operator="=", value="free")
    rich = attribute("shopping:cart_value") > 75
    plain = [{"attribute": "account:plan", "operator": "=", "value": "free"}, to_plain(rich, "criteria")]
    assert to_plain(official & rich, "criteria") == {"all": plain}
    assert to_plain(rich | official, "criteria") == {"any": plain[::-1]}
    assert to_plain({"none": [official, rich]}, "criteria") == {"none": plain}
    assert matches(official & rich, after={"account:plan": "free", "shopping:cart_value": 80})


def test_faults_in_objects_of_the_client_have_their_path() -> None:
    """What the client lets pass and Pulumi cannot send is told."""
    official = theirs.InterventionCriteriaAll(
        all=[theirs.InterventionCriterion(attribute="a:b", operator="=", value=math.nan)]
    )
    with pytest.raises(InputFault, match=r"^criteria\.all\[0\]\.value: is not a finite number"):
        to_plain(official, "criteria")


def test_trees_of_the_client_that_are_too_deep_are_refused() -> None:
    """A hundred levels of the client's objects are taken, more are refused by sentence, at once."""
    node: Any = theirs.InterventionCriterion(attribute="a:b", operator="is null")
    for _ in range(100):
        node = theirs.InterventionCriteriaAll(all=[node])
    assert tree_of(to_plain(node, "criteria"))
    for _ in range(300):
        node = theirs.InterventionCriteriaAll(all=[node])
    with pytest.raises(InputFault, match=r"^criteria: is nested more than 100 levels deep"):
        to_plain(node, "criteria")
