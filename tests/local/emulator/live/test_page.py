"""The page, driven in a headless Chromium where one is installed."""

import json
import re
import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect, sync_playwright

BUILT_IN = ("domain_sessionid", "domain_userid", "network_userid", "snowplow_id", "user_id")
USER = "218e8926-3858-431d-b2ed-66da03a1cbe5"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser):
    """A page whose script may not fail."""
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(30_000)
    expect.set_options(timeout=30_000)
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page
    context.close()
    assert wrong == []


def card(page, name, version):
    return page.locator("article").filter(has=page.locator(".title", has_text=f"{name}v{version}"))


def cart(value):
    return {"shopping:cart_value": value, "shopping:minutes_since_last_activity": 15}


def test_the_page_shows_what_is_registered(api, page):
    """Each rule in one line of words with its version, state and targets; groups with their attributes; keys. All from here."""
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(api.url)
    cart_card = card(page, "cart_abandonment_discount", 1)
    expect(cart_card.locator(".badge")).to_have_text("live")
    expect(cart_card.locator(".rule")).to_have_text(
        "shopping:cart_value > 75 and shopping:minutes_since_last_activity >= 15"
    )
    expect(cart_card).to_contain_text("Offer discount when high-value cart is abandoned")
    expect(cart_card).to_contain_text("sent to domain_userid · marketing@company.com")
    expect(card(page, "say_hello", 1)).to_contain_text("sent to domain_sessionid")
    expect(card(page, "shopping", 1).locator("li")).to_have_text(
        ["cart_valuedouble", "minutes_since_last_activityint32"]
    )
    expect(page.locator("#attribute_keys .line")).to_have_text([f"{key}built in" for key in BUILT_IN])
    expect(page.locator("#counts")).to_have_text("· 2 live interventions · 0 listeners")
    assert asked
    assert all(url.startswith((api.url, "data:")) for url in asked)


def test_the_page_follows_the_registry(api, page):
    """A withdrawal and a new version appear without a reload; earlier versions are folded away."""
    page.goto(api.url)
    expect(card(page, "say_hello", 1).locator(".badge")).to_have_text("live")
    api.withdraw("say_hello")
    expect(card(page, "say_hello", 1).locator(".badge")).to_have_text("withdrawn")
    criteria = {"attribute": "example_group:test_attribute", "operator": "=", "value": "x"}
    api.publish(name="say_hello", version=2, criteria=criteria)
    expect(card(page, "say_hello", 2).locator(".badge")).to_have_text("live")
    expect(card(page, "say_hello", 1)).not_to_be_visible()
    page.get_by_text("1 earlier version").click()
    expect(card(page, "say_hello", 1).locator(".badge")).to_have_text("withdrawn")
    api.publish(name="draft", version=1, criteria=criteria, is_published=False)
    expect(card(page, "draft", 1).locator(".badge")).to_have_text("draft")
    expect(card(page, "say_hello", 1)).to_be_visible()


def test_the_page_shows_deliveries_and_held_back_edges_as_they_happen(api, page):
    """Newest first: a rule that fired, an edge that was held back, a push; each with target and listeners."""
    page.goto(api.url)
    lines = page.locator("#activity > li")
    expect(lines).to_have_text(["Nothing yet. Send some values above, or push an intervention."])
    with api.listening(domain_userid=USER):
        expect(page.locator("#counts")).to_contain_text("1 listener")
        api.event(cart(80), domain_userid=USER)
        expect(lines).to_have_count(1)
        expect(lines.first).to_contain_text("cart_abandonment_discountv1fired")
        expect(lines.first).to_contain_text("domain_userid 218e8926… · 1 listener")
    api.event(cart(10), domain_userid=USER)
    api.event(cart(90), domain_userid=USER)
    expect(lines.first).to_contain_text("suppressed")
    expect(lines.first).to_contain_text("sent to this target before")
    api.push("outage", to={"domain_userid": USER})
    expect(lines.first).to_contain_text("outagev1pushed")
    expect(lines.first).to_contain_text("nobody was listening")
    expect(lines).to_have_count(3)
    page.reload()
    expect(lines).to_have_count(3)
    api.emulator.reset()
    expect(lines).to_have_count(1)
    expect(page.locator("#interventions")).to_have_text("none yet")


def outcome(page):
    return page.locator("#outcome > *")


