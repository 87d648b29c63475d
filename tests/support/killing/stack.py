"""A stack that carries out an operation, is killed at every cut, and goes on until nothing is left to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from cutting.operations import Operation
from cutting.world import without_numbers
from driver import Program
from harness import Engine, Outsider

from killing.cuts import UNBEGUN, UNCUT, Cut, name_of, prefixed, text_of
from killing.runs import Kill, KilledRuns, is_struck
from signals_local.emulator import Emulator

Held = Mapping[tuple[str, int], tuple[Any, bool]]
"""The versions that the registry holds, by name and number: the criteria of each, and whether it is live."""


class Stack:
    """An operation in a stack of its own: once for each cut, once uncut, and once not begun.

    What is never cut is carried out first, by itself: all four calls that a provider works on may be cut ones.

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
        self._names = {cut.name for cut in cuts}
        self._requests: Counter[str] = Counter()
        self._runs = KilledRuns(project, emulator, "up" if operation.change is not None else "destroy")
        emulator.publish_group("shopping", {"cart_value": "double"})

    def put(self, name: str, version: int, over: float, *, live: bool) -> None:
        """Store a version of a rule, as somebody else would: one for each cut."""
        for prefix in self._prefixes:
            self._outsider.stores(prefixed(prefix, name), version, over, live=live)

    def begin(self) -> None:
        """Bring the stack to where the operation begins, and carry it out on what is never cut."""
        for step in self._operation.before:
            if callable(step):
                step(self)
            else:
                self.go_on(step)
        mark = self._emulator.mark()
        self._write([UNCUT])
        self._up()
        self._requests.update(_about_uncut(self._emulator.requests(since=mark)))

    def cut_everywhere(self, kill: Kill) -> str:
        """Carry the operation out, killed until every cut was made, and once more; tell how often."""
        self._order()
        return self._runs.kill_until_done(kill)

    def cut_once(self, kill: Kill) -> None:
        """Carry the operation out, and kill it at every cut at the same time: there may be no more than AT_ONCE."""
        self._order()
        assert not self._runs.end(kill, all_of=len(self._cuts)), "the run ended before every cut was made"
        self._project.recover()

    def go_on(self, program: Program, *options: str) -> None:
        """Deploy another program."""
        self._project.write(text_of(program, self._prefixes))
        self._up(*options)

    def wrong_after(self, program: Program) -> Iterator[str]:
        """Yield where a promise is broken, or what is live is not what a program says that was deployed.

        Of a draft it does not say it: then what is live is as if nothing was begun, or as if nothing was cut. Numbers are left
        out of account: what was cut may have used one.
        """
        published = all(_publishes(declared.inputs) for declared in program.values())
        right = (
            [_defined(program)] if published else [_live(self._held(prefix)) for prefix in (UNBEGUN, UNCUT)]
        )
        for prefix in self._prefixes:
            if (live := _live(self._held(prefix))) not in right:
                yield f"{prefix}: live is {live}; right is {' or '.join(map(str, right))}"
        yield from self._broken()

    def differences(self) -> Iterator[str]:
        """Yield how what was cut has come to another end than what was not."""
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
            for name in self._names
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
        struck = {(fault["about"], fault["nth"]) for fault in self._emulator.faults() if is_struck(fault)}
        known = dict.fromkeys(self._requests, 0)
        for cut in self._cuts:
            known[cut.name] = max(known.get(cut.name, 0), cut.nth)
            if cut.nth <= self._requests[cut.name] and (cut.own_name, cut.nth) not in struck:
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
            self._runs.order(cut)
        self._write(self._changed)

    def _write(self, changed: Collection[str]) -> None:
        """Write a program in which the operation is wanted for these prefixes. What is destroyed is in none."""
        others = [prefix for prefix in self._prefixes if prefix not in changed]
        self._project.write(
            text_of(self._operation.change or {}, changed) + text_of(self._operation.reverted, others)
        )

    def _up(self, *options: str) -> None:
        outcome = self._project.run("up", *options, environment={})
        assert outcome.succeeded, outcome.text

    def _held(self, prefix: str) -> Held:
        """Return what the registry holds of a cut's interventions, without the cut's prefix."""
        return {
            (body["name"].removeprefix(f"{prefix}_"), body["version"]): (
                body["criteria"],
                body["is_published"],
            )
            for body in self._outsider.everything()
            if body["name"].startswith(f"{prefix}_")
        }


def _live(held: Held) -> list[Any]:
    """Return the name and the criteria of what is live."""
    return sorted(((name, criteria) for (name, _), (criteria, live) in held.items() if live), key=str)


def _defined(program: Program) -> list[Any]:
    """Return those of what a program publishes."""
    inputs = [declared.inputs for declared in program.values()]
    return sorted(((each["name"], each["criteria"]) for each in inputs if _publishes(each)), key=str)


def _publishes(inputs: Mapping[str, Any]) -> bool:
    return bool(inputs.get("published", True))


def _about_uncut(requests: Collection[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the name that each request is about which concerns what is never cut, without its prefix."""
    for request in requests:
        name = name_of(request["path"], request["body"])
        if name.startswith(f"{UNCUT}_"):
            yield name.removeprefix(f"{UNCUT}_")


def _plain(promise: str, prefix: str) -> str:
    """Return a broken promise without what differs from cut to cut."""
    return without_numbers(promise.replace(f"{prefix}_", ""))
