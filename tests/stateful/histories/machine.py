"""A machine that plays random histories. What can be done next depends on what is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from histories.engine import Declared
from histories.history import STACKS, History
from histories.judge import BrokenError
from histories.operations import (
    ENDING,
    Delete,
    Destroy,
    Operation,
    Publish,
    Put,
    Refresh,
    Remove,
    Settle,
    Taint,
    Up,
    Withdraw,
    Write,
)
from histories.registry import Registry

_NAMES = st.sampled_from(("cart", "cart", "cart", "idle"))
_LOGICAL_NAMES = st.sampled_from(("one", "two"))
_STACKS = st.sampled_from(STACKS)
_OWNERS = st.sampled_from(("team@example.com", "others@example.com"))
_NUMBERS = st.integers(1, 5)
_VALUES = st.integers(1, 3)
_POLICIES = st.sampled_from((None, "unpublish", "delete", "retain"))

_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "name": _NAMES,
    "over": _VALUES,
    "owner": _OWNERS,
    "version": st.none() | _NUMBERS,
    "published": st.booleans(),
    "adopt": st.booleans(),
    "on_destroy": _POLICIES,
    "output": st.booleans(),
    "team": st.booleans(),
    "delete_first": st.booleans(),
}
_SELDOM = ("owner", "version", "published", "on_destroy", "output", "team", "delete_first")
_OFTEN = ("over", "over", "over", "over", "over", "published", "published", "name", "on_destroy")

_KINDS = (Publish, Withdraw, Delete, Delete)

Operations = tuple[Operation, ...]


def _given(names: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({name: _FIELDS[name] for name in names})


_DECLARED = st.builds(
    lambda name, over, adopt, options: Declared(name, over, adopt=adopt, **options),
    _NAMES,
    _VALUES,
    st.booleans(),
    st.lists(st.sampled_from(_SELDOM), max_size=2, unique=True).flatmap(_given),
)
_EDITS = st.lists(st.sampled_from((*_OFTEN, *_FIELDS)), min_size=1, max_size=2, unique=True).flatmap(_given)

_TWINS = st.sampled_from(
    ({}, {"output": True}, {"team": True}, {"adopt": True}, {"output": True, "adopt": True})
)
_ALIASES = st.sampled_from((False, False, True))


def _ups(stack: str) -> st.SearchStrategy[Operations]:
    """Return how an edit is deployed; now and then it is not, and the next edit comes on top."""
    flag = st.sampled_from((False, False, True))
    up = st.builds(Up, st.just(stack), flag, flag, flag)
    return st.one_of(*[up.map(lambda each: (each,))] * 8, st.just(()))


def _after(edits: st.SearchStrategy[Operations], stack: str) -> st.SearchStrategy[Operations]:
    return st.tuples(edits, _ups(stack)).map(lambda pair: (*pair[0], *pair[1]))


def _written(machine: Machine) -> list[tuple[str, str, Declared]]:
    """Return each resource that is written in a program."""
    return [
        (stack.name, logical_name, declared)
        for stack in machine.history.stacks.values()
        for logical_name, declared in sorted(stack.program.items())
    ]


def _of_resources(
    edit: Callable[[str, str, Declared], st.SearchStrategy[Operations]],
) -> st.SearchStrategy[Operations]:
    """Return edits of what is written in a program, and its deployment."""
    return st.runner().flatmap(
        lambda machine: st.sampled_from(_written(machine)).flatmap(lambda each: _after(edit(*each), each[0]))
    )


def _new(stack: str) -> st.SearchStrategy[Operations]:
    return _after(st.builds(lambda *given: (Write(stack, *given),), _LOGICAL_NAMES, _DECLARED), stack)


def _edited(stack: str, logical_name: str, declared: Declared) -> st.SearchStrategy[Operations]:
    edited = _EDITS.map(lambda given: replace(declared, alias=None, **given))
    return edited.filter(lambda each: each != declared).map(lambda each: (Write(stack, logical_name, each),))


def _renamed(stack: str, logical_name: str, declared: Declared) -> st.SearchStrategy[Operations]:
    def rename(to: str, is_alias: bool, given: dict[str, Any]) -> Operations:  # noqa: FBT001
        written = replace(declared, alias=logical_name if is_alias else None, **given)
        return (Remove(stack, logical_name), Write(stack, to, written))

    others = st.sampled_from(tuple({"one", "two", "three"} - {logical_name}))
    return st.builds(rename, others, _ALIASES, st.just({}) | _EDITS)


def _removed(stack: str, logical_name: str, declared: Declared) -> st.SearchStrategy[Operations]:
    return st.just((Remove(stack, logical_name),))


def _tainted(stack: str, logical_name: str, declared: Declared) -> st.SearchStrategy[Operations]:
    edited = _edited(stack, logical_name, declared)
    return st.just((Taint(stack, logical_name),)) | edited.map(
        lambda each: (*each, Taint(stack, logical_name))
    )


def _copied(stack: str, logical_name: str, declared: Declared) -> st.SearchStrategy[Operations]:
    """Declare the same rule in the other stack, or once more in this one."""

    def copy(other: str, to: str, given: dict[str, Any]) -> Operations:
        up = () if other == stack else (Up(other),)
        to = "three" if (other, to) == (stack, logical_name) else to
        return (Write(other, to, replace(declared, alias=None, **given)), *up)

    return st.builds(copy, _STACKS, _LOGICAL_NAMES, _TWINS | _EDITS)


def _outside(machine: Machine) -> st.SearchStrategy[Operations]:
    """Return what the outsider can do."""
    there = [
        (name, number) for name in ("cart", "idle") for number in machine.history.registry.versions(name)
    ]
    put = st.builds(Put, _NAMES, _NUMBERS, _VALUES, _OWNERS)
    published = put.map(lambda each: (each, Publish(each.name, each.number)))
    if not there:
        return published
    known = [st.builds(lambda each, kind=kind: kind(*each), st.sampled_from(there)) for kind in _KINDS]
    done = st.one_of(put.map(lambda each: (each,)), published, *(each.map(lambda e: (e,)) for each in known))
    looks = st.just(()) | st.builds(lambda stack: (Refresh(stack),), _STACKS)
    return st.tuples(done, looks).map(lambda pair: (*pair[0], *pair[1]))


class Machine(RuleBasedStateMachine):
    """Plays a random history, and the ending after it."""

    registry: ClassVar[Registry]
    tally: ClassVar[Counter[str]]
    broken: ClassVar[BrokenError | None] = None

    def __init__(self) -> None:
        super().__init__()
        self.history = History(self.registry)
        self.tally["histories"] += 1

    @rule(operations=_STACKS.flatmap(_new))
    def declare(self, operations: Operations) -> None:
        self._play(operations)

    @precondition(_written)
    @rule(operations=_of_resources(_edited))
    def edit(self, operations: Operations) -> None:
        self._play(operations)

    @precondition(_written)
    @rule(operations=_of_resources(_edited))
    def edit_again(self, operations: Operations) -> None:
        self._play(operations)

    @precondition(_written)
    @rule(operations=_of_resources(_renamed))
    def rename(self, operations: Operations) -> None:
        self._play(operations)

    @precondition(_written)
    @rule(operations=_of_resources(_removed))
    def remove(self, operations: Operations) -> None:
        self._play(operations)

    @precondition(_written)
    @rule(operations=_of_resources(_tainted))
    def taint(self, operations: Operations) -> None:
        self._play(operations)

    @precondition(_written)
    @rule(operations=_of_resources(_copied))
    def copy(self, operations: Operations) -> None:
        self._play(operations)

    @rule(operations=st.runner().flatmap(_outside))
    def interfere(self, operations: Operations) -> None:
        self._play(operations)

    @precondition(_written)
    @rule(operations=st.builds(Refresh, _STACKS) | _STACKS.flatmap(_ups) | st.just(Settle()))
    def look(self, operations: Operations | Operation) -> None:
        self._play(operations if isinstance(operations, tuple) else (operations,))

    @precondition(_written)
    @rule(operation=st.builds(Destroy, _STACKS))
    def destroy(self, operation: Operation) -> None:
        self._play((operation,))

    def teardown(self) -> None:
        self._play(ENDING)
        self.tally["settled with refusals"] += self.history.refusals

    def _play(self, operations: Operations) -> None:
        for operation in operations:
            self.tally["operations"] += 1
            try:
                self.history.play(operation)
            except BrokenError as broken:
                Machine.broken = broken
                raise
            if isinstance(operation, Up):
                outcome = self.history.last.partition(":")[0]
                kinds = [outcome] if outcome in ("refused", "failed") else self.history.actions
                self.tally.update(kinds)
