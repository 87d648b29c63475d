"""The rules of this example, in their own module so that tests can import them."""

from pulumi_snowplow_signals import attribute

cart_value = attribute("shopping:cart_value")
idle = attribute("shopping:minutes_since_last_activity")
country = attribute("visitor:country")
plan = attribute("visitor:plan")

abandoned_cart = (cart_value > 75) & (idle >= 15)

upgrade_offer = country.in_(["DE", "FR", "NL"]) & ((plan == "free") | plan.is_null()) & ~(cart_value > 500)
