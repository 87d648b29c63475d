"""One operation, cut at each of its requests in each way, and what becomes of it afterwards.

A cut deployment must end as if it had never begun, or as if nothing had failed: which of the two is for the program that
runs next. So for whatever may follow there are two right ends, and the registry has to be at one of them.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cutting.operations import Operation
from cutting.stack import CheckFailedError, Program, Stack
from cutting.ways import Killed, Way
from cutting.world import Versions, World
from pulumi_snowplow_signals.errors import SignalsError

_EXPLAINED = (SignalsError, CheckFailedError)


@dataclass
class Tally:
    """What came of all cuts of an operation.

    Attributes:
        requests: How many requests it makes where nothing fails.
        tried: How many cuts were tried.
        ends: In how many different states they left the registry and the stack.
        advised: After how many of them a person has to do what a refusal says, word for word, once.
        orphaned: After how many of them a reverted program leaves something in the registry, since of a creation that
            failed Pulumi keeps nothing; the failure has to say so, unless the process was killed.
        wrong: Every promise that was not kept, with the cut.
    """

    requests: int = 0
    tried: int = 0
    ends: int = 0
    advised: int = 0
    orphaned: int = 0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        told = f"{self.tried} cuts at {self.requests} requests, {self.tried - len(self.wrong)} survived"
        advised = f", {self.advised} of them by following a refusal's advice" if self.advised else ""
        orphaned = (
            f", {self.orphaned} of them with a version that only a repetition finds" if self.orphaned else ""
        )
        return told + advised + orphaned


@dataclass
class _End:
    """What can follow from one state in which a cut left things."""

    wrong: list[str] = field(default_factory=list)
    advised: bool = False
    orphaned: bool = False


class Trial:
    """An operation in a world."""

    def __init__(self, world: World, operation: Operation) -> None:
        self._world = world
        self.operation = operation
        self._stack = Stack()
        self._begin()
        self._before = (world.snapshot(), copy.deepcopy(self._stack))
        self._live_before = _live_names(world)
        self._failure = ""

    def run(self, ways: Sequence[Way]) -> Tally:
        """Cut everywhere, in each of these ways."""
        tally = Tally()
        self._world.mend()
        self._change()
        requests = list(self._world.wire.passed)
        tally.requests = len(requests)
        right = self._right_ends()
        known: dict[str, _End] = {}
        for at, request in enumerate(requests, start=1):
            for way in (way for way in ways if way.concerns(request)):
                tally.tried += 1
                left = self._cut(way, at)
                if left not in known:
                    known[left] = self._what_follows(right)
                self._count(tally, known[left], way, f"{request.method} {request.url.path}, request {at}")
        tally.ends = len(known)
        return tally

    def _count(self, tally: Tally, end: _End, way: Way, where: str) -> None:
        wrong = list(end.wrong)
        tally.advised += end.advised
        tally.orphaned += end.orphaned
        if end.orphaned and not way.kills and "no stack records it yet" not in self._failure:
            wrong.append(
                f"a version is left that no state knows, and the failure does not say so: {self._failure}"
            )
        if wrong:
            tally.wrong.append(f"{way}, at {where}: {'; '.join(wrong)}")

    def _begin(self) -> None:
        self._world.clear()
        for step in self.operation.before:
            if callable(step):
                step(self._world)
            else:
                self._stack.up(self._world.process(), step)

    def _go_back(self) -> None:
        kept, stack = self._before
        self._world.restore(kept)
        self._stack = copy.deepcopy(stack)

    def _change(self) -> None:
        self._deploy(self.operation.change)

    def _deploy(self, program: Program | None, *, refresh: bool = False) -> None:
        if program is None:
            self._stack.destroy(self._world.process())
        else:
            self._stack.up(self._world.process(), program, refresh=refresh)

    def _cut(self, way: Way, at: int) -> str:
        """Let the change fail; tell all that is left of it."""
        self._go_back()
        self._world.cut(way, at)
        self._failure = ""
        try:
            self._change()
        except (*_EXPLAINED, Killed) as failure:
            self._failure = str(failure)
        finally:
            self._world.mend()
        return self._stack.told() + self._world.story()

    @property
    def _continuations(self) -> dict[str, tuple[Program, Callable[[], None]]]:
        """What may follow, with the program that is then deployed."""
        operation = self.operation
        return {
            "the same again": (operation.change or {}, self._change),
            "edited again": (operation.edited, lambda: self._deploy(operation.edited)),
            "reverted, with a refresh": (
                operation.reverted,
                lambda: self._deploy(operation.reverted, refresh=True),
            ),
            "destroyed": ({}, lambda: self._deploy(None)),
        }

    def _right_ends(self) -> dict[str, list[tuple[Mapping[str, Versions], list[str]]]]:
        """Give, for whatever may follow, the registries that are right, and what their history already shows broken."""
        ends: dict[str, list[tuple[Mapping[str, Versions], list[str]]]] = {}
        for name, (_, carry_on) in self._continuations.items():
            for begun in (True, False):
                self._go_back()
                if begun:
                    self._change()
                try:
                    carry_on()
                except CheckFailedError:
                    continue  # what cannot follow is no right end
                ends.setdefault(name, []).append((self._world.versions(), self._broken()))
        return ends

    def _what_follows(self, right: Mapping[str, Any]) -> _End:
        end = _End()
        left = (self._world.snapshot(), copy.deepcopy(self._stack))
        if not self.operation.meant_down:
            end.wrong += [
                f"no version of {name} is live" for name in self._live_before - _live_names(self._world)
            ]
        for name, (program, carry_on) in self._continuations.items():
            self._world.restore(left[0])
            self._stack = copy.deepcopy(left[1])
            end.wrong += [
                f"{name}: {fault}" for fault in self._followed(end, name, program, carry_on, right[name])
            ]
        left[0].close()
        return end

    def _followed(
        self, end: _End, name: str, program: Program, carry_on: Callable[[], None], right: Sequence[Any]
    ) -> Iterator[str]:
        self._world.remarks.clear()
        try:
            try:
                carry_on()
            except _EXPLAINED as refusal:
                program = self._advised(str(refusal), program)
                end.advised = True
            yield from self._compared(end, name, right)
            changed = self._stack.changes(self._world.process(), program)
            if changed:
                yield f"a preview still shows a change of {', '.join(changed)}"
        except _EXPLAINED as error:
            yield f"{type(error).__name__}: {error}"

    def _advised(self, refusal: str, program: Program) -> Program:
        """Do what a refusal says. Gives the program as it then is."""
        if "`pulumi up --refresh`" in refusal:
            self._deploy(program, refresh=True)
            return program
        if "Add adopt=True" in refusal:
            program = {
                name: replace(declared, inputs={**declared.inputs, "adopt": True, "on_destroy": "unpublish"})
                for name, declared in program.items()
            }
            self._deploy(program)
            return program
        raise CheckFailedError(refusal)

    def _compared(self, end: _End, name: str, right: Sequence[Any]) -> Iterator[str]:
        found, broken = self._world.versions(), self._broken()
        exact = name == "the same again"
        if not any(_same(found, versions, exact=exact) for versions, _ in right):
            if self.operation.makes and self._is_right_as_recorded(found, right):
                end.orphaned = True
            elif not (name == "destroyed" and self._is_told(found)):
                yield f"the registry holds {found}; right is {' or '.join(str(versions) for versions, _ in right)}"
        if end.orphaned or name == "destroyed":
            broken = [promise for promise in broken if "live at rest" not in promise]
        excused = {promise for _, promises in right for promise in promises}
        yield from (promise for promise in broken if promise not in excused and not self._is_meant(promise))

    def _is_right_as_recorded(self, found: Mapping[str, Versions], right: Sequence[Any]) -> bool:
        """Tell whether the registry is right as far as the stack records anything."""
        names = {str(each.id) for each in self._stack.resources}
        return any(_same(_only(names, found), _only(names, versions), exact=False) for versions, _ in right)

    def _is_told(self, found: Mapping[str, Versions]) -> bool:
        """Tell whether every version that a destroy left live was named in a warning."""
        warned = " ".join(remark.text for remark in self._world.remarks if remark.severity == "warning")
        return all(
            f"v{number} (live)" in warned
            for versions in found.values()
            for number, (_, live) in versions.items()
            if live
        )

    def _is_meant(self, promise: str) -> bool:
        return self.operation.forgets and "gave it definition" in promise

    def _broken(self) -> list[str]:
        found = self._world.broken(meant_down=self.operation.meant_down)
        return [re.sub(r"request \d+ \([^)]*\)", "a request", promise) for promise in found]


def _same(some: Mapping[str, Versions], others: Mapping[str, Versions], *, exact: bool) -> bool:
    """Tell whether two registries are equal or, where numbers may differ, whether the same is live in both."""
    return some == others if exact else _live(some) == _live(others)


def _live_names(world: World) -> set[str]:
    return {name for name, _ in _live(world.versions())}


def _only(names: Collection[str], registry: Mapping[str, Versions]) -> Mapping[str, Versions]:
    return {name: versions for name, versions in registry.items() if name in names}


def _live(registry: Mapping[str, Versions]) -> list[tuple[str, str]]:
    return sorted(
        (name, what) for name, versions in registry.items() for what, live in versions.values() if live
    )
