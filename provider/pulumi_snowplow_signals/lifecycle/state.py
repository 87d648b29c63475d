"""An object as a stack records it: converts the inputs and outputs that Pulumi keeps to typed values, and back.

Inputs and outputs are the same mapping: every effective input, including the computed ones. Whatever the next check has to
know must be an input, since a check sees only the inputs of the last deployment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, cast

from pulumi_snowplow_signals.api.models import D
from pulumi_snowplow_signals.errors import UserFault
from pulumi_snowplow_signals.fields.hidden_inputs import HIDDEN, HISTORY, SECRET, URN
from pulumi_snowplow_signals.fields.unknown import has_unknown
from pulumi_snowplow_signals.kinds.declared import inputs_of
from pulumi_snowplow_signals.kinds.options import OnDestroy
from pulumi_snowplow_signals.versions.history import History
from pulumi_snowplow_signals.versions.plan import Prior


@dataclass(frozen=True)
class State(Generic[D]):
    """An object as recorded.

    Attributes:
        definition: Its definition.
        version: Its number; 1 for a kind without numbers.
        published: Whether it is live.
        on_destroy: What happens to it when the resource is deleted.
        adopt: Whether the program takes over an existing object.
        history: What the stack remembers.
        content: The inputs of the definition, as the stack spells them.
        secret: The names of the inputs that hold secrets.
        urn: The URN of the resource; None in a stack of release 0.1.0.
    """

    definition: D
    version: int
    published: bool
    on_destroy: OnDestroy
    adopt: bool
    history: History
    content: Mapping[str, Any]
    secret: tuple[str, ...] = ()
    urn: str | None = None

    @classmethod
    def from_wire(cls, kind: type[D], recorded: Mapping[str, Any]) -> State[D]:
        """Parse what a stack recorded. Raise UserFault if it is not what this package records."""
        content = content_of(kind, recorded)
        try:
            return cls(
                definition=kind.stored(content),
                version=int(recorded.get("version", 1)),
                published=bool(recorded["published"]),
                on_destroy=cast("OnDestroy", recorded["on_destroy"]),
                adopt=bool(recorded.get("adopt", False)),
                history=History.from_wire(recorded[HISTORY]),
                content=content,
                secret=tuple(recorded.get(SECRET, ())),
                urn=recorded.get(URN),
            )
        except (KeyError, ValueError, TypeError, AttributeError):
            raise UserFault(
                f'The state of the {kind.label} "{recorded.get("name")}" is not what this package records: it was edited or '
                "damaged. Nothing was done. Restore it from the stack's history (`pulumi stack export --version`)."
            ) from None

    def to_wire(self) -> dict[str, Any]:
        """Return the inputs, which are also the outputs."""
        wire = {
            **self.content,
            "version": self.version,
            "published": self.published,
            "on_destroy": self.on_destroy,
            **self.definition.derived_inputs(self.definition.held),
            HISTORY: self.history.to_wire(),
        }
        if self.adopt:
            wire["adopt"] = True
        wire |= build_hidden_inputs(self.secret, self.urn)
        names = {*inputs_of(type(self.definition)), *self.definition.derived_inputs({}), *HIDDEN}
        return {name: value for name, value in wire.items() if name in names}

    @property
    def name(self) -> str:
        """The object's name."""
        return self.definition.name

    @property
    def prior(self) -> Prior[D]:
        """The recorded values that a planner needs."""
        return Prior(self.definition, self.version, self.published, self.history)


def build_hidden_inputs(secret: Sequence[str], urn: str | None) -> dict[str, Any]:
    """Return the hidden inputs that name the secrets and the URN, without empty ones."""
    return {name: value for name, value in {SECRET: list(secret), URN: urn}.items() if value}


def remove_computed(kind: type[D], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs that a program declares, without the computed ones, which every check computes again."""
    computed = {*HIDDEN, *kind.derived_inputs({})}
    return {name: value for name, value in inputs.items() if name not in computed}


def content_of(kind: type[D], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs of the definition, without those that were left out."""
    return {name: inputs[name] for name in kind.model_fields if inputs.get(name) is not None}


def is_recorded(inputs: Mapping[str, Any]) -> bool:
    """Return whether a check has computed these inputs. A new resource has none."""
    return isinstance(inputs.get(HISTORY), Mapping) and not has_unknown(inputs[HISTORY])
