"""What differs between two definitions, in the words of a failure and in those of a preview's line."""

from __future__ import annotations

import json
from typing import Any

import pytest
from deepdiff import DeepDiff
from generated import definitions, respelled
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from samples import CART, IDLE, PAID, PLAN, all_, any_, defined, is_, none
from thorough import examples

from pulumi_snowplow_signals.fields.changes import in_brief, in_full
from pulumi_snowplow_signals.kinds.intervention import Intervention

A, A80, A90 = (is_(CART, ">", value) for value in (75, 80, 90))
B, B20 = is_(IDLE, ">=", 15), is_(IDLE, ">=", 20)
FREE, PAYS = is_(PLAN, "=", "free"), is_(PAID, "=", True)
KEYS = {"target_attribute_keys": [{"name": "a"}, {"name": "b"}]}
LONG = "A cart of some value that is left alone for some time gets a discount of "

# Criteria before and after, what a failure says of it, and what the line of a preview says.
CRITERIA = [
    # a value: of the criterion with the same attribute and operator, wherever it stands now
    (all_(A, B), all_(A80, B), "criteria.all[0].value changed (75 → 80)", "shopping:cart_value > 75 → > 80"),
    (A, A80, "criteria.value changed (75 → 80)", "shopping:cart_value > 75 → > 80"),
    (all_(B, A), all_(A80, B), "criteria.all[0].value changed (75 → 80)", "shopping:cart_value > 75 → > 80"),
    (all_(A, any_(B, FREE)), all_(A, any_(B20, FREE)), "criteria.all[1].any[0].value changed (15 → 20)", "shopping:idle >= 15 → >= 20"),
    (all_(A, A80), all_(A90, A), "criteria.all[0].value changed (80 → 90)", "shopping:cart_value > 80 → > 90"),
    (is_(CART, "=", 75), is_(CART, "=", "75"), 'criteria.value changed (75 → "75")', 'shopping:cart_value = 75 → = "75"'),
    (is_(PAID, "=", True), is_(PAID, "=", 1), "criteria.value changed (true → 1)", "account:paid = true → = 1"),
    # what has no partner was added or removed, in words
    (all_(A, B), all_(FREE, A, B), 'criteria.all[0]: account:plan = "free" added', 'account:plan = "free" added'),
    (all_(A, B, FREE), all_(A, B), 'criteria.all[2]: account:plan = "free" removed', 'account:plan = "free" removed'),
    (none(A), none(A, B), "criteria.none[1]: shopping:idle >= 15 added", "shopping:idle >= 15 added"),
    (all_(A, any_(B, FREE)), all_(A, any_(B, FREE, PAYS)), "criteria.all[1].any[2]: account:paid = true added", "account:paid = true added"),
    (all_(A, B), all_(A, B, B), "criteria.all[2]: shopping:idle >= 15 added", "shopping:idle >= 15 added"),
    (all_(A, B), all_(A, B, any_(FREE, PAYS)), 'criteria.all[2]: account:paid = true or account:plan = "free" added', 'account:paid = true or account:plan = "free" added'),
    (all_(A, B), all_(is_(CART, ">=", 75), B),
     "criteria.all[0]: shopping:cart_value > 75 removed; criteria.all[0]: shopping:cart_value >= 75 added",
     "shopping:cart_value > 75 removed; shopping:cart_value >= 75 added"),
    # the root: an `all` put around a criterion leaves that criterion alone
    (A, all_(FREE, A), 'criteria.all[0]: account:plan = "free" added', 'account:plan = "free" added'),
    (all_(FREE, A), A, 'criteria.all[0]: account:plan = "free" removed', 'account:plan = "free" removed'),
    (A, FREE, 'criteria changed (shopping:cart_value > 75 → account:plan = "free")', 'criteria shopping:cart_value > 75 → account:plan = "free"'),
    (all_(A, B), any_(A, B),
     "criteria changed (shopping:cart_value > 75 and shopping:idle >= 15 → shopping:cart_value > 75 or shopping:idle >= 15)",
     "criteria shopping:cart_value > 75 and shopping:idle >= 15 → shopping:cart_value > 75 or shopping:idle >= 15"),
    # a list: item by item
    (is_(PLAN, "in", ["a", "b", "c"]), is_(PLAN, "in", ["c", "d", "b"]),
     'criteria.value: "a" removed; criteria.value: "d" added', 'account:plan in: "a" removed; account:plan in: "d" added'),
    (is_(PLAN, "in", ["a"]), is_(PLAN, "in", ["a", "a"]), 'criteria.value: "a" added', 'account:plan in: "a" added'),
    # long values are cut, with a digest to tell them apart
    (is_(PLAN, "=", "x" * 81), is_(PLAN, "=", "y"),
     f'criteria.value changed ("{"x" * 60}…" (81 characters, #4d1f7bb8) → "y")',
     f'account:plan = "{"x" * 60}…" (81 characters, #4d1f7bb8) → = "y"'),
]  # fmt: skip

