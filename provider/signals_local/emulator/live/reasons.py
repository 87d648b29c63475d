"""Why a rule fired or not, in words: the result of each criterion for the visitor's values."""

from __future__ import annotations

import json
from typing import Any

from signals_local.emulator.live.criteria import CHANGED, Criterion, Node, leaves, uses_changed
from signals_local.emulator.live.judge import State, holds
from signals_local.emulator.live.words import in_words

#: Nobody reads the verdicts on a rule of thousands of criteria.
_MOST_SHOWN = 20
_MOST_OF_A_VALUE = 200


def verdicts(rule: Node, before: State, after: State) -> list[str]:
    """Return a line for each criterion, in reading order: whether it holds, and the values that decide it."""
    lines = [_describe_verdict(leaf, before, after) for leaf in leaves(rule)]
    left_out = len(lines) - _MOST_SHOWN
    return [*lines[:_MOST_SHOWN], f"and {left_out} criteria more"] if left_out > 0 else lines


def why_not(rule: Node, after: State) -> str:
    """Return why a rule that was judged did not fire."""
    if not uses_changed(rule) and holds(rule, after):
        return "its criteria were met before already, and a rule fires when they become met"
    return "its criteria are not met"


def _describe_verdict(leaf: Criterion, before: State, after: State) -> str:
    was, now = before.get(leaf.attribute), after.get(leaf.attribute)
    step = (
        _show_value(now)
        if _show_value(was) == _show_value(now)
        else f"{_show_value(was)} → {_show_value(now)}"
    )
    if leaf.operator == CHANGED:
        return f"{leaf.attribute} {'changed' if holds(leaf, after, before) else 'did not change'} ({step})"
    if not holds(leaf, after):
        return f"{in_words(leaf)} is not true ({step})"
    return f"{in_words(leaf)} {'is true' if holds(leaf, before) else 'turned true'} ({step})"


def _show_value(value: Any) -> str:
    if value is None:
        return "no value"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MOST_OF_A_VALUE else f"{text[:_MOST_OF_A_VALUE]}…"
