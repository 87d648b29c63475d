"""What a reader may see of a resource's inputs: never a secret, or anything computed from one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pulumi_snowplow_signals.cli.preview import State
from pulumi_snowplow_signals.fields.hidden_inputs import HISTORY, SECRET

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
"""The key that marks a map as a stand-in, for example for a secret (`pulumi.runtime.rpc._special_sig_key`)."""

_MASK: Final = "[secret]"
_UNKNOWNS: Final = ("04da6b54-80e4-46f7-96ec-b56ff0331ba9", "[unknown]", "output<string>")
"""What stands for a value that is not known before the deployment (`pulumi.runtime.rpc.UNKNOWN`)."""

_MADE_FROM: Final = {"rule": "criteria"}
"""The inputs that the provider computes from another input. They are secret if that input is."""


@dataclass(frozen=True)
class Hidden:
    """Stands for a value that is not shown, and says why."""

    why: str


IS_SECRET: Final = Hidden("hidden (secret)")
IS_UNKNOWN: Final = Hidden("not known yet")


@dataclass(frozen=True)
class Inputs:
    """The inputs of one resource, before or after a step."""

    state: State

    def __getitem__(self, name: str) -> Any:
        """Return a value; None if there is none, `Hidden` if it must not be shown."""
        value = self._all.get(name)
        named = self._all.get(SECRET)
        secret = named if isinstance(named, list) else []
        if value is not None and (name in secret or _MADE_FROM.get(name) in secret or _holds_secret(value)):
            return IS_SECRET
        if name == "rule" and _holds_secret(self._all.get("criteria")):
            return IS_SECRET
        return IS_UNKNOWN if _holds_unknown(value) else value

    @property
    def visible(self) -> dict[str, Any]:
        """The inputs that the program sets, and those that the provider adds for readers."""
        return {name: self[name] for name in sorted(self._all) if not name.startswith("__")}

    @property
    def is_ours(self) -> bool:
        """Whether the resource belongs to this package, which keeps a history in each."""
        return HISTORY in self._all

    @property
    def history(self) -> Mapping[str, Any]:
        """What the provider remembers about the resource; empty if that is not known."""
        value = self._all.get(HISTORY)
        return value if isinstance(value, Mapping) and not _holds_secret(value) else {}

    @property
    def _all(self) -> Mapping[str, Any]:
        return self.state.inputs or self.state.outputs


def _holds_secret(value: Any) -> bool:
    if isinstance(value, Mapping):
        return SIGNATURE in value or any(_holds_secret(item) for item in value.values())
    if isinstance(value, list):
        return any(_holds_secret(item) for item in value)
    return isinstance(value, str) and value == _MASK


def _holds_unknown(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_holds_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(_holds_unknown(item) for item in value)
    return value in _UNKNOWNS if isinstance(value, str) else False


def version_of(inputs: Inputs) -> str:
    """Return the version, such as `v2`."""
    value = inputs["version"]
    if isinstance(value, Hidden):
        return f"v? ({value.why})"
    # Engines pass 2 as 2.0; `:g` would round numbers of seven digits.
    is_whole = isinstance(value, float) and value.is_integer()
    return f"v{int(value) if is_whole else value}" if isinstance(value, (int, float)) else ""


def text_of(value: Any) -> str:
    """Return a value as a string."""
    if isinstance(value, Hidden):
        return value.why
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)


def recipients_of(inputs: Inputs) -> str:
    """Return the recipients of a message: attribute keys, with the number of ids for a direct intervention."""
    targets = inputs["targets"]
    if isinstance(targets, Hidden):
        return targets.why
    if isinstance(targets, Mapping):
        return ", ".join(f"{key} ({_count(ids)})" for key, ids in sorted(targets.items()))
    keys = inputs["target_attribute_keys"]
    if isinstance(keys, Hidden):
        return keys.why
    names = [text_of(key.get("name")) if isinstance(key, Mapping) else text_of(key) for key in keys or ()]
    return ", ".join(sorted(names)) or "the keys of its attribute groups"


def content_of(inputs: Inputs) -> str:
    """Return what travels with a message: attribute groups, or the attributes of a direct intervention."""
    groups, attributes = inputs["payload_attribute_groups"], inputs["attributes"]
    for value in (groups, attributes):
        if isinstance(value, Hidden):
            return value.why
    if isinstance(attributes, Mapping):
        return ", ".join(f"{name}={text_of(value)}" for name, value in sorted(attributes.items()))
    pins = [
        f"{text_of(pin.get('name'))} v{text_of(pin.get('version'))}"
        for pin in groups or ()
        if isinstance(pin, Mapping)
    ]
    return ", ".join(sorted(pins)) or "nothing else"


def _count(ids: Any) -> str:
    number = len(ids) if isinstance(ids, list) else 0
    return "1 id" if number == 1 else f"{number} ids"
