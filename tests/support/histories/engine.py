"""A stack with a program that is written and edited, over the one driver."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import driver
from driver import CheckFailed, Driver, Recorded, Step

from pulumi_snowplow_signals.errors import SignalsError
from pulumi_snowplow_signals.fields.hidden_inputs import URN
from pulumi_snowplow_signals.fields.unknown import UNKNOWN
from pulumi_snowplow_signals.lifecycle.run import Run

T = TypeVar("T")

_TYPE = "pulumi-python:dynamic/signals:"


class RefusedError(Exception):
    """A preview refuses a program, or a deployment refuses what the preview did not know."""

    def __init__(self, logical_name: str, text: str) -> None:
        super().__init__(text)
        self.logical_name = logical_name


class FailedError(Exception):
    """A call of a deployment fails. What was done before stays done."""


@dataclass(frozen=True)
class Declared:
    """A resource of a program.

    Attributes:
        name: The intervention's name.
        over: What the definition varies by.
        owner: Who owns it.
        version: The number that the program gives, if it gives one.
        published: Whether it is to be live.
        adopt: Whether to take over what is there.
        on_destroy: What the program writes for it, if anything.
        output: Whether the name is an output of another resource: unknown in the preview that creates that resource.
        team: Whether the class is a subclass of `RuleIntervention`, so that the URN has another type.
        delete_first: Whether `delete_before_replace` is set.
        alias: The logical name that it had before, if an alias says so.
    """

    name: str
    over: int
    owner: str = "team@example.com"
    version: int | None = None
    published: bool = True
    adopt: bool = False
    on_destroy: str | None = None
    output: bool = False
    team: bool = False
    delete_first: bool = False
    alias: str | None = None

    def inputs(self, urn: str, *, is_known: bool) -> dict[str, Any]:
        """Return what the program sends."""
        given = {
            "name": self.name if is_known else UNKNOWN,
            "owner": self.owner,
            "criteria": {"attribute": "shopping:cart_value", "operator": ">", "value": self.over},
            "version": self.version,
            "published": None if self.published else False,
            "adopt": True if self.adopt else None,
            "on_destroy": self.on_destroy,
            "rule": "",
            URN: urn,
        }
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class Sent(driver.Declared):
    """What the program sends of a resource, and the resource as it is written."""

    rule: Declared


@dataclass(frozen=True)
class Preview:
    """What a deployment would do.

    Attributes:
        steps: What it would do to each resource.
        unknown: The URNs of resources whose names are not known yet.
    """

    steps: list[Step]
    unknown: set[str]

    def changes(self) -> list[tuple[str, str]]:
        """Return the name and the action of each resource that would change."""
        return [
            (step.old.id if step.old and step.action == "delete" else rule_of(step).name, step.action)
            for step in self.steps
            if step.action != "same"
        ]


class Witness(Protocol):
    """Whoever watches the calls that write."""

    def watch(self, stack: Stack, step: Step, record: Recorded, call: Callable[[], T]) -> T:
        """Create or update, and judge the effect."""

    def watch_deletion(self, stack: Stack, record: Recorded, call: Callable[[], None]) -> None:
        """Delete, and judge the effect."""


@dataclass(kw_only=True)
class Stack(Driver):
    """A stack: its program, its state, and the commands.

    Attributes:
        program: The program as it is written now.
        deployed: The program of the last deployment that was carried out.
        lost: What was known of resources that a refresh dropped, by URN.
    """

    name: str
    witness: Witness
    program: dict[str, Declared] = field(default_factory=dict)
    deployed: dict[str, Declared] = field(default_factory=dict)
    lost: dict[str, dict[int, str]] = field(default_factory=dict)

    def owners(self, name: str) -> list[Recorded]:
        """Return the resources in the state that own a name."""
        return [record for record in self.resources if record.id == name]

    def declares(self, name: str) -> bool:
        """Return whether the program declares a name."""
        return any(declared.name == name for declared in self.program.values())

    def urn(self, logical_name: str, declared: Declared) -> str:
        """Return the URN of a resource."""
        kind = "TeamRule" if declared.team else "RuleIntervention"
        return f"urn:pulumi:{self.name}::interventions::{_TYPE}{kind}::{logical_name}"

    def plan(self, run: Run, order: list[str], *, refresh: bool) -> Preview:
        """Return what a deployment of the program would do. Raise RefusedError or FailedError."""
        unknown = {name for name in order if not self._is_known(name)}
        program = self._sent(order, unknown)
        with explained():
            steps = self.preview(run, program, refresh=refresh)
        return Preview(steps, {self.urn(name, self.program[name]) for name in unknown})

    def deploy(self, run: Run, order: list[str], *, refresh: bool, checks_first: bool) -> None:
        """Deploy the program. Raise RefusedError or FailedError."""
        with explained():
            self.up(run, self._sent(order), refresh=refresh, checks_first=checks_first)

    def carry_out(self, step: Step, record: Recorded, call: Callable[[], T]) -> T:
        """Let the witness see a create or an update."""
        if step.action != "update":
            record.known = self.lost.pop(step.key, {})
        return self.witness.watch(self, step, record, call)

    def take_down(self, record: Recorded, call: Callable[[], None]) -> None:
        """Let the witness see a delete."""
        self.witness.watch_deletion(self, record, call)

    def forget(self, record: Recorded) -> None:
        """Keep what was known of a record that a refresh has dropped."""
        self.lost[record.key] = record.known

    def _sent(self, order: list[str], unknown: Collection[str] = ()) -> dict[str, Sent]:
        sent = {}
        for name in order:
            rule = self.program[name]
            urn = self.urn(name, rule)
            sent[urn] = Sent(
                rule.inputs(urn, is_known=name not in unknown),
                delete_first=rule.delete_first,
                alias=self.urn(rule.alias, rule) if rule.alias is not None else None,
                rule=rule,
            )
        return sent

    def _is_known(self, logical_name: str) -> bool:
        """Return whether a preview knows the name: another resource's output is known once that is deployed."""
        rule, before = self.program[logical_name], self.deployed.get(logical_name)
        return not rule.output or (before is not None and before.output and before.name == rule.name)


def rule_of(found: Step | Recorded) -> Declared:
    """Return a resource as the program writes it, or wrote it when it was last deployed."""
    declared = found.declared
    assert isinstance(declared, Sent)
    return declared.rule


@contextmanager
def explained() -> Iterator[None]:
    """Turn what the package explains into a refusal, or a failure of the deployment."""
    try:
        yield
    except CheckFailed as refused:
        raise RefusedError(refused.key.rpartition("::")[2], str(refused)) from refused
    except SignalsError as error:
        raise FailedError(str(error)) from error
