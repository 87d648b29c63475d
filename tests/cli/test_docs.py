"""What the pages about a registry in use show is what happens."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click
import pytest
from command_line import Evaluator, run
from registry_shapes import Version, fill

from pulumi_snowplow_signals.cli.command import commands
from pulumi_snowplow_signals.cli.listing.live import Live
from pulumi_snowplow_signals.cli.listing.text import to_paragraphs
from pulumi_snowplow_signals.kinds.attribute_group import AttributeGroup, StreamAttributeGroup
from pulumi_snowplow_signals.kinds.intervention import Intervention
from signals_local.emulator import Emulator

_DOCS = Path(__file__).parents[2] / "docs"
_PAGES = [_DOCS / "taking-over.md", _DOCS / "publish-script.md"]

_CART = {
    "owner": "marketing@company.com",
    "criteria": {
        "all": [
            {"attribute": "shopping:cart_value", "operator": ">", "value": 75},
            {"attribute": "shopping:minutes_since_last_activity", "operator": ">=", "value": 15},
        ]
    },
    "target_attribute_keys": [{"name": "domain_userid"}],
}


def test_the_program_of_the_page(emulator: Emulator, evaluator: Evaluator, tmp_path: Path) -> None:
    """It declares what an export of the same rule declares."""
    (tmp_path / "shown").mkdir()
    (shown,) = re.findall(r"```python\n(.*?)```", _PAGES[0].read_text(), re.DOTALL)
    (tmp_path / "shown" / "__main__.py").write_text(shown)
    fill(emulator, {"cart_abandonment_discount": [Version(1, "draft", _CART)]})
    emulator.publish_group("shopping", {"cart_value": "double", "minutes_since_last_activity": "int32"})
    run(emulator, "export", "--kind", "intervention", "--output", str(tmp_path / "program"))
    exported = evaluator.declared_by(tmp_path / "program")
    declared = evaluator.declared_by(tmp_path / "shown")
    published = [each["cart_abandonment_discount"].pop("published", True) for each in (exported, declared)]
    assert (declared, published) == (exported, [False, True])


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Snowplow's client needs Python 3.11")
def test_the_loop_of_the_page(evaluator: Evaluator, tmp_path: Path) -> None:
    """It declares a rule for each object of the official client."""
    (loop,) = [
        block
        for block in re.findall(r"```python\n(.*?)```", _PAGES[1].read_text(), re.DOTALL)
        if "for " in block
    ]
    head = f"""
import snowplow_signals as sdk
from pulumi_snowplow_signals import RuleIntervention

leaf = sdk.InterventionCriterion(attribute="shopping:cart_value", operator=">", value=75)
definitions = [sdk.RuleIntervention(name=name, owner="{_CART["owner"]}", criteria=leaf) for name in ("a", "b")]
"""
    (tmp_path / "__main__.py").write_text(head + loop)
    assert evaluator.declared_by(tmp_path).keys() == {"a", "b"}


def test_the_list_of_the_page() -> None:
    """It is what a terminal shows of that rule and of the group that it reads."""
    rule = Intervention.stored({"name": "cart_abandonment_discount", **_CART})
    attributes = [
        {"name": name, "type": "double", "aggregation": "counter", "events": []}
        for name in ("cart_value", "minutes_since_last_activity")
    ]
    body = {"owner": "data@company.com", "attribute_key": {"name": "domain_userid"}, "attributes": attributes}
    group = StreamAttributeGroup.stored({"name": "shopping", **body})
    keys = ("domain_userid",)
    live = [Live(AttributeGroup, group.name, 2, group, keys, 2), Live(Intervention, rule.name, 1, rule, keys)]
    assert click.unstyle("\n".join(to_paragraphs(live, 80))) in _PAGES[0].read_text()


@pytest.mark.parametrize("page", _PAGES, ids=lambda page: page.name)
def test_commands_and_options_exist(page: Path) -> None:
    """Each subcommand and option that a page names is one."""
    for name, rest in re.findall(r"^\$ pulumi-signals (\w+)(.*)$", page.read_text(), re.MULTILINE):
        options = {option for parameter in commands.commands[name].params for option in parameter.opts}
        assert {*re.findall(r"--[a-z-]+", rest)} <= options
