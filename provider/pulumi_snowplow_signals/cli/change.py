"""A change: what it does in words (`event`), what it takes away (`loss`), and the kinds of gates that it meets (`kinds`)."""

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
"""The type of what is in no registry."""

_RANKS: Final = ("intervention", "service", "attribute group", "attribute key")
"""What messages call the kinds, in the order in which visitors, and then readers, feel what happens to them."""

NOTHING: Final = "changes nothing for visitors"


class Loss(Enum):
    """What visitors, or readers, lose."""

    LIVE = "live"
    DRAFT = "draft"
    NONE = "none"


@dataclass(frozen=True)
class Message:
    """What an engine or a provider said."""

    severity: str
    text: str
    resource: str = ""
    urn: str = ""


@dataclass(frozen=True)
class Was:
    """Something that can be shown before and after: equal values are shown once."""

    was: str
    now: str


@dataclass(frozen=True)
class Change:
    """What one step does.

    Attributes:
        name: Its name in Signals, else the logical name.
        urn: The resource.
        type: The last part of its type, such as `RuleIntervention`.
        event: What happens, in words of ours alone.
        kind: What messages call its kind, such as `attribute group`; empty for one that this release does not know.
        loss: What visitors, or readers, lose.
        kinds: The gates that it meets; see `KINDS`.
        version: The number before and after.
        rule: The criteria in words, or what is pushed.
        sent_to: Who receives it.
        carries: What travels with it.
        reach: Whom a changed rule reaches, in words.
        is_folded: Whether it means nothing to visitors.
        old_name: The name before, where it was another.
        fields: The names that the event ends with: inputs that differ, or what is dropped.
        content: What an attribute key, an attribute group or a service holds, in words.
        differences: What leads from the one content to the other.
        retires: The older versions of an attribute group that are withdrawn at the end of the deployment.
        afterwards: What follows at the end of the deployment, in words of ours alone.
        remarks: What the provider says of others who feel it.
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
        """Whether there is nothing to put side by side beyond what it takes away."""
        beside = (self.version, self.rule, self.sent_to, self.carries, self.content)
        return self.loss is not Loss.NONE and not self.old_name and all(was.was == was.now for was in beside)

    @property
    def order(self) -> tuple[int, int, int, str, str, str]:
        """What takes most from visitors first, and then from readers; then by name."""
        weight = [Loss.LIVE, Loss.DRAFT, Loss.NONE].index(self.loss)
        rank = _RANKS.index(self.kind) if self.kind in _RANKS else 0
        return (weight, self.is_folded, rank, self.name, self.urn, self.event)


def named(step: Step, inputs: Inputs | None) -> str:
    name = inputs["name"] if inputs else None
    return name if isinstance(name, str) else name_in(step.urn)


def old_name(step: Step, old: Inputs | None, new: Inputs | None) -> str:
    names = [named(step, inputs) for inputs in (old, new) if inputs]
    return names[0] if len({*names}) > 1 else ""


def kind_of(step: Step) -> str:
    return step.type.rpartition(":")[2]


def beside(old: Inputs | None, new: Inputs | None, words: Any) -> Was:
    return Was(words(old) if old else "", words(new) if new else "")


def rule_of(inputs: Inputs) -> str:
    value = inputs["rule"]
    return text_of(value) if value is not None else ""
