"""Short ways to write what the tests of the domain are about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_snowplow_signals.kinds.definition import Parsed
from pulumi_snowplow_signals.kinds.intervention import Intervention
from pulumi_snowplow_signals.kinds.options import Options, ParsedOptions, parse_options

NAME = "cart_abandonment_discount"
CART, IDLE, PLAN, PAID = "shopping:cart_value", "shopping:idle", "account:plan", "account:paid"


def is_(attribute: str, operator: str, value: Any = None) -> dict[str, Any]:
    """Return a criterion in wire shape."""
    return {"attribute": attribute, "operator": operator, **({} if value is None else {"value": value})}


def all_(*children: Any) -> dict[str, Any]:
    """Return an `all` group in wire shape."""
    return {"all": list(children)}


def any_(*children: Any) -> dict[str, Any]:
    """Return an `any` group in wire shape."""
    return {"any": list(children)}


def none(*children: Any) -> dict[str, Any]:
    """Return a `none` group in wire shape."""
    return {"none": list(children)}


def definition_body(criteria: Any = None, **fields: Any) -> dict[str, Any]:
    """Return a definition in wire shape, all of it like the others but what is said."""
    return {
        "name": NAME,
        "owner": "marketing@company.com",
        "criteria": criteria or all_(is_(CART, ">", 75), is_(IDLE, ">=", 15)),
        **fields,
    }


def defined(criteria: Any = None, **fields: Any) -> Intervention:
    """Return a definition, all of it like the others but what is said."""
    return Intervention.stored(definition_body(criteria, **fields))


def parse(raw: Mapping[str, Any]) -> tuple[Parsed[Intervention], ParsedOptions]:
    """Read the inputs of a rule intervention, the definition and the options."""
    names = [*Intervention.model_fields, *Options.model_fields]
    own = {name: value for name, value in raw.items() if name in Intervention.model_fields}
    rest = {name: value for name, value in raw.items() if name not in own}
    return Intervention.parse(own, names), parse_options(Options, rest, names)


def declared(criteria: Any = None, **inputs: Any) -> dict[str, Any]:
    """Return the inputs of a valid program, but for what is said."""
    return {
        "name": NAME,
        "owner": "marketing@company.com",
        "criteria": criteria or all_(is_(CART, ">", 75.0), is_(IDLE, ">=", 15.0)),
        **inputs,
    }
