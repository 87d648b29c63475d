"""`to_plain`: whatever a program hands over becomes what Pulumi can send, or a sentence with its path."""

from __future__ import annotations

import asyncio
import enum
import math
import sys
import uuid
from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from pulumi_snowplow_signals.criteria import tree
from pulumi_snowplow_signals.inputs import (
    AttributeKeyIdentifiers,
    InputFault,
    InterventionCriteriaAll,
    InterventionCriteriaAny,
    InterventionInstance,
    LinkAttributeKey,
    VersionedLinkAttributeGroup,
    attribute,
    to_plain,
)
from pulumi_snowplow_signals.inputs.plain import DEEPEST
from pulumi_snowplow_signals.kinds.intervention import Intervention

ID = "8c9104e3-c300-4b20-82f2-93b7fa0b8feb"
RICH = attribute("shopping:cart_value") > 75
RICH_PLAIN = {"attribute": "shopping:cart_value", "operator": ">", "value": 75}


class Plan(str, enum.Enum):
    """Values as a program keeps them."""

    FREE = "free"


class Amount(float):
    """A number of another library, such as numpy's."""


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        pytest.param(RICH, RICH_PLAIN, id="a criterion"),
        pytest.param(
            attribute("account:plan").is_null(),
            {"attribute": "account:plan", "operator": "is null"},
            id="a criterion without a value has no key for it",
        ),
        pytest.param(
            (RICH | attribute("account:plan").in_(("a", "b"))) & ~RICH,
            {
                "all": [
                    {
                        "any": [
                            RICH_PLAIN,
                            {"attribute": "account:plan", "operator": "in", "value": ["a", "b"]},
                        ]
                    },
                    {"none": [RICH_PLAIN]},
                ]
            },
            id="groups in groups",
        ),
        pytest.param(
            {"all": (RICH, {"any": [RICH_PLAIN]})},
            {"all": [RICH_PLAIN, {"any": [RICH_PLAIN]}]},
            id="classes in dicts and tuples",
        ),
        pytest.param(
            InterventionCriteriaAll(all=[{"none": [RICH]}]),
            {"all": [{"none": [RICH_PLAIN]}]},
            id="dicts in classes",
        ),
        pytest.param(
            ["domain_userid", LinkAttributeKey(name="user")],
            ["domain_userid", {"name": "user"}],
            id="target keys",
        ),
        pytest.param(
            [VersionedLinkAttributeGroup(name="shopping")],
            [{"name": "shopping", "version": 1}],
            id="payload groups",
        ),
        pytest.param(
            InterventionInstance(name="hello", version=2, attributes={"text": "hi"}),
            {"name": "hello", "version": 2, "attributes": {"text": "hi"}},
            id="an instance",
        ),
        pytest.param(
            AttributeKeyIdentifiers({"user": [uuid.UUID(ID)]}),
            {"user": [ID]},
            id="identifiers, with a UUID as text",
        ),
        pytest.param(
            attribute("account:plan") == Plan.FREE,
            {"attribute": "account:plan", "operator": "=", "value": "free"},
            id="an enum's value",
        ),
        pytest.param({"value": Amount(7.5)}, {"value": 7.5}, id="a number of another library"),
        pytest.param({"value": 2**53}, {"value": 2**53}, id="the largest exact integer"),
        pytest.param(None, None, id="nothing"),
    ],
)
def test_gives_plain_values(value: Any, plain: Any) -> None:
    """What is known becomes dicts, lists and scalars of Python's own types."""
    given = to_plain(value, "criteria")
    assert given == plain
    assert types_in(given) <= {dict, list, str, int, float, bool, type(None)}


def types_in(plain: Any) -> set[type]:
    below = plain.values() if isinstance(plain, dict) else plain if isinstance(plain, list) else ()
    return {type(plain)}.union(*map(types_in, below))


A_VALUE_IS = (
    "expected a string, number, boolean, list or dict, a class of this package, "
    "an object of Snowplow's client, or an output of one of these."
)


