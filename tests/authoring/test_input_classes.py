"""The SDK-named classes are value objects, and behave inside Pulumi's outputs."""

from __future__ import annotations

import asyncio
import copy
import dataclasses
import pickle
from collections.abc import Awaitable, Callable
from typing import Any

import pulumi
import pytest

from pulumi_snowplow_signals import StreamAttributeGroup
from pulumi_snowplow_signals.inputs import (
    AttributeKeyIdentifiers,
    InterventionCriteriaAll,
    InterventionCriteriaAny,
    InterventionCriteriaNone,
    InterventionCriterion,
    InterventionInstance,
    LinkAttributeKey,
    VersionedLinkAttributeGroup,
    attribute,
    to_plain,
)
from pulumi_snowplow_signals.inputs.attributes import Attribute, Criteria, Criterion, Event, EventProperty
from pulumi_snowplow_signals.inputs.values import InputValue

RICH = InterventionCriterion(attribute="shopping:cart_value", operator=">", value=75)
FREE = InterventionCriterion(attribute="account:plan", operator="in", value=["free", "trial"])
EVERY_KIND = [
    RICH,
    FREE,
    InterventionCriteriaAll(all=[RICH, FREE]),
    InterventionCriteriaAny(any=[RICH, {"attribute": "account:plan", "operator": "changed"}]),
    InterventionCriteriaNone(none=[RICH]),
    LinkAttributeKey(name="domain_userid"),
    VersionedLinkAttributeGroup(name="shopping", version=2),
    InterventionInstance(name="say_hello", version=1, attributes={"text": "hello"}),
    AttributeKeyIdentifiers({"domain_userid": ["8c9104e3-c300-4b20-82f2-93b7fa0b8feb"]}),
]
EACH = pytest.mark.parametrize("value", EVERY_KIND, ids=lambda value: type(value).__name__)


@EACH
def test_is_equal_to_a_copy(value: Any) -> None:
    """Two objects that hold the same are equal, hash alike, and survive being copied and pickled."""
    for twin in (copy.deepcopy(value), pickle.loads(pickle.dumps(value)), dataclasses.replace(value)):
        assert twin is not value
        assert twin == value
        assert hash(twin) == hash(value)


@EACH
def test_is_equal_to_nothing_else(value: Any) -> None:
    """No two of the objects above are equal, nor is one equal to what it stands for."""
    assert [other for other in EVERY_KIND if other == value] == [value]
    assert value != to_plain(value, "value")


@EACH
def test_shows_everything_it_holds(value: Any) -> None:
    """The representation is the expression that makes the object again."""
    assert eval(repr(value)) == value


@EACH
def test_never_changes(value: Any) -> None:
    """No field can be set after the object was made."""
    field = dataclasses.fields(value)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, field, "other")


def test_a_later_change_of_the_list_changes_nothing() -> None:
    """A group keeps the criteria that it was made with."""
    criteria: list[Any] = [RICH]
    group = InterventionCriteriaAll(all=criteria)
    criteria.append(FREE)
    assert group == InterventionCriteriaAll(all=[RICH])


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        pytest.param(75, 75.0, True, id="75 is 75.0"),
        pytest.param(1, True, False, id="1 is not true"),
        pytest.param(0.0, False, False, id="0.0 is not false"),
        pytest.param(75, "75", False, id="75 is not a string"),
        pytest.param([1, 2], [1.0, 2], True, id="a list of 1 is a list of 1.0"),
        pytest.param([1], [True], False, id="a list of 1 is not a list of true"),
        pytest.param([1, 2], (1, 2), True, id="a tuple is a list"),
        pytest.param([1, 2], [2, 1], False, id="a list in another order"),
        pytest.param(None, "", False, id="nothing is not the empty string"),
    ],
)
def test_booleans_numbers_and_strings_never_meet(one: Any, other: Any, equal: bool) -> None:  # noqa: FBT001  # the case
    """Criteria are equal when their values are the same value in JSON."""

    def criterion(value: Any) -> InterventionCriterion:
        return InterventionCriterion(attribute="account:plan", operator="=", value=value)

    assert (criterion(one) == criterion(other)) is equal
    assert not equal or hash(criterion(one)) == hash(criterion(other))


