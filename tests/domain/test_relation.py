"""Whom a rule reaches beside another, and what in a rule decides nothing. Judged by `matches`, state by state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from generated import criteria, similar_trees, trees
from hypothesis import given
from hypothesis import strategies as st

from pulumi_snowplow_signals import attribute, matches
from pulumi_snowplow_signals.criteria.cells import judge_of
from pulumi_snowplow_signals.criteria.matches import fires
from pulumi_snowplow_signals.criteria.operators import OPERATORS
from pulumi_snowplow_signals.criteria.relation import (
    MOST_STEPS,
    Comparison,
    Extent,
    Relation,
    Step,
    compare,
    extent_of,
    idle_parts,
    reach_in_words,
)
from pulumi_snowplow_signals.criteria.tree import Criterion, Group, Node, leaves, tree_of, wire_of
from pulumi_snowplow_signals.inputs.plain import to_known_plain

A, B = attribute("shop:a"), attribute("shop:b")
ARMED = "test:armed"


def node(expression: Any) -> Node:
    """Return an expression as a tree."""
    return tree_of(to_known_plain(expression, "criteria"))


def rlike_all(*patterns: str) -> Any:
    """Return a rule that holds where an attribute matches every pattern."""
    return {"all": [{"attribute": "shop:a", "operator": "rlike", "value": pattern} for pattern in patterns]}


COMPARED = [
    pytest.param(A > 75, A > 80, "narrower", id="a higher threshold"),
    pytest.param(A > 75, A > 70, "broader", id="a lower threshold"),
    pytest.param(A > 75, A >= 75, "broader", id="the threshold itself"),
    pytest.param(A > 75, A < 70, "disjoint", id="the other end"),
    pytest.param(A > 75, A < 80, "overlapping", id="two ends that meet"),
    pytest.param(A > 75, B > 75, "overlapping", id="another attribute"),
    pytest.param(A > 75, (A > 75) & (B > 1), "narrower", id="one more criterion in an all"),
    pytest.param(A > 75, (A > 75) | (B > 1), "broader", id="one more criterion in an any"),
    pytest.param(A > 75, ~(A <= 75), "broader", id="what is not at most 75 may be missing"),
    pytest.param(A.in_(["x"]), A == "x", "equal", id="a list of one"),
    pytest.param(A.in_(["x", "y"]), A.in_(["y", "z"]), "overlapping", id="lists that share an item"),
    pytest.param(A.in_(["x", "y"]), A.in_(["x", "y", "z"]), "broader", id="one more item"),
    pytest.param(A.not_in(["x"]), A != "x", "equal", id="not in a list of one"),
    pytest.param((A == "x") | (A == "y"), A.in_(["x", "y"]), "equal", id="a list as an any"),
    pytest.param(A == "", A.is_null(), "broader", id="what is null or empty"),
    pytest.param(A.is_not_null(), A > 0, "narrower", id="what has a value"),
    pytest.param(A > "a", A > "a\0", "narrower", id="neighbours among the texts"),
    pytest.param(A == 1, A == True, "disjoint", id="1 and true"),  # noqa: E712  # an expression
    pytest.param(A == 75, A == "75", "disjoint", id="75 and its digits"),
    pytest.param(A.like("/shop/%"), A.like("/shop/sale/%"), "narrower", id="a longer prefix"),
    pytest.param(A.like("a%"), A.like("b%"), "disjoint", id="two prefixes"),
    pytest.param(A.like("a%"), A.like("%b"), "overlapping", id="a prefix and a suffix"),
    pytest.param(A.like("a%"), A >= "a", "broader", id="a prefix and an order"),
    pytest.param(A.like("a_%"), A.like("a%_"), "equal", id="two ways to say at least one more"),
    pytest.param(A.like("%"), A.rlike(".*"), "not compared", id="a wildcard and a regular expression"),
    pytest.param(A.rlike("^x") & (B > 1), A.rlike("^x") & (B > 2), "narrower", id="beside a regular expression"),
    pytest.param(A.rlike("^x"), A.not_rlike("^x"), "disjoint", id="a regular expression and its negation"),
    pytest.param(A.rlike("^x"), A.rlike("^x|^y"), "not compared", id="two regular expressions"),
    pytest.param(A.rlike("^x") & (A == "xy"), A == "xy", "equal", id="a regular expression of a named text"),
    pytest.param(A.rlike("(x"), A.rlike("(x"), "not compared", id="what Python cannot read"),
    pytest.param(A.changed(), A.changed() & (B > 1), "narrower", id="both with changed"),
    pytest.param(A.changed() & (A > 1), A.changed() & (A > 2), "narrower", id="changed, and a threshold of its own"),
    pytest.param(A.changed(), B.changed(), "overlapping", id="a change of either"),
    pytest.param(A.changed(), A > 1, "not compared", id="one with changed"),
    pytest.param(rlike_all("a", "b", "c", "d", "e"), A == "x", "not compared", id="more patterns than are looked at"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "relation"), COMPARED)
def test_two_rules(old: Any, new: Any, relation: str) -> None:
    """Rules are compared by what they mean, and a verdict from the other side mirrors it."""
    there, back = compare(node(old), node(new)), compare(node(new), node(old))
    assert there.relation.value == relation
    mirrored = {"broader": "narrower", "narrower": "broader"}
    assert back.relation.value == mirrored.get(relation, relation)
    _confirm(node(old), node(new), there)


@pytest.mark.parametrize(
    ("old", "new", "type_", "relation"),
    [
        pytest.param(A > 75, A >= 76, "int32", "equal", id="nothing between 75 and 76"),
        pytest.param(A > 75, A >= 76, "double", "narrower", id="something between 75 and 76"),
        pytest.param(A >= -3e9, A.is_not_null(), "int32", "equal", id="below all that the type holds"),
        pytest.param(A > 2**31 - 1, A > 2**31, "int32", "equal", id="above all that the type holds"),
        pytest.param(A > 2**31 - 1, A > 2**31, "int64", "narrower", id="within what the type holds"),
        pytest.param(A > 75.5, A >= 76, "int64", "equal", id="a constant that no whole number is"),
        pytest.param(A > 75, ~(A <= 75), "double", "broader", id="a missing number"),
        pytest.param(A == True, A != False, "bool", "equal", id="one of two"),  # noqa: E712  # an expression
        pytest.param(A == True, A.in_([True, False]), "bool", "broader", id="either"),  # noqa: E712
        pytest.param(A.is_not_null(), A.in_([True, False]), "bool", "equal", id="all booleans"),
        pytest.param(A.is_not_null(), A != "", "string", "equal", id="all texts"),
        pytest.param(A.is_not_null(), A != "", "string_list", "narrower", id="a type that is not cut by its constants"),
    ],
)  # fmt: skip
def test_types_limit_the_values(old: Any, new: Any, type_: str, relation: str) -> None:
    """An attribute of a known type holds values of that type, or none."""
    found = compare(node(old), node(new), {"shop:a": type_})
    assert found.relation.value == relation


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        pytest.param(A > 75, A > 70, "reaches more visitors", id="more"),
        pytest.param(A > 75, A > 80, "reaches fewer visitors", id="fewer"),
        pytest.param(A > 75, A < 70, "reaches other visitors", id="none of those before"),
        pytest.param(A > 75, A < 80, "reaches other visitors", id="some of those before"),
        pytest.param(A.in_(["x"]), A == "x", "reaches the same visitors", id="other words"),
        pytest.param((A > 1) & (B > 1), (B > 1) & (A > 1), "", id="the same words"),
        pytest.param(A > 75, (A > 80) & (A < 70), "reaches no visitor", id="nobody"),
        pytest.param((A > 80) & (A < 70), A > 75, "reaches more visitors", id="anybody at all"),
        pytest.param(A > 75, A.is_null() | A.is_not_null(), "", id="a condition that never becomes true"),
        pytest.param(A.rlike("^a"), A.rlike("^b"), "", id="not known"),
    ],
)
def test_words(old: Any, new: Any, words: str) -> None:
    """A line of a preview says whom the change reaches, and nothing where that is not known."""
    assert reach_in_words(node(old), node(new)) == words


IDLE = [
    pytest.param((A > 3) & (A > 5), ["criteria.all[0]: shop:a > 3 has no effect"], id="a lower threshold"),
    pytest.param((A > 3) | (A > 5), ["criteria.any[1]: shop:a > 5 has no effect"], id="a higher one in an any"),
    pytest.param((A > 3) & (A > 3), ["criteria.all[1]: shop:a > 3 has no effect"], id="the same twice"),
    pytest.param((A > 5) & (A < 3), ["criteria: can never be true"], id="never"),
    pytest.param(A.is_null() | A.is_not_null(), ["criteria: is always true"], id="always"),
    pytest.param(
        (A > 1) | ((B > 5) & (B < 3)),
        ["criteria.any[1]: shop:b < 3 and shop:b > 5 has no effect"],
        id="a group as a whole, and not what it holds",
    ),
    pytest.param((A > 3) & (B > 3), [], id="two attributes"),
    pytest.param((A > 3) & (A < 5), [], id="a range"),
    pytest.param((A > 3) & A.is_not_null(), ["criteria.all[1]: shop:a is not null has no effect"], id="a number has a value"),
    pytest.param(A.rlike("x") & A.rlike("x+"), [], id="what two regular expressions have in common"),
    pytest.param(A.rlike("x") & A.is_not_null(), ["criteria.all[1]: shop:a is not null has no effect"], id="no empty text matches"),
    pytest.param(A.rlike("x*") & A.is_not_null(), [], id="an empty text matches"),
    pytest.param(A.changed() & (A > 3) & (A > 1), ["criteria.all[2]: shop:a > 1 has no effect"], id="beside changed"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "sentences"), IDLE)
def test_what_decides_nothing(rule: Any, sentences: list[str]) -> None:
    """A rule that is never or always true, and a part without effect, are named with their paths."""
    found = [*idle_parts(node(rule))]
    assert len(found) == len(sentences)
    assert all(said.startswith(sentence) for said, sentence in zip(found, sentences, strict=True))


def test_beyond_the_bound_nothing_is_guessed() -> None:
    """A comparison of too many combinations ends soon, without an answer."""
    # Sums over all attributes leave as many remainders as there are sets of them.
    names = [attribute(f"shop:a{i}") for i in range(24)]
    pairs = [(one == 1) & (other == 1) for one, other in zip(names[:12], reversed(names[12:]), strict=True)]
    tangled: Any = pairs[0]
    for one, other in zip(names[:12], names[12:], strict=True):
        tangled = tangled | ((one > 1) & (other > 2))
    for pair in pairs[1:]:
        tangled = tangled | pair
    rule = node(tangled)
    other = node(tangled & (names[0] < 9))
    assert 2 ** len(names) > MOST_STEPS
    assert compare(rule, other).relation is Relation.NOT_COMPARED
    assert extent_of(rule) is Extent.NOT_COMPARED
    assert [*idle_parts(rule)] == []


@pytest.mark.parametrize("attributes", [1, 150], ids=["one attribute", "many attributes"])
def test_a_rule_too_wide_to_judge_is_not_judged(attributes: int) -> None:
    """What is looked at is bounded however wide a rule is, so that no preview waits for it."""
    children = [
        {"attribute": f"shop:a{number % attributes}", "operator": "=", "value": str(number)}
        for number in range(9_000)
    ]
    wide = tree_of({"any": children})
    assert compare(wide, wide).relation is Relation.NOT_COMPARED
    assert [*idle_parts(wide)] == []


def test_many_independent_parts_are_compared_apart() -> None:
    """A hundred attributes are no obstacle where each is decided by itself."""
    old = Group.of("all", [node(attribute(f"shop:a{i}") > i) for i in range(100)])
    new = Group.of("all", [node(attribute(f"shop:a{i}") > i + 1) for i in range(100)])
    assert compare(old, new).relation is Relation.NARROWER


def test_more_attributes_than_are_looked_at_are_not_compared() -> None:
    """A rule of absurd size ends in no answer, not in an error of Python's recursion."""
    huge = Group.of("all", [node(attribute(f"shop:a{i}") > i) for i in range(1_000)])
    assert compare(huge, huge).relation is Relation.NOT_COMPARED


