"""`matches` and the emulator's judge, written apart from each other, agree on every case that is tried."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import pytest
from forms import BOOLEANS, NUMBERS, STRINGS, form_of
from hypothesis import given, settings
from hypothesis import strategies as st
from thorough import examples

from pulumi_snowplow_signals.criteria.matches import fires
from pulumi_snowplow_signals.criteria.operators import OPERATORS
from pulumi_snowplow_signals.criteria.tree import tree_of
from pulumi_snowplow_signals.inputs import matches
from signals_local.emulator.live import criteria as emulated
from signals_local.emulator.live import judge

OTHERS = [None, [], [1], [True], ["a"], ["a", "b"], {}, {"k": 1}, {"k": True}, [[1]], [[True]]]
VALUES = [*NUMBERS, *STRINGS, *BOOLEANS, *OTHERS]


def criterion(attribute: str, operator: str, value: Any) -> dict[str, Any]:
    return {"attribute": attribute, "operator": operator} | ({} if value is None else {"value": value})


@pytest.mark.parametrize("operator", OPERATORS)
def test_agree_on_every_operator(operator: str) -> None:
    """For every operator, each value it takes, and each step from one value or none to another, both say the same."""
    states: list[dict[str, Any]] = [{}, *({"a:x": value} for value in VALUES)]
    seen = set()
    for operand in form_of(operator).tried:
        wire = criterion("a:x", operator, operand)
        ours, theirs = tree_of(wire), emulated.parse(wire)
        for before, after in product(states, repeat=2):
            fired = fires(ours, before, after)
            assert fired is judge.fires(theirs, before, after), (wire, before, after)
            seen.add(fired)
    # An operator that always fired, or never, would make any two judges agree.
    assert seen == {True, False}


ATTRIBUTES = ["a:x", "a:y", "b:x"]
STATES = st.dictionaries(st.sampled_from(ATTRIBUTES), st.sampled_from(VALUES))


def criteria_with(*operators: str) -> st.SearchStrategy[dict[str, Any]]:
    """Return single criteria with any of the operators."""
    cases = [(operator, operand) for operator in operators for operand in form_of(operator).tried]
    return st.builds(
        lambda attribute, case: criterion(attribute, *case),
        st.sampled_from(ATTRIBUTES),
        st.sampled_from(cases),
    )


def groups(children: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(
        st.sampled_from(["all", "any", "none"]),
        st.lists(children, min_size=1, max_size=3),
        min_size=1,
        max_size=1,
    )


CHANGED = criteria_with("changed")
TREES = st.recursive(
    criteria_with(*(operator for operator in OPERATORS if operator != "changed")), groups, max_leaves=5
)
# `changed` may stand under nothing but `all`.
RULES = st.one_of(
    groups(TREES),
    st.builds(lambda *nodes: {"all": [*nodes]}, CHANGED, TREES),
    st.builds(lambda inner, other: {"all": [other, {"all": [inner]}]}, CHANGED, TREES),
)


@settings(max_examples=examples(150))
@given(rule=RULES, states=st.lists(STATES, min_size=4, max_size=6))
def test_agree_on_whole_rules(rule: Mapping[str, Any], states: list[Mapping[str, Any]]) -> None:
    """On nested groups, with and without `changed`, both say the same of each step between the states."""
    theirs = emulated.parse(rule)
    for before, after in product(states, repeat=2):
        assert matches(rule, before=before, after=after) is judge.fires(theirs, before, after)
