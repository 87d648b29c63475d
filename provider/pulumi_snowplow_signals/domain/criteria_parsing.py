"""The pydantic models of a criteria tree as a program declares it, and the faults that only the whole tree shows.

The tree is a tagged union: with an untagged one, two mistakes in a nested tree make twenty-two errors.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    field_validator,
    model_validator,
)

from pulumi_snowplow_signals.domain.canonical import LARGEST_EXACT_INTEGER
from pulumi_snowplow_signals.domain.criteria import GROUP_KINDS
from pulumi_snowplow_signals.domain.operators import OPERATORS, VALUE_KINDS, ValueKind
from pulumi_snowplow_signals.domain.unknown import UNKNOWN, Unknown
from pulumi_snowplow_signals.domain.violations import FOUND, TAG, Violation, fault, suggestion

DEEPEST: Final = 100
"""Levels of nesting: Pulumi's own serializer gives up at about 170."""
TOO_DEEP: Final = Violation("criteria", f"is nested more than {DEEPEST} levels deep; {DEEPEST} are allowed")

_ATTRIBUTE: Final = re.compile(r"[A-Za-z0-9_]{1,128}:[A-Za-z0-9_]{1,128}")

_PARTS_OF_A_CRITERION: Final = frozenset({"attribute", "operator", "value"})

# What people write who come from other languages.
_OTHER_SPELLINGS: Final = {
    "==": "=",
    "===": "=",
    "eq": "=",
    "<>": "!=",
    "ne": "!=",
    "gt": ">",
    "gte": ">=",
    "=>": ">=",
    "lt": "<",
    "lte": "<=",
    "=<": "<=",
    "regex": "rlike",
    "null": "is null",
    "not null": "is not null",
    "exists": "is not null",
}

_WANTED: Final[Mapping[ValueKind, str]] = {
    "scalar": "a string, a number or a boolean",
    "ordered": "a number or a string",
    "text": "a string",
    "list": "a list that is not empty",
}


def _attribute(value: Any) -> Any:
    if value is UNKNOWN or (isinstance(value, str) and _ATTRIBUTE.fullmatch(value)):
        return value
    raise fault(
        f"is {FOUND}; an attribute is written group:attribute, "
        "each part made of letters, digits and underscores, at most 128 of them"
    )


def _operator(value: Any) -> Any:
    if value is UNKNOWN or (isinstance(value, str) and value in OPERATORS):
        return value
    spelling = _OTHER_SPELLINGS.get(str(value).lower())
    near = f' Did you mean "{spelling}"?' if spelling else suggestion(value, OPERATORS)
    raise fault(f"is {FOUND}; allowed are {', '.join(OPERATORS)}.", near)


def _value(value: Any) -> Any:
    if not isinstance(value, (list, tuple)):
        return _scalar(value)
    kinds = {_kind(item) for item in value if item is not UNKNOWN}
    if len(kinds) > 1 or not kinds <= {"string", "number", "boolean"}:
        raise fault(f"is {FOUND}; a list holds strings only, numbers only or booleans only")
    return tuple(_scalar(item) for item in value)


def _scalar(value: Any) -> Any:
    if value is None or value is UNKNOWN or isinstance(value, (str, bool)):
        if isinstance(value, str) and "\x00" in value:
            raise fault("holds a null character, which Signals refuses")
        return value
    if not isinstance(value, (int, float)):
        raise fault(f"is {FOUND}; a value is a string, a number, a boolean or a list of one of these")
    if isinstance(value, float) and not math.isfinite(value):
        raise fault("is not a finite number")
    if abs(value) > LARGEST_EXACT_INTEGER:
        raise fault(f"is {FOUND}; numbers beyond 2^53 lose digits on their way, so they are refused")
    return int(value) if isinstance(value, int) or value.is_integer() else value


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    return "string" if isinstance(value, str) else "something else"


def without_nulls(raw: Any) -> Any:
    """Drop what is null: it counts as absent."""
    return {key: item for key, item in raw.items() if item is not None} if isinstance(raw, Mapping) else raw


def unless_unknown(value: Any, judge: Callable[[Any], Any]) -> Any:
    """Judge a value unless it is unknown: a validator for `WrapValidator`."""
    return value if value is UNKNOWN else judge(value)