def test_the_form_makes_a_rule_fire_and_says_why(api, page):
    """The form offers the registered attributes; what they do is shown with its reasons, and with what was sent."""
    page.goto(api.url)
    fields = page.locator("#values .field")
    expect(fields).to_have_text(
        [
            "example_group:test_attributestring",
            "shopping:cart_valuedouble",
            "shopping:minutes_since_last_activityint32",
        ]
    )
    page.get_by_label("domain_userid").fill(USER)
    page.get_by_label("shopping:cart_value").fill("90")
    page.get_by_role("button", name="Send").click()
    expect(outcome(page)).to_have_count(1)
    expect(outcome(page)).to_contain_text("cart_abandonment_discountv1did not fire")
    expect(outcome(page)).to_contain_text("its criteria are not met")
    expect(outcome(page)).to_contain_text("shopping:minutes_since_last_activity >= 15 is not true (no value)")
    page.get_by_label("shopping:cart_value").fill("")
    page.get_by_label("shopping:minutes_since_last_activity").fill("20")
    with api.listening(domain_userid=USER) as listener:
        page.get_by_role("button", name="Send").click()
        expect(outcome(page)).to_contain_text("cart_abandonment_discountv1fired")
        received = listener.next()
    expect(outcome(page)).to_contain_text("· 1 listener")
    expect(outcome(page).locator(".why li")).to_have_text(
        [
            "shopping:cart_value > 75 is true (90)",
            "shopping:minutes_since_last_activity >= 15 turned true (no value → 20)",
        ]
    )
    assert json.loads(outcome(page).locator(".payload").text_content()) == received
    line = page.locator("#activity > li").first
    line.get_by_text("why, and the payload").click()
    assert json.loads(line.locator(".payload").text_content()) == received
    expect(line.locator(".why li")).to_have_count(2)


def test_the_form_says_what_it_cannot_send(api, page):
    """Nothing to send, and a value of another type, are told in a sentence; what was typed in stays."""
    page.goto(api.url)
    send = page.get_by_role("button", name="Send")
    send.click()
    expect(outcome(page)).to_have_text("Give at least one attribute a value.")
    page.get_by_label("shopping:cart_value").fill("<b>much</b>")
    send.click()
    expect(outcome(page)).to_have_text("shopping:cart_value is of type double, which '<b>much</b>' is not")
    api.emulator.publish_group("other", {"shown": "bool"})
    expect(page.get_by_label("other:shown")).to_be_visible()
    expect(page.get_by_label("shopping:cart_value")).to_have_value("<b>much</b>")
    page.get_by_label("shopping:cart_value").fill("")
    page.get_by_label("other:shown").fill("true")
    send.click()
    expect(outcome(page)).to_have_text("Nothing fired: no live rule refers to these attributes.")


def test_a_new_visitor_is_another_one(api, page):
    """The button gives every key another id, so that a rule can be seen to fire once more."""
    page.goto(api.url)
    user = page.get_by_label("domain_userid")
    expect(user).to_have_value(re.compile(r"^[0-9a-f-]{36}$"))
    before = user.input_value()
    page.get_by_role("button", name="New visitor").click()
    expect(user).not_to_have_value(before)


def test_the_page_asks_for_a_token_that_was_given(start, document, page):
    """With a token of its own, the emulator shows nothing to a page that does not bring it along."""
    with start(token="s3cret") as api:
        document(api)
        page.goto(api.url)
        expect(page.locator("#connection")).to_have_text("waiting for the token")
        expect(page.locator("#interventions")).to_be_empty()
        box = page.get_by_label("This API was started with a token of its own")
        for token, shown in (("wrong", "waiting for the token"), ("s3cret", "connected")):
            box.fill(token)
            page.get_by_role("button", name="Show").click()
            expect(page.locator("#connection")).to_have_text(shown)
        expect(card(page, "say_hello", 1)).to_be_visible()
        page.get_by_label("example_group:test_attribute").fill("x")
        page.get_by_role("button", name="Send").click()
        expect(outcome(page)).to_contain_text("say_hellov1fired")
        page.reload()
        expect(card(page, "say_hello", 1)).to_be_visible()
        page.goto("about:blank")


def test_a_page_of_another_origin_cannot_look(api, page, tmp_path):
    """A script on another page of this machine reads nothing of the emulator's own, and changes nothing."""
    (tmp_path / "index.html").write_text("<!doctype html><title>elsewhere</title>")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))) as elsewhere:
        threading.Thread(target=elsewhere.serve_forever, daemon=True).start()
        page.goto(f"http://127.0.0.1:{elsewhere.server_port}/")
        answers = page.evaluate(
            """async (url) => {
              const ask = (path, options) => fetch(url + path, options).then((answer) => answer.status, () => "blocked");
              const token = { Authorization: "Bearer local" };
              const plain = { method: "POST", mode: "no-cors", headers: { "Content-Type": "text/plain" }, body: "{}" };
              await ask("/local/reset", plain);
              return [
                await ask("/local/history"),
                await ask("/local/reset", { method: "POST" }),
                await ask("/api/v1/registry/interventions/", { headers: token }),
              ];
            }""",
            api.url,
        )
        elsewhere.shutdown()
    assert answers == ["blocked"] * 3
    assert len(api.http.get("/api/v1/registry/interventions/").json()) == 2


