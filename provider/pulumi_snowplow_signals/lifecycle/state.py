"""A rule intervention as a stack records it: from the inputs and outputs that Pulumi keeps to typed values, and back.

Inputs and outputs are the same mapping: every input in effect, the computed ones included. Whatever the next check has to
know must be an input, since a check sees the inputs of the last deployment and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from pulumi_snowplow_signals.fields.unknown import has_unknown
from pulumi_snowplow_signals.kinds.definition import Definition
from pulumi_snowplow_signals.kinds.intervention import Intervention
from pulumi_snowplow_signals.kinds.options import OnDestroy, Options
from pulumi_snowplow_signals.versions.history import History
from pulumi_snowplow_signals.versions.proposal import Prior

HISTORY: Final = "__signals"
"""The hidden input that holds the history: the CLI shows nothing whose name begins with two underscores."""

SECRET: Final = "__secret"  # noqa: S105  # the name of an input
"""The hidden input that names the inputs which hold secrets. Pulumi unwraps secrets before a provider sees them."""

CONTENT: Final = tuple(Intervention.model_fields)
"""The inputs that make the definition."""

INPUTS: Final = (*CONTENT, *Options.model_fields)
"""The inputs that a program may declare."""

_COMPUTED: Final = (HISTORY, SECRET, "__urn", "rule", "__provider", "__defaults")


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
        content = content_of(recorded)
        return cls(
            definition=Intervention.stored(content),
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
            **self.definition.derived_inputs(self.definition.fields),
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


def content_of(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs that make the definition, without those that were left out."""
    return {name: inputs[name] for name in CONTENT if inputs.get(name) is not None}


def is_recorded(inputs: Mapping[str, Any]) -> bool:
    """Tell whether these are inputs that a check has computed, and not the nothing of a new resource."""
    return isinstance(inputs.get(HISTORY), Mapping) and not has_unknown(inputs[HISTORY])


def definition_of(inputs: Mapping[str, Any]) -> Definition:
    """Read the definition out of recorded inputs. Raises ValueError where they hold none."""
    return Intervention.stored(content_of(inputs))
