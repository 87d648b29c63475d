"""The values of properties.

Pulumi sends properties as protobuf structs, in which secrets, unknown values and references to resources are maps with a signature
(defined in `pulumi.runtime.rpc`). Inside the engine they are plain Python values: None, bool, float, str, list and dict, plus the
three classes here. Everything is decoded once, where a message arrives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 -- a marker of Pulumi's protocol, nothing to hide
RESOURCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
UNKNOWN_TEXT: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

Value = Any
Properties = dict[str, Value]


@dataclass(frozen=True)
class Secret:
    """A value that is never shown, and is encrypted in the state."""

    value: Value

    def __repr__(self) -> str:
        return "Secret([secret])"


@dataclass(frozen=True)
class Reference:
    """A resource passed as a property. The provider receives its id, or the URN of a component."""

    urn: str
    id: Value = None


class Unknown:
    """A value that is not known before `up`. `UNKNOWN` is the only instance, and copies of it are the same object."""

    def __copy__(self) -> Unknown:
        return self

    def __deepcopy__(self, memo: object) -> Unknown:
        return self

    def __repr__(self) -> str:
        return "[unknown]"


UNKNOWN: Final = Unknown()


def mark_secrets(answer: Properties, sent: Mapping[str, Value]) -> Properties:
    """Return a provider's response, with every value marked as secret that was sent as a secret under the same name.

    The provider receives plain values, so its response is plain. Maps are followed key by key; a list that contained a secret becomes
    secret as a whole. The real engine does the same. A value that comes back unchanged is replaced by the sent object, so that the
    state in memory holds it once.
    """
    marked = dict(answer)
    for key, value in sent.items():
        if key not in marked:
            continue
        if equal(marked[key], value):
            marked[key] = value
        elif isinstance(marked[key], dict) and isinstance(value, dict):
            marked[key] = mark_secrets(marked[key], value)
        elif not isinstance(marked[key], Secret) and holds(value, Secret):
            marked[key] = Secret(marked[key])
    return marked


def reveal(value: Value) -> Value:
    """Return the value with every secret unwrapped."""
    if isinstance(value, Secret):
        return reveal(value.value)
    if isinstance(value, Mapping):
        return {key: reveal(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [reveal(inner) for inner in value]
    return value


def holds(value: Value, kind: type) -> bool:
    """Return whether a value contains an instance of this class at any depth."""
    return any(isinstance(part, kind) for part in _walk(value))


def _walk(value: Value) -> Iterator[Value]:
    yield value
    if isinstance(value, Secret):
        yield from _walk(value.value)
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner)


def equal(left: Value, right: Value) -> bool:
    """Return whether two values are equal as JSON: 1 equals 1.0, but true does not equal 1. Unknown equals only unknown."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, Secret) and isinstance(right, Secret):
        return equal(left.value, right.value)
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(equal(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(equal, left, right))
    return bool(left == right)
