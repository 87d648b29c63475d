"""Rules and definitions of every shape, and other spellings of them, for hypothesis."""

from __future__ import annotations

from typing import Any

from forms import form_of, texts
from hypothesis import strategies as st

from pulumi_snowplow_signals.criteria.operators import OPERATORS
from pulumi_snowplow_signals.criteria.tree import Node, tree_of
from pulumi_snowplow_signals.kinds.intervention import Intervention

# Few, so that trees often hold the same thing twice; two underscores, since libraries pass over such names.
attributes = st.sampled_from(["shop:a", "shop:b", "__x:__y", "A:1"])


@st.composite
def criteria(draw: st.DrawFn, *, changed: bool = False) -> dict[str, Any]:
    """Return a criterion with a value that its operator takes."""
    operator = draw(st.sampled_from([name for name in OPERATORS if changed or name != "changed"]))
    value = draw(form_of(operator).drawn)
    found: dict[str, Any] = {"attribute": draw(attributes), "operator": operator}
    return found if value is None else {**found, "value": value}


def _groups(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    lists = st.lists(children, min_size=1, max_size=4)
    return st.sampled_from(["all", "any", "none"]).flatmap(
        lambda kind: lists.map(lambda nodes: {kind: nodes})
    )


trees: st.SearchStrategy[dict[str, Any]] = st.recursive(criteria(), _groups, max_leaves=8)

_names = st.sampled_from(["offer", "__offer", "Offer_2"])
_keys = st.lists(st.sampled_from(["domain_userid", "user_id", "__k"]), max_size=3, unique=True)
_payload = st.lists(st.tuples(st.sampled_from(["g", "__h"]), st.integers(1, 3)), max_size=3, unique=True)
_owners = st.sampled_from(["a@example.com", "b@example.com", "A@example.com"])


def _as_pins(groups: list[tuple[str, int]]) -> list[dict[str, Any]]:
    return [{"name": name, "version": version} for name, version in groups]


def declarations(tree: st.SearchStrategy[Any] = trees) -> st.SearchStrategy[dict[str, Any]]:
    """Return the inputs of valid programs."""
    required = {"name": _names, "owner": _owners, "criteria": tree}
    optional = {
        "description": texts,
        "target_attribute_keys": _keys,
        "payload_attribute_groups": _payload.map(_as_pins),
        "version": st.integers(1, 9),
        "published": st.booleans(),
        "adopt": st.booleans(),
        "on_destroy": st.sampled_from(["unpublish", "delete", "retain"]),
    }
    return st.fixed_dictionaries(required, optional=optional)


def definitions() -> st.SearchStrategy[Intervention]:
    """Return definitions."""
    bodies = st.fixed_dictionaries(
        {
            "name": st.just("offer"),
            "owner": _owners,
            "criteria": trees,
            "description": st.none() | texts,
            "target_attribute_keys": _keys,
            "payload_attribute_groups": _payload.map(_as_pins),
        }
    )
    return bodies.map(Intervention.stored)


@st.composite
def respelled_tree(draw: st.DrawFn, tree: Any) -> Any:
    """Return another spelling of a tree: shuffled, nested, wrapped, its whole numbers as floats."""
    kind = next((kind for kind in ("all", "any", "none") if kind in tree), None)
    if kind is None:
        spelt = dict(tree)
        if isinstance(spelt.get("value"), list):
            is_ordered = OPERATORS[spelt["operator"]].is_ordered
            items = spelt["value"] if is_ordered else draw(st.permutations(spelt["value"]))
            spelt["value"] = [_as_float(item, draw) for item in items]
        elif "value" in spelt:
            spelt["value"] = _as_float(spelt["value"], draw)
    else:
        children = [draw(respelled_tree(child)) for child in draw(st.permutations(tree[kind]))]
        if kind != "none" and len(children) > 1 and draw(st.booleans()):
            cut = draw(st.integers(1, len(children) - 1))
            children = [{kind: children[:cut]}, *children[cut:]]
        spelt = {kind: children}
    while draw(st.integers(0, 5)) == 5:
        spelt = {draw(st.sampled_from(["all", "any"])): [spelt]}
    return spelt


def _as_float(value: Any, draw: st.DrawFn) -> Any:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return float(value) if is_whole and draw(st.booleans()) else value


@st.composite
def respelled(draw: st.DrawFn, definition: Intervention) -> Intervention:
    """Return another spelling of a definition."""
    body, owner = definition.to_wire(), definition.owner or ""
    return Intervention.stored(
        {
            "name": definition.name,
            "owner": draw(st.sampled_from([owner, owner.replace("example.com", "Example.COM")])),
            "criteria": draw(respelled_tree(body["criteria"])),
            "description": definition.description or draw(st.sampled_from([None, ""])),
            "target_attribute_keys": draw(st.permutations(body.get("target_attribute_keys", []))),
            "payload_attribute_groups": draw(st.permutations(body.get("payload_attribute_groups", []))),
        }
    )


@st.composite
def similar_trees(draw: st.DrawFn) -> tuple[Node, Node]:
    """Return two trees that are equal, nearly equal or not at all."""
    one = draw(trees)
    other = draw(st.one_of(respelled_tree(one), _with_a_change(one), trees))
    return tree_of(one), tree_of(other)


@st.composite
def _with_a_change(draw: st.DrawFn, tree: Any) -> Any:
    kind = next((kind for kind in ("all", "any", "none") if kind in tree), None)
    if kind is None or draw(st.integers(0, 3)) == 0:
        return draw(criteria() | trees)
    children = list(tree[kind])
    index = draw(st.integers(0, len(children) - 1))
    children[index] = draw(_with_a_change(children[index]))
    if draw(st.booleans()):
        children.append(draw(st.sampled_from(children)))
    return {draw(st.sampled_from(["all", "any", "none", kind])): children}
