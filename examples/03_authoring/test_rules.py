"""A team's own tests of its rules: no deployment, no network."""

from rules import abandoned_cart, upgrade_offer

from pulumi_snowplow_signals import matches


def test_a_full_cart_left_alone_gets_the_discount() -> None:
    before = {"shopping:cart_value": 80, "shopping:minutes_since_last_activity": 14}
    assert matches(
        abandoned_cart, before=before, after={**before, "shopping:minutes_since_last_activity": 15}
    )


def test_a_paying_visitor_gets_no_upgrade_offer() -> None:
    assert not matches(upgrade_offer, before={}, after={"visitor:country": "DE", "visitor:plan": "pro"})
