"""Values of a definition as Python code, as a person would write it. Nothing here lays lines out: the formatter does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from pulumi_snowplow_signals.criteria.operators import OPERATORS
from pulumi_snowplow_signals.criteria.tree import Criterion, Group, GroupKind, Node

Style: TypeAlias = Literal["expressions", "classes"]

_MOST_JOINED: Final = 8
"""Operands that `&` or `|` joins. A longer chain reads better as a call, and a very long one is too much for Python's parser."""

_DEEPEST: Final = 8
"""Levels of groups in one expression. What lies deeper gets a name of its own: Python's parser takes 200 open brackets."""

_FUNCTIONS: Final[dict[GroupKind, str]] = {"all": "all_of", "any": "any_of", "none": "none_of"}
_SIGNS: Final[dict[GroupKind, str]] = {"all": " & ", "any": " | "}
_CLASSES: Final[dict[GroupKind, str]] = {
    "all": "InterventionCriteriaAll",
    "any": "InterventionCriteriaAny",
    "none": "InterventionCriteriaNone",
}


def literal(value: Any) -> str:
    """Return a JSON value as a literal. Whatever cannot be seen in a text is escaped."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{literal(key)}: {literal(item)}' for key, item in value.items())}}}"
    return repr(value)


def _text(text: str) -> str:
    """Return a text in the quotes that formatters choose: double ones, unless single ones save escapes."""
    # With both quotes in it, the representation escapes the single ones and leaves the double ones alone.
    inside = repr("'\"" + text)[4:-1]
    if text.count('"') > text.count("'"):
        return f"'{inside}'"
    return '"{}"'.format(inside.replace(r"\'", "'").replace('"', r"\""))


def simplify(node: Node) -> Node:
    """Return an equal tree without needless nesting: no `all` in an `all`, no group around an only child."""
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
        binds: Whether it may stand beside `&`, `|` and `~` without brackets.
    """

    code: str
    levels: int
    binds: bool


@dataclass
class CriteriaCode:
    """The code of one tree of criteria, which is right for a program.

    Attributes:
        style: As expressions, or as the classes of the official client.
        name: What the names of the parts begin with.
        refer: Returns the code of an attribute whose group is a variable; "" for any other.
        parts: The code of the parts that got a name, by name, in the order in which they have to stand.
        uses: The names that the code needs imported.
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
            return _Written(f"~{_operand(children[0])}", levels, binds=True)
        if node.kind in _SIGNS and len(children) <= _MOST_JOINED:
            return _Written(_SIGNS[node.kind].join(map(_operand, children)), levels, binds=False)
        return _Written(self._call(_FUNCTIONS[node.kind], children), levels, binds=True)

    def _call(self, function: str, children: Sequence[_Written]) -> str:
        return f"{self._use(function)}({', '.join(child.code for child in children)})"

    def _shallow(self, written: _Written) -> _Written:
        """Return the name of a part in the place of code that is as deep as code may be."""
        if written.levels < _DEEPEST:
            return written
        prefix = f"rule_{self.name}" if self.name[:1].isdigit() else self.name
        name = f"{prefix}_part_{len(self.parts) + 1}"
        self.parts[name] = written.code
        return _Written(name, 0, binds=True)

    def _criterion(self, criterion: Criterion) -> _Written:
        operator = OPERATORS[criterion.operator]
        value = "" if criterion.value is None else literal(criterion.value)
        if self.style == "expressions":
            subject = self.refer(criterion.attribute)
            subject = subject or f"{self._use('attribute')}({literal(criterion.attribute)})"
            return _Written(operator.code(subject, value), 0, binds=not operator.is_symbol)
        given = f"attribute={literal(criterion.attribute)}, operator={literal(criterion.operator)}"
        given += f", value={value}" if value else ""
        return _Written(f"{self._use('InterventionCriterion')}({given})", 0, binds=True)

    def _use(self, name: str) -> str:
        self.uses.add(name)
        return name


def _operand(written: _Written) -> str:
    return written.code if written.binds else f"({written.code})"


def _is_none(node: Node) -> bool:
    """Return whether a node is a `none`: to Python, `~` in front of one takes it away."""
    return isinstance(node, Group) and node.kind == "none"


def _has_no_expression(group: Group) -> bool:
    """Return whether only a class writes a group: expressions make `none` of `a` and `b` of a `none` of `a | b`."""
    children = group.children if group.kind == "none" else []
    return any(isinstance(child, Group) and child.kind == "any" for child in children)