# The same for the other fields.
FIELDS = [
    ({}, {"name": "other"}, 'name changed ("cart_abandonment_discount" → "other")', 'name "cart_abandonment_discount" → "other"'),
    ({}, {"owner": "b@c.de"}, 'owner changed ("marketing@company.com" → "b@c.de")', 'owner "marketing@company.com" → "b@c.de"'),
    ({}, {"description": "New"}, 'description: "New" added', 'description: "New" added'),
    ({"description": "Old"}, {}, 'description: "Old" removed', 'description: "Old" removed'),
    ({"description": "a\nb"}, {"description": "a\nc"}, r'description changed ("a\nb" → "a\nc")', r'description "a\nb" → "a\nc"'),
    ({"description": LONG + "10 %"}, {"description": LONG + "20 %"},
     'description changed ("… gets a discount of 10 %" → "… gets a discount of 20 %")',
     'description "… gets a discount of 10 %" → "… gets a discount of 20 %"'),
    (KEYS, {"target_attribute_keys": [{"name": "c"}, {"name": "b"}]},
     'target_attribute_keys: "a" removed; target_attribute_keys: "c" added',
     'target_attribute_keys: "a" removed; target_attribute_keys: "c" added'),
    ({"payload_attribute_groups": [{"name": "g", "version": 1}]}, {"payload_attribute_groups": [{"name": "g", "version": 2}]},
     'payload_attribute_groups: "g" version 1 removed; payload_attribute_groups: "g" version 2 added',
     'payload_attribute_groups: "g" version 1 removed; payload_attribute_groups: "g" version 2 added'),
]  # fmt: skip

TABLE = [
    *((defined(prior), defined(proposed), full, brief) for prior, proposed, full, brief in CRITERIA),
    *((defined(**prior), defined(**proposed), full, brief) for prior, proposed, full, brief in FIELDS),
]


@pytest.mark.parametrize(("prior", "proposed", "full", "brief"), TABLE, ids=[row[2] for row in TABLE])
def test_table(prior: Intervention, proposed: Intervention, full: str, brief: str) -> None:
    """A difference is told in full with its path in the program, and in brief as a marketer reads it."""
    changes = proposed.changes_from(prior)
    assert (in_full(changes), in_brief(changes)) == (full, brief)


def test_fields_come_in_the_order_of_a_program() -> None:
    """All that changed is told at once: fields in their order, criteria by path, what went before what came."""
    prior = defined(all_(A, B), description="Old")
    proposed = defined(all_(A80, FREE), description="New", owner="b@c.de", **KEYS)
    assert [str(change) for change in proposed.changes_from(prior)] == [
        'owner changed ("marketing@company.com" → "b@c.de")',
        'description changed ("Old" → "New")',
        "criteria.all[0].value changed (75 → 80)",
        "criteria.all[1]: shopping:idle >= 15 removed",
        'criteria.all[1]: account:plan = "free" added',
        'target_attribute_keys: "a" added',
        'target_attribute_keys: "b" added',
    ]


def test_paths_are_ordered_by_number() -> None:
    """Child 2 comes before child 10."""
    children = [is_(f"shopping:a{i}", ">", 1) for i in range(11)]
    changed = [{**child, "value": 2} if i in (2, 10) else child for i, child in enumerate(children)]
    paths = [change.path for change in defined(all_(*changed)).changes_from(defined(all_(*children)))]
    assert paths == ["criteria.all[2].value", "criteria.all[10].value"]


def test_a_long_difference_is_cut() -> None:
    """After ten changes the rest is counted: nobody reads on."""
    changes = defined(is_(CART, "in", [*range(12, 15)])).changes_from(defined(is_(CART, "in", [*range(12)])))
    assert in_brief(changes).endswith("; shopping:cart_value in: 9 removed; and 5 more")
    assert in_full(changes).endswith("; criteria.value: 9 removed; and 5 more")
    assert in_brief(changes[:10]).endswith("; shopping:cart_value in: 9 removed")


@pytest.mark.parametrize("secret", ["criteria", "owner", "target_attribute_keys"])
def test_secrets_are_withheld(secret: str) -> None:
    """Of an input that holds a secret it is told that it changed, once, and neither value."""
    prior, proposed = defined(all_(A, B)), defined(all_(A80, FREE), owner="b@c.de", **KEYS)
    told = in_full(proposed.changes_from(prior, secret=[secret]))
    assert told.count(f"{secret} changed (secret)") == 1
    assert told.count(secret) == 1


@given(st.data(), definitions())
def test_an_equal_spelling_is_no_difference(data: st.DataObject, definition: Intervention) -> None:
    """Of equal definitions nothing is told, whichever spelling they have."""
    assert data.draw(respelled(definition)).changes_from(definition) == ()


@settings(max_examples=examples(60))
@given(definitions(), definitions())
def test_a_difference_is_always_told(one: Intervention, other: Intervention) -> None:
    """Different definitions differ in the fields that deepdiff finds, and never in what both sides say alike."""
    assume(not one.equals(other))
    changes = other.changes_from(one)
    assert {change.field for change in changes} == _differing_fields(one, other)
    assert [
        change for change in changes if change.kind == "changed" and change.prior == change.proposed
    ] == []


@settings(max_examples=examples(60))
@given(st.data(), definitions(), definitions())
def test_what_is_told_does_not_hang_on_the_old_spelling(
    data: st.DataObject, one: Intervention, other: Intervention
) -> None:
    """What is told in brief of a change is the same, in whatever order the old definition was written."""
    again = data.draw(respelled(one))
    assert _briefly(again, other) == _briefly(one, other)


def _differing_fields(one: Intervention, other: Intervention) -> set[str]:
    before, after = (
        {name: json.loads(text) for name, text in each.canonical.items()} for each in (one, other)
    )
    return set(DeepDiff(before, after, threshold_to_diff_deeper=0).affected_root_keys)


def _briefly(prior: Intervention, proposed: Intervention) -> list[Any]:
    return sorted(change.brief for change in proposed.changes_from(prior))
