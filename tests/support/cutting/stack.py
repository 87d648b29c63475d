"""What an engine does with the resources of a small program, and what it keeps: no more than the cuts need.

The order of the calls and what each of them is given are Pulumi's: check sees the inputs of the last deployment, diff and
update its outputs; a replacement is checked a second time without any; what is gone is deleted last. What a call gives
back is kept when it has succeeded, and nothing of a call that has not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pulumi_snowplow_signals.lifecycle.lifecycle import INTERVENTIONS
from pulumi_snowplow_signals.lifecycle.run import Run


class CheckFailedError(Exception):
    """A resource was refused before anything was done."""


@dataclass(frozen=True)
class Declared:
    """A resource of a program. `replaced` forces a replacement, `delete_first` takes the old one down first."""

    inputs: Mapping[str, Any]
    replaced: bool = False
    delete_first: bool = False


Program = Mapping[str, Declared]
"""Resources by logical name."""


@dataclass(frozen=True)
class Recorded:
    """A resource as the state holds it. One that is `doomed` is the old half of a replacement."""

    logical_name: str
    id: str
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    doomed: bool = False


@dataclass
class Stack:
    """The state of a stack, and the commands that change it; each of them works in a process that is given."""

    resources: list[Recorded] = field(default_factory=list)

    def up(self, run: Run, program: Program, *, refresh: bool = False) -> None:
        """Deploy a program. Raises CheckFailedError, or whatever a call of the provider raises."""
        if refresh:
            self.refresh(run)
        for logical_name, declared in program.items():
            self._deploy(run, logical_name, declared)
        for old in [each for each in self.resources if each.doomed or each.logical_name not in program]:
            self._delete(run, old)

    def destroy(self, run: Run) -> None:
        """Take all down. No check is called."""
        for old in list(self.resources):
            self._delete(run, old)

    def refresh(self, run: Run) -> None:
        """Read every resource, and keep what is found."""
        for old in list(self.resources):
            found = INTERVENTIONS.read(run, old.id, as_pulumi_hands_over(old.outputs))
            if found is None:
                self.resources.remove(old)
            else:
                self._keep(old, replace(old, inputs=_kept(found), outputs=_kept(found)))

    def changes(self, run: Run, program: Program) -> list[str]:
        """Give the logical names that a preview of the program shows as changed."""
        changed = [
            each.logical_name for each in self.resources if each.logical_name not in program or each.doomed
        ]
        for logical_name, declared in program.items():
            old = self._recorded(logical_name)
            if old is None:
                changed.append(logical_name)
                continue
            inputs = _checked(run, old.inputs, declared)
            if INTERVENTIONS.diff(as_pulumi_hands_over(old.outputs), inputs).changes:
                changed.append(logical_name)
        return changed

    def told(self) -> str:
        """Give the state as text: equal stacks go on equally."""
        return json.dumps([vars(each) for each in self.resources], sort_keys=True)

    def _deploy(self, run: Run, logical_name: str, declared: Declared) -> None:
        old = self._recorded(logical_name)
        inputs = _checked(run, old.inputs if old else {}, declared)
        if old is None:
            self._create(run, logical_name, inputs)
            return
        difference = INTERVENTIONS.diff(as_pulumi_hands_over(old.outputs), inputs)
        if difference.replaces or declared.replaced:
            if declared.delete_first:
                self._delete(run, old)
            inputs = _checked(run, {}, declared)
            self._create(run, logical_name, inputs)
        elif difference.changes:
            outputs = INTERVENTIONS.update(run, as_pulumi_hands_over(old.outputs), inputs)
            self._keep(old, replace(old, inputs=_kept(inputs), outputs=_kept(outputs)))
        else:
            self._keep(old, replace(old, inputs=_kept(inputs)))

    def _create(self, run: Run, logical_name: str, inputs: Mapping[str, Any]) -> None:
        id_, outputs = INTERVENTIONS.create(run, inputs)
        old = self._recorded(logical_name)
        if old is not None:
            self._keep(old, replace(old, doomed=True))
        self.resources.append(Recorded(logical_name, id_, _kept(inputs), _kept(outputs)))

    def _delete(self, run: Run, old: Recorded) -> None:
        INTERVENTIONS.delete(run, old.id, as_pulumi_hands_over(old.outputs))
        self.resources.remove(old)

    def _keep(self, old: Recorded, new: Recorded) -> None:
        self.resources[self.resources.index(old)] = new

    def _recorded(self, logical_name: str) -> Recorded | None:
        return next((r for r in self.resources if r.logical_name == logical_name and not r.doomed), None)


def _checked(run: Run, prior: Mapping[str, Any], declared: Declared) -> Any:
    given = {**declared.inputs, "rule": ""}
    checked = INTERVENTIONS.check(run, as_pulumi_hands_over(prior), as_pulumi_hands_over(given))
    if checked.faults:
        raise CheckFailedError("\n".join(map(str, checked.faults)))
    return as_pulumi_hands_over(checked.inputs)


def _kept(values: Mapping[str, Any]) -> Any:
    """Give what a state file holds of values."""
    return json.loads(json.dumps(values))


def as_pulumi_hands_over(value: Any) -> Any:
    """Give values as they reach a provider: whole numbers as floats, nothing where null stood."""
    if isinstance(value, Mapping):
        return {key: as_pulumi_hands_over(item) for key, item in value.items() if item is not None}
    if isinstance(value, (list, tuple)):
        return [as_pulumi_hands_over(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
