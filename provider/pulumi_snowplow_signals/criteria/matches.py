"""Decide whether a rule fires when a visitor's attributes go from one state to another.

Snowplow's documentation of interventions states the rules. A rule fires when its criteria *become* true, not while they stay
true. `none` is true when every child is false. `is null` means null or empty. A rule with `changed` fires on every change of
that attribute, provided that its other criteria hold in the new state. `operators` defines how values are compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from pulumi_snowplow_signals.criteria.operators import OPERATORS
from pulumi_snowplow_signals.criteria.tree import (
    ATTRIBUTE_PATTERN,
    Criterion,
    Node,
    WholeCriteria,
    leaves,
)
from pulumi_snowplow_signals.errors import UserFault
from pulumi_snowplow_signals.fields.faults import Fault, faults_of
from pulumi_snowplow_signals.fields.vocabulary import Part

State = Mapping[str, Any]
"""The values of a visitor's attributes by `group:attribute`, as JSON values."""


class _Rule(Part):
    criteria: WholeCriteria


def matches(criteria: Any, before: State, after: State) -> bool:
    """Return whether a rule fires on the step from `before` to `after`.

    Args:
        criteria: The rule's criteria in wire shape.
        before: The state before the update. A missing attribute has no value.
        after: The state after it.

    Raises:
        UserFault: The criteria are invalid, or cannot be evaluated here. Each argument is one sentence.
    """
    faults = [*_find_state_faults("before", before), *_find_state_faults("after", after)]
    try:
        node = _Rule.model_validate({"criteria": criteria}).criteria
    except ValidationError as error:
        faults = [*faults_of(error, _Rule), *faults]
    else:
        faults = faults or [*_find_pattern_faults(node)]
        if not faults:
            return fires(node, before, after)
    raise UserFault(*map(str, faults))


def fires(criteria: Node, before: State, after: State) -> bool:
    """Return whether a rule that `matches` would accept fires on the step from `before` to `after`."""
    if any(OPERATORS[leaf.operator].is_change for _, leaf in leaves(criteria)):
        return _holds(criteria, after, before)
    return _holds(criteria, after, {}) and not _holds(criteria, before, {})


def _holds(node: Node, state: State, before: State) -> bool:
    if isinstance(node, Criterion):
        found = state.get(node.attribute)
        return OPERATORS[node.operator].holds(found, node.value, before.get(node.attribute))
    holding = sum(_holds(child, state, before) for child in node.children)
    if node.kind == "all":
        return holding == len(node.children)
    return holding > 0 if node.kind == "any" else holding == 0


def _find_state_faults(name: str, state: State) -> Iterator[Fault]:
    for attribute in state:
        if not ATTRIBUTE_PATTERN.fullmatch(attribute):
            yield Fault(name, f'names "{attribute}"; write group:attribute, as in the criteria')


def _find_pattern_faults(node: Node) -> Iterator[Fault]:
    """Find regular expressions that Python cannot compile. Signals uses another engine, which may accept them."""
    for path, leaf in leaves(node):
        if OPERATORS[leaf.operator].is_regex:
            try:
                re.compile(str(leaf.value))
            except (re.error, OverflowError, RecursionError) as why:
                yield Fault(f"{path}.value", f'"{leaf.value}" cannot be tried here: Python says {why}')
