"""The table of the version rule leaves no gap: whatever is changed in the rule, a row of it fails."""

from __future__ import annotations

import pytest
from mutants import MUTANTS, Mutant, applied
from version_table import TABLE, Row, Rule, expected_of, verdict_on


def is_kept(row: Row, rule: Rule) -> bool:
    """Return whether a rule does what a row says. One that crashes does not."""
    try:
        found = verdict_on(row, rule)
    except Exception:  # noqa: BLE001  # a mutant may do anything
        return False
    # A copy of the module has members of its own in `Move`, which are named alike.
    return found == expected_of(row)


def test_a_copy_without_a_change_keeps_the_table() -> None:
    """A copy of the rule's modules is the rule: what kills a mutant is its change and not the copying."""
    with applied(Mutant("creation", "Creation.decide", "given or 1", "given or 1", "")) as rule:
        assert [row.promise for row in TABLE if not is_kept(row, rule)] == []


@pytest.mark.parametrize(
    "mutant", MUTANTS, ids=[f"{mutant.promise} [{i}]" for i, mutant in enumerate(MUTANTS)]
)
def test_no_mutant_survives(mutant: Mutant) -> None:
    """A change of the rule that breaks a promise breaks a row of the table."""
    with applied(mutant) as rule:
        assert not all(is_kept(row, rule) for row in TABLE), f"{mutant.old!r} → {mutant.new!r} changes no row"
