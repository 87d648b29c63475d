"""Make up random histories. What is done next depends on what is there, and each history has habits of its own.

Each history is made from its number alone, so that it can be played again. hypothesis would vary one history many times,
which is of little use here: it is the combinations that count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

from histories.engine import Declared, Stack
from histories.history import STACKS, History
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

_NAMES = ("cart", "cart", "cart", "idle")
_LOGICAL_NAMES = ("one", "two")
_FIELDS: dict[str, tuple[Any, ...]] = {
    "name": ("cart", "idle"),
    "over": (1, 2, 3),
    "owner": ("team@example.com", "others@example.com"),
    "version": (None, 1, 2, 3, 4, 5),
    "published": (True, False),
    "adopt": (True, False),
    "on_destroy": (None, "unpublish", "delete", "retain"),
    "output": (True, False),
    "team": (True, False),
    "delete_first": (True, False),
}
_SELDOM = ("owner", "version", "published", "on_destroy", "output", "team", "delete_first")
_OFTEN = (*["over"] * 5, "published", "published", "on_destroy", *_FIELDS)
_TWINS: tuple[dict[str, Any], ...] = (
    {},
    {"output": True},
    {"team": True},
    {"adopt": True},
    {"output": True, "adopt": True},
)

Operations = tuple[Operation, ...]


class Player:
    """Makes up one history and plays it.

    Args:
        registry: The registry, which is emptied.
        number: The number of the history.
        tally: Counts what was played, and what came of it.
    """

    def __init__(self, registry: Registry, number: int, tally: Counter[str]) -> None:
        self.history = History(registry)
        self._random = Random(number)
        self._tally = tally
        doings = [self._declare, self._edit, self._edit, self._rename, self._remove, self._taint]
        doings += [self._number, self._copy, self._interfere, self._interfere, self._look, self._destroy]
        # Some habits are left out, so that others can follow each other more closely.
        self._doings: list[Callable[[], Operations]] = [self._declare, self._edit]
        self._doings += [each for each in doings if self._random.random() < 0.7]

    def play(self, steps: int) -> None:
        """Do some things, and end the history. Raise BrokenError."""
        self._tally["histories"] += 1
        for _ in range(steps):
            self._play(self._random.choice(self._doings)())
        self._play(ENDING)
        self._tally["refused when settling"] += self.history.refusals

    def _play(self, operations: Operations) -> None:
        for operation in operations:
            self._tally["operations"] += 1
            self.history.play(operation)
            if isinstance(operation, Up):
                outcome = self.history.last.partition(":")[0]
                is_over = outcome in ("refused", "failed")
                self._tally.update([outcome] if is_over else self.history.actions)

    def _declare(self) -> Operations:
        stack = self._random.choice(STACKS)
        options = self._some(_SELDOM, self._random.choice((0, 0, 1, 2)))
        name, over = self._random.choice(_NAMES), self._random.randint(1, 3)
        declared = Declared(name, over, adopt=self._chance(0.5), **options)
        return (Write(stack, self._random.choice(_LOGICAL_NAMES), declared), *self._up(stack))

    def _edit(self) -> Operations:
        return self._of_written(lambda stack, name, old: (Write(stack, name, self._edited(old)),))

    def _number(self) -> Operations:
        """Set a version number: back to an older one, or on to the next."""

        def number(stack: str, logical_name: str, old: Declared) -> Operations:
            versions = self.history.registry.versions(old.name)
            if versions and self._chance(0.7):
                back = self._random.choice(sorted(versions))
                stored = self.history.registry.stored(old.name, back)
                new = replace(old, over=stored["criteria"]["value"], owner=stored["owner"], version=back)
            else:
                new = replace(self._edited(old), version=max(versions, default=0) + 1)
            return (Write(stack, logical_name, new),)

        return self._of_written(number)

    def _rename(self) -> Operations:
        def rename(stack: str, logical_name: str, old: Declared) -> Operations:
            to = self._random.choice(sorted({"one", "two", "three"} - {logical_name}))
            new = self._edited(old) if self._chance(0.3) else old
            alias = logical_name if self._chance(0.3) else None
            return (Remove(stack, logical_name), Write(stack, to, replace(new, alias=alias)))

        return self._of_written(rename)

    def _remove(self) -> Operations:
        return self._of_written(lambda stack, logical_name, _: (Remove(stack, logical_name),))

    def _taint(self) -> Operations:
        def taint(stack: str, logical_name: str, old: Declared) -> Operations:
            edits = (Write(stack, logical_name, self._edited(old)),) if self._chance(0.3) else ()
            return (*edits, Taint(stack, logical_name))

        return self._of_written(taint)

    def _copy(self) -> Operations:
        """Declare the same rule in the other stack, or once more in this one."""

        def copy(stack: str, logical_name: str, old: Declared) -> Operations:
            other, to = self._random.choice(STACKS), self._random.choice(_LOGICAL_NAMES)
            to = "three" if (other, to) == (stack, logical_name) else to
            twin = replace(old, alias=None, **self._random.choice(_TWINS))
            new = self._edited(twin) if self._chance(0.3) else twin
            return (Write(other, to, new), *(() if other == stack else (Up(other),)))

        return self._of_written(copy)

    def _interfere(self) -> Operations:
        """Have the outsider do something, and perhaps a stack look."""
        there = [(name, n) for name in ("cart", "idle") for n in self.history.registry.versions(name)]
        done: Operations
        if there and self._chance(0.7):
            kind = self._random.choice((Publish, Withdraw, Delete, Delete))
            done = (kind(*self._random.choice(there)),)
        else:
            owner = self._random.choice(("team@example.com", "team@example.com", "others@example.com"))
            number, over = self._random.randint(1, 5), self._random.randint(1, 3)
            put = Put(self._random.choice(_NAMES), number, over, owner)
            done = (put, Publish(put.name, number)) if self._chance(0.6) else (put,)
        return (*done, Refresh(self._random.choice(STACKS))) if self._chance(0.4) else done

    def _look(self) -> Operations:
        stack = self._random.choice(STACKS)
        return self._random.choice(((Refresh(stack),), (Settle(),), self._up(stack)))

    def _destroy(self) -> Operations:
        stack = self._random.choice(STACKS)
        return (Destroy(stack), Up(stack)) if self._chance(0.5) else (Destroy(stack),)

    def _of_written(self, edit: Callable[[str, str, Declared], Operations]) -> Operations:
        """Return an edit of something that a program declares, and its deployment."""
        stacks: list[Stack] = [stack for stack in self.history.stacks.values() if stack.program]
        if not stacks:
            return self._declare()
        stack = self._random.choice(stacks)
        logical_name, declared = self._random.choice(sorted(stack.program.items(), key=lambda each: each[0]))
        return (*edit(stack.name, logical_name, declared), *self._up(stack.name))

    def _edited(self, declared: Declared) -> Declared:
        edited = declared
        while edited == declared:
            edited = replace(declared, alias=None, **self._some(_OFTEN, self._random.choice((1, 1, 2))))
        return edited

    def _some(self, names: tuple[str, ...], count: int) -> dict[str, Any]:
        return {name: self._random.choice(_FIELDS[name]) for name in self._random.sample(names, count)}

    def _up(self, stack: str) -> Operations:
        """Return how a program is deployed; now and then it is not, and the next edit comes on top."""
        if self._chance(0.1):
            return ()
        return (Up(stack, self._chance(0.3), self._chance(0.3), self._chance(0.3)),)

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability
