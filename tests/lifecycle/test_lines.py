"""What the lines of a change say beyond those that are kept in snapshots: kinds without numbers, wrong types, secrets."""

from __future__ import annotations

from typing import Any

import pytest
from stacks import Stack, a_rule

TYPES = {"cart_value": "double", "visits": "int32", "country": "string", "member": "bool"}
ADVICE: dict[str, tuple[str, str, Any, str]] = {
    "a number as a text": ("cart_value", ">", "75", "write 75 without quotes"),
    "a fraction as a text": ("cart_value", ">", "7.50", "write 7.5 without quotes"),
    "a text for a number": ("visits", "=", "many", "write a number"),
    "no finite number": ("cart_value", "=", "inf", "write a number"),
    "a truth for a number": ("visits", "=", True, "write a number"),
    "a number for a text": ("country", "=", 31, 'write "31"'),
    "a truth for a text": ("country", "=", True, 'write "true"'),
    "a text for a truth": ("member", "=", "True", "write True without quotes"),
    "a number for a truth": ("member", "=", 0, "write False"),
    "a word for a truth": ("member", "=", "yes", "write True or False"),
    "numbers as texts": ("visits", "in", ["1", "2"], "write [1, 2]"),
    "texts for numbers": ("visits", "in", ["one", "two"], "write numbers without quotes"),
    "many numbers for texts": ("country", "in", [*range(9)], 'write ["0", "1", "2", "3", "4", …]'),
    "a pattern for a number": (
        "visits",
        "like",
        "7%",
        "patterns match strings only, so use another operator",
    ),
}


@pytest.fixture
def typed(stack: Stack) -> Stack:
    """A stack whose registry has an attribute of each type."""
    stack.emulator.publish_group("typed", TYPES)
    return stack


def doubtful(attribute: str, operator: str, value: Any, **inputs: Any) -> dict[str, Any]:
    """Return the inputs of a rule with one criterion."""
    criterion = {"attribute": f"typed:{attribute}", "operator": operator, "value": value}
    return a_rule("cart", criteria=criterion, **inputs)


@pytest.mark.parametrize(("attribute", "operator", "value", "advice"), ADVICE.values(), ids=ADVICE)
def test_a_value_of_a_wrong_type_comes_with_what_to_write(
    typed: Stack, attribute: str, operator: str, value: Any, advice: str
) -> None:
    """The warning ends with the value as a program has to write it."""
    typed.preview(doubtful(attribute, operator, value))
    warnings = [remark.text for remark in typed.said if remark.severity == "warning"]
    assert warnings == [
        f'cart: criteria: typed:{attribute} is of type {TYPES[attribute]}, which "{operator}" never matches with this value: {advice}'
    ]


def test_a_doubt_about_a_secret_tells_nothing_of_it(typed: Stack) -> None:
    """That an operator does not suit is said, and neither attribute nor value."""
    typed.preview(doubtful("cart_value", ">", "75", __secret=["criteria"]))
    said = [remark.text for remark in typed.said]
    assert said == [
        "cart v1 goes live: criteria hidden (secret); recipients hidden (secret)",
        "cart: criteria: the value never matches an attribute of this type (hidden: secret)",
    ]


def test_what_goes_with_a_resource_is_said_of_what_is_live(typed: Stack) -> None:
    """Beside a draft it is the version that is live, in the words of that version."""
    typed.up(a_rule("cart", 75))
    typed.up(a_rule("cart", 80, published=False))
    typed.said.clear()
    typed.up()
    assert [(remark.severity, remark.text) for remark in typed.said] == [
        (
            "warning",
            "cart v1 is WITHDRAWN, visitors no longer get it: shopping:cart_value > 75; was sent to the keys of shopping",
        )
    ]


def test_a_change_of_one_long_list_is_told_value_by_value(typed: Stack) -> None:
    """However many values change, that is one criterion."""
    countries = [f"country_{number}" for number in range(20)]
    typed.up(doubtful("country", "in", countries))
    typed.said.clear()
    typed.preview(doubtful("country", "in", countries[4:]))
    (said,) = (remark.text for remark in typed.said)
    assert said.startswith('cart v1 → v2 goes live, v1 is withdrawn: typed:country in: "country_0" removed; ')
    assert "was:" not in said


def news_of(stack: Stack, attribute: str, *criteria: tuple[str, Any], **inputs: Any) -> str:
    """Deploy a rule with the first criterion; return what a preview says of the second."""
    rules = [doubtful(attribute, operator, value, **inputs) for operator, value in criteria]
    stack.up(rules[0])
    stack.said.clear()
    stack.preview(rules[1])
    return stack.said[0].text


@pytest.mark.parametrize(
    ("attribute", "before", "after", "reach"),
    [
        pytest.param("visits", (">", 75), (">=", 76), "reaches the same visitors", id="whole numbers"),
        pytest.param("cart_value", (">", 75), (">=", 76), "reaches fewer visitors", id="fractions"),
        pytest.param(
            "member", ("=", True), ("!=", False), "reaches the same visitors", id="one of two truths"
        ),
    ],
)
def test_whom_a_rule_reaches_hangs_on_the_types_of_attributes(
    typed: Stack, attribute: str, before: tuple[str, Any], after: tuple[str, Any], reach: str
) -> None:
    """Where the review has asked the registry, its types count."""
    assert news_of(typed, attribute, before, after).endswith(f"; {reach}")


def test_without_a_review_no_type_is_known(typed: Stack) -> None:
    """Then a whole number is as good as any other."""
    typed.config = {"review": "local"}
    assert news_of(typed, "visits", (">", 75), (">=", 76)).endswith("; reaches fewer visitors")


def test_types_make_a_part_idle(typed: Stack) -> None:
    """A part that only another type would need is a warning."""
    both = [{"attribute": "typed:visits", "operator": op, "value": v} for op, v in ((">", 75), (">=", 76))]
    typed.preview(a_rule("cart", criteria={"all": both}))
    assert any("has no effect" in remark.text for remark in typed.said)


def test_a_value_of_a_wrong_type_is_compared_as_if_nothing_were_known(typed: Stack) -> None:
    """How Signals compares it is not documented, so that nothing is made of the type."""
    assert "no visitor" not in news_of(typed, "visits", (">", "7"), (">", "8"))
