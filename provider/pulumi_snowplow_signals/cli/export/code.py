"""Writes values of a definition as Python code, as a person would. The formatter lays out the lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from pulumi_snowplow_signals.criteria.operators import OPERATORS
from pulumi_snowplow_signals.criteria.tree import Criterion, Group, GroupKind, Node

Style: TypeAlias = Literal["expressions", "classes"]

_MOST_JOINED: Final = 8
"""The most operands that `&` or `|` joins. A longer chain reads better as a call, and Python cannot parse a very long one."""

_DEEPEST: Final = 8
"""The most levels of groups in one expression. Deeper parts become variables: Python's parser allows 200 open brackets."""

_FUNCTIONS: Final[dict[GroupKind, str]] = {"all": "all_of", "any": "any_of", "none": "none_of"}
_SIGNS: Final[dict[GroupKind, str]] = {"all": " & ", "any": " | "}
_CLASSES: Final[dict[GroupKind, str]] = {
    "all": "InterventionCriteriaAll",
    "any": "InterventionCriteriaAny",
    "none": "InterventionCriteriaNone",
}


def write_literal(value: Any) -> str:
    """Return a JSON value as a literal, with invisible characters escaped."""
    if isinstance(value, str):
        return _quote(value)
    if isinstance(value, list):
        return f"[{', '.join(map(write_literal, value))}]"
    if isinstance(value, dict):
        return (
            f"{{{', '.join(f'{write_literal(key)}: {write_literal(item)}' for key, item in value.items())}}}"
        )
    return repr(value)


def _quote(text: str) -> str:
    """Return a string in the quotes that formatters choose: double quotes, unless single quotes save escapes."""
    # If a string has both quotes, `repr` escapes the single ones and leaves the double ones alone.
    inside = repr("'\"" + text)[4:-1]
    if text.count('"') > text.count("'"):
        return f"'{inside}'"
    return '"{}"'.format(inside.replace(r"\'", "'").replace('"', r"\""))


def simplify(node: Node) -> Node:
    """Return an equal tree without needless nesting: no `all` in an `all`, no group around a single child."""
    if isinstance(node, Criterion):
        return node
    children: list[Node] = []
    for child in map(simplify, node.children):
        is_flat = isinstance(child, Group) and child.kind == node.kind != "none"
        children += child.children if isinstance(child, Group) and is_flat else [child]
    return children[0] if len(children) == 1 and node.kind != "none" else Group.of(node.kind, children)


class _Written(NamedTuple):
    """The code of a node.

    Attributes:
        code: The code.
        levels: How many levels of groups it has.
        binds: Whether it needs no parentheses beside `&`, `|` and `~`.
    """

    code: str
    levels: int
    binds: bool


@dataclass
class CriteriaCode:
    """The code of one tree of criteria.

    Attributes:
        style: As expressions, or as the classes of the official client.
        name: The prefix of the names of parts.
        refer: Returns the code of an attribute whose group is a variable; "" for any other.
        parts: The code of the parts that became variables, by name, in the order in which they must be written.
        uses: The names that the code must import.
    """

    style: Style
    name: str
    refer: Callable[[str], str]
    parts: dict[str, str] = field(default_factory=dict)
    uses: set[str] = field(default_factory=set)

    def write(self, criteria: Node) -> str:
        """Return the code of a whole tree."""
        return self._node(simplify(criteria)).code

    def _node(self, node: Node) -> _Written:
        if isinstance(node, Criterion):
            return self._criterion(node)
        children = [self._shallow(self._node(child)) for child in node.children]
        levels = 1 + max(child.levels for child in children)
        if self.style == "classes" or _has_no_expression(node):
            listed = ", ".join(child.code for child in children)
            return _Written(f"{self._use(_CLASSES[node.kind])}({node.kind}=[{listed}])", levels, binds=True)
        if node.kind == "none" and len(children) == 1 and not _is_none(node.children[0]):
            return _Written(f"~{_wrap_operand(children[0])}", levels, binds=True)
        if node.kind in _SIGNS and len(children) <= _MOST_JOINED:
            return _Written(_SIGNS[node.kind].join(map(_wrap_operand, children)), levels, binds=False)
        return _Written(self._call(_FUNCTIONS[node.kind], children), levels, binds=True)

    def _call(self, function: str, children: Sequence[_Written]) -> str:
        return f"{self._use(function)}({', '.join(child.code for child in children)})"

    def _shallow(self, written: _Written) -> _Written:
        """Return the code, or the name of a new part if the code is as deep as allowed."""
        if written.levels < _DEEPEST:
            return written
        prefix = f"rule_{self.name}" if self.name[:1].isdigit() else self.name
        name = f"{prefix}_part_{len(self.parts) + 1}"
        self.parts[name] = written.code
        return _Written(name, 0, binds=True)

    def _criterion(self, criterion: Criterion) -> _Written:
        operator = OPERATORS[criterion.operator]
        value = "" if criterion.value is None else write_literal(criterion.value)
        if self.style == "expressions":
            subject = self.refer(criterion.attribute)
            subject = subject or f"{self._use('attribute')}({write_literal(criterion.attribute)})"
            return _Written(operator.code(subject, value), 0, binds=not operator.is_symbol)
        given = (
            f"attribute={write_literal(criterion.attribute)}, operator={write_literal(criterion.operator)}"
        )
        given += f", value={value}" if value else ""
        return _Written(f"{self._use('InterventionCriterion')}({given})", 0, binds=True)

    def _use(self, name: str) -> str:
        self.uses.add(name)
        return name


def _wrap_operand(written: _Written) -> str:
    return written.code if written.binds else f"({written.code})"


def _is_none(node: Node) -> bool:
    """Return whether a node is a `none`. In Python, `~` in front of one removes it."""
    return isinstance(node, Group) and node.kind == "none"


def _has_no_expression(group: Group) -> bool:
    """Return whether a group needs a class: expressions turn a `none` of `a | b` into a `none` of `a` and `b`."""
    children = group.children if group.kind == "none" else []
    return any(isinstance(child, Group) and child.kind == "any" for child in children)