def test_what_is_registered_is_text_and_never_markup(api, page):
    """A description, an owner and an operand that are HTML are shown as they were written."""
    markup = "<img src=x onerror=\"document.title='broken'\"><script>document.title='broken'</script>"
    criteria = {"attribute": "example_group:test_attribute", "operator": "=", "value": markup}
    api.publish(name="markup", description=markup, owner=markup, criteria=criteria)
    page.goto(api.url)
    shown = card(page, "markup", 1)
    expect(shown.locator(".description")).to_have_text(markup)
    expect(shown.locator(".facts")).to_contain_text(markup)
    expect(shown.locator(".rule")).to_contain_text("onerror")
    assert shown.locator("img, script").count() == 0
    assert page.title() == "Signals, emulated"


def test_the_page_finds_its_emulator_again(start, document, page):
    """While the emulator is away the page says so; when it is back the page shows what it holds then."""
    with start() as api:
        document(api)
        page.goto(api.url)
        expect(page.locator("#connection")).to_have_text("connected")
        expect(card(page, "say_hello", 1)).to_be_visible()
    expect(page.locator("#connection")).to_have_text("not reachable, trying again")
    with start(port=int(api.url.rpartition(":")[2])):
        expect(page.locator("#connection")).to_have_text("connected")
        expect(page.locator("#interventions")).to_have_text("none yet")
        page.goto("about:blank")


CONTRAST = """() => {
  const channel = (value) => (value /= 255) <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const light = (rgb) => { const [r, g, b] = rgb.map(channel); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const parse = (text) => text.match(/[0-9.]+/g).map(Number);
  const ground = (node) => {
    const color = parse(getComputedStyle(node).backgroundColor);
    return color.length === 4 && color[3] === 0 ? ground(node.parentElement) : color.slice(0, 3);
  };
  const poor = [];
  for (const node of document.querySelectorAll("h1, h2, strong, .facts, .rule, .badge, .type, .version, time, summary, #connection, label span, button, input, .why li, .payload")) {
    const [high, low] = [light(parse(getComputedStyle(node).color)), light(ground(node))].sort((a, b) => b - a);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < 4.5) poor.push(`${node.className || node.tagName}: ${ratio.toFixed(2)}`);
  }
  return poor;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_readable_in_light_and_dark(api, page, scheme):
    """All text has the contrast that WCAG asks for (4.5), in either colour scheme, and follows the scheme."""
    api.event(cart(80), domain_userid=USER)
    api.event(cart(10), domain_userid=USER)
    api.event(cart(80), domain_userid=USER)
    api.withdraw("say_hello")
    page.emulate_media(color_scheme=scheme)
    page.goto(api.url)
    expect(page.locator("#activity li.suppressed")).to_be_visible()
    page.get_by_label("shopping:cart_value").fill("80")
    page.get_by_label("shopping:minutes_since_last_activity").fill("20")
    page.get_by_role("button", name="Send").click()
    expect(outcome(page).locator(".payload")).to_be_visible()
    assert page.evaluate(CONTRAST) == []
    red = int(page.evaluate("getComputedStyle(document.body).backgroundColor").split("(")[1].split(",")[0])
    assert (red > 128) is (scheme == "light")


def test_a_page_of_another_origin_can_subscribe(api, page, tmp_path):
    """A browser's own EventSource on a shop's page receives a rule that fires as a plain `message` event."""
    (tmp_path / "index.html").write_text("<!doctype html><title>shop</title>")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))) as shop:
        threading.Thread(target=shop.serve_forever, daemon=True).start()
        page.goto(f"http://127.0.0.1:{shop.server_port}/")
        page.evaluate(
            """(url) => {
              window.received = [];
              window.source = new EventSource(url);
              window.source.onmessage = (event) => window.received.push(JSON.parse(event.data));
              return new Promise((opened) => { window.source.onopen = opened; });
            }""",
            f"{api.url}/api/v1/interventions?domain_userid={USER}",
        )
        api.event(cart(80), domain_userid=USER)
        page.wait_for_function("window.received.length > 0")
        received = page.evaluate("window.received")
        page.evaluate("window.source.close()")
        shop.shutdown()
    assert [(each["name"], each["target_attribute_key"]["id"]) for each in received] == [
        ("cart_abandonment_discount", USER)
    ]


class Quiet(SimpleHTTPRequestHandler):
    """A shop's web server that keeps no log."""

    def log_message(self, *_):
        pass