def resolved(make: Callable[[], Any | Awaitable[Any]]) -> tuple[Any, bool, bool]:
    """Return what an input resolves to, whether it is known, and whether it is secret."""

    async def program() -> tuple[Any, bool, bool]:
        output = pulumi.Output.from_input(make())
        known, secret = await output.is_known(), await output.is_secret()
        return await output.future(), bool(known), bool(secret)

    return asyncio.run(program())


def test_an_output_is_shown_without_being_asked() -> None:
    """The representation of an object that holds an output says so, and does not call str on the output."""

    def shown() -> str:
        return repr(
            InterventionCriterion(attribute="x:y", operator="in", value=[pulumi.Output.from_input(1), 2])
        )

    assert resolved(shown)[0] == "InterventionCriterion(attribute='x:y', operator='in', value=[<output>, 2])"


def test_an_output_is_equal_only_to_itself() -> None:
    """Two criteria with outputs are equal if it is the same output."""

    def compared() -> list[bool]:
        one, other = pulumi.Output.from_input(75), pulumi.Output.from_input(75)
        rich = attribute("shopping:cart_value")
        return [(rich > one) == (rich > one), (rich > one) == (rich > other)]

    assert resolved(compared)[0] == [True, False]


@EACH
def test_outputs_see_through_the_object(value: Any) -> None:
    """An output can be made of any of the classes, resolves to an equal object, and may be secret."""
    assert resolved(lambda: value) == (value, True, False)
    assert resolved(lambda: pulumi.Output.secret(value)) == (value, True, True)


def test_outputs_inside_are_resolved_with_the_object() -> None:
    """`Output.all` of criteria waits for the outputs in them, and is as secret as they are."""

    def both() -> pulumi.Output[Any]:
        rich = attribute("shopping:cart_value") > pulumi.Output.secret(75)
        return pulumi.Output.all(rich, FREE).apply(lambda criteria: criteria[0] & criteria[1])

    assert resolved(both) == (RICH & FREE, True, True)


INCOMPLETE: list[Callable[[], InputValue]] = [
    lambda: Attribute(name="value"),  # type: ignore[call-arg]  # as in all of these
    lambda: InterventionCriterion(attribute="shopping:cart_value"),  # type: ignore[call-arg]
    EventProperty,
    LinkAttributeKey,
]


@pytest.mark.parametrize("make", INCOMPLETE, ids=lambda make: type(make()).__name__)
def test_one_that_lacks_arguments_is_an_object_all_the_same(make: Callable[[], InputValue]) -> None:
    """The resource that takes it names what is missing. Until then it is equal to its like, and can be copied and shown."""
    value = make()
    assert value == make()
    for twin in (copy.copy(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
        assert twin == value
        assert type(twin) is type(value)
    assert eval(repr(value)) == value


def test_what_is_missing_is_told_where_it_belongs() -> None:
    """Each missing argument is a fault of the resource, with its path."""
    criterion = Criterion(
        property=EventProperty(vendor="com.example", name="cart", path="a"), operator="=", value=1
    )  # type: ignore[call-arg]
    attributes = [
        Attribute(name="value", events=[], aggregation="counter", criteria=Criteria(all=[criterion])),  # type: ignore[call-arg]
        Attribute(),  # type: ignore[call-arg]
    ]
    with pytest.raises(pulumi.RunError) as refused:
        StreamAttributeGroup(
            "basket",
            owner="d@example.com",
            attribute_key=LinkAttributeKey(),
            attributes=attributes,  # type: ignore[call-arg]
        )
    assert str(refused.value).splitlines() == [
        f'StreamAttributeGroup "basket": {path}: is required'
        for path in (
            "attribute_key.name",
            "attributes[0].type",
            "attributes[0].criteria.all[0].property.major_version",
            *(f"attributes[1].{name}" for name in ("name", "type", "events", "aggregation")),
        )
    ]


def test_arguments_have_names() -> None:
    """What is written without its name is refused with the line to write."""
    with pytest.raises(
        pulumi.RunError, match=r"^Attribute: takes its arguments by name\. Write name=\.\.\.$"
    ):
        Attribute("value")  # type: ignore[call-arg, misc]
    with pytest.raises(pulumi.RunError, match=r"^Event: takes its arguments by name\. Write name=\.\.\.$"):
        Event("page_view")  # type: ignore[misc]