@pytest.mark.parametrize(
    ("value", "sentences"),
    [
        pytest.param(
            {"all": [RICH, object()]}, [f"criteria.all[1]: is object; {A_VALUE_IS}"], id="another object"
        ),
        pytest.param(
            {"all": [RICH, InterventionCriteriaAll]},
            ["criteria.all[1]: is the class InterventionCriteriaAll, not an instance. Add parentheses."],
            id="a class",
        ),
        pytest.param(b"bytes", ["criteria: is bytes. Write x.decode()."], id="bytes"),
        pytest.param(
            {"all": [attribute("account:paid")]},
            [
                (
                    'criteria.all[0]: is attribute("account:paid"), which is not a criterion by itself. '
                    'Compare it with a value, as in attribute("account:paid") == True.'
                )
            ],
            id="an attribute without a comparison",
        ),
        pytest.param(
            {"any": [{"attribute": "a:b", "operator": "in", "value": {"y", "x"}}]},
            ["criteria.any[0].value: is a set, whose order changes from run to run. Use a list."],
            id="a set",
        ),
        pytest.param(
            InterventionCriteriaAny(
                any=[
                    {"attribute": "a:b", "operator": ">", "value": 2**53 + 1},
                    {"value": math.inf},
                    {1: math.nan},
                ]
            ),
            [
                (
                    "criteria.any[0].value: is an integer beyond 2^53, which would lose digits. "
                    "Use a smaller number or a string."
                ),
                "criteria.any[1].value: is not a finite number. Attributes cannot be compared with it.",
                "criteria.any[2]: has a key of type int; keys must be strings.",
            ],
            id="several faults at once",
        ),
    ],
)
def test_tells_what_can_never_be_right(value: Any, sentences: list[str]) -> None:
    """Every value that would not arrive as it is written is named with its path."""
    with pytest.raises(InputFault) as raised:
        to_plain(value, "criteria")
    assert raised.value.faults == tuple(sentences)


def nested(levels: int, wrap: Callable[[Any], Any], leaf: Any) -> Any:
    """Put a leaf into so many groups."""
    for _ in range(levels):
        leaf = wrap(leaf)
    return leaf


AS_EVERY_KIND = pytest.mark.parametrize(
    ("wrap", "groups"),
    [
        pytest.param(lambda node: {"all": [node]}, 1, id="dicts"),
        pytest.param(lambda node: InterventionCriteriaAny(any=[node]), 1, id="classes"),
        pytest.param(lambda node: InterventionCriteriaAll(all=[{"none": (node,)}]), 2, id="dicts in classes"),
    ],
)


