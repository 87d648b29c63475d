"""A rule intervention as a stack records it: from the inputs and outputs that Pulumi keeps to typed values, and back.

Inputs and outputs are the same mapping: every input in effect, the computed ones included. Whatever the next check has to
know must be an input, since a check sees the inputs of the last deployment and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from pulumi_snowplow_signals.domain.definition import Definition
from pulumi_snowplow_signals.domain.history import History
from pulumi_snowplow_signals.domain.parsing import OnDestroy
from pulumi_snowplow_signals.domain.unknown import has_unknown
from pulumi_snowplow_signals.domain.versioning import Prior
from pulumi_snowplow_signals.domain.words import rule_in_words

HISTORY: Final = "__signals"
"""The hidden input that holds the history: the CLI shows nothing whose name begins with two underscores."""

SECRET: Final = "__secret"  # noqa: S105  # the name of an input
"""The hidden input that names the inputs which hold secrets. Pulumi unwraps secrets before a provider sees them."""

RULE: Final = "rule"
"""The computed input that says the criteria in words."""

CONTENT: Final = (
    "name",
    "owner",
    "description",
    "criteria",
    "target_attribute_keys",
    "payload_attribute_groups",
)
"""The inputs that make the definition."""

_COMPUTED: Final = (HISTORY, SECRET, RULE, "__provider", "__defaults")


@dataclass(frozen=True)
class RuleState:
    """A rule intervention as recorded."""

    definition: Definition
    version: int
    published: bool
    on_destroy: OnDestroy
    adopt: bool
    history: History
    content: Mapping[str, Any]
    secret: tuple[str, ...] = ()

    @classmethod
    def from_wire(cls, recorded: Mapping[str, Any]) -> RuleState:
        """Read what a stack recorded. Raises KeyError or ValueError where it is not what this package records."""
        content = {name: recorded[name] for name in CONTENT if recorded.get(name) is not None}
        return cls(
            definition=definition_of(content),
            version=int(recorded["version"]),
            published=bool(recorded["published"]),
            on_destroy=cast("OnDestroy", recorded["on_destroy"]),
            adopt=bool(recorded.get("adopt", False)),
            history=History.from_wire(recorded[HISTORY]),
            content=content,
            secret=tuple(recorded.get(SECRET, ())),
        )

    def to_wire(self) -> dict[str, Any]:
        """Give the inputs, which are the outputs as well."""
        wire = {
            **self.content,
            "version": self.version,
            "published": self.published,
            "on_destroy": self.on_destroy,
            RULE: rule_in_words(self.definition.criteria),
            HISTORY: self.history.to_wire(),
        }
        if self.adopt:
            wire["adopt"] = True
        if self.secret:
            wire[SECRET] = list(self.secret)
        return wire

    @property
    def prior(self) -> Prior:
        """What the version rule looks at."""
        return Prior(self.definition, self.version, self.published, self.history, self.secret)

    @property
    def is_draft(self) -> bool:
        """Whether this number was never published."""
        return self.prior.is_draft

    def registered_as(
        self, definition: Definition, content: Mapping[str, Any], *, published: bool
    ) -> RuleState:
        """Give the state with what the registry was found to hold."""
        return replace(self, definition=definition, content=content, published=published)


def declared(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Give the inputs that a program declares, without the computed ones: those are always computed anew."""
    return {name: value for name, value in inputs.items() if name not in _COMPUTED}


def content_as_inputs(wire: Mapping[str, Any]) -> dict[str, Any]:
    """Give the definition as inputs have it: target attribute keys as plain names."""
    content = {name: wire[name] for name in CONTENT if wire.get(name) is not None}
    keys = content.get("target_attribute_keys")
    if isinstance(keys, list):
        content["target_attribute_keys"] = [key["name"] for key in keys]
    return content


def is_recorded(inputs: Mapping[str, Any]) -> bool:
    """Tell whether these are inputs that a check has computed, and not the nothing of a new resource."""
    return isinstance(inputs.get(HISTORY), Mapping) and not has_unknown(inputs[HISTORY])


def definition_of(inputs: Mapping[str, Any]) -> Definition:
    """Read the definition out of inputs. Raises ValueError where they hold none."""
    content = {name: inputs[name] for name in CONTENT if inputs.get(name) is not None}
    keys = content.get("target_attribute_keys")
    if isinstance(keys, list):
        content["target_attribute_keys"] = [{"name": key} for key in keys]
    return Definition.from_wire(content)
