"""What people do. Operations print as Python, so that a history that fails can be copied into a test."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from histories.engine import Declared

if TYPE_CHECKING:
    from histories.history import History


class Operation:
    """Anything that somebody does. One that does not apply is passed over."""

    def play(self, history: History) -> None:
        """Apply the operation."""
        raise NotImplementedError

    def __repr__(self) -> str:
        given = ", ".join(_arguments(self))
        return f"{type(self).__name__}({given})"


def _arguments(operation: Operation) -> list[str]:
    told = []
    for field in fields(operation):  # type: ignore[arg-type]
        value = getattr(operation, field.name)
        if isinstance(value, Declared):
            told += [repr(value.name), repr(value.over)]
            told += [f"{f.name}={getattr(value, f.name)!r}" for f in fields(value)[2:] if _is_set(value, f)]
        elif _is_set(operation, field):
            told.append(f"{field.name}={value!r}" if isinstance(value, bool) else repr(value))
    return told


def _is_set(owner: Any, field: Any) -> bool:
    return bool(getattr(owner, field.name) != field.default)


@dataclass(frozen=True, repr=False)
class Write(Operation):
    """Write a resource into a program, or write it anew."""

    stack: str
    logical_name: str
    declared: Declared

    def play(self, history: History) -> None:
        history.stacks[self.stack].program[self.logical_name] = self.declared


def write(stack: str, logical_name: str, name: str, over: int, **options: Any) -> Write:
    """Return the writing of a resource."""
    return Write(stack, logical_name, Declared(name, over, **options))


@dataclass(frozen=True, repr=False)
class Remove(Operation):
    """Take a resource out of a program."""

    stack: str
    logical_name: str

    def play(self, history: History) -> None:
        history.stacks[self.stack].program.pop(self.logical_name, None)


@dataclass(frozen=True, repr=False)
class Up(Operation):
    """Preview and deploy a program. One that is refused, or fails, is put back to what was deployed before."""

    stack: str
    refresh: bool = False
    backwards: bool = False
    checks_first: bool = False

    def play(self, history: History) -> None:
        history.up(self.stack, refresh=self.refresh, backwards=self.backwards, checks_first=self.checks_first)


@dataclass(frozen=True, repr=False)
class Refresh(Operation):
    """Refresh a stack."""

    stack: str

    def play(self, history: History) -> None:
        history.refresh(self.stack)


@dataclass(frozen=True, repr=False)
class Taint(Operation):
    """Have the next deployment replace a resource."""

    stack: str
    logical_name: str

    def play(self, history: History) -> None:
        stack = history.stacks[self.stack]
        declared = stack.deployed.get(self.logical_name)
        for record in stack.resources:
            if declared is not None and record.key == stack.urn(self.logical_name, declared):
                record.tainted = not record.doomed


@dataclass(frozen=True, repr=False)
class Destroy(Operation):
    """Destroy a stack. The program stays as it is."""

    stack: str

    def play(self, history: History) -> None:
        history.destroy(self.stack)


@dataclass(frozen=True, repr=False)
class Settle(Operation):
    """Refresh and deploy each stack in turn, and judge what is there then."""

    def play(self, history: History) -> None:
        history.settle()


@dataclass(frozen=True, repr=False)
class Put(Operation):
    """The outsider stores a version that is not live: a new one, or over a draft or withdrawn one."""

    name: str
    number: int
    over: int
    owner: str = "team@example.com"

    def play(self, history: History) -> None:
        versions = history.registry.versions(self.name)
        if self.number not in versions or not versions[self.number].is_live:
            criteria = {"attribute": "shopping:cart_value", "operator": ">", "value": self.over}
            body = {"name": self.name, "version": self.number, "owner": self.owner, "criteria": criteria}
            history.registry.store({**body, "is_published": False}, exists=self.number in versions)


@dataclass(frozen=True, repr=False)
class Publish(Operation):
    """The outsider publishes a version."""

    name: str
    number: int

    def play(self, history: History) -> None:
        _set_live(history, self.name, self.number, live=True)


@dataclass(frozen=True, repr=False)
class Withdraw(Operation):
    """The outsider withdraws a version."""

    name: str
    number: int

    def play(self, history: History) -> None:
        _set_live(history, self.name, self.number, live=False)


@dataclass(frozen=True, repr=False)
class Delete(Operation):
    """The outsider withdraws and deletes a version."""

    name: str
    number: int

    def play(self, history: History) -> None:
        _set_live(history, self.name, self.number, live=False)
        if self.number in history.registry.versions(self.name):
            history.registry.remove(self.name, self.number)


DOWN = (Settle(), Destroy("alpha"), Destroy("beta"))
ENDING = (*DOWN, Up("beta"), Up("alpha"), Destroy("beta"), Destroy("alpha"))
"""How a random history ends: everything is deployed, goes down, comes again and goes down in the other order."""


def _set_live(history: History, name: str, number: int, *, live: bool) -> None:
    version = history.registry.versions(name).get(number)
    if version is not None and version.is_live != live:
        body = {**history.registry.stored(name, number), "is_published": live}
        history.registry.store(body, exists=True)
