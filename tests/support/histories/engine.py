"""The state of a stack, and the calls that Pulumi makes to bring it to what a program declares.

The order of the calls and what each of them is given were seen with a real engine (3.260). check sees the inputs of the
last deployment, diff, update and delete its outputs. A replacement is checked a second time without any, a forced one only
so. What is gone is deleted last. A call that fails leaves no trace in the state.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

from histories import calls

Action = Literal["create", "replace", "update", "same"]

_TYPE = "pulumi-python:dynamic/signals:"


class RefusedError(Exception):
    """A preview refuses a program."""

    def __init__(self, logical_name: str, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
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
            "name": self.name if is_known else calls.UNKNOWN,
            "owner": self.owner,
            "criteria": {"attribute": "shopping:cart_value", "operator": ">", "value": self.over},
            "version": self.version,
            "published": None if self.published else False,
            "adopt": True if self.adopt else None,
            "on_destroy": self.on_destroy,
            "rule": "",
            calls.URN: urn,
        }
        return {name: value for name, value in given.items() if value is not None}


Program = Mapping[str, Declared]
"""Resources by logical name."""


@dataclass
class Record:
    """A resource in the state. One that is doomed is the old half of a replacement.

    Attributes:
        declared: What the program said when it was last deployed.
        known: The definitions that this resource is known to have published, by number: the test's own record.
    """

    urn: str
    id: str
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    declared: Declared
    known: dict[int, str]
    doomed: bool = False
    tainted: bool = False


@dataclass(frozen=True)
class Step:
    """What a deployment does to one resource."""

    action: Action
    urn: str
    declared: Declared
    old: Record | None
    inputs: Mapping[str, Any]
    is_known: bool = True


@dataclass(frozen=True)
class Preview:
    """What a deployment would do."""

    steps: list[Step]
    deleted: list[Record]

    def changes(self) -> list[tuple[str, str]]:
        """Return the name and the action of each resource that would change."""
        taken = [(step.declared.name, step.action) for step in self.steps if step.action != "same"]
        return taken + [(record.id, "delete") for record in self.deleted]


class Witness(Protocol):
    """Whoever watches the calls that write."""

    def watch(self, stack: Stack, step: Step, name: str, call: Any) -> Any:
        """Make a create or an update, and judge what it did."""

    def watch_deletion(self, stack: Stack, record: Record, call: Any) -> None:
        """Make a delete, and judge what it did."""


@dataclass
class Stack:
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
    records: list[Record] = field(default_factory=list)
    lost: dict[str, dict[int, str]] = field(default_factory=dict)

    def owners(self, name: str) -> list[Record]:
        """Return the resources in the state that own a name."""
        return [record for record in self.records if record.id == name]

    def declares(self, name: str) -> bool:
        """Return whether the program declares a name."""
        return any(declared.name == name for declared in self.program.values())

    def preview(self, process: calls.Process, order: list[str], *, refresh: bool = False) -> Preview:
        """Return what a deployment would do. Raises RefusedError or FailedError."""
        records = self.records
        if refresh:
            records = [found for record in records if (found := _refreshed(process, record))]
        steps = [self._plan(process, name, records, preview=True) for name in order]
        kept = {id(step.old) for step in steps}
        return Preview(steps, [record for record in records if id(record) not in kept])

    def up(self, process: calls.Process, order: list[str], *, refresh: bool, checks_first: bool) -> None:
        """Deploy the program. Raises RefusedError or FailedError."""
        if refresh:
            self.refresh(process)
        if checks_first:
            steps = [self._plan(process, name, self.records) for name in order]
            for step in steps:
                self._take(process, step)
        else:
            for name in order:
                self._take(process, self._plan(process, name, self.records))
        urns = {self.urn(name, declared) for name, declared in self.program.items()}
        for record in [each for each in self.records if each.doomed or each.urn not in urns]:
            self._delete(process, record)

    def destroy(self, process: calls.Process) -> None:
        """Take everything down. Pulumi makes no check."""
        for record in list(self.records):
            self._delete(process, record)

    def refresh(self, process: calls.Process) -> None:
        """Read every resource, and keep what is found. Raises FailedError."""
        for record in list(self.records):
            found = _refreshed(process, record)
            if found is None:
                self.records.remove(record)
                self.lost[record.urn] = record.known
            else:
                self.records[self.records.index(record)] = found

    def urn(self, logical_name: str, declared: Declared) -> str:
        """Return the URN of a resource."""
        kind = "TeamRule" if declared.team else "RuleIntervention"
        return f"urn:pulumi:{self.name}::interventions::{_TYPE}{kind}::{logical_name}"

    def _find(self, logical_name: str, declared: Declared, records: list[Record]) -> Record | None:
        urns = [self.urn(logical_name, declared)]
        if declared.alias is not None:
            urns.append(self.urn(declared.alias, declared))
        found = [record for urn in urns for record in records if record.urn == urn and not record.doomed]
        return found[0] if found else None

    def _plan(
        self, process: calls.Process, logical_name: str, records: list[Record], *, preview: bool = False
    ) -> Step:
        declared = self.program[logical_name]
        before = self.deployed.get(logical_name)
        is_new = before is None or not before.output or before.name != declared.name
        is_known = not (preview and declared.output and is_new)
        urn, old = self.urn(logical_name, declared), self._find(logical_name, declared, records)
        news = declared.inputs(urn, is_known=is_known)
        if old is None or old.tainted:
            inputs = _checked(process, logical_name, {}, news)
            return Step("create" if old is None else "replace", urn, declared, old, inputs, is_known)
        inputs = _checked(process, logical_name, old.inputs, news)
        changes, replaces = calls.diff(as_handed_over(old.outputs), inputs)
        if replaces:
            inputs = _checked(process, logical_name, {}, news)
            return Step("replace", urn, declared, old, inputs, is_known)
        return Step("update" if changes else "same", urn, declared, old, inputs, is_known)

    def _take(self, process: calls.Process, step: Step) -> None:
        old = step.old
        if step.action == "same" and old is not None:
            old.urn, old.inputs, old.declared = step.urn, _as_kept(step.inputs), step.declared
        elif step.action == "update" and old is not None:
            outputs = self.witness.watch(
                self, step, old.id, lambda: calls.update(process, as_handed_over(old.outputs), step.inputs)
            )
            old.urn, old.inputs, old.declared = step.urn, _as_kept(step.inputs), step.declared
            old.outputs = _as_kept(outputs)
        else:
            self._create(process, step)

    def _create(self, process: calls.Process, step: Step) -> None:
        if step.old is not None and step.declared.delete_first:
            self._delete(process, step.old)
        name = step.declared.name
        record = Record(step.urn, name, step.inputs, {}, step.declared, self.lost.pop(step.urn, {}))
        id_, outputs = self.witness.watch(
            self, replace(step, old=record), name, lambda: calls.create(process, step.inputs)
        )
        if step.old is not None:
            step.old.doomed = True
        record.id, record.inputs, record.outputs = id_, _as_kept(step.inputs), _as_kept(outputs)
        self.records.append(record)

    def _delete(self, process: calls.Process, record: Record) -> None:
        self.witness.watch_deletion(
            self, record, lambda: calls.delete(process, record.id, as_handed_over(record.outputs))
        )
        self.records.remove(record)


def explain(call: Any) -> Any:
    """Make a call, and turn an error that the package explains into a failure of the deployment."""
    try:
        return call()
    except calls.SignalsError as error:
        raise FailedError(str(error)) from error


def _refreshed(process: calls.Process, record: Record) -> Record | None:
    found = explain(lambda: calls.read(process, record.id, as_handed_over(record.outputs)))
    if found is None:
        return None
    kept = _as_kept(found)
    return replace(record, inputs=kept, outputs=kept, known=dict(record.known))


def _checked(process: calls.Process, logical_name: str, olds: Mapping[str, Any], news: Any) -> Any:
    try:
        inputs, faults = calls.check(process, as_handed_over(olds), as_handed_over(news))
    except calls.SignalsError as error:
        raise RefusedError(logical_name, [str(error)]) from error
    if faults:
        raise RefusedError(logical_name, faults)
    return as_handed_over(inputs)


def _as_kept(values: Mapping[str, Any]) -> Any:
    """Return values as a state file holds them. Raises TypeError for what is no JSON."""
    return json.loads(json.dumps(values))


def as_handed_over(value: Any) -> Any:
    """Return values as they reach a provider: whole numbers as floats, no nulls, keys in another order."""
    if isinstance(value, Mapping):
        return {key: as_handed_over(value[key]) for key in reversed(list(value)) if value[key] is not None}
    if isinstance(value, (list, tuple)):
        return [as_handed_over(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
