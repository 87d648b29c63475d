"""The forms that the value of a criterion has: for each `Takes`, the kinds that fit it, and values to try and to generate."""

from __future__ import annotations

from typing import Any, NamedTuple

from hypothesis import strategies as st

from pulumi_snowplow_signals.criteria.operators import (
    LIST,
    NOTHING,
    OPERATORS,
    ORDERED,
    PATTERN,
    SCALAR,
    Takes,
)

# One value of each kind.
KINDS: dict[str, Any] = {
    "text": "a",
    "number": 1.5,
    "boolean": True,
    "texts": ["a"],
    "numbers": [1.0, 2.5],
    "nothing": None,
}

# Few values, of every kind that could be mistaken for another, so that rules and visitors often meet.
NUMBERS = [0, 1, 1.0, -1, 2.5, 75, 75.0, 2**53, 0.1 + 0.2, 0.3]
STRINGS = ["", "a", "A", "ab", "aab", "abc", "75", "1", "true", "a\nb", "é", "%", "a_"]
BOOLEANS = [True, False]

LIKE = [
    "",
    "%",
    "%%",
    "_",
    "a",
    "a%",
    "%b",
    "%ab",
    "a%b%c",
    "a__",
    "_%_",
    "75",
    "A%",
    "é",
    "a\n_",
    "\\%",
    "a.b",
]
REGULAR = ["", "a", "^a", "b$", "a.b", "^$", "[0-9]+", "(a|b){2}", r"\d", "A", "^ab?c?$", "%"]
LISTS = [[0], [1, 75], [2.5], ["a"], ["", "ab"], ["75", "true"], [True], [False, True]]

# What could be mistaken for another value, or for a part of a sentence about values.
_AWKWARD = [
    *(
        "",
        " ",
        '"',
        '\\"',
        "\\",
        ", ",
        '", "',
        ")",
        ' and shop:a = "x"',
        "…",
        "a…",
        " (90 characters, #00000000)",
    ),
    *(
        "true",
        "1",
        "75",
        "null",
        "nothing",
        "\n",
        "\u2028",
        "\u202e",
        "\x7f",
        "é",
        "e\u0301",
        "😀",
        "\\u007f",
        "#",
    ),
    *("x" * 80, "x" * 81, "x" * 60 + "y" * 30, "x" * 60 + "z" * 30),
]
# A null character is refused, and has tests of its own.
texts = st.sampled_from(_AWKWARD) | st.text(st.characters(exclude_characters="\0"), max_size=5)
numbers = st.integers(-3, 3) | st.sampled_from([0.5, -0.5, 75, 2**53, -(2**53), 1e-9, 0.1 + 0.2, 0.3])
scalars = texts | numbers | st.booleans()
_lists = st.one_of(*(st.lists(kind, min_size=1, max_size=12) for kind in (texts, numbers, st.booleans())))


class Form(NamedTuple):
    """What a `Takes` takes.

    Attributes:
        kinds: The names in `KINDS` of the values that fit, and of no other.
        tried: Values to try one by one.
        drawn: Values to generate.
    """

    kinds: set[str]
    tried: list[Any]
    drawn: st.SearchStrategy[Any]


FORMS: dict[Takes, Form] = {
    SCALAR: Form({"text", "number", "boolean"}, [*NUMBERS, *STRINGS, *BOOLEANS], scalars),
    ORDERED: Form({"text", "number"}, [*NUMBERS, *STRINGS], texts | numbers),
    PATTERN: Form({"text"}, LIKE, texts),
    LIST: Form({"texts", "numbers"}, LISTS, _lists),
    NOTHING: Form({"nothing"}, [None], st.none()),
}


def form_of(operator: str) -> Form:
    """Return the form of an operator's value. Raise AssertionError where the tests know none."""
    takes = OPERATORS[operator].takes
    assert takes in FORMS, (
        f'"{operator}" takes {takes.wanted}: add that form to FORMS in tests/support/forms.py'
    )
    form = FORMS[takes]
    return form._replace(tried=REGULAR) if OPERATORS[operator].is_regex else form
