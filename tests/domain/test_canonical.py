"""Equal means equal: the canonical form, by pairs of definitions and held to a second account of what a rule means."""

from __future__ import annotations

import json
import math
from collections import Counter
from itertools import combinations
from typing import Any

import pytest
from generated import definitions, respelled, respelled_tree, similar_trees, trees
from hypothesis import given
from hypothesis import strategies as st
from samples import CART, IDLE, PAID, PLAN, all_, any_, defined, is_, none

from pulumi_snowplow_signals.criteria.canonical import canonical_form, is_ordered
from pulumi_snowplow_signals.criteria.tree import Criterion, Group, Node, Scalar, tree_of, wire_of
from pulumi_snowplow_signals.fields.values import canonical_json
from pulumi_snowplow_signals.kinds.intervention import Intervention

A, B, C = is_(CART, ">", 75), is_(IDLE, ">=", 15), is_(PLAN, "=", "free")

# What is said twice, and both ways to say it.
EQUAL = [
    ("75 and 75.0", is_(CART, ">", 75), is_(CART, ">", 75.0)),
    ("0 and -0.0", is_(CART, ">", 0), is_(CART, ">", -0.0)),
    ("whole numbers in a list", is_(CART, "in", [1, 2]), is_(CART, "in", [1.0, 2.0])),
    ("the order of all", all_(A, B), all_(B, A)),
    ("the order of any", any_(A, B), any_(B, A)),
    ("the order of none", none(A, B), none(B, A)),
    ("the order of an in list", is_(PLAN, "in", ["b", "a"]), is_(PLAN, "in", ["a", "b"])),
    ("the order of a not in list", is_(PLAN, "not in", ["b", "a"]), is_(PLAN, "not in", ["a", "b"])),
    ("all in all", all_(A, all_(B, C)), all_(A, B, C)),
    ("any in any", any_(any_(A, B), C), any_(A, B, C)),
    ("all of one", all_(A), A),
    ("any of one", any_(A), A),
    ("one of one of one", all_(any_(all_(A))), A),
    ("a lone all in an all", all_(A, any_(all_(B, C))), all_(A, B, C)),
    ("a null value", {**is_(PLAN, "is null"), "value": None}, is_(PLAN, "is null")),
]

# What could be taken for the same, and is not.
DIFFERENT = [
    ("a number and its text", is_(CART, "=", 75), is_(CART, "=", "75")),
    ("true and 1", is_(PAID, "=", True), is_(PAID, "=", 1)),
    ("false and 0", is_(PAID, "=", False), is_(PAID, "=", 0)),
    ("true and its text", is_(PAID, "=", True), is_(PAID, "=", "true")),
    ("true and 1 in lists", is_(PAID, "in", [True]), is_(PAID, "in", [1])),
    ("a list of one and its item", is_(PLAN, "in", ["a"]), is_(PLAN, "in", "a")),
    ("an empty text and none", is_(PLAN, "=", ""), {"attribute": PLAN, "operator": "="}),
    ("letter case", is_(PLAN, "=", "free"), is_(PLAN, "=", "Free")),
    ("a letter composed in two ways", is_(PLAN, "=", "é"), is_(PLAN, "=", "e\u0301")),
    ("neighbouring numbers", is_(CART, "=", 0.3), is_(CART, "=", 0.1 + 0.2)),
    ("an item said twice", is_(PLAN, "in", ["a", "a"]), is_(PLAN, "in", ["a"])),
    ("a criterion said twice", all_(A, A), A),
    ("all and any", all_(A, B), any_(A, B)),
    ("none of one and the one", none(A), A),
    ("none in none", none(A, none(B)), none(A, B)),
    ("any in all", all_(A, any_(B, C)), all_(A, B, C)),
    ("opposite operators", is_(CART, ">", 75), is_(CART, ">=", 75)),
    ("attributes", is_(CART, ">", 75), is_(IDLE, ">", 75)),
]

