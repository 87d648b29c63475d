"""Convert whatever a program passes into the dicts, lists and scalars that Pulumi can send.

Objects of this package, plain dicts, objects of Snowplow's own client and outputs of any of these may be mixed. Outputs stay in
place and are converted when they resolve. Values that can never be valid are reported here, all at once: values that Pulumi's
serializer would change or fail on, and strings that are only placeholders. `reading` decides what a value is. The provider's check
judges everything else.
"""

from __future__ import annotations

from collections.abc import Collection
from inspect import iscoroutine
from typing import Any, Final

import pulumi

from pulumi_snowplow_signals.fields.placeholders import (
    HOLDS_AN_OUTPUT,
    UNKNOWN_AS_TEXT,
    is_output_as_text,
    placeholder_reason,
)
from pulumi_snowplow_signals.fields.text import key_in_path
from pulumi_snowplow_signals.fields.unknown import UNKNOWN, Unknown
from pulumi_snowplow_signals.inputs.faults import InputFault
from pulumi_snowplow_signals.inputs.reading import MOST_VALUES, Later, Refused, read, type_of
from pulumi_snowplow_signals.inputs.wording import as_code

DEEPEST: Final = 100
"""The most levels of nesting in a tree. Pulumi's serializer fails at about 170."""

MOST_TOLD: Final = 20
"""The most faults of one input that are listed one by one. The rest are only counted."""

_LONGEST_PATH: Final = 300


def to_plain(value: Any, path: str, *, resource: str = "", whole: Collection[str] = ()) -> Any:
    """Return one input, or a part of one, in the shape of the API, with outputs left in place.

    Args:
        value: A name, criteria, target attribute keys, payload attribute groups, an instance, targets or any part of them.
        path: The name of the input, such as `criteria`; every fault begins with it.
        resource: The resource that has the input; if given, every fault names it first.
        whole: Paths below which None is a fault. Elsewhere None means an omitted value: Pulumi drops it from every mapping.

    Raises:
        InputFault: Something in the value can never be valid. If it is inside an output, the output raises the fault.
    """
    return _Conversion(resource=resource, whole=whole).run(value, path)


def convert(
    value: Any, path: str, *, resource: str = "", whole: Collection[str] = (), takes_times: bool = False
) -> tuple[Any, tuple[str, ...]]:
    """Return one input as `to_plain` does, with `UNKNOWN` in place of each faulty part, together with every fault.

    With `takes_times`, every `timedelta` and `datetime` becomes an ISO 8601 string. Without it, they are faults.
    """
    conversion = _Conversion(resource=resource, whole=whole, takes_times=takes_times)
    return conversion.convert(value, path), conversion.faults


def to_plain_id(value: Any, path: str, *, resource: str) -> Any:
    """Return the id of a resource to look up as `to_plain` does.

    Raises:
        InputFault: The id is not a string, or is a secret. An output raises it when it resolves.
    """
    plain = to_plain(value, path, resource=resource)
    if not isinstance(plain, pulumi.Output):
        return _check_id(plain, path, resource)

    async def refuse_secret() -> None:
        if await plain.is_secret():
            raise InputFault(
                f"{resource}: {path}: is a secret, and Pulumi keeps every id in plain text. Write Output.unsecret(x)."
            )

    checked = plain.apply(lambda resolved: _check_id(resolved, path, resource))
    return pulumi.Output.all(checked, refuse_secret()).apply(lambda both: both[0])


def _check_id(plain: Any, path: str, resource: str) -> str:
    if not isinstance(plain, str) or not plain:
        shown = "empty" if plain == "" else "None" if plain is None else type_of(plain)
        raise InputFault(f"{resource}: {path}: is {shown}. Write the name of the intervention.")
    return plain


def link_names(plain: Any) -> Any:
    """Return plain target attribute keys with `{"name": x}` replaced by x, which is how state and outputs hold them.

    A preview returns a link with an unknown name as it was sent, and Pulumi refuses an object where a string is declared.
    """
    if isinstance(plain, pulumi.Output):
        return plain.apply(link_names)
    if isinstance(plain, dict):
        return plain["name"] if plain.keys() == {"name"} else plain
    return [*map(link_names, plain)] if isinstance(plain, list) else plain


def to_known_plain(value: Any, path: str) -> Any:
    """Return `value` as `to_plain` does, but also raise InputFault if it contains an output."""
    return _Conversion(only_known=True).run(value, path)


class _TooLarge(Exception):  # noqa: N818  # it says what was found
    """An input is too large or too deep. The rest of it is not checked."""


