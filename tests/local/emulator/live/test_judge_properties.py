"""What must be true of the judge whatever the rule and the values, with SQLite as the judge's judge where SQL is meant."""

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals_local.emulator.live.criteria import Criterion, Group, attributes_of, parse, uses_changed
from signals_local.emulator.live.judge import fires, holds

ATTRIBUTES = ("shop:a", "shop:b", "user:c")

numbers = st.integers(-3, 3) | st.sampled_from([-0.5, 0.0, 1.0, 2.5])
words = st.text("ab%_", max_size=4)
scalars = numbers | words | st.booleans()
values = st.none() | scalars | st.lists(words, max_size=2)
states = st.dictionaries(st.sampled_from(ATTRIBUTES), values)


def criteria_of(attribute, operators, operands):
    return st.builds(Criterion, attribute, st.sampled_from(operators), operands)


attributes = st.sampled_from(ATTRIBUTES)
leaves = (
    criteria_of(attributes, ["=", "!="], scalars)
    | criteria_of(attributes, ["<", "<=", ">", ">="], numbers | words)
    | criteria_of(attributes, ["like", "not like", "rlike", "not rlike"], words)
    | criteria_of(attributes, ["in", "not in"], st.lists(numbers, max_size=3) | st.lists(words, max_size=3))
    | criteria_of(attributes, ["is null", "is not null"], st.none())
)


def groups_of(children):
    return st.builds(
        Group, st.sampled_from(["all", "any", "none"]), st.lists(children, max_size=3).map(tuple)
    )


trees = st.recursive(leaves, groups_of, max_leaves=8)
several = st.lists(trees, max_size=4).map(tuple)


@pytest.fixture(scope="module")
def sql():
    with sqlite3.connect(":memory:") as connection:
        connection.execute("PRAGMA case_sensitive_like = ON")
        yield lambda expression, *given: bool(connection.execute(f"SELECT {expression}", given).fetchone()[0])
    connection.close()


@given(pattern=st.text("ab%_.\n", max_size=6), value=st.text("ab.%_\n", max_size=8))
def test_like_is_sql_like(sql, pattern, value):
    """`like` and `not like` agree with a database's own LIKE on every text and pattern."""
    expected = sql("? LIKE ?", value, pattern)
    assert holds(Criterion("shop:a", "like", pattern), {"shop:a": value}) is expected
    assert holds(Criterion("shop:a", "not like", pattern), {"shop:a": value}) is not expected


@given(
    operator=st.sampled_from(["=", "!=", "<", "<=", ">", ">="]),
    pair=st.tuples(numbers, numbers)
    | st.tuples(st.text(), st.text()).filter(lambda pair: "\0" not in "".join(pair)),
)
def test_comparisons_are_those_of_sql(sql, operator, pair):
    """Numbers among themselves and texts among themselves compare as a database compares them."""
    value, operand = pair
    assert holds(Criterion("shop:a", operator, operand), {"shop:a": value}) is sql(
        f"? {operator} ?", value, operand
    )


@given(children=several, state=states)
def test_none_is_not_any(children, state):
    """`none` of some children is true exactly where `any` of them is false."""
    assert holds(Group("none", children), state) is not holds(Group("any", children), state)


@given(children=several, state=states)
def test_de_morgan(children, state):
    """All children hold exactly where not any of them fails."""
    failing = tuple(Group("none", (child,)) for child in children)
    assert holds(Group("all", children), state) is not holds(Group("any", failing), state)


@given(children=several, state=states, data=st.data())
def test_the_order_of_children_means_nothing(children, state, data):
    """A group gives the same verdict in whatever order its children are written."""
    shuffled = tuple(data.draw(st.permutations(children)))
    for quantifier in ("all", "any", "none"):
        assert holds(Group(quantifier, shuffled), state) is holds(Group(quantifier, children), state)


@given(leaf=leaves, state=states)
def test_what_is_missing_only_satisfies_is_null(leaf, state):
    """A criterion on an attribute without a value holds only where it asks for null."""
    without = {name: value for name, value in state.items() if name != leaf.attribute}
    assert holds(leaf, without) is (leaf.operator == "is null")
    assert holds(leaf, {**without, leaf.attribute: None}) is (leaf.operator == "is null")


@given(leaf=criteria_of(attributes, ["=", "like", "in"], scalars | st.lists(words)), value=values)
def test_no_value_satisfies_an_operator_and_its_negation(leaf, value):
    """An operator and its negation are never both true; both false where the two sides cannot be compared."""
    if (leaf.operator == "in") is not isinstance(leaf.value, list):
        return
    negation = {"=": "!=", "like": "not like", "in": "not in"}[leaf.operator]
    state = {leaf.attribute: value}
    assert not (holds(leaf, state) and holds(Criterion(leaf.attribute, negation, leaf.value), state))


@given(tree=trees, before=states, after=states)
def test_a_rule_fires_on_rising_edges_only(tree, before, after):
    """Without `changed`, a rule fires exactly when it was false and is true, so never on a step to the same state."""
    assert fires(tree, before, after) is (holds(tree, after) and not holds(tree, before))
    assert not fires(tree, after, after)


@given(tree=trees, before=states, after=states)
def test_attributes_that_a_rule_does_not_name_mean_nothing(tree, before, after):
    """A step fires or not by the attributes that the rule names alone."""
    named = set(attributes_of(tree))
    one, other = ({name: state[name] for name in state.keys() & named} for state in (before, after))
    assert fires(tree, one, other) is fires(tree, before, after)


@given(before=values, after=values, siblings=several)
def test_changed_is_symmetric_and_never_without_a_change(before, after, siblings):
    """`changed` sees a step and its way back alike, and none where nothing happened, whatever stands beside it."""
    rule = Criterion("shop:a", "changed")
    forth, back = {"shop:a": before}, {"shop:a": after}
    assert fires(rule, forth, back) is fires(rule, back, forth)
    assert not fires(Group("all", (rule, *siblings)), forth, forth)


def as_json(node):
    if isinstance(node, Criterion):
        return {"attribute": node.attribute, "operator": node.operator, "value": node.value}
    return {node.quantifier: [as_json(child) for child in node.children]}


@given(tree=trees)
def test_a_stored_rule_is_read_as_it_was_written(tree):
    """Parsing gives back the tree, and only a `changed` leaf makes it a rule on changes."""
    assert parse(as_json(tree)) == tree
    assert not uses_changed(tree)
    assert uses_changed(Group("all", (tree, Criterion("shop:a", "changed"))))
