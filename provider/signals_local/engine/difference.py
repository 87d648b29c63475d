"""The differences between two sets of properties, leaf by leaf. All functions are pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from signals_local.engine.values import Properties, Secret, Value, equal, reveal

_PLAIN_KEY: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$-]*")


@dataclass(frozen=True)
class LeafChange:
    """One leaf: its path, and its old and new values; `kind` says which of the two exist."""

    path: str
    kind: Literal["add", "delete", "update"]
    old: Value = None
    new: Value = None


def leaf_changes(olds: Properties, news: Properties) -> list[LeafChange]:
    """Return every leaf that differs, in key order. Inputs that begin with `__` belong to Pulumi and are omitted."""
    return list(_compare_maps("", _drop_internal(olds), _drop_internal(news)))


def _drop_internal(properties: Properties) -> Properties:
    return {key: value for key, value in properties.items() if not key.startswith("__")}


def _compare_maps(path: str, old: Mapping[str, Value], new: Mapping[str, Value]) -> Iterator[LeafChange]:
    for key in sorted({*old, *new}):
        place = _join(path, key)
        if key not in new:
            yield from _yield_whole(place, "delete", old[key])
        elif key not in old:
            yield from _yield_whole(place, "add", new[key])
        else:
            yield from _compare_values(place, old[key], new[key])


def _compare_values(path: str, old: Value, new: Value) -> Iterator[LeafChange]:
    if isinstance(old, Secret) or isinstance(new, Secret):
        if not equal(reveal(old), reveal(new)):
            yield LeafChange(path, "update", _veil(old), _veil(new))
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _compare_maps(path, old, new)
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            place = f"{path}[{index}]"
            if index >= len(new):
                yield from _yield_whole(place, "delete", old[index])
            elif index >= len(old):
                yield from _yield_whole(place, "add", new[index])
            else:
                yield from _compare_values(place, old[index], new[index])
    elif not equal(old, new):
        yield LeafChange(path, "update", old, new)


def _veil(value: Value) -> Value:
    # The other value of a secret is probably the same secret before it was marked.
    return value if isinstance(value, Secret) else Secret(value)


def _yield_whole(path: str, kind: Literal["add", "delete"], value: Value) -> Iterator[LeafChange]:
    if isinstance(value, Mapping) and value:
        for key in sorted(value):
            yield from _yield_whole(_join(path, key), kind, value[key])
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            yield from _yield_whole(f"{path}[{index}]", kind, inner)
    else:
        yield LeafChange(path, kind, value if kind == "delete" else None, value if kind == "add" else None)


def _join(path: str, key: str) -> str:
    if not _PLAIN_KEY.fullmatch(key):
        escaped = key.replace('"', '\\"')
        return f'{path}["{escaped}"]'
    return f"{path}.{key}" if path else key
