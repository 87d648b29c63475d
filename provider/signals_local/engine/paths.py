"""Property paths, as `ignore_changes` and `replace_on_changes` write them: `a.b[0]["c.d"].*`.

All functions are pure. If a path leads nowhere, the real engine ignores that in some cases and warns in others. This module
distinguishes the same cases.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from typing import Final

from signals_local.engine.values import Properties, Secret, Value

Path = tuple[str | int, ...]

_WILDCARD: Final = "*"
_ELEMENT: Final = re.compile(
    r"""\.?(?:
        (?P<name>[^.\[]+)
      | \[(?P<index>\d+)\]
      | \[(?P<star>\*)\]
      | \["(?P<key>(?:\\"|[^"])*)"\]
    )""",
    re.VERBOSE,
)


def parse_path(text: str) -> Path | None:
    """Return the elements of a path, or None if the text is not a path."""
    elements: list[str | int] = []
    position = 0
    while position < len(text):
        found = _ELEMENT.match(text, position)
        if found is None or (position == 0 and text.startswith(".")):
            return None
        if found["index"] is not None:
            elements.append(int(found["index"]))
        elif found["key"] is not None:
            elements.append(found["key"].replace('\\"', '"'))
        else:
            elements.append(found["name"] or _WILDCARD)
        position = found.end()
    return tuple(elements)


def covers(path: Path, other: Path) -> bool:
    """Return whether the other path equals this one or lies under it. `*` matches any single element."""
    return len(path) <= len(other) and all(
        element in (_WILDCARD, found) for element, found in zip(path, other, strict=False)
    )


def restore_ignored(
    news: Properties, olds: Properties, ignored: Sequence[str]
) -> tuple[Properties, list[str]]:
    """Restore the old values at the ignored paths.

    Returns:
        The inputs, and the paths that could not be restored because an element was added or removed there.
    """
    result = copy.deepcopy(news)
    impossible = []
    for text in ignored:
        path = parse_path(text)
        if path and not _reset(path, olds, result, secret=False):
            impossible.append(text)
    return result, impossible


def _reset(path: Path, old: Value, new: Value, *, secret: bool) -> bool:
    """Write the old value at the path into `new`, in place. Return False if the two differ too much for that.

    `secret` means that the old value is inside a secret and the new one is not.
    """
    while isinstance(old, Secret):
        old, secret = old.value, secret or not isinstance(new, Secret)
    while isinstance(new, Secret):
        new, secret = new.value, False
    element, rest = path[0], path[1:]
    if element == _WILDCARD:
        return _reset_all(rest, old, new, secret=secret)
    if isinstance(element, int):
        return _reset_index(element, rest, old, new, secret=secret)
    return _reset_key(element, rest, old, new, secret=secret)


def _reset_key(key: str, rest: Path, old: Value, new: Value, *, secret: bool) -> bool:
    has_old, has_new = (isinstance(old, dict) and key in old, isinstance(new, dict) and key in new)
    if not rest:
        if has_old and not isinstance(new, dict):
            return False
        if has_old:
            new[key] = _keep(old[key], secret=secret)
        elif has_new:
            del new[key]
        return True
    if not isinstance(old, dict) or not isinstance(new, dict):
        return not isinstance(old, dict) and not isinstance(new, dict)
    if not has_new:
        return not has_old
    return _reset(rest, old.get(key), new[key], secret=secret)


def _reset_index(index: int, rest: Path, old: Value, new: Value, *, secret: bool) -> bool:
    if not isinstance(old, list) or not isinstance(new, list):
        return not isinstance(old, list) and not isinstance(new, list)
    if index >= len(old) or index >= len(new):
        return not rest and index >= len(old) and index >= len(new)
    if rest:
        return _reset(rest, old[index], new[index], secret=secret)
    new[index] = _keep(old[index], secret=secret)
    return True


def _reset_all(rest: Path, old: Value, new: Value, *, secret: bool) -> bool:
    if not rest and isinstance(new, dict):
        if isinstance(old, dict):
            new.clear()
            new.update({key: _keep(value, secret=secret) for key, value in old.items()})
        return True
    if not rest and isinstance(new, list):
        if not isinstance(old, list):
            return True
        new[: len(old)] = [_keep(value, secret=secret) for value in old[: len(new)]]
        return len(old) == len(new)
    if rest and isinstance(old, dict) and isinstance(new, dict):
        return all(key in new and _reset(rest, value, new[key], secret=secret) for key, value in old.items())
    if rest and isinstance(old, list) and isinstance(new, list):
        pairs = zip(old, new, strict=False)
        return all(_reset(rest, before, after, secret=secret) for before, after in pairs) and len(old) == len(
            new
        )
    return False


def _keep(value: Value, *, secret: bool) -> Value:
    found = copy.deepcopy(value)
    return Secret(found) if secret and not isinstance(found, Secret) else found
