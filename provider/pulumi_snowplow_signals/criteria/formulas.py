"""Rules as formulas over cells. Each formula is stored once, so two formulas are equal exactly when their numbers are.

A variable stands for an attribute, and its values are cells. Assigning a cell to a variable replaces each criterion on the
attribute with true or false, then simplifies. Assignments that leave the same formula share one number, which is judged once.
This is the idea of a binary decision diagram, with cells instead of bits.
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
        visited: How many formulas were visited to build or simplify others.
    """

    visited: int = 0
    _stored: list[_Stored] = field(
        default_factory=lambda: [_Stored("constant", (value,), frozenset()) for value in (FALSE, TRUE)]
    )
    _numbers: dict[tuple[_Kind, tuple[int, ...]], Formula] = field(default_factory=dict)

    def variables(self, formula: Formula) -> frozenset[int]:
        """Return the variables that a formula depends on."""
        return self._stored[formula].variables

    def leaf(self, variable: int, position: int) -> Formula:
        """Return the formula of one criterion: its value for a cell of the variable, at this position in `Cell.holds`."""
        return self._number("leaf", (variable, position), frozenset({variable}))

    def all(self, children: Sequence[Formula]) -> Formula:
        """Return the formula that holds when every child does."""
        return self._group("all", children, FALSE, TRUE)

    def any(self, children: Sequence[Formula]) -> Formula:
        """Return the formula that holds when at least one child does."""
        return self._group("any", children, TRUE, FALSE)

    def negate(self, child: Formula) -> Formula:
        """Return the formula that holds when the child does not."""
        if child in (FALSE, TRUE):
            return TRUE - child
        return self._number("not", (child,), self.variables(child))

    def assign(self, formula: Formula, variable: int, holds: Sequence[bool]) -> Formula:
        """Return a formula with one of its variables replaced by a cell."""
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
        if len(left) < 2:  # noqa: PLR2004  # a group of one child is that child
            return left[0] if left else idles
        return self._number(kind, left, frozenset().union(*map(self.variables, left)))

    def _number(self, kind: _Kind, children: tuple[int, ...], variables: frozenset[int]) -> Formula:
        key = kind, children
        found = self._numbers.get(key)
        if found is None:
            found = self._numbers[key] = len(self._stored)
            self._stored.append(_Stored(kind, children, variables))
        return found
