"""A rule's criteria as frozen values: criteria, and the groups that combine them.

One parse reads a tree and finds every fault in it. The tree is a tagged union: with an untagged one, two mistakes in a nested
tree produce twenty-two errors.

The shape is Signals' own JSON (`snowplow_signals.models.model.RuleInterventionInput` in the official client 0.4.10). With the
context `STORED`, a tree only has to have that shape: objects in the registry need not satisfy the rules for programs.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Annotated, Any, Final, Literal, TypeAlias, cast

from pydantic import (
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
    model_validator,
)
from pydantic_core import InitErrorDetails

from pulumi_snowplow_signals.criteria.operators import ALIASES, OPERATORS, kind_of
from pulumi_snowplow_signals.fields.faults import FOUND, TAG, add_faults, fault, suggestion
from pulumi_snowplow_signals.fields.unknown import UNKNOWN
from pulumi_snowplow_signals.fields.values import LARGEST_EXACT_INTEGER, as_carried
from pulumi_snowplow_signals.fields.vocabulary import STORED, Part, check_text

Scalar: TypeAlias = str | int | float | bool
Value: TypeAlias = Scalar | list[Scalar] | None
GroupKind = Literal["all", "any", "none"]

GROUP_KINDS: Final[tuple[GroupKind, ...]] = ("all", "any", "none")

DEEPEST: Final = 100
"""The most levels of nesting in a program. Pulumi's own serializer fails at about 170."""

# The registry documents no limit. This one keeps a stored tree within pydantic's recursion limit.
_DEEPEST_STORED: Final = 200

ATTRIBUTE_PATTERN: Final = re.compile(r"[A-Za-z0-9_]{1,128}:[A-Za-z0-9_]{1,128}")

_PARTS_OF_A_CRITERION: Final = frozenset({"attribute", "operator", "value"})


def _read_attribute(value: Any, info: ValidationInfo) -> Any:
    is_text = isinstance(value, str)
    if is_text and (info.context == STORED or ATTRIBUTE_PATTERN.fullmatch(check_text(value))):
        return value
    raise fault(
        f"is {FOUND}; an attribute is written group:attribute, "
        "and each part has 1 to 128 letters, digits and underscores"
    )


def _read_operator(value: Any, info: ValidationInfo) -> Any:
    if isinstance(value, str) and (info.context == STORED or value in OPERATORS):
        return value
    meant = ALIASES.get(str(value).lower())
    near = f' Did you mean "{meant}"?' if meant else suggestion(value, OPERATORS)
    raise fault(f"is {FOUND}; allowed are {', '.join(OPERATORS)}.", near)


def read_value(value: Any, info: ValidationInfo) -> Any:
    """Read the value of a criterion: a scalar, or a list of scalars of one kind."""
    if not isinstance(value, (list, tuple)):
        return _read_scalar(value, info)
    kinds = {kind_of(item) for item in value if item is not UNKNOWN}
    if info.context != STORED and (len(kinds) > 1 or not kinds <= {"string", "number", "boolean"}):
        raise fault(f"is {FOUND}; all items of a list must be strings, or all numbers, or all booleans")
    return [item if item is UNKNOWN else _read_scalar(item, info) for item in value]


def _read_scalar(value: Any, info: ValidationInfo) -> Any:
    if value is None or isinstance(value, (str, bool)):
        return check_text(value) if isinstance(value, str) and info.context != STORED else value
    if not isinstance(value, (int, float)):
        raise fault(f"is {FOUND}; expected a string, number, boolean or a list of these")
    if isinstance(value, float) and not math.isfinite(value):
        raise fault("is not a finite number")
    if info.context != STORED and abs(value) > LARGEST_EXACT_INTEGER:
        raise fault(f"is {FOUND}; integers beyond 2^53 would lose digits")
    try:
        return as_carried(value)
    except OverflowError:
        raise fault("is a number that a double cannot hold") from None


