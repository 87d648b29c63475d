"""From what a program declares to a definition, or to every fault in it at once.

One pydantic parse does both. Each fault becomes a `Violation`, whose path is the one that the user's program has and
whose reason says what was found and what is allowed. Unknown values pass: what depends on them is not judged.

Facts about names, lengths and patterns are those of `snowplow_signals.models.model` in the official client 0.4.10.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from email_validator import EmailNotValidError, validate_email
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, WrapValidator, model_validator

from pulumi_snowplow_signals.domain.criteria_parsing import (
    TOO_DEEP,
    CriteriaInput,
    faults_of_tree,
    too_deep,
    unless_unknown,
    without_nulls,
)
from pulumi_snowplow_signals.domain.definition import Definition
from pulumi_snowplow_signals.domain.names import NAME_PATTERN, NAME_RULE
from pulumi_snowplow_signals.domain.unknown import UNKNOWN, Unknown, has_unknown
from pulumi_snowplow_signals.domain.violations import FOUND, Violation, fault, suggestion, violations_of

OnDestroy = Literal["unpublish", "delete", "retain"]
ON_DESTROY: Final[tuple[OnDestroy, ...]] = ("unpublish", "delete", "retain")

_LONGEST_OWNER: Final = 255
_LARGEST_VERSION: Final = 2**31 - 1  # the registry states no bound; every database holds this one


@dataclass(frozen=True)
class RuleInputs:
    """A rule intervention as declared, judged and normalised.

    `definition` is None where any part of it is unknown. `content` is what makes the definition, in wire shape, with
    unknowns left in place and without what was left out.
    """

    name: str | Unknown
    definition: Definition | None
    version: int | Unknown | None
    published: bool | Unknown
    adopt: bool | Unknown | None
    on_destroy: OnDestroy | Unknown | None
    content: Mapping[str, Any]


def parse_rule_inputs(
    raw: Mapping[str, Any], *, secret: Collection[str] = ()
) -> tuple[RuleInputs | None, tuple[Violation, ...]]:
    """Parse the inputs of a rule intervention.

    Args:
        raw: The inputs as Pulumi hands them over, unknowns as `UNKNOWN`, without computed ones.
        secret: The names of inputs that hold secrets; no violation repeats a value of theirs.

    Returns:
        The parsed inputs and no violation, or None and every violation there is.
    """
    declared = dict(raw)
    if too_deep(raw.get("criteria")):
        # Whoever walked down there would not come back; the other inputs are judged all the same.
        declared["criteria"] = UNKNOWN
        of_tree: tuple[Violation, ...] = (TOO_DEEP,)
    else:
        of_tree = tuple(faults_of_tree(raw.get("criteria")))
    try:
        inputs = _RuleInputs.model_validate(declared)
    except ValidationError as error:
        return None, (*violations_of(error, tuple(_RuleInputs.model_fields), secret), *of_tree)
    if of_tree:
        return None, of_tree
    return _parsed(inputs), ()


def _maybe(judge: Callable[[Any], Any]) -> BeforeValidator:
    """Judge a value with `judge`, unless it is unknown."""
    return BeforeValidator(lambda value: value if value is UNKNOWN else judge(value))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise fault(f"is {FOUND}; text is expected")
    if "\x00" in value:
        raise fault("holds a null character, which Signals refuses")
    return value


def parse_name(value: Any) -> str:
    """Give a registry name back, or raise a fault."""
    if not NAME_PATTERN.fullmatch(_text(value)):
        raise fault(f"is {FOUND}; {NAME_RULE}")
    return str(value)


def _owner(value: Any) -> str:
    if len(_text(value)) > _LONGEST_OWNER:
        raise fault(f"is longer than {_LONGEST_OWNER} characters")
    try:
        # The official client reads every owner with the same library, and cannot list an intervention without one.
        validate_email(value, check_deliverability=False)
    except EmailNotValidError as why:
        raise fault(f"is {FOUND}; the e-mail address of a person or team is expected.", f" {why}") from None
    return str(value)


def parse_version(value: Any) -> int:
    """Give a version back as an int, or raise a fault. Pulumi hands every number over as a float."""
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if isinstance(value, bool) or not whole or not 1 <= value <= _LARGEST_VERSION:
        raise fault(f"is {FOUND}; a whole number from 1 is expected")
    return int(value)


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise fault(f"is {FOUND}; true or false is expected")
    return value


def _on_destroy(value: Any) -> str:
    if value not in ON_DESTROY:
        allowed = ", ".join(f'"{word}"' for word in ON_DESTROY)
        raise fault(f"is {FOUND}; allowed are {allowed}.", suggestion(value, ON_DESTROY))
    return str(value)


def _linked(value: Any) -> Any:
    """Take `"domain_userid"` for `{"name": "domain_userid"}`: the documentation has both."""
    if isinstance(value, str) or value is UNKNOWN:
        return {"name": value}
    if not isinstance(value, Mapping):
        raise fault(f'is {FOUND}; a name or {{"name": ...}} is expected')
    return value


class _Inputs(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    _null_is_absent = model_validator(mode="before")(without_nulls)


class _TargetKey(_Inputs):
    name: Annotated[Any, _maybe(parse_name)]


class _PayloadGroup(_Inputs):
    name: Annotated[Any, _maybe(parse_name)]
    version: Annotated[Any, _maybe(parse_version)] = 1


_TargetKeys = Annotated[list[Annotated[_TargetKey, BeforeValidator(_linked)]], WrapValidator(unless_unknown)]
_PayloadGroups = Annotated[
    list[Annotated[_PayloadGroup, BeforeValidator(_linked)]], WrapValidator(unless_unknown)
]


class _RuleInputs(_Inputs):
    name: Annotated[Any, _maybe(parse_name)]
    owner: Annotated[Any, _maybe(_owner)]
    description: Annotated[Any, _maybe(_text)] = None
    criteria: CriteriaInput
    target_attribute_keys: _TargetKeys | None = None
    payload_attribute_groups: _PayloadGroups | None = None
    version: Annotated[Any, _maybe(parse_version)] = None
    published: Annotated[Any, _maybe(_boolean)] = True
    adopt: Annotated[Any, _maybe(_boolean)] = None
    on_destroy: Annotated[Any, _maybe(_on_destroy)] = None


def _parsed(inputs: _RuleInputs) -> RuleInputs:
    content = _content(inputs)
    return RuleInputs(
        name=inputs.name,
        definition=None if has_unknown(content) else Definition.from_wire(content),
        version=inputs.version,
        published=inputs.published,
        adopt=inputs.adopt,
        on_destroy=inputs.on_destroy,
        content=content,
    )


def _content(inputs: _RuleInputs) -> dict[str, Any]:
    """Give what makes the definition, in wire shape, without what was left out or empty."""
    content = {
        "name": inputs.name,
        "owner": inputs.owner,
        "description": inputs.description or None,
        "criteria": _plain(inputs.criteria),
        "target_attribute_keys": _plain(inputs.target_attribute_keys) or None,
        "payload_attribute_groups": _plain(inputs.payload_attribute_groups) or None,
    }
    return {name: value for name, value in content.items() if value is not None}


def _plain(value: Any) -> Any:
    """Turn models into plain values; pydantic's own dump would turn the unknowns into text."""
    if isinstance(value, BaseModel):
        return {name: _plain(item) for name, item in value if item is not None}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
