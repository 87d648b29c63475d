"""Takes the README's picture of the page anew: `python tests/local/emulator/live/take_picture.py`.

The two rules of Snowplow's documentation, a draft, and a visitor for whom they fire.
"""

from pathlib import Path

from playwright.sync_api import sync_playwright
from test_page import CHROMIUM, FLAGS

from conftest import CART, HELLO, running

PICTURE = Path(__file__).parents[4] / "docs" / "images" / "emulator.png"
USER = "218e8926-3858-431d-b2ed-66da03a1cbe5"
SESSION = "8c9104e3-c300-4b20-82f2-93b7fa0b8feb"


def register(api):
    api.emulator.publish_group("example_group", {"test_attribute": "string"}, key="domain_sessionid")
    api.emulator.publish_group(
        "shopping",
        {"cart_value": "double", "country": "string", "minutes_since_last_activity": "int32"},
        description="What a visitor is about to buy",
        owner="marketing@company.com",
    )
    api.publish(**HELLO)
    cheaper = {"attribute": "shopping:cart_value", "operator": ">", "value": 50}
    api.publish(**{**CART, "criteria": {"all": [cheaper, CART["criteria"]["all"][1]]}})
    api.publish(**{**CART, "version": 2})
    api.withdraw(CART["name"], version=1)
    country = {"attribute": "shopping:country", "operator": "in", "value": ["DE", "FR"]}
    api.publish(
        name="free_shipping",
        owner="marketing@company.com",
        criteria={"any": [country, {"attribute": "shopping:cart_value", "operator": ">=", "value": 120}]},
        payload_attribute_groups=[{"name": "shopping", "version": 1}],
        is_published=False,
    )


def visit(api):
    def cart(value):
        attributes = {"shopping:cart_value": value, "shopping:minutes_since_last_activity": 15}
        api.event(attributes, domain_userid=USER)

    api.event({"example_group:test_attribute": "returning"}, domain_sessionid=SESSION)
    for value in (80, 10, 95):
        cart(value)
    api.push("delivery_delayed", to={"domain_sessionid": SESSION})


def main():
    with running(port=8642) as api, sync_playwright() as playwright:
        register(api)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1200, "height": 900}, color_scheme="light")
        page.goto(api.url)
        with api.listening(domain_userid=USER, domain_sessionid=SESSION), api.listening(domain_userid=USER):
            visit(api)
            page.locator("#activity > li:nth-child(4)").wait_for()
            page.get_by_text("2 listeners").first.wait_for()
            page.get_by_label("shopping:cart_value").fill("90")
            page.get_by_label("shopping:minutes_since_last_activity").fill("20")
            page.get_by_role("button", name="Send").click()
            page.locator("#outcome .payload").wait_for()
            PICTURE.parent.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=PICTURE, full_page=True)
        browser.close()


if __name__ == "__main__":
    main()