class _Conversion:
    """One walk over a tree, which collects faults and raises them at the end."""

    def __init__(
        self,
        *,
        only_known: bool = False,
        resource: str = "",
        whole: Collection[str] = (),
        is_later: bool = False,
        takes_times: bool = False,
    ) -> None:
        self._faults: dict[str, None] = {}  # in order, each once
        self.holds_outputs = False
        self._only_known = only_known
        self._resource = resource
        self._whole = whole
        self._is_later = is_later
        self._takes_times = takes_times
        self._within: set[int] = set()
        self._count = 0

    def run(self, value: Any, path: str, depth: int = 0) -> Any:
        """Convert a value. Raise InputFault if it has faults."""
        plain = self.convert(value, path, depth)
        self._raise_faults()
        return plain

    @property
    def faults(self) -> tuple[str, ...]:
        """Every fault that was found."""
        return tuple(self._faults)

    def convert(self, value: Any, path: str, depth: int = 0) -> Any:
        """Convert a value and collect its faults."""
        self._count = 0
        try:
            return self._convert(value, path, depth)
        except _TooLarge as why:
            return self._add_fault(_root_of(path), str(why))

    def _convert(self, value: Any, path: str, depth: int, *, in_list: bool = False) -> Any:
        """Convert a value inside `depth` mappings or nested lists."""
        self._count += 1
        if self._count > MOST_VALUES:
            raise _TooLarge(f"has more than {MOST_VALUES:,} values.")
        found = read(value, takes_times=self._takes_times)
        if isinstance(found, Refused):
            return self._add_fault(path, f"is {found.reason}")
        if isinstance(found, Later):
            return self._convert_later(found, path, depth)
        if isinstance(found, (dict, list)):
            return self._convert_parts(value, found, path, depth + (in_list and isinstance(found, list)))
        if isinstance(found, str):
            return self._convert_text(found, path)
        return self._convert_none(path) if found is None else found

    def _convert_later(self, later: Later, path: str, depth: int) -> Any:
        self.holds_outputs = True
        if self._only_known:
            shown = as_code(later.value)
            if iscoroutine(later.value):
                later.value.close()  # or Python would warn that it was never awaited
            return self._add_fault(path, f"is {shown}, which has no value before a deployment runs.")
        return later.output.apply(lambda resolved: self._convert_resolved(resolved, path, depth))

    def _convert_resolved(self, value: Any, path: str, depth: int) -> Any:
        """Convert the resolved value of an output. Outputs inside it are awaited in turn."""
        later = _Conversion(
            resource=self._resource, whole=self._whole, is_later=True, takes_times=self._takes_times
        )
        plain = later.run(value, path, depth)
        return pulumi.Output.from_input(plain) if later.holds_outputs else plain

    def _convert_parts(
        self, value: Any, parts: dict[Any, Any] | list[Any], path: str, depth: int
    ) -> dict[str, Any] | list[Any] | Unknown:
        if depth > DEEPEST + isinstance(parts, list):
            raise _TooLarge(f"is nested more than {DEEPEST} levels deep.")
        if id(value) in self._within:
            return self._add_fault(path, f"is a {type_of(value)} that contains itself.")
        self._within.add(id(value))
        plain: dict[str, Any] | list[Any] | Unknown = (
            self._convert_mapping(parts, path, depth)
            if isinstance(parts, dict)
            else self._convert_list(parts, path, depth)
        )
        self._within.discard(id(value))
        return plain

    def _convert_mapping(self, parts: dict[Any, Any], path: str, depth: int) -> dict[str, Any] | Unknown:
        plain: dict[str, Any] = {}
        is_known = True
        for given, item in parts.items():
            key: Any = read(given)
            reason = _find_reason_against_key(given, key)
            if reason:
                self._add_fault(path, f"has a key {reason}")
                is_known = False
            elif key in plain:
                self._add_fault(f"{path}.{key_in_path(key)}", "appears twice, under keys of different types.")
            else:
                plain[key] = self._convert(item, f"{path}.{key_in_path(key)}", depth + 1)
        # A faulty key might have been any key, so no key can be reported as missing.
        return plain if is_known else UNKNOWN

    def _convert_list(self, parts: list[Any], path: str, depth: int) -> list[Any]:
        plain = []
        for index, item in enumerate(parts):
            plain.append(self._convert(item, f"{path}[{index}]", depth, in_list=True))
        return plain

    def _convert_none(self, path: str) -> Unknown | None:
        if path.startswith(tuple(f"{root}{step}" for root in self._whole for step in ".[")):
            return self._add_fault(path, "is None, which Pulumi silently drops. Write a value, or remove it.")
        return None

    def _convert_text(self, value: str, path: str) -> str | Unknown:
        if value == UNKNOWN_AS_TEXT and self._is_later and pulumi.runtime.is_dry_run():
            return value  # in a preview, it may be the marker of an unknown value
        reason = placeholder_reason(value)
        return self._add_fault(path, reason) if reason else value

    def _add_fault(self, path: str, reason: str) -> Unknown:
        """Collect a fault. Return a value for its place, about which nothing else is reported."""
        shown = path if len(path) <= _LONGEST_PATH else f"{path[:_LONGEST_PATH]}…"
        told = f"{self._resource}: {shown}: {reason}" if self._resource else f"{shown}: {reason}"
        self._faults[told] = None
        return UNKNOWN

    def _raise_faults(self) -> None:
        told, rest = [*self._faults][:MOST_TOLD], len(self._faults) - MOST_TOLD
        if rest > 0:
            more = f"{rest} more values have faults."
            told.append(f"{self._resource}: {more}" if self._resource else more)
        if told:
            raise InputFault(*told)


def _find_reason_against_key(given: Any, key: Any) -> str | None:
    """Return why a value read as `key` cannot be the key of a mapping, or None if it can."""
    if isinstance(key, Refused) and isinstance(given, str):
        return f"that is {key.reason}"
    if not isinstance(key, str):
        return f"of type {type_of(given)}; keys must be strings."
    return f"that {HOLDS_AN_OUTPUT}" if is_output_as_text(key) else None


def _root_of(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]
