"""A rule in one line of words: as a marketer reads it, and never the same for two rules."""

from __future__ import annotations

import re
from typing import Any

import pytest
from generated import respelled_tree, similar_trees, trees
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import CART, IDLE, PAID, PLAN, all_, any_, is_, none
from thorough import examples

from pulumi_snowplow_signals.criteria.canonical import canonical_form
from pulumi_snowplow_signals.criteria.operators import OPERATORS
from pulumi_snowplow_signals.criteria.tree import Node, tree_of
from pulumi_snowplow_signals.criteria.words import rule_in_words
from pulumi_snowplow_signals.kinds.intervention import Intervention

A, B = is_(CART, ">", 75), is_(IDLE, ">=", 15)
FREE, PAYS = is_(PLAN, "=", "free"), is_(PAID, "=", True)

SAID = [
    # what joins criteria: brackets stand only where leaving them out would say something else
    (A, "shopping:cart_value > 75"),
    (all_(B, A), "shopping:cart_value > 75 and shopping:idle >= 15"),
    (any_(A, B), "shopping:cart_value > 75 or shopping:idle >= 15"),
    (all_(A, any_(B, FREE)), 'shopping:cart_value > 75 and (account:plan = "free" or shopping:idle >= 15)'),
    (any_(A, all_(B, FREE)), 'shopping:cart_value > 75 or account:plan = "free" and shopping:idle >= 15'),
    (all_(A, all_(B, FREE)), 'account:plan = "free" and shopping:cart_value > 75 and shopping:idle >= 15'),
    (
        all_(any_(A, B), any_(FREE, PAYS)),
        '(account:paid = true or account:plan = "free") and (shopping:cart_value > 75 or shopping:idle >= 15)',
    ),
    (any_(A), "shopping:cart_value > 75"),
    (none(A), "not (shopping:cart_value > 75)"),
    (none(A, B), "none of (shopping:cart_value > 75, shopping:idle >= 15)"),
    (none(any_(A, B)), "not (shopping:cart_value > 75 or shopping:idle >= 15)"),
    (none(all_(A, B)), "not (shopping:cart_value > 75 and shopping:idle >= 15)"),
    (none(none(A)), "not (not (shopping:cart_value > 75))"),
    (all_(A, none(B)), "shopping:cart_value > 75 and not (shopping:idle >= 15)"),
    (any_(A, none(B, FREE)), 'shopping:cart_value > 75 or none of (account:plan = "free", shopping:idle >= 15)'),
    (
        none(all_(A, any_(B, FREE)), PAYS),
        'none of (account:paid = true, shopping:cart_value > 75 and (account:plan = "free" or shopping:idle >= 15))',
    ),
    # values: strings in quotes, so that no text can pass for a number, a boolean or a part of the sentence
    (is_(CART, "=", 75.0), "shopping:cart_value = 75"),
    (is_(CART, "=", 0.1), "shopping:cart_value = 0.1"),
    (is_(CART, "=", 2**53), "shopping:cart_value = 9007199254740992"),
    (is_(PLAN, "=", "75"), 'account:plan = "75"'),
    (is_(PAID, "=", False), "account:paid = false"),
    (is_(PLAN, "=", "true"), 'account:plan = "true"'),
    (is_(PLAN, "=", ""), 'account:plan = ""'),
    (is_(PLAN, "=", 'say "hi"\\'), 'account:plan = "say \\"hi\\"\\\\"'),
    (is_(PLAN, "=", '" and account:paid = true'), 'account:plan = "\\" and account:paid = true"'),
    (is_(PLAN, "rlike", r"^\d+$"), r'account:plan rlike "^\\d+$"'),
    (is_(PLAN, "=", "Zürich 😀"), 'account:plan = "Zürich 😀"'),
    # what would break the line, or steer a terminal, is escaped
    (is_(PLAN, "=", "two\nlines\tand\r"), 'account:plan = "two\\nlines\\tand\\r"'),
    (is_(PLAN, "=", "\u2028\u202e\x7f\x1b[31m"), 'account:plan = "\\u2028\\u202e\\u007f\\u001b[31m"'),
    (is_(PLAN, "=", "\ud800"), 'account:plan = "\\ud800"'),
    # lists: sorted, up to eight whole, then cut with their count and a digest
    (is_(PLAN, "in", ["b", "a", "B"]), 'account:plan in ("B", "a", "b")'),
    (is_(CART, "not in", [10, 9, 2.5]), "shopping:cart_value not in (2.5, 9, 10)"),
    (is_(PAID, "in", [True, False]), "account:paid in (false, true)"),
    (is_(CART, "in", [*range(8)]), "shopping:cart_value in (0, 1, 2, 3, 4, 5, 6, 7)"),
    (is_(CART, "in", [*range(9)]), "shopping:cart_value in (0, 1, 2, 3, 4, … 9 in all, #5cfc4211)"),
    (is_(CART, "in", [*range(100)]), "shopping:cart_value in (0, 1, 2, 3, 4, … 100 in all, #9dd50adb)"),
    # long strings: up to eighty characters whole
    (is_(PLAN, "=", "x" * 80), f'account:plan = "{"x" * 80}"'),
    (is_(PLAN, "=", "x" * 81), f'account:plan = "{"x" * 60}…" (81 characters, #4d1f7bb8)'),
]  # fmt: skip