# The same for what a definition has beside its criteria.
KEYS = {"target_attribute_keys": [{"name": "domain_userid"}, {"name": "account_id"}]}
GROUPS = {"payload_attribute_groups": [{"name": "shopping", "version": 1}, {"name": "reading", "version": 2}]}
EQUAL_FIELDS = [
    ("no description and an empty one", {}, {"description": ""}),
    ("no description and null", {}, {"description": None}),
    ("the domain of an address in capitals", {"owner": "Ann@example.com"}, {"owner": "Ann@EXAMPLE.Com"}),
    ("the order of keys", KEYS, {"target_attribute_keys": KEYS["target_attribute_keys"][::-1]}),
    ("a key said twice", KEYS, {"target_attribute_keys": KEYS["target_attribute_keys"] * 2}),
    ("the order of payload groups", GROUPS, {"payload_attribute_groups": GROUPS["payload_attribute_groups"][::-1]}),
    ("a group said twice", GROUPS, {"payload_attribute_groups": GROUPS["payload_attribute_groups"] * 2}),
    (
        "version 1 of a group left out",
        {"payload_attribute_groups": [{"name": "shopping", "version": 1.0}]},
        {"payload_attribute_groups": [{"name": "shopping"}]},
    ),
    ("no keys and an empty list", {}, {"target_attribute_keys": []}),
    ("number and state, which are no part of it", {}, {"version": 7, "is_published": True}),
]  # fmt: skip
DIFFERENT_FIELDS = [
    ("the name in an address in capitals", {"owner": "ann@example.com"}, {"owner": "Ann@example.com"}),
    ("a description of a space", {}, {"description": " "}),
    ("descriptions", {"description": "a"}, {"description": "A"}),
    ("names", {"name": "one"}, {"name": "One"}),
    ("keys", KEYS, {}),
    (
        "versions of a payload group",
        {"payload_attribute_groups": [{"name": "shopping", "version": 1}]},
        {"payload_attribute_groups": [{"name": "shopping", "version": 2}]},
    ),
]


@pytest.mark.parametrize(("one", "other"), [pair[1:] for pair in EQUAL], ids=[pair[0] for pair in EQUAL])
def test_equal_criteria(one: Any, other: Any) -> None:
    """Another order or another nesting of the same criteria is the same definition."""
    assert defined(one).equals(defined(other))


@pytest.mark.parametrize(
    ("one", "other"), [pair[1:] for pair in DIFFERENT], ids=[pair[0] for pair in DIFFERENT]
)
def test_different_criteria(one: Any, other: Any) -> None:
    """What a visitor could tell apart is another definition."""
    assert not defined(one).equals(defined(other))


@pytest.mark.parametrize(
    ("one", "other"), [pair[1:] for pair in EQUAL_FIELDS], ids=[pair[0] for pair in EQUAL_FIELDS]
)
def test_equal_fields(one: Any, other: Any) -> None:
    """Another spelling of a field is the same definition."""
    assert defined(**one).equals(defined(**other))


@pytest.mark.parametrize(
    ("one", "other"), [pair[1:] for pair in DIFFERENT_FIELDS], ids=[pair[0] for pair in DIFFERENT_FIELDS]
)
def test_different_fields(one: Any, other: Any) -> None:
    """Another value of a field is another definition."""
    assert not defined(**one).equals(defined(**other))


def test_kinds_never_meet() -> None:
    """Of all values that Python or a person could take for each other, no two make the same criterion."""
    values: list[Any] = [True, 1, "1", "true", "True", 1.5, "1.5", False, 0, "0", "false", "", "None", "null"]
    texts = [text_of(tree_of(is_(PLAN, "=", value))) for value in values]
    assert not [pair for pair in combinations(texts, 2) if pair[0] == pair[1]]


def test_what_is_sent_is_what_was_written() -> None:
    """The canonical form is for comparing: order, nesting and letter case go out as the program has them."""
    written = all_(B, all_(A, is_(PLAN, "in", ["b", "a"])))
    body = defined(written, owner="Ann@EXAMPLE.com", **KEYS).to_wire()
    assert (body["criteria"], body["owner"], body["target_attribute_keys"]) == (
        written,
        "Ann@EXAMPLE.com",
        KEYS["target_attribute_keys"],
    )


