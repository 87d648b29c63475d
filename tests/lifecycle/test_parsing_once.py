"""What a call costs in parsing: criteria may be large, and a preview reads every resource of the stack."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any

from stacks import Stack, a_rule

from pulumi_snowplow_signals.criteria import canonical, tree
from signals_local.emulator import Emulator

READ: CodeType = tree._read_whole.__code__
CANONICAL: CodeType = canonical._canonicalize_leaf.__code__


@contextmanager
def calls() -> Iterator[Counter[CodeType]]:
    """Count the calls of functions by their code. Nothing is patched: Python tells of each call."""
    counted: Counter[CodeType] = Counter()

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            counted[frame.f_code] += 1

    sys.setprofile(note)
    try:
        yield counted
    finally:
        sys.setprofile(None)


def test_an_unchanged_rule_is_read_twice_and_made_canonical_twice(emulator: Emulator) -> None:
    """A preview without a change reads what is recorded and what is declared, once each, in check and again in diff."""
    stack = Stack(emulator)
    rule = a_rule("cart", description="Same")
    stack.up(rule)
    with calls() as counted:
        assert stack.preview(rule) == {}
    in_check_and_diff = 2
    assert counted[READ] == 2 * in_check_and_diff
    # It has one criterion, which check puts into words as well.
    assert counted[CANONICAL] == 2 * in_check_and_diff + 1
