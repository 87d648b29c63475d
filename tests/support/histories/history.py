"""A history: what was done so far, to what, and what must hold now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from histories.engine import Declared, FailedError, Preview, RefusedError, Stack, explained
from histories.judge import (
    CARRIED_OUT,
    CRASH,
    LIVE,
    ONE_OWNER,
    QUIET,
    WAY_OUT,
    Announcement,
    BrokenError,
    Judge,
)
from histories.operations import Operation
from histories.registry import OUTSIDER, Registry
from pulumi_snowplow_signals.fields.remarks import Remark

STACKS = ("alpha", "beta")


class History:
    """Two stacks and an outsider over one registry, which is emptied first."""

    def __init__(self, registry: Registry) -> None:
        registry.clear()
        self.registry = registry
        self.judge = Judge(registry)
        self.stacks = {name: Stack(name=name, witness=self.judge) for name in STACKS}
        self.played: list[Operation] = []
        self.outcomes: list[str] = []
        self.last = ""
        self.actions: list[str] = []
        self.refusals = 0

    def play(self, *operations: Operation) -> None:
        """Do one thing after another. Raise BrokenError, with the history so far."""
        for operation in operations:
            self.played.append(operation)
            self.last = ""
            try:
                operation.play(self)
            except BrokenError as broken:
                raise self._with_history(broken) from broken
            except (RefusedError, FailedError) as error:
                raise self._with_history(BrokenError(CARRIED_OUT, str(error))) from error
            except Exception as error:
                raise self._with_history(BrokenError(CRASH, f"{type(error).__name__}: {error}")) from error
            self.outcomes.append(self.last)

    def _with_history(self, broken: BrokenError) -> BrokenError:
        self.outcomes.append("<- breaks it")
        return BrokenError(broken.promise, f"{broken.found}\n\n{self.script()}", tuple(self.played))

    def script(self) -> str:
        """Return the history as Python, a line for each operation, with what came of it."""
        lines = []
        for operation, outcome in zip(self.played, self.outcomes, strict=True):
            text = repr(operation).replace("Write(", "write(", 1)
            shown = "; ".join(outcome.splitlines())
            lines.append(f"    {text},{'  # ' + shown if shown else ''}")
        return "\n".join(["history = [", *lines, "]"])

    def up(self, name: str, *, refresh: bool, backwards: bool, checks_first: bool) -> None:
        """Preview and deploy a program; put it back if it is refused or fails."""
        stack = self.stacks[name]
        order = sorted(stack.program, reverse=backwards)
        with self._by(stack):
            error = self._try(stack, order, refresh=refresh, checks_first=checks_first)
            if isinstance(error, RefusedError):
                self.judge.judge_refusal(stack, error)
            if error is not None:
                stack.program = dict(stack.deployed)
            self.judge.end(stack)

    def _try(
        self, stack: Stack, order: list[str], *, refresh: bool, checks_first: bool
    ) -> RefusedError | FailedError | None:
        try:
            _refuse_duplicates(stack)
            preview = self._deploy(stack, order, refresh=refresh, checks_first=checks_first)
        except RefusedError as error:
            self.last = f"refused: {error}"
            return error
        except FailedError as error:
            self.last = f"failed: {error}"
            return error
        self.actions = [action for _, action in preview.changes()]
        self.last = ", ".join(f"{action} {name}" for name, action in preview.changes())
        return None

    def refresh(self, name: str) -> None:
        """Refresh a stack."""
        with self._by(self.stacks[name]):
            self._read(self.stacks[name])

    def destroy(self, name: str) -> None:
        """Destroy a stack."""
        stack = self.stacks[name]
        with self._by(stack):
            self.judge.begin()
            with explained():
                stack.destroy(self.registry.process())
            self.judge.end(stack)

    def settle(self) -> None:
        """Refresh and deploy each stack in turn, twice, and judge the names that one stack alone has.

        Twice, since what a stack takes down for the last time may be what another has taken over.
        """
        for _ in range(2):
            alone = self._names_alone()
            for stack in self.stacks.values():
                self._settle(stack)
            for name, stack in alone.items():
                self._judge_name(stack, name)
        for stack in self.stacks.values():
            self._judge_quiet(stack, {name for name, owner in alone.items() if owner is stack})

    def _deploy(self, stack: Stack, order: list[str], *, refresh: bool, checks_first: bool) -> Preview:
        planned: list[Remark] = []
        preview = stack.plan(self.registry.process(planned), order, refresh=refresh)
        done: list[Remark] = []
        self.judge.begin(Announcement(planned, done, preview.unknown, checks_first))
        try:
            stack.deploy(self.registry.process(done), order, refresh=refresh, checks_first=checks_first)
        except (RefusedError, FailedError) as error:
            if not preview.unknown:
                raise BrokenError(CARRIED_OUT, str(error)) from error
            raise FailedError(str(error)) from error
        stack.deployed = dict(stack.program)
        return preview

    def _settle(self, stack: Stack) -> None:
        """Refresh and deploy what was deployed before, and do what refusals ask for."""
        stack.program = dict(stack.deployed)
        with self._by(stack):
            self._read(stack)
            while refused := self._refusal(stack):
                self._heal(stack, refused)
            self.judge.end(stack)

    def _refusal(self, stack: Stack) -> RefusedError | None:
        try:
            self._deploy(stack, sorted(stack.program), refresh=False, checks_first=False)
        except RefusedError as refused:
            return refused
        return None

    def _heal(self, stack: Stack, refused: RefusedError) -> None:
        declared = stack.program[refused.logical_name]
        self.last += f"refused: {refused}\n"
        self.refusals += 1
        if declared.version is not None or not declared.adopt:
            stack.program[refused.logical_name] = replace(declared, version=None, adopt=True)
        elif sum(each.name == declared.name for each in stack.program.values()) > 1:
            del stack.program[refused.logical_name]
        else:
            raise BrokenError(WAY_OUT, str(refused))

    def _names_alone(self) -> dict[str, Stack]:
        """Return the names that one stack alone declares or owns."""
        having: dict[str, list[Stack]] = {}
        for stack in self.stacks.values():
            declared = {each.name for each in stack.deployed.values()}
            for name in declared | {record.id for record in stack.resources}:
                having.setdefault(name, []).append(stack)
        return {name: stacks[0] for name, stacks in having.items() if len(stacks) == 1}

    def _judge_name(self, stack: Stack, name: str) -> None:
        owners = stack.owners(name)
        declared = [each for each in stack.program.values() if each.name == name]
        if len(declared) > 1 or len(owners) != len(declared):
            raise BrokenError(
                ONE_OWNER, f"{name}: {stack.name} declares {len(declared)}, records {len(owners)}"
            )
        if not owners:
            return
        number, live = int(owners[0].outputs["version"]), self.registry.live(name)
        if declared[0].published != (number in live) or (declared[0].published and len(live) > 1):
            state = "live" if declared[0].published else "not live"
            raise BrokenError(LIVE, f"{name}: v{number} is declared {state}; live are {live or 'none'}")
        self._judge_content(name, number, declared[0])
        if declared[0].version not in (None, number):
            raise BrokenError(LIVE, f"{name}: version={declared[0].version} is written, recorded is {number}")

    def _judge_content(self, name: str, number: int, declared: Declared) -> None:
        if number not in self.registry.versions(name):
            # What was withdrawn may be deleted elsewhere: nobody misses it. A draft is there or is made again.
            was_released = any(e.publishes for e in self.registry.events(name) if e.number == number)
            if declared.published or not was_released:
                raise BrokenError(LIVE, f"{name}: v{number} is recorded, and not in the registry")
            return
        stored = self.registry.stored(name, number)
        if (stored["criteria"]["value"], stored["owner"]) != (declared.over, declared.owner):
            raise BrokenError(LIVE, f"{name}: v{number} is not what is declared")

    def _judge_quiet(self, stack: Stack, names: set[str]) -> None:
        """Preview and deploy the unchanged program, then do so after a refresh."""
        with self._by(stack):
            for refresh in (False, True):
                if refresh:
                    self._read(stack)
                writes = self.registry.writes
                preview = self._deploy(stack, sorted(stack.program), refresh=False, checks_first=False)
                changes = [change for change in preview.changes() if change[0] in names]
                if changes or (preview.changes() == [] and self.registry.writes > writes):
                    raise BrokenError(QUIET, f"{stack.name}: {changes}")

    def _read(self, stack: Stack) -> None:
        with explained():
            stack.refresh(self.registry.process())

    @contextmanager
    def _by(self, stack: Stack) -> Iterator[None]:
        self.registry.actor = stack.name
        try:
            yield
        finally:
            self.registry.actor = OUTSIDER


def _refuse_duplicates(stack: Stack) -> None:
    """Refuse what the constructors of a program refuse: two plain names of one class. Raises RefusedError."""
    seen: dict[tuple[str, bool], str] = {}
    for logical_name, declared in stack.program.items():
        if declared.output:
            continue
        first = seen.setdefault((declared.name, declared.team), logical_name)
        if first != logical_name:
            raise RefusedError(logical_name, f"{first} and {logical_name} are both named {declared.name}")