@pytest.mark.parametrize(
    "criterion",
    [
        {"attribute": "shop:a", "operator": "between", "value": [1, 2]},
        {"attribute": "shop:a", "operator": ">", "value": [1, 2]},
        {"attribute": "shop:a", "operator": "is null", "value": 1},
    ],
)
def test_what_the_registry_alone_may_hold_is_not_compared(criterion: Any) -> None:
    """Of an operator or a value that this release does not know, nothing is claimed."""
    assert compare(tree_of(criterion), node(A > 1)).relation is Relation.NOT_COMPARED
    assert [*idle_parts(tree_of(criterion))] == []


@given(similar_trees())
def test_each_verdict_is_shown_by_visitors(pair: tuple[Node, Node]) -> None:
    """For each pair of answers that a verdict claims there is a visitor of whom `matches` gives them."""
    _confirm(*pair, compare(*pair))


@given(similar_trees(), st.data())
def test_no_visitor_contradicts_a_verdict(pair: tuple[Node, Node], data: st.DataObject) -> None:
    """No pair of answers that a verdict excludes is given of any visitor, whatever values the rules name."""
    found = compare(*pair)
    if found.relation is not Relation.NOT_COMPARED:
        state = data.draw(_states(*pair))
        answers = tuple(_holds(rule, state) for rule in pair)
        assert answers in found.witnesses


