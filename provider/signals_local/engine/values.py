"""What a property can hold.

Pulumi carries properties as protobuf structs in which secrets, unknowns and references to resources are maps with a
signature (the numbers stand in `pulumi.runtime.rpc`). Inside the engine they are plain Python values: None, bool, float,
str, list and dict, plus the three classes here. Everything is decoded once, where a message comes in.
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
    """A value that is never shown, and written to the state only encrypted."""

    value: Value

    def __repr__(self) -> str:
        return "Secret([secret])"


@dataclass(frozen=True)
class Reference:
    """A resource passed as a property: the provider gets its id, or the URN of a component."""

    urn: str
    id: Value = None


class Unknown:
    """A value that is not decided before `up`. There is one, `UNKNOWN`, of which a copy is itself."""

    def __copy__(self) -> Unknown:
        return self

    def __deepcopy__(self, memo: object) -> Unknown:
        return self

    def __repr__(self) -> str:
        return "[unknown]"


UNKNOWN: Final = Unknown()


def mark_secrets(answer: Properties, sent: Mapping[str, Value]) -> Properties:
    """Return a provider's answer with every value secret that was sent as one under the same name.

    The provider saw plain values, so its answer is plain: maps are followed key by key, a list that held a secret is
    secret as a whole. This is how the real engine does it. What came back as it was sent is the value that was sent,
    not another like it, so that a state in memory holds it once.
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
    """Return the value with every secret in it unwrapped."""
    if isinstance(value, Secret):
        return reveal(value.value)
    if isinstance(value, Mapping):
        return {key: reveal(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [reveal(inner) for inner in value]
    return value


def holds(value: Value, kind: type) -> bool:
    """Return whether a value contains one of this class at any depth."""
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
    """Compare as JSON does: 1 is 1.0, but true is not 1. An unknown equals nothing but an unknown."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, Secret) and isinstance(right, Secret):
        return equal(left.value, right.value)
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(equal(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(equal, left, right))
    return bool(left == right)
