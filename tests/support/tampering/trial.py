"""One command, each of its responses tampered with in each way, and the clean run after it."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import httpx
from cutting.ways import Way
from cutting.world import World
from driver import CheckFailed, Driver

from pulumi_snowplow_signals.errors import SignalsError
from pulumi_snowplow_signals.fields.hidden_inputs import HISTORY
from signals_local.emulator.defaults import API_KEY
from tampering.operations import Command
from tampering.responses import Response, tampered

_EXPLAINED = (SignalsError, CheckFailed)
_LONGEST = 2_048  # where words of the service are told
_LONGEST_CHANGE = 5_000  # where it is two rules


@dataclass
class Tally:
    """What came of all tampered responses of a command."""

    requests: int = 0
    tried: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        ends = ", ".join(f"{count} {end}" for end, count in sorted(self.ends.items()))
        return f"{self.tried} tampered responses to {self.requests} requests: {ends}; {len(self.wrong)} ended wrong"


def tamperings(world: World, command: Command, every: int) -> Iterator[tuple[int, httpx.Request, Way]]:
    """Yield every n-th way to tamper with a response of a command, with the place of the request, from 1."""
    stack = Driver()
    command.prepare(world, stack)
    world.mend()
    command.run(stack, world.process(**command.settings))
    exchanged = list(zip(world.passed, world.answered, strict=True))
    count = 0
    for at, (request, genuine) in enumerate(exchanged, start=1):
        for way in tampered(request, genuine):
            is_list = request.method == "GET" and request.url.path.endswith("/")
            if is_list and way.name.endswith(command.believed):
                continue
            count += 1
            if count % every == 0:
                yield at, request, way


class Trial:
    """A command in a world."""

    def __init__(self, world: World, command: Command) -> None:
        self._world = world
        self._command = command
        self._stack = Driver()
        command.prepare(world, self._stack)
        self._before = (world.snapshot(), self._stack.copy())
        self._begin()
        self._carry_out()
        self._right = (world.versions(), _recorded(self._stack))
        self._known: dict[str, list[str]] = {}

    def run(self, every: int = 1) -> Tally:
        """Tamper with every n-th of all responses."""
        tally = Tally()
        with closing(self._before[0]):
            for at, request, way in tamperings(self._world, self._command, every):
                tally.requests = at
                tally.tried += 1
                end, wrong = self._tamper(at, way)
                tally.ends[end] += 1
                if wrong:
                    tally.wrong.append(
                        f"{request.method} {request.url.path}, request {at}, {way}: {'; '.join(wrong)}"
                    )
        return tally

    def _tamper(self, at: int, way: Way) -> tuple[str, list[str]]:
        self._begin()
        self._world.cut(way, at)
        count = len(self._stack.resources)
        failure: str | None = None
        try:
            self._carry_out()
        except _EXPLAINED as explained:
            failure = str(explained)
        except Exception:  # noqa: BLE001  # what is looked for
            self._world.mend()
            return "crashed", [traceback.format_exc(limit=-4)]
        self._world.mend()
        wrong = [*unreadable(way, [failure or "", *(remark.text for remark in self._world.remarks)])]
        if failure is None and not self._command.is_refresh and self._world.versions() != self._right[0]:
            wrong.append(
                f"done, it says, and the registry holds {self._world.versions()}; right is {self._right[0]}"
            )
        if self._command.is_refresh and len(self._stack.resources) != count:
            wrong.append("a refresh forgot a resource")
        left = self._world.story() + self._stack.told()
        if left not in self._known:
            self._known[left] = self._run_again()
        return "told" if failure else "done all the same", wrong + self._known[left]

    def _run_again(self) -> list[str]:
        try:
            self._carry_out()
            leftovers = self._command.leftovers(self._stack, self._world)
        except Exception:  # noqa: BLE001  # what is looked for
            return [f"the clean run fails: {traceback.format_exc(limit=-4)}"]
        wrong = [*leftovers]
        if self._world.versions() != self._right[0]:
            wrong.append(
                f"after a clean run the registry holds {self._world.versions()}; right is {self._right[0]}"
            )
        if _recorded(self._stack) != self._right[1]:
            wrong.append(
                f"after a clean run the state is {_recorded(self._stack)}; right is {self._right[1]}"
            )
        return wrong

    def _begin(self) -> None:
        kept, stack = self._before
        self._world.restore(kept)
        self._world.remarks.clear()
        self._stack = stack.copy()

    def _carry_out(self) -> None:
        self._command.run(self._stack, self._world.process(**self._command.settings))


def unreadable(way: Way, texts: Iterable[str]) -> Iterator[str]:
    """Yield what no message may be or hold."""
    is_error = isinstance(way.failure, Response) and way.failure.status >= 300
    for text in texts:
        if len(text.encode("utf-8", "surrogatepass")) > (_LONGEST if is_error else _LONGEST_CHANGE):
            yield f"a text of {len(text)} characters: {text[:200]}"
        if not text.replace("\n", "").isprintable():
            yield f"a text with control characters: {text[:200]!r}"
        if API_KEY in text or "eyJ" in text:
            yield f"a text with a credential: {text}"


def _recorded(stack: Driver) -> list[tuple[str, bool, dict[str, Any]]]:
    """Return what a stack records of each resource, but for what it remembers of other versions."""
    return [
        (each.id, each.doomed, {name: value for name, value in each.outputs.items() if name != HISTORY})
        for each in stack.resources
    ]