def test_whole_numbers_are_sent_without_a_fraction() -> None:
    """75.0, which is what Pulumi makes of 75, goes out as 75, in a list as well."""
    sent = defined(all_(is_(CART, ">", 75.0), is_(CART, "in", [1.0, 2.5]))).to_wire()["criteria"]["all"]
    assert [repr(child["value"]) for child in sent] == ["75", "[1, 2.5]"]


def test_what_the_service_fills_in_is_no_difference() -> None:
    """Where no target keys were named, those that the registry gives back do not count; where some were, they do."""
    assert defined().is_stored_as(defined(**KEYS))
    assert not defined(**KEYS).is_stored_as(defined())
    assert not defined(target_attribute_keys=KEYS["target_attribute_keys"][:1]).is_stored_as(defined(**KEYS))


@given(trees)
def test_canonical_form_is_idempotent(tree: Any) -> None:
    """The canonical form of a canonical form is itself, to the last character."""
    form = canonical_form(tree_of(tree))
    again = canonical_form(form.node)
    assert canonical_json(wire_of(again.node)) == canonical_json(wire_of(form.node))
    assert again.text == form.text == canonical_json(wire_of(form.node))


@given(st.data(), trees)
def test_canonical_form_is_blind_to_order_and_nesting(data: st.DataObject, tree: Any) -> None:
    """However a tree is shuffled, nested and wrapped, its canonical form is the same."""
    again = data.draw(respelled_tree(tree))
    assert text_of(tree_of(again)) == text_of(tree_of(tree))


@given(definitions())
def test_canonical_definition_is_idempotent(definition: Intervention) -> None:
    """A canonical definition, read again as what a registry stores, is the same definition."""
    again = Intervention.stored({name: json.loads(text) for name, text in definition.canonical.items()})
    assert again.canonical == definition.canonical
    assert again.equals(definition)


@given(st.data(), definitions())
def test_equal_definitions_have_one_digest(data: st.DataObject, definition: Intervention) -> None:
    """A definition in another spelling is the same one, by whichever side it is asked."""
    again = data.draw(respelled(definition))
    assert again.equals(definition)
    assert definition.equals(again)


@given(similar_trees())
def test_equal_exactly_when_the_meaning_is(pair: tuple[Node, Node]) -> None:
    """Two trees have one canonical text exactly when a second account of their meaning calls them equal."""
    one, other = pair
    assert (text_of(one) == text_of(other)) == (meaning_of(one) == meaning_of(other))


def text_of(node: Node) -> str:
    """Return the canonical text of a tree."""
    return canonical_form(node).text


def meaning_of(node: Node) -> Any:
    """Return what a tree means, in sets and pairs: written apart from the canonical form, and with no order to sort by."""
    if isinstance(node, Criterion):
        value: Any = node.value
        if isinstance(value, list):
            typed = [typed_scalar(item) for item in value]
            value = _bag(typed) if not is_ordered(node) else tuple(typed)
        elif value is not None:
            value = typed_scalar(value)
        return (node.attribute, node.operator, value)
    meanings = [meaning for child in node.children for meaning in _flat(meaning_of(child), node)]
    return meanings[0] if len(meanings) == 1 and node.kind != "none" else (node.kind, _bag(meanings))


def typed_scalar(value: Scalar) -> tuple[str, Any]:
    """Return a value with its kind: Python calls 1 and True equal."""
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, str):
        return ("text", value)
    assert math.isfinite(value)
    return ("number", float(value))


def _flat(meaning: Any, within: Group) -> list[Any]:
    is_same_kind = within.kind != "none" and meaning[0] == within.kind and isinstance(meaning[1], frozenset)
    return [item for item, times in meaning[1] for _ in range(times)] if is_same_kind else [meaning]


def _bag(items: list[Any]) -> frozenset[tuple[Any, int]]:
    return frozenset(Counter(items).items())
