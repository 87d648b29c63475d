"""Programs made by hypothesis: a first one, and changes to it (add, change, rename, remove, reorder, depend, options)."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st
from parity import Stage

NAMES = ("a", "b", "c", "d", "e")

_options = st.fixed_dictionaries(
    {},
    optional={
        "protect": st.booleans(),
        "retain_on_delete": st.booleans(),
        "delete_before_replace": st.booleans(),
        "ignore_changes": st.lists(st.sampled_from(["v", "key", "m.x", "source"]), max_size=2, unique=True),
        "replace_on_changes": st.lists(st.sampled_from(["v", "m", "*"]), max_size=1),
        "additional_secret_outputs": st.just(["out"]),
    },
)
_props = st.fixed_dictionaries(
    {"v": st.integers(0, 2)},
    optional={
        "key": st.integers(0, 1),
        "m": st.fixed_dictionaries(
            {"x": st.integers(0, 1)}, optional={"y": st.lists(st.booleans(), max_size=2)}
        ),
        "first_delete": st.sampled_from([True]),
        "lazy": st.sampled_from([True]),
    },
)


@st.composite
def entries(draw: st.DrawFn, name: str, earlier: tuple[str, ...]) -> dict[str, Any]:
    """An entry of a program, depending on nothing but what stands before it."""
    entry: dict[str, Any] = {"name": name, "props": draw(_props), "options": dict(draw(_options))}
    if earlier and draw(st.booleans()):
        entry["from"] = {draw(st.sampled_from(["source", "key", "v"])): draw(st.sampled_from(earlier))}
    if earlier and draw(st.integers(0, 3)) == 0:
        entry["options"]["depends_on"] = [draw(st.sampled_from(earlier))]
    if draw(st.integers(0, 5)) == 0:
        entry["secret"] = ["v"]
    return entry


def _consistent(resources: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Take out what would refer to something that is not declared before."""
    seen: set[str] = set()
    for entry in resources:
        entry["from"] = {key: source for key, source in entry.get("from", {}).items() if source in seen}
        wanted = entry["options"].pop("depends_on", [])
        if kept := [name for name in wanted if name in seen]:
            entry["options"]["depends_on"] = kept
        seen.add(entry["name"])
    return resources


@st.composite
def histories(draw: st.DrawFn) -> list[Stage]:
    """A program and what becomes of it, at the end its destruction."""
    count = draw(st.integers(1, len(NAMES)))
    resources = [draw(entries(name, NAMES[:index])) for index, name in enumerate(NAMES[:count])]
    stages = [_stage(resources)]
    for _ in range(draw(st.integers(1, 4))):
        resources = _changed(draw, copy.deepcopy(resources))
        stages.append(_stage(resources))
    if draw(st.booleans()):
        stages.append(Stage(stages[-1].program, "refresh"))
    freed = copy.deepcopy(resources)
    for entry in freed:
        entry["options"].pop("protect", None)
    return [*stages, _stage(freed), Stage({"resources": []}, "destroy")]


def _changed(draw: st.DrawFn, resources: list[dict[str, Any]]) -> list[dict[str, Any]]:
    change = draw(st.sampled_from(["add", "change", "rename", "remove", "reorder", "depend"]))
    free = [name for name in NAMES if name not in {entry["name"] for entry in resources}]
    place = draw(st.integers(0, max(0, len(resources) - 1)))
    earlier = tuple(entry["name"] for entry in resources[:place])
    if change == "add" and free:
        resources.insert(place, draw(entries(free[0], earlier)))
    elif change == "remove" and resources:
        resources.pop(place)
    elif change == "reorder":
        resources = draw(st.permutations(resources))
    elif change == "rename" and resources and free:
        old = resources[place]["name"]
        resources[place]["name"] = free[0]
        if draw(st.booleans()):
            resources[place]["options"]["aliases"] = [{"name": old}]
    elif resources:
        resources[place] = draw(entries(resources[place]["name"], earlier))
    return _consistent(list(resources))


def _stage(resources: list[dict[str, Any]]) -> Stage:
    exports = {"last": resources[-1]["name"]} if resources else {}
    return Stage({"resources": copy.deepcopy(resources), "exports": exports})
