"""The engine's pure functions: paths, differences, plans, orders of removal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals_local.engine.difference import LeafChange, leaf_changes
from signals_local.engine.model import Alias, Diff, Goal, Home, Resource, make_urn
from signals_local.engine.paths import covers, parse_path, restore_ignored
from signals_local.engine.plan import Verdict, alias_urns, decide, force_replacement
from signals_local.engine.removal import dependents_to_replace, waves, without_references
from signals_local.engine.render import cut_values, show_value
from signals_local.engine.values import UNKNOWN, Reference, Secret, equal, mark_secrets, reveal
from signals_local.engine.wire import from_struct, to_provider, to_struct

HOME = Home("dev", "p")
STACK = make_urn(HOME, "", "pulumi:pulumi:Stack", "p-dev")

leaves = (
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.just(UNKNOWN)
)
trees = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def without_nulls(value):
    """What is left of a value on the wire: nulls vanish from maps."""
    if isinstance(value, dict):
        return {key: without_nulls(inner) for key, inner in value.items() if inner is not None}
    return [without_nulls(inner) for inner in value] if isinstance(value, list) else value


@given(
    st.dictionaries(
        st.text(max_size=5), trees | trees.filter(lambda tree: tree is not None).map(Secret), max_size=4
    )
)
def test_wire_round_trip(properties):
    """What is encoded for the program is decoded to the same, but for nulls in maps."""
    found = from_struct(to_struct(properties))
    assert equal(reveal(found), without_nulls(reveal(properties)))
    assert {key for key, value in found.items() if isinstance(value, Secret)} >= {
        key for key, value in properties.items() if isinstance(value, Secret) and value.value is not None
    }


def test_a_provider_gets_plain_values():
    """Secrets are unwrapped and references become ids; unknowns are left out unless they are allowed."""
    sent = {
        "s": Secret("x"),
        "r": Reference("urn", "id"),
        "c": Reference("urn"),
        "u": UNKNOWN,
        "l": [UNKNOWN],
    }
    assert from_struct(to_provider(sent, unknowns=True)) == {
        "s": "x", "r": "id", "c": "urn", "u": UNKNOWN, "l": [UNKNOWN],
    }  # fmt: skip
    assert from_struct(to_provider(sent, unknowns=False)) == {"s": "x", "r": "id", "c": "urn", "l": [None]}


def test_secrets_come_back_marked():
    """An answer is secret where what was sent was, maps key by key, lists as a whole."""
    sent = {"a": Secret(1), "m": {"x": Secret(2), "y": 3}, "l": [1, Secret(2)], "gone": Secret(4)}
    answer = {"a": 1, "m": {"x": 2, "y": 3}, "l": [1, 2], "new": 5}
    assert mark_secrets(answer, sent) == {
        "a": Secret(1),
        "m": {"x": Secret(2), "y": 3},
        "l": Secret([1, 2]),
        "new": 5,
    }


def test_what_comes_back_as_it_was_sent_is_kept_once():
    """An answer's equal values are those that were sent, so that inputs and outputs take the room of one."""
    sent = {"l": ["x"], "m": {"same": ["x"], "other": [1]}, "flag": True}
    marked = mark_secrets({"l": ["x"], "m": {"same": ["x"], "other": [2]}, "flag": 1}, sent)
    assert marked["l"] is sent["l"]
    assert marked["m"]["same"] is sent["m"]["same"]
    assert marked["m"]["other"] == [2]
    assert marked["flag"] is not True


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (1, 1.0, True),
        (True, 1, False),
        ([1], [True], False),
        ({"a": None}, {}, False),
        (Secret(1), Secret(1.0), True),
    ],
)
def test_equality_is_that_of_json(left, right, same):
    """1 is 1.0, but true is not 1."""
    assert equal(left, right) is same


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a", ("a",)),
        ("a.b[0].c", ("a", "b", 0, "c")),
        ('a["b.c"]', ("a", "b.c")),
        ('["a\\"b"]', ('a"b',)),
        ("a[*].b", ("a", "*", "b")),
        ("*", ("*",)),
        (".a", None),
        ("a[b]", None),
        ("a[1", None),
    ],
)
def test_paths_are_parsed(text, path):
    """Names, indices, quoted names and wildcards are told apart; what is no path is None."""
    assert parse_path(text) == path


def test_a_path_covers_what_lies_under_it():
    """A path covers itself and everything under it, `*` any one element, and nothing above."""
    assert covers(("a",), ("a", "b", 0))
    assert covers(("a", "*", "c"), ("a", 3, "c"))
    assert not covers(("a", "b"), ("a",))


@given(st.dictionaries(st.sampled_from("abc"), trees), st.dictionaries(st.sampled_from("abc"), trees))
def test_ignoring_everything_leaves_the_old(olds, news):
    """With every key ignored, the inputs are the old ones; and nothing given is changed in place."""
    before = repr(news)
    found, impossible = restore_ignored(news, olds, ["a", "b", "c"])
    assert equal(found, olds)
    assert impossible == []
    assert repr(news) == before


@given(st.dictionaries(st.text(max_size=3), trees, max_size=4))
def test_no_difference_from_oneself(properties):
    """Equal properties have no difference."""
    assert leaf_changes(properties, properties) == []


def test_differences_are_leaves():
    """Each changed leaf is told with its path, both values, and nothing that did not change."""
    olds = {"a": {"b": [1, {"c": 2}], "same": 1}, "gone": "x", "__hidden": 1, "s": Secret("one")}
    news = {"a": {"b": [1, {"c": 3}, 4], "same": 1.0}, "new key": ["x"], "__hidden": 2, "s": Secret("two")}
    assert leaf_changes(olds, news) == [
        LeafChange("a.b[1].c", "update", 2, 3),
        LeafChange("a.b[2]", "add", None, 4),
        LeafChange("gone", "delete", "x", None),
        LeafChange('["new key"][0]', "add", None, "x"),
        LeafChange("s", "update", Secret("one"), Secret("two")),
    ]


