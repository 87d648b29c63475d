"""One operation, cut at each of its requests in each way, and what becomes of it afterwards.

A cut deployment must end as if it had never begun, or as if nothing had failed: which of the two is for the command that
comes next. So for whatever may follow there are two right ends, and the registry has to be at one of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

import httpx
from driver import CheckFailed, Driver, Program

from cutting.operations import Operation
from cutting.ways import Killed, Way
from cutting.world import Versions, World, without_numbers
from pulumi_snowplow_signals.errors import SignalsError

_EXPLAINED = (SignalsError, CheckFailed)
_REGISTRY_HOLDS = "the registry holds"
_LIVE_AT_REST = "live at rest"


class Aid(Enum):
    """What it takes beyond the next command. The value completes "so many cuts ..."."""

    REFRESH = "need --refresh"
    """Pulumi sees no change in a program that was reverted, and so asks nothing; or a refusal says so."""
    ADOPT = "need adopt=True"
    """Of a creation that failed Pulumi keeps nothing: what it has left is somebody else's, until the program says so."""
    LOOK = "leave a version that no state knows"
    """As before, and the resource is taken out of the program instead of deployed again."""
    WARNED = "leave a version that a warning names"
    """A destroy takes down what the state knows, and names what else is live."""


ALLOWED: Mapping[str, Collection[Aid]] = {
    "run again": (),
    "edited": (Aid.REFRESH, Aid.ADOPT),
    "reverted": (Aid.REFRESH, Aid.ADOPT, Aid.LOOK),
    "reverted with --refresh": (Aid.ADOPT, Aid.LOOK),
    "destroyed": (Aid.LOOK, Aid.WARNED),
}
"""What may follow a cut, and what it may take then. The same run again has to do without anything."""

_SAID_BY_FAILURE = {Aid.REFRESH: "`pulumi up --refresh`", Aid.LOOK: "no stack records it yet"}