@AS_EVERY_KIND
def test_a_hundred_levels_are_taken(wrap: Callable[[Any], Any], groups: int) -> None:
    """The deepest tree that is allowed is converted, with a list as its value."""
    plain = to_plain(nested(DEEPEST // groups, wrap, attribute("a:b").in_([1])), "criteria")
    assert Intervention.parse({"name": "x", "owner": "a@b.de", "criteria": plain}).definition
    deeper = Intervention.parse({"name": "x", "owner": "a@b.de", "criteria": {"all": [plain]}})
    assert [fault.path for fault in deeper.faults] == ["criteria"]


@AS_EVERY_KIND
def test_deeper_trees_are_refused(wrap: Callable[[Any], Any], groups: int) -> None:
    """A tree that would crash Pulumi's serializer, or Python, is refused with a sentence."""
    for levels in (DEEPEST + 1, 5 * sys.getrecursionlimit()):
        with pytest.raises(InputFault, match=r"^criteria: is nested more than 100 levels deep.$"):
            to_plain(nested(levels, wrap, RICH), "criteria")


def test_lists_in_lists_and_trees_that_hold_themselves_are_refused() -> None:
    """No shape of input makes the conversion run on without end."""
    with pytest.raises(InputFault, match="nested more than 100 levels"):
        to_plain(nested(5000, lambda node: [node], 1), "criteria")
    within_itself: dict[str, Any] = {}
    within_itself["all"] = [within_itself]
    with pytest.raises(InputFault, match=r"^criteria\.all\[0\]: is a dict that contains itself\.$"):
        to_plain(within_itself, "criteria")


def test_the_limit_is_that_of_the_provider() -> None:
    """The program refuses exactly what check would refuse."""
    assert DEEPEST == tree.DEEPEST


def resolved(make: Callable[[], Any]) -> tuple[Any, bool, bool]:
    """Return what `to_plain` resolves to, whether it is known, and whether it is secret."""

    async def program() -> tuple[Any, bool, bool]:
        output = pulumi.Output.from_input(to_plain(make(), "criteria"))
        known, secret = await output.is_known(), await output.is_secret()
        return await output.future(), bool(known), bool(secret)

    return asyncio.run(program())


def later(value: Any) -> pulumi.Output[Any]:
    return pulumi.Output.from_input(0).apply(lambda _: value)


async def coroutine(value: Any) -> Any:
    return value


@pytest.mark.parametrize(
    ("make", "secret"),
    [
        pytest.param(lambda: attribute("shopping:cart_value") > later(75), False, id="a value"),
        pytest.param(
            lambda: attribute("shopping:cart_value") > pulumi.Output.secret(75), True, id="a secret"
        ),
        pytest.param(lambda: later(RICH), False, id="criteria"),
        pytest.param(lambda: later(later(RICH_PLAIN)), False, id="an output in an output"),
        pytest.param(lambda: coroutine(RICH), False, id="an awaitable"),
        pytest.param(
            lambda: later(attribute("shopping:cart_value") > pulumi.Output.secret(75)),
            True,
            id="criteria with a secret",
        ),
        pytest.param(
            lambda: later(
                {"attribute": later("shopping:cart_value"), "operator": coroutine(">"), "value": 75}
            ),
            False,
            id="a dict of outputs",
        ),
    ],
)
def test_outputs_are_converted_when_they_resolve(make: Callable[[], Any], secret: bool) -> None:  # noqa: FBT001  # the case
    """An output stays one, as secret as it was, and resolves to plain values whatever it held."""
    assert resolved(make) == (RICH_PLAIN, True, secret)


def test_an_unknown_stays_unknown() -> None:
    """What depends on an unknown is not guessed; what stands beside it is converted."""

    async def program() -> tuple[Any, bool]:
        unknown = later(pulumi.UNKNOWN)
        plain = to_plain((attribute("shopping:cart_value") > unknown) & RICH, "criteria")
        return plain["all"][1], await plain["all"][0]["value"].is_known()

    assert asyncio.run(program()) == (RICH_PLAIN, False)


def test_a_fault_in_an_output_is_told_with_its_path() -> None:
    """What an output turns out to hold is judged like everything else, when it is known."""
    with pytest.raises(InputFault, match=r"^criteria\.all\[1\]\.value: is not a finite number"):
        resolved(lambda: {"all": [RICH, later({"value": math.nan})]})


@pytest.mark.parametrize(
    "secret",
    [
        pytest.param(12345 * 10**15, id="a number"),
        pytest.param({"x12345"}, id="a set"),
        pytest.param(b"12345", id="bytes"),
    ],
)
def test_a_fault_repeats_no_secret(secret: Any) -> None:
    """What a secret holds stays out of the sentence about it."""
    with pytest.raises(InputFault) as raised:
        resolved(lambda: {"value": pulumi.Output.secret(secret)})
    assert "criteria.value: " in str(raised.value)
    assert "12345" not in str(raised.value)


def test_a_fault_in_an_output_reaches_the_user_as_its_text() -> None:
    """Pulumi prints a RunError without a traceback; its serializer hands ours on unwrapped."""
    assert issubclass(InputFault, pulumi.RunError)

    async def program() -> None:
        props = {"criteria": to_plain(later(attribute("account:paid")), "criteria")}
        await pulumi.runtime.rpc.serialize_properties(props, {})

    with pytest.raises(
        InputFault, match=r'^criteria: is attribute\("account:paid"\), which is not a criterion by itself'
    ):
        asyncio.run(program())
