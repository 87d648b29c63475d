"""Shorten a history that breaks a promise: leave out what it does not need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace

from histories.history import History
from histories.judge import BrokenError
from histories.operations import Operation, Write
from histories.registry import Registry


def shorten(registry: Registry, operations: Sequence[Operation], promise: str) -> BrokenError:
    """Return what a short history breaks that breaks the same promise. Raises ValueError if none does."""
    found = _broken(registry, operations, promise)
    if found is None:
        raise ValueError(f"played again, the history does not break this promise: {promise}")
    while True:
        for shorter in _simpler(found.operations):
            again = _broken(registry, shorter, promise)
            if again is not None:
                found = again
                break
        else:
            return found


def _broken(registry: Registry, operations: Sequence[Operation], promise: str) -> BrokenError | None:
    try:
        History(registry).play(*operations)
    except BrokenError as broken:
        return broken if broken.promise == promise else None
    return None


def _simpler(operations: Sequence[Operation]) -> Iterator[list[Operation]]:
    """Return histories with fewer operations, large cuts first, then with fewer arguments."""
    size = len(operations) // 2
    while size:
        for start in range(0, len(operations), size):
            yield [*operations[:start], *operations[start + size :]]
        size //= 2
    for at, operation in enumerate(operations):
        for simpler in _plainer(operation):
            yield [*operations[:at], simpler, *operations[at + 1 :]]


def _plainer(operation: Operation) -> Iterator[Operation]:
    if isinstance(operation, Write):
        declared = operation.declared
        for field in fields(declared)[2:]:
            if getattr(declared, field.name) != field.default:
                yield replace(operation, declared=replace(declared, **{field.name: field.default}))
        return
    for field in fields(operation):  # type: ignore[arg-type]
        if isinstance(getattr(operation, field.name), bool) and getattr(operation, field.name):
            yield replace(operation, **{field.name: False})  # type: ignore[type-var]
