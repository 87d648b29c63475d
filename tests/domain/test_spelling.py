"""What comes back in the old spelling and the old order, so that a preview shows only what changed."""

from __future__ import annotations

from typing import Any

import pytest
from generated import declarations, respelled_tree, trees
from hypothesis import given
from hypothesis import strategies as st
from samples import CART, IDLE, PAID, PLAN, all_, any_, declared, is_, none

from pulumi_snowplow_signals.criteria.canonical import canonical_form, texts_of
from pulumi_snowplow_signals.criteria.comparison import pair_siblings
from pulumi_snowplow_signals.criteria.tree import tree_of, wire_of
from pulumi_snowplow_signals.fields.unknown import UNKNOWN, has_unknown
from pulumi_snowplow_signals.kinds import definition
from pulumi_snowplow_signals.kinds.intervention import Intervention

A, A80, A90 = (is_(CART, ">", value) for value in (75, 80, 90))
B, B20 = is_(IDLE, ">=", 15), is_(IDLE, ">=", 20)
FREE, PAYS, NEW = is_(PLAN, "=", "free"), is_(PAID, "=", True), is_(PLAN, "is null")


def among(*plans: str) -> dict[str, Any]:
    """Return a criterion with a list."""
    return is_(PLAN, "in", list(plans))


def in_recorded_spelling(content: dict[str, Any], recorded: dict[str, Any]) -> dict[str, Any]:
    """Return inputs in the spelling of recorded ones; the other fields of both are the same."""
    written = {**declared(), **recorded}
    now = {**declared(), **content}
    known = Intervention.parse(now).known if has_unknown(now) else Intervention.stored(now).held
    own = definition.Parsed[Intervention](None, {name: known[name] for name in known if name in content})
    spelt = definition.in_recorded_spelling(own, Intervention.stored(written), written)
    return {**content, **spelt}


# What is recorded, what the program says now, and what is made of it.
CRITERIA = [
    ("another order is the old order", all_(A, B), all_(B, A), all_(A, B)),
    ("another nesting is the old nesting", all_(A, all_(B, FREE)), all_(FREE, B, A), all_(A, all_(B, FREE))),
    ("one wrapped in a group is as it was", A, all_(A), A),
    ("inserted first, it comes last", all_(A, B), all_(NEW, A, B), all_(A, B, NEW)),
    ("inserted in the middle, it comes last", all_(A, B), all_(A, NEW, B), all_(A, B, NEW)),
    ("several new ones keep their order", all_(A), all_(PAYS, NEW, A, FREE), all_(A, PAYS, NEW, FREE)),
    ("what follows one removed moves up", all_(A, B, FREE), all_(FREE, A), all_(A, FREE)),
    ("a changed value stays in its place", all_(A, B), all_(B20, A), all_(A, B20)),
    ("two changed values stay in theirs", all_(A, B), all_(B20, A80), all_(A80, B20)),
    ("the equal one is paired before the alike", all_(A, A80), all_(A90, A), all_(A, A90)),
    ("another operator is another criterion", all_(A, B), all_(is_(CART, ">=", 75), B), all_(B, is_(CART, ">=", 75))),
    ("a changed group stays in its place", all_(any_(A, B), FREE), all_(FREE, any_(NEW, B, A)), all_(any_(A, B, NEW), FREE)),
    ("groups of other kinds are no pair", all_(any_(A, B), FREE), all_(none(A, B), FREE), all_(FREE, none(A, B))),
    ("a group deep inside", none(all_(A, any_(B, FREE))), none(all_(any_(FREE, B20), A)), none(all_(A, any_(B20, FREE)))),
    ("a new root is written as it is", all_(A, B), any_(B, A), any_(B, A)),
    ("one more of the same comes last", all_(A, B), all_(B, B, A), all_(A, B, B)),
    ("a list in another order is the old list", among("b", "a"), among("a", "b"), among("b", "a")),
    ("listed first, it comes last", among("b", "a"), among("c", "a", "b"), among("b", "a", "c")),
    ("what follows one taken off moves up", among("c", "b", "a"), among("a", "c"), among("c", "a")),
    ("listed twice, it comes last", among("b", "a"), among("b", "a", "b"), among("b", "a", "b")),
    ("a list of another criterion is as it is", among("b", "a"), is_(PLAN, "not in", ["a", "b"]), is_(PLAN, "not in", ["a", "b"])),
]  # fmt: skip

# The same for single inputs: what is recorded, what is declared, what is made of it.
FIELDS = [
    ("owner", "Ann@Example.com", "Ann@example.COM", "Ann@Example.com"),
    ("owner", "ann@example.com", "Ann@example.com", "Ann@example.com"),
    ("description", "Old", "New", "New"),
    ("target_attribute_keys", ["b", "a"], ["a", "b"], ["b", "a"]),
    ("target_attribute_keys", ["b", "a", "a"], ["a", "b"], ["b", "a", "a"]),
    ("target_attribute_keys", ["b", "a"], ["c", "a", "b"], ["b", "a", "c"]),
    ("target_attribute_keys", ["c", "b", "a"], ["a", "c"], ["c", "a"]),
    (
        "payload_attribute_groups",
        [{"name": "g", "version": 1.0}, {"name": "h", "version": 1.0}],
        [{"name": "i", "version": 1}, {"name": "h", "version": 1}, {"name": "g", "version": 1}],
        [{"name": "g", "version": 1.0}, {"name": "h", "version": 1.0}, {"name": "i", "version": 1}],
    ),
    (
        "payload_attribute_groups",
        [{"name": "g", "version": 1}, {"name": "h", "version": 1}],
        [{"name": "g", "version": 2}, {"name": "h", "version": 1}],
        [{"name": "h", "version": 1}, {"name": "g", "version": 2}],
    ),
]


@pytest.mark.parametrize(
    ("recorded", "proposed", "expected"), [row[1:] for row in CRITERIA], ids=[row[0] for row in CRITERIA]
)
def test_criteria(recorded: Any, proposed: Any, expected: Any) -> None:
    """What is equal comes back as it was and where it was, what is new comes after."""
    assert in_recorded_spelling({"criteria": proposed}, {"criteria": recorded}) == {"criteria": expected}


@pytest.mark.parametrize(("name", "recorded", "proposed", "expected"), FIELDS)
def test_fields(name: str, recorded: Any, proposed: Any, expected: Any) -> None:
    """An equal value comes back as it was spelt; of a list, what was there stays where it was."""
    assert in_recorded_spelling({name: proposed}, {name: recorded}) == {name: expected}


def test_only_the_inserted_line_differs() -> None:
    """By position, as the CLI compares lists, one criterion inserted first is one added item and no change."""
    old, new = all_(A, B, FREE), all_(PAYS, FREE, B, A)
    shown = in_recorded_spelling({"criteria": new}, {"criteria": old})["criteria"]["all"]
    assert shown[: len(old["all"])] == old["all"]
    assert shown[len(old["all"]) :] == [PAYS]


@pytest.mark.parametrize("unknown", [UNKNOWN, all_(B, UNKNOWN), all_(is_(CART, ">", UNKNOWN), B)])
def test_unknowns_stay_where_they_are(unknown: Any) -> None:
    """What holds an unknown is compared with nothing."""
    assert in_recorded_spelling({"criteria": unknown}, {"criteria": all_(A, B)}) == {"criteria": unknown}


def test_what_was_not_recorded_is_as_it_is_declared() -> None:
    """An input that was left out before is taken as it stands, and one that is left out now does not come back."""
    proposed = {"target_attribute_keys": ["b", "a"]}
    assert in_recorded_spelling(proposed, {"description": "Old"}) == proposed


@given(st.data(), declarations())
def test_an_equal_declaration_comes_back_as_recorded(data: st.DataObject, recorded: dict[str, Any]) -> None:
    """However an equal definition is spelt, nothing is left for a preview to show."""
    content = {
        name: recorded[name] for name in ("owner", "criteria", "target_attribute_keys") if name in recorded
    }
    again = {**content, "criteria": data.draw(respelled_tree(content["criteria"]))}
    if "target_attribute_keys" in content:
        again["target_attribute_keys"] = data.draw(st.permutations(content["target_attribute_keys"]))
    assert in_recorded_spelling(again, content) == content


@given(trees, trees)
def test_what_is_sent_means_what_was_declared(recorded: Any, proposed: Any) -> None:
    """Whatever was recorded, the definition is the declared one, and spelling it twice changes nothing."""
    spelt = in_recorded_spelling({"criteria": proposed}, {"criteria": recorded})
    assert text_of(spelt["criteria"]) == text_of(proposed)
    assert in_recorded_spelling({"criteria": proposed}, spelt) == spelt


def text_of(tree: Any) -> str:
    """Return the canonical text of a tree in wire shape."""
    return canonical_form(tree_of(tree)).text


@given(st.lists(trees, max_size=5), st.lists(trees, max_size=5))
def test_every_sibling_is_paired_once(old: list[Any], new: list[Any]) -> None:
    """Pairing loses nobody, pairs only what is alike, and never leaves two equal ones apart."""
    before, after = [tree_of(tree) for tree in old], [tree_of(tree) for tree in new]
    texts = {text: told for node in (*before, *after) for text, told in texts_of(node).items()}
    pairs = pair_siblings(before, after, texts.__getitem__)
    assert [one for one, _ in pairs if one is not None] == before
    assert {other for _, other in pairs if other is not None} == set(after)
    assert len([other for _, other in pairs if other is not None]) == len(after)
    assert all(
        one.subject == other.subject or texts[one] == texts[other] for one, other in pairs if one and other
    )
    lonely = [
        {texts[node] for node in side if node} for side in zip(*[p for p in pairs if None in p], strict=True)
    ]
    assert not lonely or not lonely[0] & lonely[1]


@given(trees)
def test_trees_survive_the_wire(tree: Any) -> None:
    """A tree read and written again is the tree."""
    assert (
        wire_of(tree_of(tree)) == Intervention.stored({"name": "x", "criteria": tree}).to_wire()["criteria"]
    )