# To Python, True equals 1: trees are compared by their canonical text, never by ==.
class _Node(Part):
    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)


class Criterion(_Node):
    """A leaf: one attribute, an operator and, for most operators, a value."""

    attribute: Annotated[str, BeforeValidator(_read_attribute)]
    operator: Annotated[str, BeforeValidator(_read_operator)]
    value: Annotated[Any, BeforeValidator(read_value)] = Field(default=None, validate_default=True)

    @field_validator("value", mode="after")
    @classmethod
    def _check_value(cls, value: Any, info: ValidationInfo) -> Any:
        operator = OPERATORS.get(info.data.get("operator", ""))  # absent if the operator itself is invalid
        if operator is None or info.context == STORED:
            return value
        if not operator.takes.wanted:
            if value is not None:
                raise fault(f'is {FOUND}, but "{operator.name}" takes no value: remove it')
        elif value is None:
            raise fault(f'is missing: "{operator.name}" needs {operator.takes.wanted}')
        elif not operator.takes.fits(value):
            raise fault(f'is {FOUND}; "{operator.name}" takes {operator.takes.wanted}')
        return value

    @property
    def subject(self) -> str:
        """The attribute and the operator."""
        return f"{self.attribute} {self.operator}"


class Group(_Node):
    """A node that combines others: exactly one of `all`, `any` and `none`, which is true when every child is false."""

    all: list[Criteria] | None = None
    any: list[Criteria] | None = None
    none: list[Criteria] | None = None

    @model_validator(mode="before")
    @classmethod
    def _keep_groups(cls, raw: Any) -> Any:
        # `_find_shape_faults` reports a node that is also a criterion.
        return {key: item for key, item in raw.items() if key not in _PARTS_OF_A_CRITERION}

    @classmethod
    def of(cls, kind: GroupKind, children: list[Node]) -> Group:
        """Build a group of nodes that are valid already."""
        return cls.model_construct(_fields_set={kind}, **{kind: children})

    @property
    def kind(self) -> GroupKind:
        """Which kind of group it is."""
        return next(kind for kind in GROUP_KINDS if getattr(self, kind) is not None)

    @property
    def children(self) -> list[Node]:
        """The nodes that the group combines."""
        return cast("list[Node]", getattr(self, self.kind))

    @property
    def subject(self) -> str:
        """The kind of group."""
        return self.kind


Node: TypeAlias = Criterion | Group


def _choose_tag(raw: Any) -> str | None:
    if isinstance(raw, _Node):  # pydantic asks again when it serializes
        return f"{TAG}group" if isinstance(raw, Group) else f"{TAG}criterion"
    if not isinstance(raw, Mapping):
        return None
    if any(raw.get(kind) is not None for kind in GROUP_KINDS):
        return f"{TAG}group"
    return f"{TAG}criterion" if _PARTS_OF_A_CRITERION & raw.keys() else None


Criteria = Annotated[
    Annotated[Criterion, Tag(f"{TAG}criterion")] | Annotated[Group, Tag(f"{TAG}group")],
    Discriminator(
        _choose_tag,
        custom_error_type="signals",
        custom_error_message="{reason}",
        custom_error_context={
            "reason": f"is {FOUND}; a criterion has attribute, operator and, for most operators, value; "
            "a group has one of all, any and none"
        },
    ),
]
"""A node below the root of a tree."""


