"""Parses the inputs of a direct intervention into typed values, or reports all of their faults at once.

The service refuses a whole request for one invalid id, and a push cannot be undone. So everything is validated before anything
is sent. Unknown values pass. No fault repeats an id, since even a mistyped id is personal data.

The rules for names and instances are those of `snowplow_signals.models.model` in the official client 0.4.10. Snowplow's
documentation of interventions requires ids to be UUIDs, as does the service (`only UUIDs allowed as attribute key values`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from pulumi_snowplow_signals.fields.faults import FOUND, Fault, fault, faults_of
from pulumi_snowplow_signals.fields.names import NAME_PATTERN, NAME_RULE
from pulumi_snowplow_signals.fields.placeholders import placeholder_reason
from pulumi_snowplow_signals.fields.text import key_in_path
from pulumi_snowplow_signals.fields.unknown import UNKNOWN, Unknown, has_unknown
from pulumi_snowplow_signals.fields.vocabulary import Name, Version
from pulumi_snowplow_signals.push.message import Message

MOST_KEYS: Final = 100
"""The most attribute keys of one push (the API's model `AttributeKeyIdentifiers`)."""

_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_MOST_SHOWN: Final = 5
_EXAMPLE: Final = '{"domain_sessionid": ["218e8926-3858-431d-b2ed-66da03a1cbe5"]}'


@dataclass(frozen=True)
class DirectInputs:
    """The valid, normalised inputs of a direct intervention, with unknown values in their places.

    `attributes` and `triggers` are empty if they were left out.
    """

    name: str | Unknown
    version: int | Unknown
    attributes: Mapping[str, str | Unknown] | Unknown
    targets: Mapping[str, Sequence[str | Unknown] | Unknown] | Unknown
    triggers: Sequence[Any] | Unknown

    @property
    def message(self) -> Message | None:
        """The message to push; None while any part of it is unknown."""
        if has_unknown([self.name, self.version, self.attributes, self.triggers]):
            return None
        return Message(self.name, self.version, self.attributes, self.triggers)  # type: ignore[arg-type]  # all known


def parse_direct_inputs(
    raw: Mapping[str, Any], *, secret: Collection[str] = ()
) -> tuple[DirectInputs | None, tuple[Fault, ...]]:
    """Parse the inputs of a direct intervention.

    Args:
        raw: The inputs from Pulumi, with `UNKNOWN` for unknown values and without computed ones.
        secret: The names of inputs that hold secrets. No fault repeats their values.

    Returns:
        The parsed inputs and no faults, or None and all faults.
    """
    faults = [
        Fault(name, found.reason) if name in secret else found  # a path may hold secret keys
        for name in ("attributes", "triggers")
        for found in _find_placeholder_faults(raw.get(name), name)
    ]
    if "targets" in raw:
        faults += _find_target_faults(raw["targets"], withheld="targets" in secret)
    try:
        values = dict(_DirectInputs.model_validate(raw))
    except ValidationError as error:
        faults = [*faults_of(error, _DirectInputs), *faults]
        values = dict(raw)
    if faults:
        return None, tuple(faults)
    return DirectInputs(
        name=values["name"],
        version=values["version"],
        attributes=values.get("attributes") or {},
        targets=values["targets"],
        triggers=values.get("triggers") or (),
    ), ()


def _parse_string(value: Any) -> str:
    if not isinstance(value, str):
        raise fault(f"is {FOUND}; attribute values must be strings: quote it, or write str(...)")
    if "\x00" in value:
        raise fault("contains a null character, which Signals rejects")
    return value


def _find_placeholder_faults(value: Any, path: str) -> Iterator[Fault]:
    """Yield a fault for each string that stands in the place of an unresolved value, at any depth."""
    if isinstance(value, str):
        reason = placeholder_reason(value)
        if reason:
            yield Fault(path, reason)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            reason = placeholder_reason(key)
            if reason:
                yield Fault(path, f"has a key that {reason}")
            else:
                yield from _find_placeholder_faults(item, f"{path}.{key_in_path(key)}")
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from _find_placeholder_faults(item, f"{path}[{index}]")


class _DirectInputs(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: Name
    version: Version
    attributes: dict[str, Annotated[str, BeforeValidator(_parse_string)]] | None = None
    targets: Any  # validated by `_find_target_faults`
    triggers: list[Any] | None = None


def _find_target_faults(raw: Any, *, withheld: bool) -> Iterator[Fault]:
    if raw is UNKNOWN:
        return
    if not isinstance(raw, Mapping):
        yield Fault("targets", f"is not a mapping of attribute keys to lists of ids, such as {_EXAMPLE}")
    elif not raw:
        yield Fault("targets", f"is empty; name at least one attribute key with its ids, as in {_EXAMPLE}")
    elif len(raw) > MOST_KEYS:
        yield Fault("targets", f"has {len(raw)} attribute keys; 1 to {MOST_KEYS} are allowed")
    else:
        for key in sorted(raw):
            yield from _find_key_faults(key, raw[key], withheld=withheld)


def _find_key_faults(key: str, ids: Any, *, withheld: bool) -> Iterator[Fault]:
    path = f"targets.{key}"
    reason = placeholder_reason(key)
    if reason:
        yield Fault("targets", f"has a key that {reason}")
    elif not NAME_PATTERN.fullmatch(key):
        # A program that swaps keys and ids has ids here.
        shown = "" if withheld or _UUID.search(key) else f' "{key[:128]}"'
        yield Fault("targets", f"has the attribute key{shown} that is not a name; {NAME_RULE}")
    elif ids is UNKNOWN:
        return
    elif not isinstance(ids, list):
        yield Fault(path, "is not a list; write a single id as [id]")
    elif not ids:
        yield Fault(path, "is an empty list; name at least one id, or leave the attribute key out")
    else:
        faults = list(_find_id_faults(path, ids))
        yield from faults[:_MOST_SHOWN]
        if len(faults) > _MOST_SHOWN:
            yield Fault(path, f"{len(faults) - _MOST_SHOWN} more of its {len(ids)} ids have faults")


def _find_id_faults(path: str, ids: Sequence[Any]) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for index, one in enumerate(ids):
        if one is UNKNOWN:
            continue
        if not isinstance(one, str) or not _UUID.fullmatch(one):
            reason = (
                placeholder_reason(str(one))
                or "is not a UUID (8-4-4-4-12 hexadecimal digits); Signals rejects ids that can be guessed"
            )
            yield Fault(f"{path}[{index}]", reason)
        elif one.lower() in first:
            yield Fault(
                f"{path}[{index}]",
                f"is the same id as {path}[{first[one.lower()]}]; name each once (upper and lower case are the same)",
            )
        else:
            first[one.lower()] = index
