"""A change: what it does, in words (`event`), what it takes away (`loss`), and which gates it meets (`kinds`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from pulumi_snowplow_signals.cli.preview import Step, name_in
from pulumi_snowplow_signals.cli.values import Inputs, text_of

KINDS: Final[Mapping[str, str]] = {
    "withdrawals": "what is live and stops: withdrawn, removed or replaced, or a rule that can no longer be true",
    "drops": "attributes that a live attribute group no longer has, and groups that a live service no longer serves",
    "removals": "resources that leave the program, live or not",
    "replacements": "resources that are replaced, live or not",
    "revivals": "versions or names that were taken down and go live again",
    "publications": "what goes live and was not live before",
    "adoptions": "what this stack takes over from others",
    "broader": "changed rules that reach more visitors",
    "narrower": "changed rules that reach fewer visitors",
    "others": "changed rules that reach other visitors",
    "uncompared": "changed rules whose reach is not known",
    "pushes": "messages of direct interventions that are pushed at once",
    "drift": "what was changed outside the stack, as a refresh found it",
    "warnings": "warnings that the preview gives",
    "failures": "a preview that failed, and so does not show everything that a deployment would do",
}
"""What `--fail-on` takes, and what it means."""


DIRECT: Final = "DirectIntervention"
"""The type of resources that are not in a registry."""

_RANKS: Final = ("intervention", "service", "attribute group", "attribute key")
"""The names of the kinds in messages, ordered by how directly a change affects visitors, and then readers."""

NOTHING: Final = "changes nothing for visitors"


class Loss(Enum):
    """What visitors or readers lose."""

    LIVE = "live"
    DRAFT = "draft"
    NONE = "none"


@dataclass(frozen=True)
class Message:
    """A message of an engine or a provider."""

    severity: str
    text: str
    resource: str = ""
    urn: str = ""


@dataclass(frozen=True)
class Was:
    """A value before and after; equal values are shown once."""

    was: str
    now: str


@dataclass(frozen=True)
class Change:
    """What one step does.

    Attributes:
        name: The name in Signals, or else the logical name.
        urn: The resource's URN.
        type: The last part of its type, such as `RuleIntervention`.
        event: What happens, in fixed words without a user's values.
        kind: The name of its kind in messages, such as `attribute group`; empty for a kind that this release does not know.
        loss: What visitors or readers lose.
        kinds: The gates that it meets; see `KINDS`.
        version: The number before and after.
        rule: The criteria in words, or what is pushed.
        sent_to: Who receives it.
        carries: What travels with it.
        reach: Whom a changed rule reaches, in words.
        is_folded: Whether it has no effect on visitors.
        old_name: The previous name, if it changes.
        fields: The names that end the event: inputs that differ, or what is dropped.
        content: What an attribute key, an attribute group or a service holds, in words.
        differences: The differences between the old and the new content.
        retires: The older versions of an attribute group that are withdrawn at the end of the deployment.
        afterwards: What follows at the end of the deployment, in fixed words without a user's values.
        remarks: What the provider says about its users.
    """

    name: str
    urn: str
    type: str
    event: str
    kind: str = ""
    loss: Loss = Loss.NONE
    kinds: frozenset[str] = frozenset()
    version: Was = Was("", "")
    rule: Was = Was("", "")
    sent_to: Was = Was("", "")
    carries: Was = Was("", "")
    reach: str = ""
    is_folded: bool = False
    old_name: str = ""
    fields: tuple[str, ...] = ()
    content: Was = Was("", "")
    differences: tuple[str, ...] = ()
    retires: tuple[int, ...] = ()
    afterwards: str = ""
    remarks: tuple[Message, ...] = ()

    @property
    def is_all_told(self) -> bool:
        """Whether the loss says everything, so that nothing is left to show side by side."""
        beside = (self.version, self.rule, self.sent_to, self.carries, self.content)
        return self.loss is not Loss.NONE and not self.old_name and all(was.was == was.now for was in beside)

    @property
    def order(self) -> tuple[int, int, int, str, str, str]:
        """The sort key: the largest loss first, visitors before readers, then by name."""
        weight = [Loss.LIVE, Loss.DRAFT, Loss.NONE].index(self.loss)
        rank = _RANKS.index(self.kind) if self.kind in _RANKS else 0
        return (weight, self.is_folded, rank, self.name, self.urn, self.event)


def find_name(step: Step, inputs: Inputs | None) -> str:
    name = inputs["name"] if inputs else None
    return name if isinstance(name, str) else name_in(step.urn)


def find_old_name(step: Step, old: Inputs | None, new: Inputs | None) -> str:
    names = [find_name(step, inputs) for inputs in (old, new) if inputs]
    return names[0] if len({*names}) > 1 else ""


def kind_of(step: Step) -> str:
    return step.type.rpartition(":")[2]


def show_both(old: Inputs | None, new: Inputs | None, words: Any) -> Was:
    return Was(words(old) if old else "", words(new) if new else "")


def rule_of(inputs: Inputs) -> str:
    value = inputs["rule"]
    return text_of(value) if value is not None else ""
