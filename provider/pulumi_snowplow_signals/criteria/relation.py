"""Compare the audiences of two rules: more visitors, fewer, or others. Also find rules, and parts of rules, that have no effect.

Conditions are compared: in which states of a visitor's attributes they hold, as `matches` judges a state. That is not the same
as when a rule fires, which is when its condition *becomes* true. So a rule whose condition always holds never fires.

A rule with `changed` has no condition over one state. Two such rules are compared on steps from one state to another, where an
attribute may or may not have changed, whatever its value is now. A rule with `changed` and one without are not compared.

The comparison is exact. Values that the criteria do not tell apart form one cell (`cells`), and every combination of cells that
matters is judged. If there are too many, or the result would depend on what a regular expression matches, the result is "not
compared", never a guess.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, TypeAlias

from pulumi_snowplow_signals.criteria.canonical import canonical_form
from pulumi_snowplow_signals.criteria.cells import Cell, NotCompared, cells_of
from pulumi_snowplow_signals.criteria.formulas import FALSE, TRUE, Formula, Formulas
from pulumi_snowplow_signals.criteria.operators import OPERATORS
from pulumi_snowplow_signals.criteria.tree import Criterion, Node, leaves
from pulumi_snowplow_signals.criteria.words import rule_in_words
from pulumi_snowplow_signals.fields.unknown import has_unknown
from pulumi_snowplow_signals.fields.values import canonical_json

MOST_STEPS: Final = 5_000
"""How many pairs of simplified rules are judged before the rules count as not compared."""

MOST_VISITS: Final = 1_500_000
"""How many parts of rules are visited in all those steps; this many take a fraction of a second, however wide the rules are."""

_MOST_ATTRIBUTES: Final = 200
"""Rules are judged attribute by attribute, recursively, so this bounds the depth."""

Types: TypeAlias = Mapping[str, str]
"""The types of attributes in Signals by `group:attribute`, as far as they are known."""

_NO_TYPES: Final[Types] = {}


class Relation(Enum):
    """How the audience of one rule relates to that of another."""

    EQUAL = "equal"
    BROADER = "broader"
    NARROWER = "narrower"
    OVERLAPPING = "overlapping"
    DISJOINT = "disjoint"
    NOT_COMPARED = "not compared"


class Extent(Enum):
    """How often the condition of a rule holds."""

    NEVER = "never"
    SOMETIMES = "sometimes"
    ALWAYS = "always"
    NOT_COMPARED = "not compared"


@dataclass(frozen=True)
class Step:
    """An input on which two rules are judged: the state of a visitor, and the attributes that just changed."""

    state: Mapping[str, Any]
    changed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Comparison:
    """The result of a comparison.

    Attributes:
        relation: How the second rule relates to the first.
        extents: How often the condition of each rule holds.
        witnesses: An example step for each pair of results that the two rules can give.
    """

    relation: Relation
    extents: tuple[Extent, Extent] = (Extent.NOT_COMPARED, Extent.NOT_COMPARED)
    witnesses: Mapping[tuple[bool, bool], Step] = field(default_factory=dict)


def compare(old: Node, new: Node, types: Types = _NO_TYPES) -> Comparison:
    """Compare the second rule with the first: `BROADER` means that the second reaches more visitors."""
    try:
        if _compares_steps(old) != _compares_steps(new):
            return Comparison(Relation.NOT_COMPARED)
        judge = _Judge.of([old, new], types)
        found = judge.judge_pair(judge.formula(old), judge.formula(new))
    except NotCompared:
        return Comparison(Relation.NOT_COMPARED)
    relations = {(_classify({*results}), _measure_extents({*results})) for results in found}
    if len(relations) > 1:
        return Comparison(Relation.NOT_COMPARED)
    ((relation, extents),) = relations
    witnesses = {pair: judge.step(cells) for pair, cells in found[0].items()}
    return Comparison(relation, extents, witnesses)


def extent_of(rule: Node, types: Types = _NO_TYPES) -> Extent:
    """Return whether the condition of a rule holds never, always or sometimes."""
    return compare(rule, rule, types).extents[0]


def reach_in_words(old: Node, new: Node, types: Types = _NO_TYPES) -> str:
    """Return whom a changed rule reaches, such as `reaches fewer visitors`; empty if that is not known.

    Rules that are written differently but mean the same reach the same visitors. For equal rules the result is empty.
    """
    if canonical_form(old).text == canonical_form(new).text:
        return ""
    return in_words(compare(old, new, types))


def in_words(found: Comparison) -> str:
    """Return the result of a comparison in words; empty if it is not known whom the rules reach."""
    if found.extents[1] is Extent.NEVER:
        return "reaches no visitor"
    if Extent.ALWAYS in found.extents:
        return ""  # a condition that always holds never becomes true
    return _WORDS[found.relation]


_WORDS: Final = {
    Relation.EQUAL: "reaches the same visitors",
    Relation.BROADER: "reaches more visitors",
    Relation.NARROWER: "reaches fewer visitors",
    Relation.OVERLAPPING: "reaches other visitors",
    Relation.DISJOINT: "reaches other visitors",
    Relation.NOT_COMPARED: "",
}


def idle_parts(rule: Node, types: Types = _NO_TYPES) -> Iterator[str]:
    """Yield a sentence, which begins with a path, for a rule that never or always holds, or for each part without effect.

    A part is one of several in a group. All the reported parts could be removed together.
    """
    try:
        judge = _Judge.of([rule], types)
        whole = judge.formula(rule)
        if judge.are_equal(whole, FALSE):
            yield "criteria: can never be true, so no visitor gets the intervention"
        elif judge.are_equal(whole, TRUE):
            yield "criteria: is always true. A rule fires when its criteria become true, so this one never fires"
        else:
            for path, part in _find_idle(judge, rule, whole):
                yield f"{path}: {rule_in_words(part)} has no effect; the rule means the same without it"
    except NotCompared:
        return


def _find_idle(judge: _Judge, rule: Node, whole: Formula) -> list[tuple[str, Node]]:
    """Return parts that could be left out together. If two make each other redundant, return the later one."""
    found: list[tuple[str, Node]] = []
    out: set[int] = set()
    for path, part, siblings in reversed([*_yield_parts(rule, "criteria")]):
        stays = sum(id(sibling) not in out for sibling in siblings)
        if stays > 1 and judge.are_equal(whole, judge.formula(rule, frozenset({*out, id(part)}))):
            out.add(id(part))
            found = [(other, node) for other, node in found if not other.startswith(path)]
            found.append((path, part))
    return found[::-1]


def _yield_parts(node: Node, path: str) -> Iterator[tuple[str, Node, list[Node]]]:
    """Yield each part of a tree with its path and the children of its group, parents before children."""
    if isinstance(node, Criterion):
        return
    for i, child in enumerate(node.children):
        below = f"{path}.{node.kind}[{i}]"
        yield below, child, node.children
        yield from _yield_parts(child, below)


def _classify(results: set[tuple[bool, bool]]) -> Relation:
    only_old, only_new = (True, False) in results, (False, True) in results
    if not only_old:
        return Relation.BROADER if only_new else Relation.EQUAL
    if not only_new:
        return Relation.NARROWER
    return Relation.OVERLAPPING if (True, True) in results else Relation.DISJOINT


def _measure_extents(results: set[tuple[bool, bool]]) -> tuple[Extent, Extent]:
    old, new = (_measure_extent({pair[i] for pair in results}) for i in (0, 1))
    return old, new


def _measure_extent(results: set[bool]) -> Extent:
    if len(results) > 1:
        return Extent.SOMETIMES
    return Extent.ALWAYS if True in results else Extent.NEVER


def _compares_steps(rule: Node) -> bool:
    return any(OPERATORS[leaf.operator].is_change for _, leaf in _yield_criteria(rule))


def _yield_criteria(rule: Node) -> Iterator[tuple[str, Criterion]]:
    """Yield the criteria of a rule. Raise NotCompared if one is unknown, or could not be declared by a program."""
    for path, leaf in leaves(rule):
        operator = OPERATORS.get(leaf.operator)
        if operator is None or has_unknown(leaf.value):
            raise NotCompared
        fits = operator.takes.fits(leaf.value) if operator.takes.wanted else leaf.value is None
        if not fits:
            raise NotCompared
        yield path, leaf


_Results: TypeAlias = "dict[tuple[bool, bool], _Chosen]"
_Chosen: TypeAlias = "tuple[tuple[int, int], _Chosen] | None"
"""The cells that lead to a pair of results, as a linked list of (variable, cell)."""


@dataclass(frozen=True)
class _Variable:
    """An attribute's value, or whether the attribute changed."""

    attribute: str
    is_change: bool
    cells: tuple[Cell, ...]


