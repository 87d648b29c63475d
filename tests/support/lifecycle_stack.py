"""A stack without an engine: check, diff and the rest called in an engine's order, on what an engine would hand over.

Whole deployments take seconds, nearly all of them spent in starting processes. What only the order and the number of
requests can show is tried here, in milliseconds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pulumi_snowplow_signals.api.client import SignalsClient
from pulumi_snowplow_signals.api.settings import resolve
from pulumi_snowplow_signals.fields.remarks import Remark
from pulumi_snowplow_signals.lifecycle.lifecycle import INTERVENTIONS
from pulumi_snowplow_signals.lifecycle.run import Run
from signals_local.emulator import Emulator

THREADS = 4  # so many calls Pulumi makes at once

T = TypeVar("T")
R = TypeVar("R")


class CheckFailed(Exception):  # noqa: N818  # it reads as what happened
    """A check refused; the text is all that it said."""


@dataclass
class Stack:
    """Rule interventions as deployed, by name. Each command is a run of its own, as a provider process is."""

    emulator: Emulator
    config: Mapping[str, str] = field(default_factory=dict)
    recorded: dict[str, dict[str, Any]] = field(default_factory=dict)
    said: list[Remark] = field(default_factory=list)

    def preview(self, *declared: Mapping[str, Any]) -> dict[str, str]:
        """Give the operation on each resource that `up` would change. Raises CheckFailed."""
        with self._run() as run:
            return {name: operation for name, operation, _ in self._plan(run, declared)}

    def up(self, *declared: Mapping[str, Any]) -> dict[str, str]:
        """Create, update and delete until the stack is what is declared; give the operations. Raises CheckFailed."""
        with self._run() as run:
            plan = self._plan(run, declared)
            for name, outputs in _at_once(lambda step: (step[0], self._carry_out(run, *step)), plan):
                self.recorded[name] = _as_pulumi_keeps(outputs)
            gone = [name for name in self.recorded if name not in {each["name"] for each in declared}]
            self._delete(run, gone)
            return {name: operation for name, operation, _ in plan} | dict.fromkeys(gone, "delete")

    def refresh(self) -> dict[str, str]:
        """Read every resource; give those that changed or are gone."""
        with self._run() as run:
            found = _at_once(
                lambda each: (each, INTERVENTIONS.read(run, each, self.recorded[each])), list(self.recorded)
            )
        changed: dict[str, str] = {}
        for name, outputs in found:
            if outputs is None:
                del self.recorded[name]
                changed[name] = "delete"
            elif _as_pulumi_keeps(outputs) != self.recorded[name]:
                self.recorded[name] = _as_pulumi_keeps(outputs)
                changed[name] = "update"
        return changed

    def destroy(self) -> None:
        """Delete everything."""
        with self._run() as run:
            self._delete(run, list(self.recorded))

    @contextmanager
    def _run(self) -> Iterator[Run]:
        given = {
            "apiUrl": self.emulator.url,
            "sandboxToken": self.emulator.token,
            "retrySeconds": "0",
            **self.config,
        }
        settings = resolve({name: value for name, value in given.items() if value}.get, {})
        with SignalsClient(settings) as client:
            yield Run(settings, lambda: client, self.said.append)

    def _plan(self, run: Run, declared: Iterable[Mapping[str, Any]]) -> list[tuple[str, str, dict[str, Any]]]:
        steps = []
        for given in declared:
            name = given["name"]
            prior = self.recorded.get(name, {})
            checked = INTERVENTIONS.check(run, prior, _as_pulumi_keeps(given))
            if checked.faults:
                raise CheckFailed("\n".join(map(str, checked.faults)))
            inputs = _as_pulumi_keeps(checked.inputs)
            if not prior:
                steps.append((name, "create", inputs))
            elif INTERVENTIONS.diff(prior, inputs).changes:
                steps.append((name, "update", inputs))
        return steps

    def _carry_out(self, run: Run, name: str, operation: str, inputs: dict[str, Any]) -> dict[str, Any]:
        if operation == "create":
            return INTERVENTIONS.create(run, inputs)[1]
        return INTERVENTIONS.update(run, self.recorded[name], inputs)

    def _delete(self, run: Run, names: list[str]) -> None:
        _at_once(lambda name: INTERVENTIONS.delete(run, name, self.recorded[name]), names)
        for name in names:
            del self.recorded[name]


def a_rule(name: str, over: float = 75, **inputs: Any) -> dict[str, Any]:
    """Give the inputs of a rule over the value of the cart."""
    criteria = {"attribute": "shopping:cart_value", "operator": ">", "value": over}
    return {"name": name, "owner": "team@example.com", "criteria": criteria, **inputs}


def _at_once(call: Callable[[T], R], items: list[T]) -> list[R]:
    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(call, items))


def _as_pulumi_keeps(value: Any) -> Any:
    """Give a value as it comes back from Pulumi's protocol: JSON, without nulls in mappings."""
    return _without_nulls(json.loads(json.dumps(value)))


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value
