"""`matches`: whether a rule would fire, by the documentation of interventions, and what it refuses to judge."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import pulumi
import pytest

from pulumi_snowplow_signals.criteria.operators import OPERATORS
from pulumi_snowplow_signals.inputs import (
    InputFault,
    InterventionCriteriaAll,
    InterventionCriterion,
    attribute,
    matches,
    none_of,
)

CART, IDLE, PLAN = "shopping:cart_value", "shopping:idle", "account:plan"
cart, idle, plan = attribute(CART), attribute(IDLE), attribute(PLAN)

# The rule of Snowplow's documentation.
ABANDONED = InterventionCriteriaAll(
    all=[
        InterventionCriterion(attribute=CART, operator=">", value=75.00),
        InterventionCriterion(attribute=IDLE, operator=">=", value=15),
    ]
)


@pytest.mark.parametrize(
    ("before", "after", "fires"),
    [
        pytest.param({CART: 80, IDLE: 3}, {CART: 80, IDLE: 15}, True, id="it becomes true"),
        pytest.param({}, {CART: 80, IDLE: 15}, True, id="it is true of a new visitor"),
        pytest.param({CART: 80, IDLE: 15}, {CART: 90, IDLE: 20}, False, id="it stays true"),
        pytest.param({CART: 80, IDLE: 15}, {CART: 70, IDLE: 20}, False, id="it becomes false"),
        pytest.param({CART: 70, IDLE: 3}, {CART: 75, IDLE: 15}, False, id="it stays false"),
        pytest.param({CART: 80}, {CART: 80}, False, id="one attribute is missing"),
    ],
)
def test_fires_when_the_criteria_become_true(before: Any, after: Any, fires: bool) -> None:  # noqa: FBT001  # the case
    """A rule fires on the step from false to true and on no other."""
    assert matches(ABANDONED, before=before, after=after) is fires


MISSING = object()


@pytest.mark.parametrize(
    ("criterion", "value", "holds"),
    [
        pytest.param(plan == "free", "free", True, id="= the same string"),
        pytest.param(plan == "free", "Free", False, id="= in another letter case"),
        pytest.param(plan == 75, 75.0, True, id="= 75 for 75.0"),
        pytest.param(plan == 75, "75", False, id="= a number for a string"),
        pytest.param(plan == 1, True, False, id="= 1 for true"),
        pytest.param(plan == False, 0, False, id="= false for 0"),  # noqa: E712  # an expression, not a comparison
        pytest.param(plan == "free", None, False, id="= for null"),
        pytest.param(plan == "free", ["free"], False, id="= a string for a list of it"),
        pytest.param(plan != "free", "trial", True, id="!= another string"),
        pytest.param(plan != "free", MISSING, False, id="!= for a missing value"),
        pytest.param(plan != 75, "76", False, id="!= a number for a string"),
        pytest.param(plan != "", "", False, id="!= the empty string for itself"),
        pytest.param(plan < 75, 74.9, True, id="< a smaller number"),
        pytest.param(plan < 75, 75, False, id="< the same number"),
        pytest.param(plan <= 75, 75.0, True, id="<= the same number"),
        pytest.param(plan >= 75, 74.9, False, id=">= a smaller number"),
        pytest.param(plan > 0, True, False, id="> for a boolean"),
        pytest.param(plan > 5, "9", False, id="> a number for a string"),
        pytest.param(plan > "b", "c", True, id="> a string"),
        pytest.param(plan > "b", "B", False, id="> by code point"),
        pytest.param(plan.like("fr%"), "free", True, id="like with any run at the end"),
        pytest.param(plan.like("fr%"), "afr", False, id="like is anchored"),
        pytest.param(plan.like("f__e"), "free", True, id="like with single characters"),
        pytest.param(plan.like("f__e"), "fre", False, id="like with too few characters"),
        pytest.param(plan.like("%"), "", True, id="like anything, the empty string too"),
        pytest.param(plan.like("a%b%c"), "a-b-b-c", True, id="like with a run that has to give way"),
        pytest.param(plan.like("%ab"), "aab", True, id="like with a false start"),
        pytest.param(plan.like("FREE"), "free", False, id="like in another letter case"),
        pytest.param(plan.like("f.ee"), "free", False, id="like knows no regular expressions"),
        pytest.param(plan.like("a%b"), "a\nb", True, id="like over the end of a line"),
        pytest.param(plan.like("7%"), 75, False, id="like for a number"),
        pytest.param(plan.not_like("fr%"), "trial", True, id="not like"),
        pytest.param(plan.not_like("fr%"), MISSING, False, id="not like for a missing value"),
        pytest.param(plan.not_like("fr%"), 75, False, id="not like for a number"),
        pytest.param(plan.rlike("r.e"), "freed", True, id="rlike anywhere"),
        pytest.param(plan.rlike("^r"), "free", False, id="rlike with an anchor of its own"),
        pytest.param(plan.not_rlike("^r"), "free", True, id="not rlike"),
        pytest.param(plan.not_rlike("^r"), None, False, id="not rlike for null"),
        pytest.param(plan.in_(["free", "trial"]), "trial", True, id="in"),
        pytest.param(plan.in_([1, 2]), 2.0, True, id="in, with 2 for 2.0"),
        pytest.param(plan.in_([0, 1]), True, False, id="in, with 1 for true"),
        pytest.param(plan.in_(["free"]), MISSING, False, id="in for a missing value"),
        pytest.param(plan.not_in(["free", "trial"]), "paid", True, id="not in"),
        pytest.param(plan.not_in(["free", "trial"]), "free", False, id="not in, but it is"),
        pytest.param(plan.not_in([1, 2]), "free", False, id="not in for another kind of value"),
        pytest.param(plan.not_in(["free"]), None, False, id="not in for null"),
        pytest.param(plan.is_null(), MISSING, True, id="is null for a missing value"),
        pytest.param(plan.is_null(), None, True, id="is null for null"),
        pytest.param(plan.is_null(), "", True, id="is null for the empty string"),
        pytest.param(plan.is_null(), [], True, id="is null for the empty list"),
        pytest.param(plan.is_null(), 0, False, id="is null for 0"),
        pytest.param(plan.is_null(), False, False, id="is null for false"),
        pytest.param(plan.is_not_null(), 0, True, id="is not null for 0"),
        pytest.param(plan.is_not_null(), [], False, id="is not null for the empty list"),
    ],
)
def test_a_comparison_holds(criterion: Any, value: Any, holds: bool) -> None:  # noqa: FBT001  # the case
    """Each operator compares as documented, and matches nothing where the documentation is silent."""
    state = {} if value is MISSING else {PLAN: value}
    # Armed by an attribute of its own, so that the criterion alone decides whether the rule becomes true.
    rule = (attribute("test:armed") == True) & criterion  # noqa: E712  # an expression, not a comparison
    assert matches(rule, before=state, after=state | {"test:armed": True}) is holds


@pytest.mark.parametrize(
    ("criteria", "after", "fires"),
    [
        pytest.param((cart > 1) | (idle > 1), {CART: 2}, True, id="any: one is enough"),
        pytest.param((cart > 1) | (idle > 1), {CART: 0}, False, id="any: none of them"),
        pytest.param((cart > 1) & ~(idle > 1), {CART: 2}, True, id="none: all are false, also for a missing value"),
        pytest.param((cart > 1) & none_of(idle > 1, plan == "a"), {CART: 2, PLAN: "a"}, False, id="none: one is true"),
        pytest.param((cart > 1) & ~((idle > 1) & (plan == "a")), {CART: 2, PLAN: "a"}, True, id="none of an all"),
        pytest.param(none_of(cart > 1), {CART: 0}, False, id="none: was true of the visitor before"),
    ],
)  # fmt: skip
def test_groups(criteria: Any, after: Any, fires: bool) -> None:  # noqa: FBT001  # the case
    """`all`, `any` and `none` combine what their children say."""
    assert matches(criteria, after=after) is fires


@pytest.mark.parametrize(
    ("criteria", "before", "after", "fires"),
    [
        pytest.param(plan.changed(), {PLAN: "a"}, {PLAN: "b"}, True, id="another value"),
        pytest.param(plan.changed(), {PLAN: "a"}, {PLAN: "a", CART: 1}, False, id="the same value"),
        pytest.param(plan.changed(), {}, {PLAN: "a"}, True, id="from nothing to the first value"),
        pytest.param(plan.changed(), {}, {PLAN: None}, False, id="from nothing to null"),
        pytest.param(plan.changed(), {PLAN: 1}, {PLAN: 1.0}, False, id="from 1 to 1.0"),
        pytest.param(plan.changed(), {PLAN: 1}, {PLAN: True}, True, id="from 1 to true"),
        pytest.param(plan.changed(), {PLAN: [1, 2]}, {PLAN: [2, 1]}, True, id="a list in another order"),
        pytest.param(plan.changed() & (cart > 1), {PLAN: "a", CART: 5}, {PLAN: "b", CART: 5}, True, id="others stay true"),
        pytest.param(plan.changed() & (cart > 1), {PLAN: "a"}, {PLAN: "b", CART: 1}, False, id="others are false now"),
        pytest.param(plan.changed() & (cart > 1), {PLAN: "a"}, {PLAN: "a", CART: 5}, False, id="only others become true"),
    ],
)  # fmt: skip
def test_changed(criteria: Any, before: Any, after: Any, fires: bool) -> None:  # noqa: FBT001  # the case
    """`changed` compares two values; the criteria beside it have to hold in the new state."""
    assert matches(criteria, before=before, after=after) is fires


@pytest.mark.parametrize(
    ("criteria", "sentence"),
    [
        pytest.param(
            {"attribute": PLAN, "operator": "==", "value": "free"},
            f'criteria.operator: is "=="; allowed are {", ".join(OPERATORS)}. Did you mean "="?',
            id="an operator that does not exist",
        ),
        pytest.param(
            InterventionCriteriaAll(all=[InterventionCriterion(attribute=PLAN, operator="in", value="free")]),
            'criteria.all[0].value: is "free"; "in" takes a non-empty list',
            id="a value of the wrong kind",
        ),
        pytest.param(
            InterventionCriteriaAll(all=[]),
            'criteria: has an empty "all"; add at least one criterion',
            id="an empty group",
        ),
        pytest.param(
            ~plan.changed(),
            'criteria.none[0].operator: "changed" may stand alone or inside "all"; here it is inside "none"',
            id="changed in the wrong place",
        ),
        pytest.param(
            (cart > 1) & plan.rlike("(free"),
            'criteria.all[1].value: "(free" cannot be tried here: Python says missing ), unterminated subpattern at '
            "position 0",
            id="a regular expression that Python cannot compile",
        ),
        pytest.param(
            {"attribute": "plan", "operator": "is null"},
            'criteria.attribute: is "plan"; an attribute is written group:attribute, and each part has 1 to 128 letters, '
            "digits and underscores",
            id="an attribute without its group",
        ),
    ],
)
def test_refuses_criteria_that_the_provider_would_refuse(criteria: Any, sentence: str) -> None:
    """A rule that could never be published is told in the words of the preview instead of being judged."""
    with pytest.raises(InputFault) as raised:
        matches(criteria, after={})
    assert str(raised.value) == sentence


def test_tells_every_fault_at_once() -> None:
    """Faults in the criteria and in both states are listed together."""
    with pytest.raises(InputFault) as raised:
        matches(
            {"attribute": "plan", "operator": "in", "value": []}, before={"cart": 1}, after={"cart_value": 1}
        )
    assert len(raised.value.faults) == 4


@pytest.mark.parametrize(
    ("after", "sentence"),
    [
        pytest.param(
            {"cart_value": 1},
            'after: names "cart_value"; write group:attribute, as in the criteria',
            id="an attribute without its group",
        ),
        pytest.param(
            {CART: float("nan")}, "after.shopping:cart_value: is not a finite number", id="not a number"
        ),
        pytest.param(
            {CART: dt.date(2026, 1, 1)},
            "after.shopping:cart_value: is date. Write x.isoformat().",
            id="a date",
        ),
    ],
)
def test_refuses_states_that_no_visitor_has(after: Any, sentence: str) -> None:
    """A misspelt name or a value that no attribute holds would otherwise look like a rule that does not fire."""
    with pytest.raises(InputFault) as raised:
        matches(cart > 1, after=after)
    assert str(raised.value).startswith(sentence)


def test_refuses_outputs() -> None:
    """What is known only in a deployment cannot be tried outside of one."""

    async def trial() -> None:
        matches((plan == "a") & (cart > pulumi.Output.from_input(75)), after={})

    with pytest.raises(InputFault) as raised:
        asyncio.run(trial())
    assert (
        str(raised.value)
        == "criteria.all[1].value: is <output>, which has no value before a deployment runs."
    )