@dataclass
class _Judge:
    """Judges rules over the same variables."""

    variables: tuple[_Variable, ...]
    places: Mapping[str, tuple[int, int]]
    formulas: Formulas = field(default_factory=Formulas)
    steps: int = 0

    @classmethod
    def of(cls, rules: list[Node], types: Types) -> _Judge:
        """Build a judge of these rules. Raise NotCompared if the values of an attribute cannot be enumerated."""
        found: dict[tuple[str, bool], dict[str, Criterion]] = {}
        for rule in rules:
            for _, leaf in _yield_criteria(rule):
                variable = leaf.attribute, OPERATORS[leaf.operator].is_change
                found.setdefault(variable, {}).setdefault(_key(leaf), leaf)
        if len(found) > _MOST_ATTRIBUTES:
            raise NotCompared
        variables = tuple(
            _Variable(
                attribute,
                is_change,
                _CHANGED_OR_NOT if is_change else tuple(cells_of([*criteria.values()], types.get(attribute))),
            )
            for (attribute, is_change), criteria in found.items()
        )
        places = {
            key: (number, position)
            for number, criteria in enumerate(found.values())
            for position, key in enumerate(criteria)
        }
        return cls(variables, places)

    def formula(self, node: Node, without: frozenset[int] = frozenset()) -> Formula:
        """Return a rule as a formula, without the parts whose `id` is in `without`."""
        if isinstance(node, Criterion):
            return self.formulas.leaf(*self.places[_key(node)])
        self._check_visits()
        children = [self.formula(child, without) for child in node.children if id(child) not in without]
        if node.kind == "all":
            return self.formulas.all(children)
        joined = self.formulas.any(children)
        return joined if node.kind == "any" else self.formulas.negate(joined)

    def _check_visits(self) -> None:
        if self.formulas.visited > MOST_VISITS:
            raise NotCompared

    def judge_pair(self, one: Formula, other: Formula) -> list[_Results]:
        """Return the pairs of results that two formulas give, each with cells that lead to it.

        If regular expressions occur, there are two such mappings: for the cells that certainly exist, and for all that may.
        """
        certain = self._judge_pair(one, other, {}, is_certain=True)
        if all(cell.is_certain for variable in self.variables for cell in variable.cells):
            return [certain]
        return [certain, self._judge_pair(one, other, {}, is_certain=False)]

    def are_equal(self, one: Formula, other: Formula) -> bool:
        """Return whether two formulas agree everywhere, whatever regular expressions match."""
        return one == other or all(
            holds is also for holds, also in self._judge_pair(one, other, {}, is_certain=False)
        )

    def step(self, chosen: _Chosen) -> Step:
        """Return the step that the chosen cells describe. Other attributes are missing and unchanged."""
        state: dict[str, Any] = {}
        changed: set[str] = set()
        while chosen is not None:
            (variable, cell), chosen = chosen
            found = self.variables[variable]
            if not found.is_change:
                state[found.attribute] = found.cells[cell].value
            elif found.cells[cell].value:
                changed.add(found.attribute)
        return Step(state, frozenset(changed))

    def _judge_pair(
        self,
        one: Formula,
        other: Formula,
        known: dict[tuple[Formula, Formula], _Results],
        *,
        is_certain: bool,
    ) -> _Results:
        variables = self.formulas.variables(one) | self.formulas.variables(other)
        if not variables:
            return {(one != FALSE, other != FALSE): None}
        if (one, other) in known:
            return known[one, other]
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise NotCompared
        found: _Results = {}
        variable = min(variables)
        for number, cell in enumerate(self.variables[variable].cells):
            if cell.is_certain or not is_certain:
                rest = self.formulas.assign(one, variable, cell.holds)
                other_rest = self.formulas.assign(other, variable, cell.holds)
                self._check_visits()
                for results, chosen in self._judge_pair(
                    rest, other_rest, known, is_certain=is_certain
                ).items():
                    found.setdefault(results, ((variable, number), chosen))
            if len(found) == 4:  # noqa: PLR2004  # yes and no, twice
                break
        known[one, other] = found
        return found


_CHANGED_OR_NOT: Final = (Cell((False,), value=False), Cell((True,), value=True))


def _key(leaf: Criterion) -> str:
    """Return a key for a criterion. Criteria with the same key are judged once."""
    return f"{leaf.subject} {canonical_json(leaf.value)}"