def test_values_are_shown_without_their_secrets():
    """A value is shown as JSON, whole numbers without a fraction, secrets and unknowns in words."""
    assert show_value({"b": [1.0, Secret("x")], "a": UNKNOWN}) == '{"a": [unknown], "b": [1, [secret]]}'


def test_long_values_are_shown_from_where_they_differ():
    """Of a megabyte a reader sees a screen: the beginning, or what surrounds the first difference."""
    sides = "x" * 500_000
    old, new = cut_values(LeafChange("d", "update", f"{sides}before{sides}", f"{sides}after{sides}"))
    assert old.startswith("…xxx")
    assert "xxbeforexx" in old
    assert "xxafterxx" in new
    assert old.endswith("x… (1000008 characters)")
    (_, added) = cut_values(LeafChange("d", "add", None, sides))
    assert added.startswith('"xxx')
    assert len(added) < 1_100
    assert cut_values(LeafChange("d", "update", "a", "b")) == ('"a"', '"b"')


def resource(name, *needs, **more):
    """A resource of the state that depends on others."""
    urn = f"urn:pulumi:dev::p::t::{name}"
    return Resource(
        urn,
        "t",
        custom=True,
        id=name,
        dependencies=tuple(f"urn:pulumi:dev::p::t::{n}" for n in needs),
        **more,
    )


GOAL = Goal("t", "a", custom=True)


@pytest.mark.parametrize(
    ("old", "goal", "diff", "verdict"),
    [
        (resource("a"), GOAL, Diff(changes=False, replaces=("x",)), Verdict.SAME),
        (resource("a"), GOAL, Diff(changes=True), Verdict.UPDATE),
        (resource("a"), GOAL, Diff(changes=True, replaces=("x",)), Verdict.CREATE_BEFORE_DELETE),
        (
            resource("a"),
            Goal("t", "a", custom=True, delete_before_replace=False),
            Diff(changes=True, replaces=("x",), delete_before_replace=True),
            Verdict.CREATE_BEFORE_DELETE,
        ),
        (
            resource("a"),
            GOAL,
            Diff(changes=True, replaces=("x",), delete_before_replace=True),
            Verdict.DELETE_BEFORE_CREATE,
        ),
        (resource("a", pending_replacement=True), GOAL, Diff(changes=False), Verdict.CREATE_BEFORE_DELETE),
    ],
    ids=[
        "no change",
        "a change",
        "a replacing change",
        "the option wins",
        "the provider says",
        "one that was due",
    ],
)
def test_verdicts(old, goal, diff, verdict):
    """What a difference means follows from the provider's answer, the option and what was left undone."""
    assert decide(old, goal, diff) is verdict


def test_replace_on_changes_sees_named_changes_only():
    """Only a change that is named can be made a replacement, as in the real engine."""
    assert force_replacement(Diff(changes=True, changed=("v",)), ("v",)).replaces == ("v",)
    assert force_replacement(Diff(changes=True), ("v",)).replaces == ()
    assert force_replacement(Diff(changes=False, changed=("v",)), ("*",)).replaces == ()


def test_aliases_follow_a_renamed_parent():
    """A child is looked for under the old name of its parent, its own name changed along."""
    parent, before = make_urn(HOME, STACK, "g", "new"), make_urn(HOME, STACK, "g", "old")
    goal = Goal("t", "new-child", custom=True, parent=parent, aliases=(Alias(name="x"),))
    assert alias_urns(goal, HOME, {parent: before}) == [
        "urn:pulumi:dev::p::g$t::x",
        "urn:pulumi:dev::p::g$t::old-child",
    ]


@given(st.data())
def test_nothing_goes_before_what_needs_it(data):
    """In whatever way resources depend on earlier ones, a dependent is in an earlier wave."""
    resources = []
    for number in range(data.draw(st.integers(1, 12))):
        names = [str(other) for other in range(number)]
        needs = data.draw(st.lists(st.sampled_from(names), unique=True, max_size=3)) if names else []
        resources.append((f"b{number}", resource(str(number), *needs)))
    order = [key for wave in waves(resources) for key in wave]
    assert sorted(order) == sorted(key for key, _ in resources)
    for key, found in resources:
        for urn in found.needs:
            assert order.index(key) < order.index(f"b{urn.split('::')[-1]}")


def test_only_what_would_be_replaced_goes_along():
    """Ahead of a replacement go those dependents whose provider would replace them, and what hangs on those."""
    root = resource("root")
    touched = resource("touched", "root", inputs={"k": 1}, property_dependencies={"k": (root.urn,)})
    spared = resource("spared", "root", inputs={"v": 1}, property_dependencies={"v": (root.urn,)})
    ordered = resource("ordered", "root")
    follows = resource("follows", "touched", inputs={"k": 1}, property_dependencies={"k": (touched.urn,)})
    found = dependents_to_replace(
        root, [root, touched, spared, ordered, follows], set(), lambda _, inputs: inputs.get("k") is UNKNOWN
    )
    assert found == [touched, follows]


def test_references_to_what_is_gone_are_taken_out():
    """A resource keeps what still exists of its dependencies."""
    found = resource("a", "gone", "here", parent="urn:pulumi:dev::p::t::gone")
    kept = without_references(found, {"urn:pulumi:dev::p::t::gone"})
    assert kept.dependencies == ("urn:pulumi:dev::p::t::here",)
    assert kept.parent == ""
