"""Short ways to write what the tests of the domain are about."""

from __future__ import annotations

from typing import Any

from pulumi_snowplow_signals.domain.definition import Definition

NAME = "cart_abandonment_discount"
CART, IDLE, PLAN, PAID = "shopping:cart_value", "shopping:idle", "account:plan", "account:paid"


def is_(attribute: str, operator: str, value: Any = None) -> dict[str, Any]:
    """Give a criterion in wire shape."""
    return {"attribute": attribute, "operator": operator, **({} if value is None else {"value": value})}


def all_(*children: Any) -> dict[str, Any]:
    """Give an `all` group in wire shape."""
    return {"all": list(children)}


def any_(*children: Any) -> dict[str, Any]:
    """Give an `any` group in wire shape."""
    return {"any": list(children)}


def none(*children: Any) -> dict[str, Any]:
    """Give a `none` group in wire shape."""
    return {"none": list(children)}


def definition_body(criteria: Any = None, **fields: Any) -> dict[str, Any]:
    """Give a definition in wire shape, all of it like the others but what is said."""
    return {
        "name": NAME,
        "owner": "marketing@company.com",
        "criteria": criteria or all_(is_(CART, ">", 75), is_(IDLE, ">=", 15)),
        **fields,
    }


def defined(criteria: Any = None, **fields: Any) -> Definition:
    """Give a definition, all of it like the others but what is said."""
    return Definition.from_wire(definition_body(criteria, **fields))


def declared(criteria: Any = None, **inputs: Any) -> dict[str, Any]:
    """Give the inputs of a valid program, but for what is said."""
    return {
        "name": NAME,
        "owner": "marketing@company.com",
        "criteria": criteria or all_(is_(CART, ">", 75.0), is_(IDLE, ">=", 15.0)),
        **inputs,
    }
