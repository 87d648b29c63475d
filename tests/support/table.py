"""Lifecycles as data: what each engine is taken through, and must do the same in."""

from __future__ import annotations

from typing import Any

from parity import Stage

NAME = "pulumi-python:dynamic/world:Thing"


def thing(name: str, /, **entry: Any) -> dict[str, Any]:
    """An entry for a thing; what is no field of an entry is a property."""
    fields = {key: entry.pop(key) for key in ("from", "secret", "options", "id", "kind") if key in entry}
    return {"name": name, "props": entry, **fields}


def program(*resources: dict[str, Any], **rest: Any) -> dict[str, Any]:
    """A program of these resources."""
    return {"resources": list(resources), **rest}


def urn(name: str) -> str:
    """The URN of a thing at the top level."""
    return f"urn:pulumi:dev::world::{NAME}::{name}"


A, B, C = thing("a", v=1), thing("b", **{"from": {"source": "a"}}), thing("c", **{"from": {"source": "b"}})

TABLE: dict[str, list[Stage]] = {
    "create, no change, update, destroy": [
        Stage(program(A)),
        Stage(program(A)),
        Stage(program(thing("a", v=2, w=[1, {"x": None}]))),
        Stage(program(thing("a", v=2)), "destroy"),
    ],
    "outputs flow, and a replacement makes them new": [
        Stage(program(thing("a", key=1), B, C, exports={"found": "c"})),
        Stage(program(thing("a", key=2), B, C, exports={"found": "b"})),
        Stage(program(thing("a", key=2), B)),
        Stage(program()),
    ],
    "delete before replace takes dependents along that would be replaced": [
        Stage(program(thing("a", key=1, first_delete=True), thing("b", **{"from": {"key": "a"}}), thing("d", **{"from": {"v": "a"}}))),
        Stage(program(thing("a", key=2, first_delete=True), thing("b", **{"from": {"key": "a"}}), thing("d", **{"from": {"v": "a"}}))),
        Stage(program(thing("a", key=3, first_delete=True), thing("d", v=1, options={"depends_on": ["a"]}))),
    ],
    "the option delete_before_replace overrules the provider, either way": [
        Stage(program(thing("a", key=1, options={"delete_before_replace": True}), thing("b", key=1, first_delete=True, options={"delete_before_replace": False}))),
        Stage(program(thing("a", key=2, options={"delete_before_replace": True}), thing("b", key=2, first_delete=True, options={"delete_before_replace": False}))),
    ],
    "a provider that leaves the comparison to the engine": [
        Stage(program(thing("a", lazy=True, v=[1, 2]))),
        Stage(program(thing("a", lazy=True, v=[1, 2]))),
        Stage(program(thing("a", lazy=True, v=[2, 1]))),
        Stage(program(thing("a", lazy=True, v=[2, 2], options={"replace_on_changes": ["v[0]"]}))),
        Stage(program(thing("a", lazy=True, v=[3, 2], options={"replace_on_changes": ["v"]}))),
        Stage(program(thing("a", lazy=True, v=[4, 2], options={"replace_on_changes": ["*"]}))),
    ],
    "replace_on_changes where the provider compares for itself": [
        Stage(program(thing("a", v=1, options={"replace_on_changes": ["v"]}))),
        Stage(program(thing("a", v=2, options={"replace_on_changes": ["v"]}))),
    ],
    "ignore_changes at the top, inside, by wildcard, and where it cannot be": [
        Stage(program(thing("a", v=1, m={"x": 1, "y": [1, 2]}, l=[{"k": 1}, {"k": 2}]))),
        Stage(program(thing("a", v=2, m={"x": 2, "y": [3, 4]}, l=[{"k": 3}, {"k": 4}], options={"ignore_changes": ["v", "m.x", "m.y[1]", "l[*].k"]}))),
        Stage(program(thing("a", m={"x": 3}, l=[{"k": 5}], n=1, options={"ignore_changes": ["v", "m.x", "m.y[1]", "l[*].k", "n", "q.r"]}))),
        Stage(program(thing("a", m={"x": 4}, l=[{"k": 6}], n=2, options={"ignore_changes": ["*"]}))),
    ],
    "protect keeps from deletion and from replacement": [
        Stage(program(thing("a", key=1, options={"protect": True}), B)),
        Stage(program(thing("a", key=2, options={"protect": True}), B)),
        Stage(program(B and thing("x", v=1))),
        Stage(program(thing("a", key=2, options={"protect": False}), B)),
        Stage(program()),
    ],
    "retain_on_delete leaves the thing in the world": [
        Stage(program(thing("a", key=1, options={"retain_on_delete": True}))),
        Stage(program(thing("a", key=2, options={"retain_on_delete": True}))),
        Stage(program()),
    ],
    "deleted_with saves the delete, and follows a replacement": [
        Stage(program(thing("a", key=1), thing("b", options={"deleted_with": "a"}))),
        Stage(program(thing("a", key=2), thing("b", options={"deleted_with": "a"}))),
        Stage(program()),
    ],
    "components: children, outputs, a change of parent by alias": [
        Stage(program({"name": "g", "kind": "group", "outputs": {"o": "a"}}, thing("a", v=1, options={"parent": "g"}))),
        Stage(program({"name": "g", "kind": "group", "outputs": {"o": "a"}}, thing("a", v=2, options={"parent": "g"}))),
        Stage(program({"name": "h", "kind": "group", "options": {"aliases": [{"name": "g"}]}}, thing("a", v=2, options={"parent": "h"}))),
        Stage(program(thing("a", v=2, options={"aliases": [{"parent": "urn:pulumi:dev::world::world:index:Group::h"}]}))),
        Stage(program()),
    ],
    "aliases: a rename, with dependents and an update": [
        Stage(program(A, B)),
        Stage(program(thing("z", v=1, options={"aliases": [{"name": "a"}]}), thing("b", **{"from": {"source": "z"}}))),
        Stage(program(thing("z", v=1), thing("b", **{"from": {"source": "z"}}))),
        Stage(program(thing("y", v=3, options={"aliases": [{"name": "q"}, {"name": "z"}]}))),
    ],
    "a child is named after a renamed parent": [
        Stage(program({"name": "g", "kind": "group"}, thing("g-child", v=1, options={"parent": "g"}))),
        Stage(program({"name": "new", "kind": "group", "options": {"aliases": [{"name": "g"}]}}, thing("new-child", v=1, options={"parent": "new"}))),
    ],
    "depends_on orders, and a swap of the order is no change": [
        Stage(program(A, thing("b", v=1, options={"depends_on": ["a"]}))),
        Stage(program(thing("b", v=1), thing("a", v=1, options={"depends_on": ["b"]}))),
        Stage(program(), "destroy"),
    ],
    "secrets: in, nested, through the provider, in additional outputs and exports": [
        Stage(program(thing("a", v="hidden", m={"x": 1}, secret=["v", "m"], options={"additional_secret_outputs": ["out"]}), B, secret_exports=["s"], exports={"found": "b"})),
        Stage(program(thing("a", v="hidden", m={"x": 1}, secret=["v", "m"], options={"additional_secret_outputs": ["out"]}), B, secret_exports=["s"], exports={"found": "b"})),
        Stage(program(thing("a", v="hidden", m={"x": 2}, secret=["m"]), B, exports={"found": "b"})),
        Stage(program(), "refresh"),
    ],
    "a read of what is not ours, and taking it over by name": [
        Stage(program(A)),
        Stage(program(A, thing("g", id="a-1"))),
        Stage(program(A, thing("g", id="a-1"))),
        Stage(program(A, thing("g", v=7))),
        Stage(program(A, thing("g", id="a-1"))),
        Stage(program(A)),
    ],
    "a read of what is not there fails": [Stage(program(thing("g", id="nothing-1")), compare_run=False)],
    "a provider's process that ends in the middle of a call": [
        Stage(program(thing("a", die=True))),
        Stage(program(thing("a"))),
    ],
    "refresh finds drift, what is gone, and inputs where the provider gives them": [
        Stage(program(A, B, thing("d", v=1, tells_inputs=True))),
        Stage(program(A, B), "refresh", drift={"a-1": {"v": 5}, "d-1": {"v": 6}}),
        Stage(program(A, B, thing("d", v=1, tells_inputs=True))),
        Stage(program(A, B), "refresh", drift={"a-1": None}),
        Stage(program(A, B, thing("d", v=1, tells_inputs=True))),
        Stage(program(A, B, thing("d", v=1, tells_inputs=True)), "up", ("--refresh",), drift={"d-1": {"v": 9}, "b-1": None}),
    ],
    "a check that fails, then is mended": [
        Stage(program(A, thing("b", bad="this is bad", options={"depends_on": ["a"]}))),
        Stage(program(A, thing("b", v=1))),
    ],
    "create, update and delete that fail leave what was": [
        Stage(program(thing("a", fail="create"))),
        Stage(program(thing("a", v=1))),
        Stage(program(thing("a", v=2, fail="update"))),
        Stage(program(thing("a", v=3, fail="delete"))),
        Stage(program(thing("x", v=1))),
        Stage(program(thing("a", v=3, fail="none"))),
        Stage(program(thing("a", v=3, key=1, fail="create"))),
        Stage(program(thing("a", v=3, key=1, fail="create", first_delete=True))),
        Stage(program(thing("a", v=3, key=1))),
    ],
    "a delete-before-replace whose create fails is taken up again": [
        Stage(program(thing("a", key=1, first_delete=True), thing("b", **{"from": {"key": "a"}}))),
        Stage(program(thing("a", key=2, first_delete=True, fail="create"), thing("b", **{"from": {"key": "a"}}))),
        Stage(program(thing("a", key=2, first_delete=True), thing("b", **{"from": {"key": "a"}}))),
        Stage(program(thing("a", key=3, first_delete=True, fail="create"), thing("b", **{"from": {"key": "a"}}))),
        Stage(program()),
    ],
    "a program that raises deletes nothing": [
        Stage(program(A, B, exports={"x": "b"})),
        Stage(program(A, **{"raise": "stopped"})),
        Stage(program(A, B, exports={"x": "a"})),
    ],
    "targets: of creations, updates and deletions": [
        Stage(program(A, thing("d", v=1)), "up", ("--target", urn("a"))),
        Stage(program(thing("a", v=2), thing("d", v=2)), "up", ("--target", urn("d"))),
        Stage(program(thing("a", v=3), thing("d", v=3)), "up", ("--target", f"{urn('')}*")),
        Stage(program(thing("d", v=4)), "up", ("--target", urn("d"))),
        Stage(program(), "refresh", ("--target", urn("d")), drift={"d-1": {"v": 8}, "a-1": {"v": 8}}),
        Stage(program(), "destroy", ("--target", urn("a"))),
        Stage(program(), "destroy", ("--target", urn("nothing"))),
    ],
    "configuration reaches the program": [Stage(program(A, config="greeting")), Stage(program(A, config="missing"))],
}  # fmt: skip
