"""What the documentation says of criteria, as data, against the judge."""

import json
from pathlib import Path
from typing import get_args

import pytest

from signals_local.emulator.live.criteria import parse
from signals_local.emulator.live.judge import fires, holds
from signals_local.emulator.models import Operator

CASES = Path(__file__).with_name("cases")


def cases(file):
    return [
        pytest.param(case, id=case["says"]) for case in json.loads((CASES / file).read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize("case", cases("criteria.json"))
def test_criteria_hold_where_the_table_says_so(case):
    """Each operator and each kind of group answers as its source says."""
    assert holds(parse(case["criteria"]), case["state"]) is case["holds"], case["source"]


@pytest.mark.parametrize("case", cases("steps.json"))
def test_a_rule_fires_on_the_steps_that_the_table_says(case):
    """A rule fires when it becomes true, or with `changed` on each change, and at no other step."""
    assert fires(parse(case["criteria"]), case["before"], case["after"]) is case["fires"], case["source"]


def test_the_tables_cover_every_operator():
    """No operator of the published schema is left without a case."""
    text = (CASES / "criteria.json").read_text() + (CASES / "steps.json").read_text()
    operators = {*get_args(Operator)}
    assert {operator for operator in operators if f'"operator": "{operator}"' in text} == operators


def test_a_pattern_that_is_nested_too_deep_is_none():
    """A regular expression that Python gives up on matches nothing and is avoided by nothing."""
    pattern = "(" * 5000 + ")" * 5000
    for operator in ("rlike", "not rlike"):
        rule = parse({"attribute": "shop:value", "operator": operator, "value": pattern})
        assert not holds(rule, {"shop:value": "x"})
