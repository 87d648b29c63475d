"""Bodies, paths and tokens that nobody sends by mistake: each is carried out or refused, and none is an error of the emulator."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from thorough import examples

API = "/api/v1/registry"

DEEP = {
    depth: '{"all":[' * depth + "]}" * depth for depth in (50, 100, 120, 200, 300, 500, 900, 5_000, 100_000)
}
BODIES = {
    "nothing": b"",
    "NUL": b"\0",
    "no text": b"\xff\xfe\x00\xd8",
    "UTF-16": '{"name": "a"}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "cut off": b'{"name": "ca',
    "null": b"null",
    "a list": b"[]",
    "a number": b"1",
    "a text": b'"a"',
    "twice": b"{}{}",
    "NaN": b'{"name": "a", "version": NaN, "criteria": {"value": NaN}, "attributes": {"shopping:cart_value": NaN}}',
    "infinity": b'{"name": "a", "criteria": {"value": -Infinity}, "attributes": {"shopping:cart_value": Infinity}}',
    "a number beyond a float": b'{"name": "a", "attributes": {"shopping:cart_value": 1e999}, "keys": {"domain_userid": "a"}}',
    "half a character": b'{"name": "\\ud800", "description": "\\udfff", "attributes": {"a:b": "\\ud83d"}}',
    "half a character as a field": b'{"\\ud800": 1, "attributes": {"\\udc00": "a"}}',
    "thousands of digits": b'{"version": ' + b"9" * 10_000 + b"}",
    "a huge exponent": b'{"version": 1e400}',
    "a field that appears twice": b'{"name": "a", "name": 1}',
    "many faults": json.dumps({"attributes": [{}] * 20_000, "attribute_groups": [1] * 20_000}).encode(),
    "a long name": json.dumps({"name": "a" * 1_000_000}).encode(),
    "many fields": json.dumps({f"f{n}": n for n in range(20_000)}).encode(),
    "large and small numbers in a list": json.dumps(
        {"name": "a", "criteria": {"attribute": "shopping:cart_value", "operator": "in", "value": [10**400, 0.5]}}
    ).encode(),
    "a duration without end": json.dumps({"name": "a", "ttl": "P99999999999Y", "refresh_rate": 1e300, "attribute_key": {"name": "user_id", "ttl": -1e308}}).encode(),
    "a date before all dates": json.dumps({"name": "a", "attribute_key": {"name": "user_id"}, "backfill_since_tstamp": -1e15}).encode(),
    "a date after all dates": json.dumps({"name": "a", "attribute_key": {"name": "user_id"}, "backfill_since_tstamp": "9999-12-31T23:59:59-23:59"}).encode(),
    "a tag that is none": b'{"name": "a", "property": {"type": "\\u0000{}%s"}}',
    **{f"nested {depth} deep": f'{{"name": "a", "criteria": {deep}, "keys": {{"a": {deep}}}}}'.encode() for depth, deep in DEEP.items()},
    **{f"a list {depth} deep": b"[" * depth + b"]" * depth for depth in (100, 1_000, 100_000)},
}  # fmt: skip
ENDPOINTS = [
    ("POST", f"{API}/interventions/"), ("PUT", f"{API}/interventions/a/versions/1"),
    ("POST", f"{API}/attribute_groups/"), ("PUT", f"{API}/attribute_groups/shopping/versions/1"),
    ("PUT", f"{API}/attribute_groups/shopping/versions/1/batch_source"),
    ("POST", f"{API}/attribute_keys/"), ("PUT", f"{API}/attribute_keys/user_id"),
    ("POST", f"{API}/services/"), ("PUT", f"{API}/services/a"),
    ("POST", "/api/v1/engines/publish"), ("POST", "/api/v1/engines/unpublish"),
    ("POST", "/api/v1/interventions"), ("POST", "/local/attributes"), ("POST", "/local/fire"), ("POST", "/local/faults"),
]  # fmt: skip


@pytest.mark.parametrize("body", BODIES)
def test_no_body_is_an_error_of_the_emulator(http, unharmed, body):
    """Whatever a body says, it is carried out or refused, and what it left behind can be read."""
    for method, path in ENDPOINTS:
        for media_type in ("application/json", "text/plain", "application/x-www-form-urlencoded"):
            answer = http.request(method, path, content=BODIES[body], headers={"Content-Type": media_type})
            assert answer.status_code < 500, (method, path, answer.text)
            assert len(answer.content) < 1_500_000
    http.delete("/local/faults")


VERSIONS = [
    "0",
    "-1",
    "9223372036854775808",
    "9" * 5_000,
    "1e3",
    "1.0",
    "0x1",
    "+1",
    "%201",
    "%D9%A3",
    "%00",
    "one",
    "true",
    "1/../2",
]
NAMES = [
    "%00",
    "%FF",
    "%ED%A0%80",
    "a%2Fb",
    "..",
    "%2e%2e%2f",
    "a%0D%0AB: c",
    "'; DROP TABLE object; --",
    "a" * 10_000,
    "%F0%9F%98%80",
    "{name}",
    "%25s",
]
PATHS = [
    *(f"{API}/{kind}/a/versions/{version}" for kind in ("interventions", "attribute_groups") for version in VERSIONS),
    *(f"{API}/{kind}/{name}" for kind in ("interventions", "attribute_groups", "attribute_keys", "services") for name in NAMES),
    *(f"/local/{each}" for each in (
        "requests?since=a", "requests?since=" + "9" * 4_000, "requests?since=-1", "history?kind=", "history?kind=%00",
        "promises?since=1e9", "promises?" + "&".join(["meant_down=a"] * 2_000), "promises?meant_down=%FF", "nothing", "page/../../settings.py",
        "page/%2e%2e%2fsettings.py",
    )),
    *(f"/api/v1/interventions?{query}" for query in (
        "", "=", "&&&", "domain_userid=", "domain_userid=%00", "domain_userid=1", "a=%FF",
        "domain_userid=8c9104e3-c300-4b20-82f2-93b7fa0b8feb%0A", "&".join(f"k{n}=8c9104e3-c300-4b20-82f2-93b7fa0b8feb" for n in range(200)),
    )),
    f"{API}/attribute_groups/?applied=maybe", f"{API}/attribute_groups/?offline=%00", "/api/v1/nothing", "//", "/%2e%2e/etc/passwd",
    "/api/msc/v1/organizations/%00/credentials/v3/token", "/api/msc/v1/organizations/%FF/credentials/v3/token",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path[:60])
def test_no_path_is_an_error_of_the_emulator(emulator, exchange, unharmed, path):
    """Whatever a path or a query says, it is answered, with every method, and never with an error of the emulator."""
    for method in ("GET", "DELETE", "PUT", "HEAD", "OPTIONS"):
        head = f"{method} {path.replace(' ', '%20')} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer local\r\n"
        assert exchange(
            emulator.url, f"{head}Content-Length: 0\r\nConnection: close\r\n\r\n".encode()
        ) in range(200, 500)


TOKENS = [
    "", "\x7f", "é", "local ", "local\t", "LOCAL", "local-read-only-read-only", "a" * 30_000, "..", "a.b.c",
    "eyJhbGciOiJub25lIn0.e30.", "eyJhbGciOiJIUzI1NiJ9.e30.AAAA", "W1tbW1tbW1s." * 3,
]  # fmt: skip


@pytest.mark.parametrize("token", TOKENS, ids=lambda token: token[:20])
def test_no_token_but_the_right_one_is_let_in(emulator, exchange, unharmed, token):
    """A token that is none is 401, whatever it is made of, and also where it is nested without end."""
    nested = "W1s" * 9_000
    for each in (token, f"{nested}.{token}."):
        head = (
            f"GET {API}/interventions/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {each}x\r\n\r\n"
        )
        assert exchange(emulator.url, head.encode("latin-1")) in (400, 401)


# And whatever a machine thinks of

TEMPLATES = {
    ("POST", f"{API}/interventions/"): {
        "name": "cart", "version": 1, "description": "a", "owner": "a@b.co", "is_published": True,
        "criteria": {"all": [{"attribute": "shopping:cart_value", "operator": ">", "value": 1},
                             {"any": [{"attribute": "shopping:cart_value", "operator": "in", "value": [1, 2]}]}]},
        "target_attribute_keys": [{"name": "domain_userid"}], "payload_attribute_groups": [{"name": "shopping", "version": 1}],
    },
    ("POST", f"{API}/attribute_groups/"): {
        "name": "group", "version": 1, "attribute_key": {"name": "user_id", "ttl": "P1Y"}, "ttl": "P1D", "is_published": True,
        "offline": False, "backfill_since_tstamp": "2026-06-01T00:00:00Z", "refresh_rate": "PT6H",
        "attributes": [
            {"name": "total", "type": "double", "aggregation": "sum", "events": [{"name": "a", "vendor": "b", "version": "1-0-0"}],
             "property": {"type": "event", "vendor": "a", "name": "b", "major_version": 1, "path": "$.c"}, "period": "PT1H", "default_value": 0,
             "criteria": {"all": [{"property": {"type": "atomic", "name": "app_id"}, "operator": "=", "value": "a"}]}},
            {"name": "idle", "type": "double", "aggregation": "time_since_last", "events": [], "time_unit": "s"},
            {"name": "all", "type": "string", "aggregation": "last", "events": [], "property": {"type": "calculated", "operation": "concat",
             "separator": "-", "properties": [{"type": "atomic", "name": "app_id"},
                                              {"type": "entity", "vendor": "a", "name": "b", "major_version": 1, "path": "c", "index": 0}]}},
        ],
    },
    ("POST", f"{API}/attribute_keys/"): {"name": "key", "key": "k", "property": {"type": "atomic", "name": "app_id"}, "ttl": "P1D", "is_published": True},
    ("POST", f"{API}/services/"): {"name": "web", "attribute_groups": [{"name": "shopping", "version": 1}], "owner": "a@b.co", "is_published": True},
    ("POST", "/api/v1/engines/unpublish"): {"interventions": [{"name": "cart", "version": 1}], "attribute_groups": [{"name": "shopping", "version": 1}]},
    ("POST", "/local/attributes"): {"keys": {"domain_userid": "a"}, "attributes": {"shopping:cart_value": 5}},
    ("POST", "/local/fire"): {"keys": {"domain_userid": "a"}, "attributes": {"shopping:cart_value": "5"}},
    ("POST", "/local/faults"): {"status": 503, "body": {"a": 1}, "headers": {"Retry-After": "1"}, "content_type": "a/b", "path": "/nowhere/*", "about": "a", "nth": 1, "count": 1, "when": "after"},
    ("POST", "/api/v1/interventions"): {"name": "a", "version": 1, "attributes": {"a": "b"}, "target_attribute_key": {"name": "a", "id": "8c9104e3-c300-4b20-82f2-93b7fa0b8feb"}},
}  # fmt: skip
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text()
    | st.sampled_from(["P1D", "shopping:cart_value", "user_id", "in", "rlike", "changed", "last", "time_since_last", "atomic", "dict", "", "\x00", 2**63, -(2**63), 10**400, 1e308])
)  # fmt: skip
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def places(tree, path=()):
    """Return the path to each part of a body."""
    yield path
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in inner:
        yield from places(value, (*path, key))


def mutated(tree, path, value):
    """Return a body with another value at a place."""
    if not path:
        return value
    changed = dict(tree) if isinstance(tree, dict) else list(tree)
    changed[path[0]] = mutated(tree[path[0]], path[1:], value)
    return changed


@settings(max_examples=examples(300), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_mutated_body_is_an_error_of_the_emulator(http, emulator, read_back, data):
    """The same for bodies that are right but for one or two places; what is accepted is judged as a rule, too."""
    endpoint = method, path = data.draw(st.sampled_from(sorted(TEMPLATES)))
    body = TEMPLATES[endpoint]
    for _ in range(data.draw(st.integers(1, 2))):
        body = mutated(body, data.draw(st.sampled_from(list(places(body)))), data.draw(TREES))
    answer = http.request(
        method, path, content=json.dumps(body), headers={"Content-Type": "application/json"}
    )
    emulator.clear_faults()
    assert answer.status_code < 500, answer.text
    event = {"keys": {"domain_userid": "a"}, "attributes": {"shopping:cart_value": 7}}
    assert http.post("/local/attributes", json=event).status_code in (200, 422)
    read_back()
    emulator.reset()
    emulator.publish_group("shopping", {"cart_value": "double"})
