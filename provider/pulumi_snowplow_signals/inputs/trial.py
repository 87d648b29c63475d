"""Try a rule without deploying it, so that a team can test its rules like any other code.

def test_a_full_cart_left_alone_is_offered_a_discount():
    full = {"shopping:cart_value": 80, "shopping:minutes_since_last_activity": 3}
    assert matches(DISCOUNT, before=full, after=full | {"shopping:minutes_since_last_activity": 15})
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_snowplow_signals.errors import UserFault
from pulumi_snowplow_signals.inputs.criteria import Criteria
from pulumi_snowplow_signals.inputs.faults import InputFault
from pulumi_snowplow_signals.inputs.plain import to_known_plain
from pulumi_snowplow_signals.inputs.wording import as_code


def matches(criteria: Criteria, *, before: Mapping[str, Any] | None = None, after: Mapping[str, Any]) -> bool:
    """Return whether a rule would fire when a visitor's attributes go from `before` to `after`.

    The result is for a visitor for whom the rule has not fired yet. Where Snowplow's documentation does not define a comparison,
    `pulumi_snowplow_signals.criteria.operators` states what is assumed.

    Args:
        criteria: The rule's criteria, in any form that `RuleIntervention` accepts. All values must be known.
        before: The values of attributes by `group:attribute`. If omitted, the visitor is new and has none.
        after: The values after the update. An attribute that is not named has no value.

    Raises:
        InputFault: The criteria are invalid, or contain something that cannot be evaluated here.
    """
    # Importing the parser takes longer than a small program runs, and a deployment does not need it here.
    from pulumi_snowplow_signals.criteria import matches as language  # noqa: PLC0415  # see above

    plain = to_known_plain(criteria, "criteria")
    states = _read_state(before, "before"), _read_state(after, "after")
    try:
        return language.matches(plain, *states)
    except UserFault as fault:
        raise InputFault(*map(str, fault.args)) from None


def _read_state(values: Any, name: str) -> dict[str, Any]:
    plain = to_known_plain(values, name)
    if plain is None and name == "before":
        return {}
    if not isinstance(plain, dict):
        raise InputFault(
            f'{name}: is {as_code(plain)}; expected the values of attributes, as in {{"group:attribute": 1}}.'
        )
    return plain