@pytest.mark.parametrize(("criteria", "words"), SAID, ids=[words for _, words in SAID])
def test_says(criteria: Any, words: str) -> None:
    """Criteria are said in these words."""
    assert rule_in_words(tree_of(criteria)) == words


@pytest.mark.parametrize(
    "criteria",
    [
        is_(CART, "in", [*range(100)]),
        is_(PLAN, "=", "x" * 81),
        any_(*(is_(CART, "=", number) for number in range(300))),
    ],
    ids=["a long list", "a long string", "many criteria"],
)
def test_the_whole_rule_can_be_read(criteria: Any) -> None:
    """What is cut in a line is whole in the `rule` of the resource."""
    tree = tree_of(criteria)
    whole = rule_in_words(tree, whole=True)
    assert rule_in_words(tree) != whole
    assert "…" not in whole
    assert Intervention.derived_inputs({"criteria": tree}) == {"rule": whole}


def test_cuts_what_nobody_reads_to_its_end() -> None:
    """A rule of thousands of criteria is a line all the same, and differs from another that begins like it."""
    limits = [is_(CART, "!=", number) for number in range(10_000, 13_000)]
    one, other = (rule_in_words(tree_of(all_(*limits, is_(CART, "!=", last)))) for last in (13_000, 13_001))
    assert one.startswith("shopping:cart_value != 10000 and shopping:cart_value != 10001 and ")
    assert re.search(r"… \(3001 criteria in all, #[0-9a-f]{8}\)$", one)
    assert len(one) < 1_600
    assert one[:1_500] == other[:1_500]
    assert one != other


@pytest.mark.parametrize("operator", ["is null", "is not null", "changed"])
def test_says_no_value_where_there_is_none(operator: str) -> None:
    """An operator without a value ends the criterion."""
    assert rule_in_words(tree_of(is_(PLAN, operator))) == f"account:plan {operator}"


@pytest.mark.parametrize("operator", OPERATORS)
def test_says_every_operator_as_it_is_written(operator: str) -> None:
    """An operator reads in the line as it is written in a program."""
    said = rule_in_words(tree_of(is_(PLAN, operator, ["x"] if operator in ("in", "not in") else "x")))
    assert said in (f'account:plan {operator} "x"', f'account:plan {operator} ("x")')


@given(st.data(), trees)
def test_equal_criteria_read_the_same(data: st.DataObject, tree: Any) -> None:
    """Whatever order and nesting they were written in, equal criteria are one line."""
    again = data.draw(respelled_tree(tree))
    assert rule_in_words(tree_of(again)) == rule_in_words(tree_of(tree))


@settings(max_examples=examples(400))
@given(similar_trees())
def test_reads_the_same_exactly_when_the_criteria_are_equal(pair: tuple[Node, Node]) -> None:
    """Different criteria never share a line, however much one of them looks like a part of the sentence."""
    one, other = pair
    assert (rule_in_words(one) == rule_in_words(other)) == (
        canonical_form(one).text == canonical_form(other).text
    )


@given(trees)
def test_is_one_line_that_can_be_seen(tree: Any) -> None:
    """Nothing in the line breaks it, steers a terminal or stays invisible, whatever the values hold."""
    assert rule_in_words(tree_of(tree)).isprintable()
