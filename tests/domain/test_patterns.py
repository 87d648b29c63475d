"""Which regular expressions get a warning: those that one engine reads and another refuses."""

from __future__ import annotations

from typing import Any

import pytest
from generated import trees
from hypothesis import given
from samples import PLAN, all_, any_, is_

from pulumi_snowplow_signals.criteria.patterns import doubtful_patterns
from pulumi_snowplow_signals.criteria.tree import leaves, tree_of

LOOK_AROUND = "uses look-around, which some engines refuse"
BACK_REFERENCE = "uses a back-reference, which some engines refuse"
UNREADABLE = "is not a valid regular expression"

# A pattern, and the doubt about it, or None.
PATTERNS = [
    ("", None),
    ("^fr(ee|ench)+$", None),
    (r"\d{2,3}[^a-z]?", None),
    ("(?i)free", None),
    ("(?:free)", None),
    ("(?P<plan>free)", None),
    # look-around, and what only looks like it
    ("(?=fr)ee", LOOK_AROUND),
    ("(?!fr)ee", LOOK_AROUND),
    ("(?<=fr)ee", LOOK_AROUND),
    ("(?<!fr)ee", LOOK_AROUND),
    (r"\(?=fr", None),
    ("[(?=]fr", None),
    ("[](?=]fr", None),
    ("[^](?=]fr", None),
    (r"[\](?=]fr", None),
    (r"\\(?=fr)", LOOK_AROUND),
    # a back-reference, and what only looks like one
    (r"(fr)\1", BACK_REFERENCE),
    (r"(?P<x>fr)(?P=x)", BACK_REFERENCE),
    (r"(fr)?(?(1)ee|x)", BACK_REFERENCE),
    (r"\\1", None),
    (r"[\1]", None),
    (r"\0", None),
    (r"(?<=f)(r)\1", "uses look-around and a back-reference, which some engines refuse"),
    # what Python cannot read
    ("fr(ee", f"{UNREADABLE}: missing ), unterminated subpattern at position 2"),
    ("*free", f"{UNREADABLE}: nothing to repeat at position 0"),
    (r"\p{L}", rf"{UNREADABLE}: bad escape \p at position 0"),
    ("x{99999999999}", f"{UNREADABLE}: too long or too deep"),
]


def doubts(criteria: Any) -> list[str]:
    """Return the warnings about a tree."""
    return list(doubtful_patterns(tree_of(criteria)))


@pytest.mark.parametrize("operator", ["rlike", "not rlike"])
@pytest.mark.parametrize(("pattern", "doubt"), PATTERNS)
def test_table(operator: str, pattern: str, doubt: str | None) -> None:
    """A doubtful pattern is told with its reason; of one that every engine reads, nothing is said."""
    told = doubts(is_(PLAN, operator, pattern))
    assert len(told) == (doubt is not None)
    assert (
        doubt is None
        or f" {doubt}; Signals does not document which regular expressions it accepts" in told[0]
    )


def test_every_doubtful_pattern_is_told_with_its_path() -> None:
    """All of them are told at once, each by its path and its text."""
    criteria = all_(is_(PLAN, "rlike", "fr(ee"), any_(is_(PLAN, "=", "a"), is_(PLAN, "not rlike", '(?="x")')))
    advice = "; Signals does not document which regular expressions it accepts, so try this one before you rely on it"
    assert doubts(criteria) == [
        f'criteria.all[0].value: "fr(ee" {UNREADABLE}: missing ), unterminated subpattern at position 2{advice}',
        f'criteria.all[1].any[1].value: "(?=\\"x\\")" {LOOK_AROUND}{advice}',
    ]


@pytest.mark.parametrize("operator", ["like", "not like", "=", "!="])
def test_only_regular_expressions_are_judged(operator: str) -> None:
    """What is no regular expression is no doubtful one: LIKE knows neither brackets nor back-references."""
    assert doubts(is_(PLAN, operator, r"(?=fr(ee\1")) == []


@given(trees)
def test_never_doubts_without_a_regular_expression(tree: Any) -> None:
    """However odd the values of a rule are, a warning is about one of its regular expressions."""
    paths = {path for path, leaf in leaves(tree_of(tree)) if leaf.operator in ("rlike", "not rlike")}
    assert {text.partition(": ")[0] for text in doubts(tree)} <= {f"{path}.value" for path in paths}
