"""What the review doubts about a secret is said, without the secret."""

from __future__ import annotations

import pytest
from stacks import Stack, a_rule

_WITHHELD = "(hidden: secret)"


@pytest.mark.parametrize("version", [1, 2])
def test_a_type_that_never_matches(stack: Stack, version: int) -> None:
    """A secret value of the wrong type gets the warning that any other gets, without value, attribute and operator."""
    if version == 2:
        stack.up(a_rule("cart", __secret=["criteria"]))
    criteria = {"attribute": "shopping:cart_value", "operator": "<=", "value": "canary"}
    stack.up(a_rule("cart", version=version, criteria=criteria, __secret=["criteria"]))
    texts = [remark.text for remark in stack.said if remark.severity == "warning"]
    assert f"cart: criteria: the value never matches an attribute of this type {_WITHHELD}" in texts
    for text in texts:
        assert not {"canary", "cart_value", "<="} & set(text.split())


def test_a_regular_expression(stack: Stack) -> None:
    """A doubtful pattern that is a secret is doubted all the same."""
    leaf = {"attribute": "shopping:plan", "operator": "rlike", "value": "(canary"}
    criteria = {"all": [leaf, {**leaf, "value": "(?=canary)"}]}
    stack.emulator.publish_group("shopping", {"cart_value": "double", "plan": "string"}, version=2)
    stack.up(a_rule("cart", criteria=criteria, __secret=["criteria"]))
    texts = [remark.text for remark in stack.said if remark.severity == "warning"]
    assert texts == [f"cart: criteria: a regular expression may be refused by Signals {_WITHHELD}"]


def test_a_group_that_cannot_be_read(stack: Stack) -> None:
    """A group in a form of its own is not taken for missing: the review says that it was not looked at."""
    body = [
        {
            "name": "shopping",
            "version": 1,
            "is_published": True,
            "attributes": [{"name": "cart_value", "type": 5}],
        }
    ]
    stack.emulator.fail(
        method="GET", path="/api/v1/registry/attribute_groups/", status=200, body=body, count=None
    )
    stack.up(a_rule("open"), a_rule("hidden", __secret=["criteria"]))
    texts = [remark.text for remark in stack.said if remark.severity == "warning"]
    unreadable = (
        'open: criteria: the attribute group "shopping" has a form that this release cannot read (attributes.cart_value: '
        "Input should be a valid string), so it was not checked"
    )
    withheld = (
        "hidden: criteria: an attribute group has a form that this release cannot read, so it was not checked "
        f"{_WITHHELD}"
    )
    assert texts == [unreadable, withheld]
