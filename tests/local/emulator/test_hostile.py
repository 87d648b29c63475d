"""Requests that nobody sends by mistake: whoever sends them learns nothing, breaks nothing, and is answered in a sentence.

Here is whom the emulator answers, and how much it reads; `test_hostile_bodies.py` has what it is told. After each of them it
has to answer everybody else as before; `unharmed` asks it.
"""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import httpx
import pytest

from signals_local.emulator import guard

API = "/api/v1/registry"
# Whom it answers

HOSTS = {
    "127.0.0.1": 200, "127.0.0.1:8642": 200, "localhost": 200, "localhost:1": 200, "[::1]": 200, "[::1]:8642": 200,
    "evil.example": 400, "evil.example:8642": 400, "127.0.0.1.evil.example": 400, "localhost.evil.example": 400,
    "evil.localhost": 400, "localhost.": 400, "127.0.0.2": 400, "0.0.0.0": 400, "0": 400, "2130706433": 400, "[::2]": 400,
    "[::ffff:127.0.0.1]": 400, "10.0.0.1": 400, "": 400, "localhost@evil.example": 400, "localhost:x": 400, "localhost evil": 400,
    "xn--lcalhost-u4a": 400, "127.0.0.1,evil.example": 400, "api.console.snowplowanalytics.com": 400,
}  # fmt: skip
PLACES = ("/", "/local/history", "/local/page/script.js", "/health-all", "/api/v1/registry/services/")


@pytest.mark.parametrize("host", HOSTS)
def test_only_a_name_of_this_machine_is_answered(http, host):
    """A name that an attacker leads here is told apart by the Host header, whatever is asked for."""
    answers = {path: http.get(path, headers={"Host": host}).status_code for path in PLACES}
    assert answers == dict.fromkeys(PLACES, HOSTS[host])


