"""Rules as formulas over cells, each stored once, so that two parts are equal exactly when their numbers are.

A variable is an attribute; its values are cells. To assign a cell to an attribute replaces each of the attribute's criteria by
what it says of that cell, and simplifies. What many assignments leave alike is then one number, and is judged once: the
idea of a binary decision diagram, with cells for bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

Formula: TypeAlias = int
"""The number of a formula."""

FALSE: Final[Formula] = 0
TRUE: Final[Formula] = 1

_Kind: TypeAlias = Literal["constant", "leaf", "all", "any", "not"]


@dataclass(frozen=True)
class _Stored:
    kind: _Kind
    children: tuple[int, ...]
    variables: frozenset[int]


@dataclass
class Formulas:
    """A store of formulas.

    Attributes:
        visited: How many formulas were looked at to build or to simplify others.
    """

    visited: int = 0
    _stored: list[_Stored] = field(
        default_factory=lambda: [_Stored("constant", (answer,), frozenset()) for answer in (FALSE, TRUE)]
    )
    _numbers: dict[tuple[_Kind, tuple[int, ...]], Formula] = field(default_factory=dict)

    def variables(self, formula: Formula) -> frozenset[int]:
        """Return the variables that a formula hangs on."""
        return self._stored[formula].variables

    def leaf(self, variable: int, position: int) -> Formula:
        """Return what one criterion says of a variable's cell, by its position in `Cell.holds`."""
        return self._number("leaf", (variable, position), frozenset({variable}))

    def all(self, children: Sequence[Formula]) -> Formula:
        """Return what holds when every child does."""
        return self._group("all", children, FALSE, TRUE)

    def any(self, children: Sequence[Formula]) -> Formula:
        """Return what holds when a child does."""
        return self._group("any", children, TRUE, FALSE)

    def negate(self, child: Formula) -> Formula:
        """Return what holds when the child does not."""
        if child in (FALSE, TRUE):
            return TRUE - child
        return self._number("not", (child,), self.variables(child))

    def assign(self, formula: Formula, variable: int, holds: Sequence[bool]) -> Formula:
        """Return a formula with a cell for one of its variables."""
        stored = self._stored[formula]
        self.visited += 1
        if variable not in stored.variables:
            return formula
        if stored.kind == "leaf":
            return TRUE if holds[stored.children[1]] else FALSE
        children = [self.assign(child, variable, holds) for child in stored.children]
        if stored.kind == "not":
            return self.negate(children[0])
        return self.all(children) if stored.kind == "all" else self.any(children)

    def _group(
        self, kind: Literal["all", "any"], children: Sequence[Formula], decides: Formula, idles: Formula
    ) -> Formula:
        self.visited += len(children)
        if decides in children:
            return decides
        left = tuple(sorted({child for child in children if child != idles}))
        if len(left) < 2:  # noqa: PLR2004  # a group of one is that one
            return left[0] if left else idles
        return self._number(kind, left, frozenset().union(*map(self.variables, left)))

    def _number(self, kind: _Kind, children: tuple[int, ...], variables: frozenset[int]) -> Formula:
        key = kind, children
        found = self._numbers.get(key)
        if found is None:
            found = self._numbers[key] = len(self._stored)
            self._stored.append(_Stored(kind, children, variables))
        return found