@dataclass
class Tally:
    """What came of all cuts of an operation.

    Attributes:
        requests: How many requests it makes where nothing fails.
        tried: How many cuts were tried.
        aided: After how many of them something was needed, by what followed.
        wrong: Every promise that was not kept, with the cut.
    """

    requests: int = 0
    tried: int = 0
    aided: Counter[tuple[str, Aid]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        survived = self.tried - len(self.wrong)
        aided = [f"{name}: {count} {aid.value}" for (name, aid), count in self.aided.items()]
        return "; ".join([f"{self.tried} cuts at {self.requests} requests, {survived} survived", *aided])


def cuts_of(
    requests: Sequence[httpx.Request], ways: Sequence[Way]
) -> Iterator[tuple[int, httpx.Request, Way]]:
    """Yield every cut: the request's place, from 1, the request, and a way that concerns it."""
    for at, request in enumerate(requests, start=1):
        for way in ways:
            if way.concerns(request):
                yield at, request, way


@dataclass(frozen=True)
class _Next:
    """A command that may follow. A program of None destroys."""

    name: str
    program: Program | None
    refresh: bool = False


@dataclass(frozen=True)
class _Right:
    """A right end: what the registry holds, what its history shows broken even so, and how a refusal reads if one is due."""

    versions: Mapping[str, Versions]
    broken: Collection[str]
    refusal: str


@dataclass
class _End:
    """What can follow from one state in which a cut left things."""

    wrong: list[str] = field(default_factory=list)
    aids: dict[str, list[Aid]] = field(default_factory=dict)


class Trial:
    """An operation in a world."""

    def __init__(self, world: World, operation: Operation) -> None:
        self._world = world
        self.operation = operation
        self._stack = Driver()
        self._begin()
        self._before = (world.snapshot(), self._stack.copy())
        self._live_before = _live_names(world)
        self._failure: str | None = None

    def close(self) -> None:
        """Release the copy of the earlier registry."""
        self._before[0].close()

    def uncut_requests(self) -> list[httpx.Request]:
        """Carry the change out, and give the requests that it makes where nothing fails."""
        self._go_back()
        self._change()
        return list(self._world.passed)

    def run(self, ways: Sequence[Way]) -> Tally:
        """Cut everywhere, in each of these ways."""
        requests = self.uncut_requests()
        tally = Tally(requests=len(requests))
        right = {following.name: self._right_ends(following) for following in self._followings}
        known: dict[str, _End] = {}
        for at, request, way in cuts_of(requests, ways):
            tally.tried += 1
            left = self._cut(way, at)
            if left not in known:
                known[left] = self._what_follows(right)
            self._count(tally, known[left], way, f"{request.method} {request.url.path}, request {at}")
        return tally

    @property
    def _followings(self) -> list[_Next]:
        operation = self.operation
        return [
            _Next("run again", operation.change),
            _Next("edited", operation.edited),
            _Next("reverted", operation.reverted),
            _Next("reverted with --refresh", operation.reverted, refresh=True),
            _Next("destroyed", None),
        ]

    def _count(self, tally: Tally, end: _End, way: Way, where: str) -> None:
        wrong = [*end.wrong, *self._unsaid(end, way)]
        tally.aided.update((name, aid) for name, aids in end.aids.items() for aid in aids)
        if wrong:
            tally.wrong.append(f"{way}, at {where}: {'; '.join(wrong)}")

    def _unsaid(self, end: _End, way: Way) -> Iterator[str]:
        """Find what is needed although the user was not told so. Where all was killed, nobody is left to tell."""
        for name, aids in end.aids.items():
            for aid in aids:
                if aid not in ALLOWED[name]:
                    yield f"{name}: some {aid.value}"
                if way.kills or name != "reverted":
                    continue
                if _SAID_BY_FAILURE.get(aid, "") not in (self._failure or ""):
                    yield f"{name}: it would {aid.value}, and the failure does not say so: {self._failure}"

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
        self._stack = stack.copy()

    def _change(self) -> None:
        self._carry_out(_Next("change", self.operation.change))

    def _carry_out(self, command: _Next) -> None:
        if command.program is None:
            self._stack.destroy(self._world.process())
        else:
            self._stack.up(self._world.process(), command.program, refresh=command.refresh)

    def _cut(self, way: Way, at: int) -> str:
        """Let the change fail; tell all that is left of it."""
        self._go_back()
        self._world.cut(way, at)
        self._failure = None
        try:
            self._change()
        except (*_EXPLAINED, Killed) as failure:
            self._failure = str(failure)
        finally:
            self._world.mend()
        return self._stack.told() + self._world.story()

    def _right_ends(self, following: _Next) -> list[_Right]:
        """Return what follows where the change was never begun, and where nothing failed."""
        ends = []
        for begun in (True, False):
            self._go_back()
            if begun:
                self._change()
            refusal = self._refusal(following)
            ends.append(_Right(self._world.versions(), self._broken(), refusal))
        return ends

    def _refusal(self, following: _Next) -> str:
        try:
            self._carry_out(following)
        except _EXPLAINED as refused:
            return str(refused)
        return ""

    def _what_follows(self, right: Mapping[str, Sequence[_Right]]) -> _End:
        end = _End()
        left = (self._world.snapshot(), self._stack.copy())
        if not self.operation.meant_down:
            end.wrong += [
                f"no version of {name} is live" for name in self._live_before - _live_names(self._world)
            ]
        for following in self._followings:
            self._world.restore(left[0])
            self._stack = left[1].copy()
            self._world.remarks.clear()
            aids, faults = self._followed(following, right[following.name])
            end.aids[following.name] = aids
            end.wrong += [f"{following.name}: {fault}" for fault in faults]
        left[0].close()
        return end

    def _followed(self, following: _Next, right: Sequence[_Right]) -> tuple[list[Aid], list[str]]:
        """Go on; give what it took until all was right, and what never was."""
        refusal = self._refusal(following)
        faults = self._faults(following, refusal, right)
        advised = self._advised(following, refusal)
        aids: list[Aid] = []
        if faults and advised is not None and self._left_over(following, faults, right) is None:
            aid, following = advised
            aids.append(aid)
            faults = self._faults(following, self._refusal(following), right)
        left_over = self._left_over(following, faults, right) if faults else None
        return (aids, faults) if left_over is None else ([*aids, left_over], [])

    @staticmethod
    def _advised(following: _Next, refusal: str) -> tuple[Aid, _Next] | None:
        """Return what a person does then: what the refusal says, word for word, or a refresh where nothing is said."""
        if "Add adopt=True" in refusal:
            adopting = {
                name: replace(declared, inputs={**declared.inputs, "adopt": True})
                for name, declared in (following.program or {}).items()
            }
            return Aid.ADOPT, replace(following, program=adopting)
        if "`pulumi up --refresh`" in refusal or following.name == "reverted":
            return Aid.REFRESH, replace(following, refresh=True)
        return None

    def _faults(self, following: _Next, refusal: str, right: Sequence[_Right]) -> list[str]:
        due = [end for end in right if end.refusal == refusal]
        if refusal and not due:
            return [refusal]
        found = self._world.versions()
        exact = following.name == "run again"
        faults = []
        if not any(_same(found, end.versions, exact=exact) for end in due or right):
            faults.append(
                f"{_REGISTRY_HOLDS} {found}; right is {' or '.join(str(e.versions) for e in right)}"
            )
        excused = {promise for end in right for promise in end.broken}
        faults += [each for each in self._broken() if each not in excused and not self._is_meant(each)]
        if not refusal:
            faults += changes_left(self._stack, self._world, following.program)
        return faults

    def _left_over(self, following: _Next, faults: Sequence[str], right: Sequence[_Right]) -> Aid | None:
        """Return whether all is right but for a version of which the stack cannot know that it is its own."""
        if any(_REGISTRY_HOLDS not in fault and _LIVE_AT_REST not in fault for fault in faults):
            return None
        found = self._world.versions()
        names = {str(each.id) for each in self._stack.resources}
        if following.name == "destroyed" and self._is_named(found):
            return Aid.WARNED
        is_right_as_recorded = any(
            _same(_only(names, found), _only(names, end.versions), exact=False) for end in right
        )
        return Aid.LOOK if self.operation.makes and is_right_as_recorded else None

    def _is_named(self, found: Mapping[str, Versions]) -> bool:
        """Return whether every version that a destroy left live was named in a warning."""
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
        return [without_numbers(promise) for promise in found]


def changes_left(stack: Driver, world: World, program: Program | None) -> list[str]:
    """Return what a preview still shows of a program that was deployed. A replacement that was forced is not forced again."""
    plain = {key: replace(each, replaced=False) for key, each in (program or {}).items()}
    steps = stack.preview(world.process(), plain)
    return [f"a preview still shows a change of {step.key}" for step in steps if step.action != "same"]


def _same(some: Mapping[str, Versions], others: Mapping[str, Versions], *, exact: bool) -> bool:
    """Return whether two registries are equal or, where numbers may differ, whether the same is live in both."""
    return some == others if exact else _live(some) == _live(others)


def _live_names(world: World) -> set[str]:
    return {name for name, _ in _live(world.versions())}


def _only(names: Collection[str], registry: Mapping[str, Versions]) -> Mapping[str, Versions]:
    return {name: versions for name, versions in registry.items() if name in names}


def _live(registry: Mapping[str, Versions]) -> list[tuple[str, str]]:
    return sorted(
        (name, what) for name, versions in registry.items() for what, live in versions.values() if live
    )
