"""A change: what it does in words (`event`), what it takes away (`loss`), and the kinds of gates that it meets (`kinds`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from pulumi_snowplow_signals.cli.preview import Step, name_in
from pulumi_snowplow_signals.cli.values import Inputs, text_of

KINDS: Final[Mapping[str, str]] = {
    "withdrawals": "live rules that stop: withdrawn, removed or replaced, or changed so that they can never be true",
    "removals": "resources that leave the program, live or not",
    "replacements": "resources that are replaced, live or not",
    "revivals": "versions or names that were taken down and go live again",
    "publications": "rules that go live and were not live before",
    "adoptions": "rules that others made and this stack takes over",
    "broader": "changed rules that reach more visitors",
    "narrower": "changed rules that reach fewer visitors",
    "others": "changed rules that reach other visitors",
    "uncompared": "changed rules of which it is not known whom they reach",
    "pushes": "messages of direct interventions that are pushed at once",
    "drift": "what was changed outside the stack, as a refresh found it",
    "warnings": "warnings that the preview gives",
    "failures": "a preview that failed, and so does not show all that a deployment would do",
}
"""What `--fail-on` takes, and what it means."""


NOTHING: Final = "changes nothing for visitors"


class Loss(Enum):
    """What visitors lose."""

    LIVE = "live"
    DRAFT = "draft"
    NONE = "none"


@dataclass(frozen=True)
class Was:
    """Something that can be shown before and after: equal values are shown once."""

    was: str
    now: str


@dataclass(frozen=True)
class Change:
    """What one step does.

    Attributes:
        name: The intervention's name in Signals, else the logical name.
        urn: The resource.
        type: Its kind, such as `RuleIntervention`.
        event: What happens, in words of ours alone.
        loss: What visitors lose.
        kinds: The gates that it meets; see `KINDS`.
        version: The number before and after.
        rule: The criteria in words, or what is pushed.
        sent_to: Who receives it.
        carries: What travels with it.
        reach: Whom a changed rule reaches, in words.
        is_folded: Whether it means nothing to visitors.
        old_name: The name before, where it was another.
        fields: The inputs that differ, where the event is about them.
    """

    name: str
    urn: str
    type: str
    event: str
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

    @property
    def is_all_told(self) -> bool:
        """Whether there is nothing to put side by side beyond what it takes away."""
        beside = (self.version, self.rule, self.sent_to, self.carries)
        return self.loss is not Loss.NONE and not self.old_name and all(was.was == was.now for was in beside)

    @property
    def order(self) -> tuple[int, int, str, str, str]:
        """What takes most from visitors first; then by name."""
        weight = [Loss.LIVE, Loss.DRAFT, Loss.NONE].index(self.loss)
        return (weight, self.is_folded, self.name, self.urn, self.event)


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