@given(trees, st.data())
def test_idle_parts_can_all_go(tree: Any, data: st.DataObject) -> None:
    """A rule without its idle parts says the same of every visitor."""
    rule = tree_of(tree)
    paths = {said.partition(":")[0] for said in idle_parts(rule)}
    if "criteria" not in paths:
        rest = _without(rule, "criteria", paths)
        state = data.draw(_states(rule))
        assert _holds(rest, state) == _holds(rule, state)


@given(criteria(), st.data())
def test_each_operator_cuts_where_it_says(criterion: Any, data: st.DataObject) -> None:
    """Of one criterion, every value is in a cell that its operator's test agrees with."""
    leaf = tree_of(criterion)
    found = compare(leaf, leaf)
    if found.relation is not Relation.NOT_COMPARED:
        holds = _holds(leaf, data.draw(_states(leaf)))
        assert (holds, holds) in found.witnesses


def _holds(rule: Node, state: Mapping[str, Any]) -> bool:
    """Return whether a condition holds of a visitor, by what `matches` says of one who has just been armed."""
    armed = Group.of("all", [tree_of({"attribute": ARMED, "operator": "=", "value": True}), rule])
    return fires(armed, state, {**state, ARMED: True})


def _confirm(old: Node, new: Node, found: Comparison) -> None:
    if found.relation is Relation.NOT_COMPARED:
        assert found.witnesses == {}
        return
    for answers, step in found.witnesses.items():
        assert tuple(_fires(rule, step) for rule in (old, new)) == answers
    only_old, only_new = ((True, False) in found.witnesses, (False, True) in found.witnesses)
    assert only_old == (found.relation in {Relation.NARROWER, Relation.OVERLAPPING, Relation.DISJOINT})
    assert only_new == (found.relation in {Relation.BROADER, Relation.OVERLAPPING, Relation.DISJOINT})


