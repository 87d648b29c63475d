"""A stack that carries out an operation, is killed at every cut, and goes on until nothing is left to do."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from subprocess import Popen
from typing import Any

from cutting.operations import Operation
from cutting.stack import Program
from harness import Outsider
from harness.engines import Engine

from killing.cuts import UNBEGUN, UNCUT, Cut, name_of, prefixed, text_of
from signals_local.emulator import Emulator

Kill = Callable[[Popen[bytes]], None]

AT_ONCE = 4
"""So many calls of a dynamic provider are at work at the same time (pulumi.dynamic, `ThreadPoolExecutor(max_workers=4)`)."""

_QUIET_SECONDS = 0.25
_PATIENCE_SECONDS = 120


class Stack:
    """An operation in a stack of its own: once for each cut, once uncut, and once not begun.

    Args:
        operation: What is carried out.
        cuts: Where it is cut.
        project: What deploys it.
        emulator: The registry.
        outsider: Somebody else, where the operation needs one.
    """

    def __init__(
        self,
        operation: Operation,
        cuts: Sequence[Cut],
        project: Engine,
        emulator: Emulator,
        outsider: Outsider,
    ) -> None:
        self._operation = operation
        self._cuts = cuts
        self._changed = [UNCUT, *(cut.prefix for cut in cuts)]
        self._prefixes = [*self._changed, UNBEGUN]
        self._project = project
        self._emulator = emulator
        self._outsider = outsider
        self._names = {cut.name.removeprefix(f"{cut.prefix}_") for cut in cuts}
        self._requests: Counter[str] = Counter()
        self._command = "up" if operation.change is not None else "destroy"
        emulator.publish_group("shopping", {"cart_value": "double"})

    def put(self, name: str, version: int, over: float, *, live: bool) -> None:
        """Store a version of a rule, as somebody else would: one for each cut."""
        for prefix in self._prefixes:
            self._outsider.stores(prefixed(prefix, name), version, over, live=live)

    def begin(self) -> None:
        """Bring the stack to where the operation begins."""
        for step in self._operation.before:
            if callable(step):
                step(self)
            else:
                self.go_on(step)

    def cut_everywhere(self, kill: Kill) -> str:
        """Carry the operation out, killed until every cut was made, and once more; tell how often."""
        self._order()
        kills = 0
        while not self._ends(kill):
            kills += 1
            self._project.recover()
        return f"{self._struck()} cuts by {kills} kills"

    def cut_once(self, kill: Kill) -> None:
        """Carry the operation out, and kill it at every cut at the same time: there may be no more than AT_ONCE."""
        self._order()
        assert not self._ends(kill)
        assert self._struck() == len(self._cuts)
        self._project.recover()

    def go_on(self, program: Program, *options: str) -> None:
        """Deploy another program."""
        self._project.write(text_of(program, self._prefixes))
        outcome = self._project.run("up", *options, environment={})
        assert outcome.succeeded, outcome.text

    def neither_right(self) -> Iterator[str]:
        """Say where a promise is broken, or what is live is neither as if nothing was begun, nor as if nothing was cut.

        Numbers are left out of account: what was cut may have used one.
        """
        right = [_live(self._held(prefix)) for prefix in (UNBEGUN, UNCUT)]
        for prefix in self._changed:
            if (live := _live(self._held(prefix))) not in right:
                yield f"{prefix}: live is {live}; right is one of {right}"
        yield from self._broken()

    def differences(self) -> Iterator[str]:
        """Say how what was cut has come to another end than what was not."""
        yield from self._not_cut()
        uncut = self._held(UNCUT)
        for prefix in self._changed:
            if (held := self._held(prefix)) != uncut:
                yield f"{prefix}: the registry holds {held}; uncut it holds {uncut}"
        yield from self._broken()
        yield from self._changes()

    def _broken(self) -> Iterator[str]:
        """Name the promises that the registry's history shows broken for what was cut, and not for what was not."""
        meant_down = {
            prefixed(prefix, name)
            for prefix in self._prefixes
            for name in ("cart", "other")
            if self._operation.meant_down
        }
        broken = self._emulator.broken_promises(meant_down=meant_down)
        excused = {_plain(promise, UNCUT) for promise in broken}
        for prefix in self._changed:
            yield from (
                f"{prefix}: {promise}"
                for promise in broken
                if f"{prefix}_" in promise and _plain(promise, prefix) not in excused
            )

    def _not_cut(self) -> Iterator[str]:
        """Name the requests at which nothing was cut, although what is never cut makes them, too."""
        struck = {(fault["about"], fault["nth"]) for fault in self._emulator.faults() if _struck(fault)}
        known = dict.fromkeys(self._requests, 0)
        for cut in self._cuts:
            name = cut.name.removeprefix(f"{cut.prefix}_")
            known[name] = max(known.get(name, 0), cut.nth)
            if cut.nth <= self._requests[name] and (cut.name, cut.nth) not in struck:
                yield f"{cut.prefix}: it was never cut"
        yield from (
            f"{name}: its request {requests} is cut nowhere"
            for name, requests in self._requests.items()
            if requests > known[name]
        )

    def _changes(self) -> Iterator[str]:
        if self._operation.change is not None:
            outcome = self._project.run("preview", environment={})
            if not outcome.succeeded or outcome.operations:
                yield f"a preview still shows {outcome.operations}: {outcome.text}"

    def _order(self) -> None:
        """Let the requests hang at which the operation is cut, and write its program."""
        for cut in self._cuts:
            self._emulator.fail(about=cut.name, nth=cut.nth, hang=True, when=cut.when)
        if self._operation.change is not None:
            changed = text_of(self._operation.change, self._changed)
            self._project.write(changed + text_of(self._operation.reverted, [UNBEGUN]))

    def _ends(self, kill: Kill) -> bool:
        """Let a run come to its end, or kill it once requests hang; tell whether it came to its end."""
        struck, mark = self._struck(), self._emulator.mark()
        run = self._project.begin(self._command)
        hangs = self._hangs(run, struck)
        if hangs:
            kill(run)
        self._count(mark)
        if hangs:
            return False
        assert run.returncode == 0, self._project.run(self._command, environment={}).text
        return True

    def _count(self, mark: int) -> None:
        """Count the requests about each name that is never cut, in the run in which they come."""
        found = Counter(name_of(each["path"], each["body"]) for each in self._emulator.requests(since=mark))
        for name in self._names - self._requests.keys():
            if requests := found[prefixed(UNCUT, name)]:
                self._requests[name] = requests

    def _hangs(self, run: Popen[bytes], struck: int) -> bool:
        """Wait until as many requests hang as can, or until the run has ended."""
        came, quiet_since = 0, time.monotonic()
        deadline = quiet_since + _PATIENCE_SECONDS
        while run.poll() is None:
            faults = self._emulator.faults()
            hanging = sum(map(_struck, faults)) - struck
            if hanging >= AT_ONCE:
                return True
            seen = sum(fault["seen"] for fault in faults)
            if seen != came:
                came, quiet_since = seen, time.monotonic()
            if hanging and time.monotonic() - quiet_since > _QUIET_SECONDS:
                return True
            assert time.monotonic() < deadline, "the run neither ends nor comes to a request that hangs"
            time.sleep(0.05)
        assert self._struck() == struck, "the run ended although requests hang"
        return False

    def _struck(self) -> int:
        return sum(map(_struck, self._emulator.faults()))

    def _held(self, prefix: str) -> dict[Any, tuple[str, bool]]:
        """Give what the registry holds of a cut's interventions, without the cut's prefix."""
        return {
            (body["name"].removeprefix(f"{prefix}_"), body["version"]): (
                str(body["criteria"]),
                body["is_published"],
            )
            for body in self._outsider.everything()
            if body["name"].startswith(f"{prefix}_")
        }


def _live(held: Mapping[Any, tuple[str, bool]]) -> list[str]:
    return sorted(criteria for criteria, live in held.values() if live)


def _struck(fault: Any) -> bool:
    return bool(fault["seen"] >= fault["nth"])


def _plain(promise: str, prefix: str) -> str:
    """Give a broken promise without what differs from cut to cut."""
    return re.sub(r"request \d+ \([^)]*\)", "a request", promise.replace(f"{prefix}_", ""))
