"""Interventions, services and engine requests as the service accepts them.

Fields, patterns and bounds are those of `snowplow_signals.models.model` (0.4.10). Snowplow's documentation of interventions, not those
models, says which value an operator takes and where `changed` may appear. Violations are refused with 422.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, StringConstraints, Tag, model_validator
from pydantic_core import PydanticCustomError

from signals_local.emulator.wire import (
    Flag,
    Integer,
    LinkAttributeKey,
    Name,
    Owner,
    Proposal,
    Reference,
    Text,
    Value,
    Version,
    VersionedLinkAttributeGroup,
    Wire,
)

Operator = Literal[
    "=", "!=", "<", ">", "<=", ">=", "like", "not like", "rlike", "not rlike", "in", "not in",
    "is null", "is not null", "changed",
]  # fmt: skip

QualifiedName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,128}:[A-Za-z0-9_]{1,128}$", min_length=3, max_length=257)
]

_BOXES = ("all", "any", "none")


def _describe_value(operator: str) -> str:
    if operator in ("=", "!="):
        return "one text, number or boolean"
    if operator in ("<", ">", "<=", ">="):
        return "one number or text"
    if operator in ("in", "not in"):
        return "a list"
    return "no value" if operator in ("is null", "is not null", "changed") else "one text"


def _fits(operator: str, value: object) -> bool:
    expected = _describe_value(operator)
    if expected == "no value":
        return value is None
    if expected == "a list":
        return isinstance(value, list)
    if expected == "one text":
        return isinstance(value, str)
    if expected == "one number or text":
        return isinstance(value, str | int | float) and not isinstance(value, bool)
    return value is not None and not isinstance(value, list)


class Criterion(Wire):
    attribute: QualifiedName
    operator: Operator
    value: Value = None

    @model_validator(mode="after")
    def _check_value(self) -> Criterion:
        if not _fits(self.operator, self.value):
            raise PydanticCustomError(
                "criterion_value",
                "Operator '{operator}' takes {expected}",
                {"operator": self.operator, "expected": _describe_value(self.operator)},
            )
        return self


class CriteriaAll(Wire):
    all: list[Criteria]


class CriteriaAny(Wire):
    any: list[Criteria]


class CriteriaNone(Wire):
    none: list[Criteria]


def _choose_tag(node: Any) -> str:
    """Return the tag of a node. The brackets let `location` in app.py distinguish tags from fields."""
    if not isinstance(node, dict):
        return f"<{next((box for box in _BOXES if hasattr(node, box)), 'criterion')}>"
    boxes = [box for box in _BOXES if box in node]
    if len(boxes) + ("attribute" in node or "operator" in node) > 1:
        return "<mixed>"
    return f"<{boxes[0]}>" if boxes else "<criterion>"


Criteria = Annotated[
    Annotated[Criterion, Tag("<criterion>")]
    | Annotated[CriteriaAll, Tag("<all>")]
    | Annotated[CriteriaAny, Tag("<any>")]
    | Annotated[CriteriaNone, Tag("<none>")],
    Discriminator(
        _choose_tag,
        custom_error_type="criteria_mixed",
        custom_error_message="Give exactly one of a criterion, 'all', 'any' and 'none'",
    ),
]

for _box in (CriteriaAll, CriteriaAny, CriteriaNone):
    _box.model_rebuild()


def _children(node: Criteria) -> list[Criteria]:
    if isinstance(node, CriteriaAll):
        return node.all
    if isinstance(node, CriteriaAny):
        return node.any
    return node.none if isinstance(node, CriteriaNone) else []


def _leaves(node: Criteria) -> Iterator[Criterion]:
    if isinstance(node, Criterion):
        yield node
    for child in _children(node):
        yield from _leaves(child)


def _check_changed(node: Criteria, *, under: str = "") -> Criteria:
    if isinstance(node, Criterion) and node.operator == "changed" and under:
        raise PydanticCustomError(
            "changed_placement",
            "Operator 'changed' may stand alone or inside 'all'; here it is inside '{under}'",
            {"under": under},
        )
    if isinstance(node, CriteriaAny | CriteriaNone):
        under = under or ("any" if isinstance(node, CriteriaAny) else "none")
    for child in _children(node):
        _check_changed(child, under=under)
    return node


class RuleIntervention(Wire):
    name: Name
    version: Version = 1
    description: Text | None = None
    owner: Owner | None = None
    is_published: Flag = False
    criteria: Annotated[Criteria, AfterValidator(_check_changed)]
    target_attribute_keys: list[LinkAttributeKey] | None = None
    payload_attribute_groups: list[VersionedLinkAttributeGroup] | None = None

    def proposal(self) -> Proposal:
        """Return the object to store."""
        qualified = dict.fromkeys(leaf.attribute for leaf in _leaves(self.criteria))
        criteria = (name.split(":") for name in qualified)
        return Proposal(
            kind="intervention",
            name=self.name,
            version=self.version,
            definition=self.model_dump(mode="json", exclude={"is_published"}),
            publish=self.is_published,
            references=(
                *(
                    Reference("criterion", "attribute_group", group, attribute=attr)
                    for group, attr in criteria
                ),
                *(Reference("target", "attribute_key", key.name) for key in self.target_attribute_keys or ()),
                *(
                    Reference("payload", "attribute_group", group.name, group.version)
                    for group in self.payload_attribute_groups or ()
                ),
            ),
        )


class Service(Wire):
    name: Name
    description: Text | None = None
    attribute_groups: Annotated[list[VersionedLinkAttributeGroup], Field(min_length=1, max_length=100)]
    owner: Owner | None = None
    is_published: Flag = False

    def proposal(self) -> Proposal:
        """Return the object to store."""
        return Proposal(
            kind="service",
            name=self.name,
            version=0,
            definition=self.model_dump(mode="json", exclude={"is_published"}),
            publish=self.is_published,
            references=tuple(
                Reference("member", "attribute_group", group.name, group.version)
                for group in self.attribute_groups
            ),
        )


class _Named(Wire):
    name: str


class _Versioned(Wire):
    name: str
    version: Integer


class EngineRequest(Wire):
    """The body of `engines/publish` and `engines/unpublish`.

    The client's models (0.4.10) have no `agentic_attributes` there, but a request that contains them is refused, not ignored.
    """

    attribute_keys: list[_Named] | None = None
    attribute_groups: list[_Versioned] | None = None
    services: list[_Named] | None = None
    interventions: list[_Versioned] | None = None
    event_logs: list[_Named] | None = None
    agentic_decisions: list[_Named] | None = None
    agentic_attributes: list[_Named] | None = None