@pytest.mark.parametrize(
    ("head", "status"),
    [
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", 400, id="none"),
        pytest.param(b"GET / HTTP/1.0\r\n\r\n", 400, id="none, as HTTP/1.0 allows"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", 400, id="two"),
        pytest.param(b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n", 400, id="a proxy's request line"),
    ],
)  # fmt: skip
def test_a_host_that_is_not_one_is_refused(emulator, exchange, unharmed, head, status):
    """Without a host, or with two, nobody can tell who is meant."""
    assert exchange(emulator.url, head) == status


ORIGINS = ["https://evil.example", "http://evil.example:8642", "null", "http://127.0.0.1:1", "https://{own}", "http://localhost:1", "file://", "", "http://{own}.evil.example", "chrome-extension://abc"]  # fmt: skip
CHANGES = [
    ("POST", "/local/reset"), ("POST", "/local/faults"), ("DELETE", "/local/faults"), ("POST", "/local/attributes"),
    ("POST", "/local/fire"), ("GET", "/local/history"), ("GET", "/local/requests"), ("GET", "/local/watch"),
    ("POST", f"{API}/interventions/"), ("DELETE", f"{API}/services/web"), ("POST", "/api/v1/engines/unpublish"),
    ("POST", "/api/v1/interventions"), ("OPTIONS", f"{API}/interventions/"),
]  # fmt: skip


@pytest.mark.parametrize("origin", ORIGINS)
def test_a_page_of_another_origin_is_refused(http, origin):
    """A form or a script of another site may neither read nor change anything, whatever token it knows."""
    headers = {"Origin": origin.format(own=http.base_url.netloc.decode())}
    before = http.get("/local/history").json()["versions"]
    for method, path in CHANGES:
        answer = http.request(method, path, headers=headers, json={})
        assert answer.status_code == 403, (method, path)
        assert "access-control-allow-origin" not in answer.headers
    assert http.get("/local/history").json()["versions"] == before


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("path", ["/local/history", "/local/requests", "/local/page/script.js"])
def test_a_request_that_a_browser_sends_for_another_site_is_refused(http, site, path):
    """A plain GET has no Origin; the browser says from where it comes all the same."""
    assert http.get(path, headers={"Sec-Fetch-Site": site}).status_code == 403


@pytest.mark.parametrize("site", ["none", "same-origin", "cross-site"])
def test_a_link_to_the_page_leads_there(http, site):
    """The page itself may be reached from anywhere: it holds nothing."""
    assert http.get("/", headers={"Sec-Fetch-Site": site}).status_code == 200


def test_the_page_of_the_emulator_may_do_everything(emulator, http):
    """Its own origin is welcome, by any of its names."""
    for name in ("127.0.0.1", "localhost", "[::1]"):
        own = f"{name}:{urlsplit(emulator.url).port}"
        answer = http.post(
            "/local/reset", headers={"Host": own, "Origin": f"http://{own}", "Sec-Fetch-Site": "same-origin"}
        )
        assert answer.status_code == 200


LOCAL = [
    ("GET", "history"), ("GET", "promises"), ("GET", "requests"), ("GET", "faults"), ("POST", "faults"), ("DELETE", "faults"),
    ("POST", "reset"), ("GET", "assumptions"), ("POST", "attributes"), ("GET", "attributes"), ("POST", "fire"),
    ("GET", "subscriptions"), ("GET", "watch"),
]  # fmt: skip


@pytest.mark.parametrize("authorization", [None, "Bearer local", "Bearer s3cre", "Basic czNjcmV0"])
def test_what_is_local_needs_a_token_that_was_given(served, authorization):
    """With a token of its own, the emulator tells and does nothing for whoever does not bring it; the page can be loaded."""
    headers = {"Authorization": authorization} if authorization else {}
    with (
        served(token="s3cret") as (emulator, _),
        httpx.Client(base_url=emulator.url, headers=headers, trust_env=False) as client,
    ):
        assert {client.request(method, f"/local/{path}", json={}).status_code for method, path in LOCAL} == {
            401
        }
        assert {client.get(path).status_code for path in ("/", "/local/page/script.js", "/health-all")} == {
            200
        }
        assert emulator.history()["versions"] == []


def test_the_local_paths_are_all_tried(emulator):
    """No path of the emulator's own is missing in the table above."""
    import signals_local.emulator.live.routes as live  # noqa: PLC0415
    from signals_local.emulator import local_routes  # noqa: PLC0415
    from signals_local.emulator.settings import Settings  # noqa: PLC0415
    from signals_local.emulator.state import State  # noqa: PLC0415

    state = State(Settings())
    routes = [*local_routes.router(state).routes, *live.router(state).routes]
    own = {
        (method, route.path.removeprefix("/local/"))
        for route in routes
        for method in route.methods - {"HEAD"}
        if route.path.startswith("/local/") and not route.path.startswith("/local/page/")
    }
    state.database.close()
    assert own == set(LOCAL)


# How much it reads

HEADS = {
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a line without end": b"GET /" + b"a" * 200_000,
    "a header without end": b"GET / HTTP/1.1\r\nHost: localhost\r\nA: " + b"a" * 200_000,
    "thousands of headers": b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"".join(b"A%d: b\r\n" % n for n in range(20_000)),
    "a header with a NUL": b"GET / HTTP/1.1\r\nHost: localhost\r\nA: \0\r\n\r\n",
    "a folded header": b"GET / HTTP/1.1\r\nHost: localhost\r\n A: b\r\n\r\n",
    "a header without a name": b"GET / HTTP/1.1\r\nHost: localhost\r\n: b\r\n\r\n",
    "a path that is no ASCII": "GET /é HTTP/1.1\r\nHost: localhost\r\n\r\n".encode(),
    "a negative length": b"POST /local/reset HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
    "two lengths": b"POST /local/reset HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "a length in words": b"POST /local/reset HTTP/1.1\r\nHost: localhost\r\nContent-Length: one\r\n\r\na",
    "a broken chunk": b"POST /local/reset HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "an unknown encoding": b"POST /local/reset HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n",
}  # fmt: skip


@pytest.mark.parametrize("head", HEADS)
def test_what_is_no_request_is_refused(emulator, exchange, unharmed, head):
    """Bytes that are no HTTP, or more of a head than anybody sends, are answered with a status of 4xx or 5xx at once."""
    assert exchange(emulator.url, HEADS[head]) in (400, 414, 431, 501, None)


def test_a_method_of_ones_own_is_refused(http):
    """An unknown method is no way in."""
    for method in ("BREW", "TRACE", "CONNECT", "PROPFIND", "X" * 1000):
        assert http.request(method, f"{API}/interventions/").status_code == 405


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "in chunks"])
@pytest.mark.parametrize(
    "path", [f"{API}/interventions/", "/local/attributes", "/api/v1/interventions", "/health-all"]
)
def test_a_body_beyond_the_limit_is_413(http, unharmed, path, declared):
    """A body that is too long is read and dropped, and the answer says how long one may be."""
    body = b" " * (guard.MOST_BODY + 1)
    content = body if declared else (body[at : at + 65_536] for at in range(0, len(body), 65_536))
    answer = http.post(path, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert "larger than 10 MB" in answer.text
    kept = [each for each in http.get("/local/requests").json() if each["status"] == 413]
    assert all(each["body"] is None for each in kept)
    assert bool(kept) is not path.startswith("/local/")


def test_a_body_at_the_limit_is_read(http):
    """The limit itself is no fault of the body's length."""
    answer = http.post(
        f"{API}/interventions/",
        content=b"{}".ljust(guard.MOST_BODY),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 422


def test_a_body_that_does_not_come_is_408():
    """Whoever promises a body and sends none is let go after a while."""
    sent = []

    async def app(scope, receive, send):
        pytest.fail("the body never came")

    async def receive():
        await asyncio.sleep(60)

    async def send(message):
        sent.append(message)

    layer = guard.BodyLayer(app, seconds=0.05)
    asyncio.run(layer({"type": "http", "path": "/local/reset", "headers": []}, receive, send))
    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]


def test_a_request_that_does_not_come_is_let_go(emulator, exchange):
    """A connection on which nothing, half a line or half a header arrives is closed after some seconds."""
    begun = [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: loc"]
    with ThreadPoolExecutor() as at_once:
        ends = at_once.map(lambda sent: exchange(emulator.url, sent, wait=20), begun)
    assert [*ends] == [None, None, None]


def test_too_many_connections_are_503_and_it_recovers(emulator):
    """More connections than anybody needs are refused one by one; when they are gone all is as before."""
    address = urlsplit(emulator.url)
    opened = [
        socket.create_connection((address.hostname, address.port), timeout=10)
        for _ in range(guard.MOST_CONNECTIONS)
    ]
    assert httpx.get(f"{emulator.url}/health-all", trust_env=False).status_code == 503
    for each in opened:
        each.close()
    for _ in range(100):
        if httpx.get(f"{emulator.url}/health-all", trust_env=False).status_code == 200:
            break
    else:
        pytest.fail("it did not recover")