def _fires(rule: Node, step: Step) -> bool:
    if not any(OPERATORS[leaf.operator].is_change for _, leaf in leaves(rule)):
        return _holds(rule, step.state)
    before = {name: ["another"] if name in step.changed else value for name, value in step.state.items()}
    before |= {name: ["another"] for name in step.changed - step.state.keys()}
    return matches(wire_of(rule), before=before, after=step.state)


def _states(*rules: Node) -> st.SearchStrategy[dict[str, Any]]:
    """Draw visitors whose values are those that the rules name, or close to them."""
    found: dict[str, list[Any]] = {}
    for rule in rules:
        for _, leaf in leaves(rule):
            values = leaf.value if isinstance(leaf.value, list) else [leaf.value]
            found.setdefault(leaf.attribute, []).extend(each for value in values for each in _around(value))
    anything = st.sampled_from([None, "", "a", "x" * 9, 0, 1.5, -7, True, False, [], ["a"], {"a": 1}])
    return st.fixed_dictionaries(
        {name: st.sampled_from(values) | anything | st.text(max_size=4) for name, values in found.items()}
    )


def _around(value: Any) -> list[Any]:
    if isinstance(value, str):
        return [value, value + "a", value + "\0", value[:-1], value.replace("%", "").replace("_", "z")]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return [value, value + 1, value - 0.25]
    return [value]


def _without(rule: Node, path: str, paths: set[str]) -> Node:
    if isinstance(rule, Criterion):
        return rule
    kept = [
        _without(child, f"{path}.{rule.kind}[{i}]", paths)
        for i, child in enumerate(rule.children)
        if f"{path}.{rule.kind}[{i}]" not in paths
    ]
    return Group.of(rule.kind, kept)


@pytest.mark.parametrize("operator", ["in", "not in"])
@pytest.mark.parametrize("wanted", [["a", ""], [1, 75], [75.0], [0.5, 0], [True], [True, False], ["75"]])
def test_what_is_looked_up_in_a_list_is_what_the_operator_says(operator: str, wanted: list[Any]) -> None:
    """A list of one kind is looked up, for the sake of long ones: of any value it says what the operator says."""
    leaf = Criterion(attribute="g:a", operator=operator, value=wanted)
    values = [None, True, False, 0, 1, 75, 75.0, 0.5, 2.0**53, "", "a", "75", [], ["a"], {}, {"a": 1}]
    expected = [OPERATORS[operator].holds(value, wanted, None) for value in values]
    tell = judge_of(leaf)
    assert [tell(value) for value in values] == expected