def _read_whole(raw: Any, read: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
    """Read a tree. Report the faults of its shape together with those of its nodes."""
    deepest = _DEEPEST_STORED if info.context == STORED else DEEPEST
    if _is_deeper(raw, deepest):
        raise fault(f"is nested more than {deepest} levels deep")
    if info.context == STORED:
        return read(raw)
    found = [*_find_shape_faults(raw)]
    try:
        tree = read(raw)
    except ValidationError as error:
        raise add_faults(error, found) from None
    if found:
        raise ValidationError.from_exception_data("criteria", found)
    return tree


WholeCriteria = Annotated[Criteria, WrapValidator(_read_whole)]
"""The criteria of a rule. A field of this type also needs a mark for how it is compared; see `comparison`."""


@cache
def _build_adapter() -> TypeAdapter[Node]:
    return TypeAdapter(WholeCriteria)


def tree_of(wire: Any) -> Node:
    """Read a tree that is valid already or that the registry stores. Raise ValidationError if its shape is wrong."""
    return _build_adapter().validate_python(wire, context=STORED, extra="ignore")


def wire_of(node: Node) -> dict[str, Any]:
    """Return a tree as JSON, without empty keys."""
    if isinstance(node, Group):
        return {node.kind: [wire_of(child) for child in node.children]}
    wire = {"attribute": node.attribute, "operator": node.operator}
    return wire if node.value is None else {**wire, "value": node.value}


def leaves(node: Node, path: str = "criteria") -> Iterator[tuple[str, Criterion]]:
    """Yield every criterion with its path in the program, from left to right."""
    if isinstance(node, Criterion):
        yield path, node
    else:
        for i, child in enumerate(node.children):
            yield from leaves(child, f"{path}.{node.kind}[{i}]")


def _is_deeper(raw: Any, levels: int) -> bool:
    """Return whether a tree is nested more than this many levels, without recursion."""
    level = [raw]
    for _ in range(levels + 1):
        level = [child for node in level for _, _, child in _children_of(node)]
        if not level:
            return False
    return True


def _find_shape_faults(raw: Any) -> Iterator[InitErrorDetails]:
    """Find faults that no single node shows, or that would keep pydantic from reading further down.

    - a node with more than one of the keys, or with an empty group;
    - `changed` in the wrong place. It may only be the whole rule or stand inside `all`, as Snowplow's documentation of
      interventions says. The documentation does not cover an `all` that is itself inside an `any`, so every enclosing
      group has to be an `all`.
    """
    stack: list[tuple[Any, tuple[str | int, ...], str | None]] = [(raw, (), None)]
    while stack:
        node, location, barrier = stack.pop()
        if not isinstance(node, Mapping):
            continue
        yield from _find_key_faults(node, location)
        operator = OPERATORS.get(str(node.get("operator")))
        if barrier and operator and operator.is_change:
            reason = f'"{operator.name}" may stand alone or inside "all"; here it is inside "{barrier}"'
            yield _build_line((*location, "operator"), reason)
        below = [
            (child, (*location, kind, i), barrier or (kind if kind != "all" else None))
            for kind, i, child in _children_of(node)
        ]
        stack.extend(reversed(below))


def _children_of(node: Any) -> Iterator[tuple[GroupKind, int, Any]]:
    if isinstance(node, Mapping):
        for kind in GROUP_KINDS:
            children = node.get(kind)
            if isinstance(children, (list, tuple)):
                yield from ((kind, i, child) for i, child in enumerate(children))


def _find_key_faults(node: Mapping[Any, Any], location: tuple[str | int, ...]) -> Iterator[InitErrorDetails]:
    # A key with an unknown value may turn out to be absent.
    keys = [key for key, item in node.items() if item is not None and item is not UNKNOWN]
    groups = [kind for kind in GROUP_KINDS if kind in keys]
    known = [*groups, *sorted(_PARTS_OF_A_CRITERION.intersection(keys))]
    if groups and len(known) > 1:
        shown = ", ".join(known)
        reason = f"has the keys {shown}; a node has exactly one of all, any and none, or is a criterion"
        yield _build_line(location, reason)
    for kind in groups:
        if node[kind] in ([], ()):
            yield _build_line(location, f'has an empty "{kind}"; add at least one criterion')


def _build_line(location: tuple[str | int, ...], reason: str) -> InitErrorDetails:
    return InitErrorDetails(type=fault(reason), loc=location, input=None)
