"""A rule in one line of words, for a person."""

import pytest

from signals_local.emulator.live.criteria import parse
from signals_local.emulator.live.words import in_words


def criterion(operator, value=None, *, attribute="shop:a"):
    return {"attribute": attribute, "operator": operator, "value": value}


ONE, TWO = criterion("=", 1), criterion("=", 2, attribute="shop:b")

CASES = {
    "a comparison": (criterion(">", 75), "shop:a > 75"),
    "a whole number without its fraction": (criterion(">", 75.0), "shop:a > 75"),
    "a fraction as it is": (criterion(">", 0.5), "shop:a > 0.5"),
    "a text in quotes": (criterion("=", 'say "hi"'), 'shop:a = "say \\"hi\\""'),
    "letters of any alphabet": (criterion("like", "%grün%"), 'shop:a like "%grün%"'),
    "true as JSON has it": (criterion("=", value=True), "shop:a = true"),
    "an operator without a value": (criterion("is not null"), "shop:a is not null"),
    "a list": (criterion("in", ["DE", "FR"]), 'shop:a in ["DE", "FR"]'),
    "a long list, cut": (criterion("in", [1, 2, 3, 4, 5, 6, 7]), "shop:a in [1, 2, 3, 4, 5, … 7 in all]"),
    "all is and": ({"all": [ONE, TWO]}, "shop:a = 1 and shop:b = 2"),
    "any is or": ({"any": [ONE, TWO]}, "shop:a = 1 or shop:b = 2"),
    "none of": ({"none": [ONE, TWO]}, "none of (shop:a = 1, shop:b = 2)"),
    "brackets where and meets or": (
        {"all": [ONE, {"any": [ONE, TWO]}]},
        "shop:a = 1 and (shop:a = 1 or shop:b = 2)",
    ),
    "no brackets where and meets and": (
        {"all": [ONE, {"all": [ONE, TWO]}]},
        "shop:a = 1 and shop:a = 1 and shop:b = 2",
    ),
    "no brackets around a lone child": ({"all": [{"any": [ONE, TWO]}]}, "shop:a = 1 or shop:b = 2"),
    "brackets deep inside lone children": (
        {"all": [ONE, {"all": [{"any": [ONE, TWO]}]}]},
        "shop:a = 1 and (shop:a = 1 or shop:b = 2)",
    ),
    "all of nothing": ({"all": []}, "always"),
    "any of nothing": ({"any": []}, "never"),
}


@pytest.mark.parametrize(("criteria", "expected"), CASES.values(), ids=CASES)
def test_a_rule_reads_as_a_sentence(criteria, expected):
    """The page shows each rule in one line that says neither more nor less than its criteria."""
    assert in_words(parse(criteria)) == expected