class _Node(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    _null_is_absent = model_validator(mode="before")(without_nulls)


class CriterionInput(_Node):
    """A criterion as declared."""

    attribute: Annotated[Any, BeforeValidator(_attribute)]
    operator: Annotated[Any, BeforeValidator(_operator)]
    value: Annotated[Any, BeforeValidator(_value)] = Field(default=None, validate_default=True)

    @field_validator("value", mode="after")
    @classmethod
    def _fits_operator(cls, value: Any, info: ValidationInfo) -> Any:
        operator = info.data.get("operator", UNKNOWN)  # absent where the operator itself is at fault
        if operator is UNKNOWN or value is UNKNOWN:
            return value
        wanted = VALUE_KINDS[operator]
        if wanted == "nothing":
            if value is not None:
                raise fault(f'is {FOUND}, but "{operator}" takes no value: leave it out')
        elif value is None:
            raise fault(f'is missing: "{operator}" needs {_WANTED[wanted]}')
        elif not _fits(value, wanted):
            raise fault(f'is {FOUND}; "{operator}" takes {_WANTED[wanted]}')
        return value


class GroupInput(_Node):
    """An `all`, `any` or `none` node as declared."""

    all: list[CriteriaInput] | None = None
    any: list[CriteriaInput] | None = None
    none: list[CriteriaInput] | None = None

    _unknown_passes = field_validator("all", "any", "none", mode="wrap")(unless_unknown)

    @model_validator(mode="before")
    @classmethod
    def _groups_alone(cls, raw: Any) -> Any:
        # A node that is a criterion as well is a fault of the tree, which `faults_of_tree` finds.
        return {key: item for key, item in raw.items() if key not in _PARTS_OF_A_CRITERION}


def _tag(raw: Any) -> str | None:
    if raw is UNKNOWN:
        return f"{TAG}unknown"
    if isinstance(raw, (CriterionInput, GroupInput)):
        return f"{TAG}group" if isinstance(raw, GroupInput) else f"{TAG}criterion"
    if not isinstance(raw, Mapping):
        return None
    if any(raw.get(kind) is not None for kind in GROUP_KINDS):
        return f"{TAG}group"
    return f"{TAG}criterion" if _PARTS_OF_A_CRITERION & raw.keys() else None


CriteriaInput = Annotated[
    Annotated[CriterionInput, Tag(f"{TAG}criterion")]
    | Annotated[GroupInput, Tag(f"{TAG}group")]
    | Annotated[Literal[Unknown.UNKNOWN], BeforeValidator(lambda _: UNKNOWN), Tag(f"{TAG}unknown")],
    Discriminator(
        _tag,
        custom_error_type="signals",
        custom_error_message="{reason}",
        custom_error_context={
            "reason": f"is {FOUND}; a criterion has attribute, operator and, for most operators, value; "
            "a group has one of all, any and none"
        },
    ),
    Field(),
]
GroupInput.model_rebuild()


def too_deep(raw: Any) -> bool:
    """Tell whether a tree is nested more than `DEEPEST` levels, without recursion."""
    level = [raw]
    for _ in range(DEEPEST + 1):
        level = [
            child
            for node in level
            if isinstance(node, Mapping)
            for kind in GROUP_KINDS
            if isinstance(node.get(kind), (list, tuple))
            for child in node[kind]
        ]
        if not level:
            return False
    return True


def faults_of_tree(raw: Any) -> Iterator[Violation]:
    """Find what no node shows by itself, or what would keep pydantic from looking further down: all faults are told at once.

    - a node with more than one of the keys, or with nothing in its group;
    - `changed` where it may not stand: it may only be the whole rule or stand under nothing but `all`. Said in Snowplow's
      documentation of interventions; under an `all` that itself stands in an `any` it is not said, so every group above
      has to be an `all`.
    """
    stack: list[tuple[Any, str, str | None]] = [(raw, "criteria", None)]
    while stack:
        node, path, barrier = stack.pop()
        if not isinstance(node, Mapping):
            continue
        yield from _faults_of_shape(node, path)
        if node.get("operator") == "changed" and barrier:
            yield Violation(
                f"{path}.operator",
                f'"changed" may stand alone or inside "all"; here it is inside "{barrier}"',
            )
        for kind in GROUP_KINDS:
            children = node.get(kind)
            if isinstance(children, (list, tuple)):
                below = barrier or (kind if kind != "all" else None)
                stack.extend(
                    (child, f"{path}.{kind}[{i}]", below) for i, child in reversed([*enumerate(children)])
                )


def _faults_of_shape(node: Mapping[Any, Any], path: str) -> Iterator[Violation]:
    # A key whose value is unknown may turn out to be absent.
    keys = [key for key, item in node.items() if item is not None and item is not UNKNOWN]
    groups = [kind for kind in GROUP_KINDS if kind in keys]
    known = [*groups, *sorted(_PARTS_OF_A_CRITERION.intersection(keys))]
    if groups and len(known) > 1:
        yield Violation(
            path,
            f"has the keys {', '.join(known)}; a node has exactly one of all, any and none, or is a criterion",
        )
    for kind in groups:
        if node[kind] in ([], ()):
            yield Violation(path, f'has an empty "{kind}"; put at least one criterion into it')


def _fits(value: Any, wanted: ValueKind) -> bool:
    if wanted == "list":
        return isinstance(value, tuple) and bool(value)
    if wanted == "text":
        return isinstance(value, str)
    if wanted == "ordered":
        return isinstance(value, (int, float, str)) and not isinstance(value, bool)
    return not isinstance(value, tuple)
