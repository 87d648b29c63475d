"""What the pages about a registry in use show is what happens."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click
import pytest
from command_line import Evaluator, run
from page_previews import programs_of
from registry_shapes import Version, fill

from pulumi_snowplow_signals.cli.listing.live import Live
from pulumi_snowplow_signals.cli.listing.text import to_paragraphs
from pulumi_snowplow_signals.kinds.attribute_group import AttributeGroup, StreamAttributeGroup
from pulumi_snowplow_signals.kinds.intervention import Intervention
from signals_local.emulator import Emulator

_DOCS = Path(__file__).parents[2] / "docs"
_PAGES = [_DOCS / "taking-over.md", _DOCS / "from-the-official-client.md"]

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


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Snowplow's client needs Python 3.11")
def test_both_ways_of_the_page(evaluator: Evaluator, tmp_path: Path) -> None:
    """A changed import and a loop over the official client's objects declare the same."""
    declared = []
    for program in programs_of(_PAGES[1].read_text())[1:]:
        (tmp_path / "__main__.py").write_text(program)
        declared.append(evaluator.declared_by(tmp_path)["big_cart"])
    assert declared[0] == {**declared[1], "version": 1}
