"""A stack over an emulator: each command is a run of its own, in a provider process of its own, without an engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import httpx
from driver import Declared, Driver, process

from pulumi_snowplow_signals.fields.hidden_inputs import NAMES
from pulumi_snowplow_signals.fields.remarks import Remark
from pulumi_snowplow_signals.lifecycle.lifecycle import (
    ATTRIBUTE_KEYS,
    BATCH_GROUPS,
    EXTERNAL_GROUPS,
    INTERVENTIONS,
    SERVICES,
    STREAM_GROUPS,
)
from pulumi_snowplow_signals.lifecycle.live_version import LiveVersions
from pulumi_snowplow_signals.lifecycle.run import Run
from signals_local.emulator import Emulator

THREADS: Final = 4  # so many calls Pulumi makes at once

LIFECYCLES: Final[Mapping[str, Any]] = {
    "key": ATTRIBUTE_KEYS,
    "service": SERVICES,
    "group": STREAM_GROUPS,
    "batch": BATCH_GROUPS,
    "external": EXTERNAL_GROUPS,
    "rule": INTERVENTIONS,
    "live": LiveVersions(),
}
GROUPS: Final = frozenset({"group", "batch", "external"})

OfKind: TypeAlias = "tuple[str, Mapping[str, Any]]"
"""A kind and its inputs. An input may be a function of the outputs of what was declared before, by "kind name"."""

AnyDeclared: TypeAlias = "Mapping[str, Any] | OfKind"
"""The inputs of a rule, which goes by its name; or a kind and its inputs, which go by "kind name"."""


@dataclass
class Stack:
    """Resources as deployed.

    Attributes:
        emulator: The registry.
        config: Settings of the stack, beside those that lead to the emulator.
        driver: What is deployed.
        said: Every remark so far.
        transport: What carries the requests of the next runs.
    """

    emulator: Emulator
    config: Mapping[str, str] = field(default_factory=dict)
    driver: Driver = field(default_factory=Driver)
    said: list[Remark] = field(default_factory=list)
    transport: httpx.BaseTransport | None = None

    def preview(self, *declared: AnyDeclared) -> dict[str, str]:
        """Return the operation on each resource that `up` would change. Raise CheckFailed."""
        with self.run() as run:
            steps = self.driver.preview(run, _program(declared))
        return {step.key: step.action for step in steps if step.action not in ("same", "delete")}

    def up(
        self, *declared: AnyDeclared, dies_before_deletes: bool = False, continues_on_error: bool = False
    ) -> Mapping[str, str]:
        """Deploy what is declared, and return the operations. Raise CheckFailed.

        Rules among themselves depend on nothing: all are checked, and then changed on as many threads as Pulumi has.
        """
        program = _program(declared)
        calls = [each.calls for each in program.values()]
        calls += [each.declared.calls for each in self.driver.resources]
        alone = all(each is INTERVENTIONS for each in calls)
        with self.run() as run:
            return self.driver.up(
                run,
                program,
                checks_first=alone,
                at_once=THREADS if alone else 1,
                deletes=not dies_before_deletes,
                continues_on_error=continues_on_error,
            )

    def refresh(self) -> Mapping[str, str]:
        """Read every resource, and return what changed."""
        with self.run() as run:
            return self.driver.refresh(run)

    def destroy(self) -> None:
        """Delete everything."""
        with self.run() as run:
            self.driver.destroy(run)

    def heard(self, severity: str = "") -> list[str]:
        """Return what was said since the last time, or the lines of one severity."""
        found = [remark.text for remark in self.said if severity in ("", remark.severity)]
        self.said.clear()
        return found

    @contextmanager
    def run(self) -> Iterator[Run]:
        """Lend the memory of a new provider process."""
        access = {"apiUrl": self.emulator.url, "sandboxToken": self.emulator.token}
        with process({**access, **self.config}, self.said.append, self.transport) as run:
            yield run


class Died(BaseException):  # it reads as what happened; nothing that the provider does may catch it
    """The run was cut off."""


class Cutting(httpx.BaseTransport):
    """Carries requests until the run is cut off at one of those that write.

    Args:
        at: Which of them, from 1; 0 for none.
        arrives: Whether that one still arrives.
    """

    def __init__(self, at: int = 0, *, arrives: bool = False) -> None:
        self.writes = 0
        self._at, self._arrives = at, arrives
        self._carrier = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request. Raise Died where the run is cut off."""
        if request.method != "GET":
            self.writes += 1
            if self.writes == self._at:
                if self._arrives:
                    self._carrier.handle_request(request).read()
                raise Died
        return self._carrier.handle_request(request)

    def close(self) -> None:
        """Close the connections."""
        self._carrier.close()


def a_rule(name: str, over: float = 75, **inputs: Any) -> dict[str, Any]:
    """Return the inputs of a rule over the value of the cart."""
    criteria = {"attribute": "shopping:cart_value", "operator": ">", "value": over}
    return {"name": name, "owner": "team@example.com", "criteria": criteria, **inputs}


def _program(declared: tuple[AnyDeclared, ...]) -> dict[str, Declared]:
    program = {}
    names: dict[str, list[str]] = {}
    for each in declared:
        kind, given = each if isinstance(each, tuple) else ("rule", each)
        name = str(given["name"])
        if kind not in names:
            names[kind] = []
            given = {**given, NAMES: names[kind]}  # as the first resource of a kind that a program registers
        names[kind].append(name)
        program[f"{kind} {name}" if isinstance(each, tuple) else name] = Declared(given, LIFECYCLES[kind])
        if kind in GROUPS:
            child = {"group": name, "version": _version_of(f"{kind} {name}")}
            program[f"live {name}"] = Declared(child, LIFECYCLES["live"])
    return program


def _version_of(key: str) -> Callable[[Mapping[str, Mapping[str, Any]]], Any]:
    return lambda outputs: outputs[key]["version"]
