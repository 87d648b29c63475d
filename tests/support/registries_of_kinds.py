"""Registries of every kind, for hypothesis, and the requests that fill one as other clients would.

What the emulator refuses is not there: a group on a key that does not exist, say. So each registry is a valid one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import httpx
from hypothesis import strategies as st
from plain_http import connect

from signals_local.emulator import Emulator

Fate: TypeAlias = Literal["draft", "live", "withdrawn"]

COLLECTIONS: Final = ("attribute_keys", "attribute_groups", "services", "interventions")
"""What may be referred to stands before what refers to it."""

_BUILT_IN: Final = frozenset(
    {"user_id", "domain_userid", "network_userid", "domain_sessionid", "snowplow_id"}
)
# One name for several kinds, names that mean something to Python, and one that is no identifier.
_NAMES: Final = (
    "shop",
    "class",
    "7",
    "_x",
    "domain",
    "MARKETING",
    "timedelta",
    "attribute",
    "Event",
    "shop_part_1",
)
_KEYS: Final = ("domain_userid", "snowplow_id", *_NAMES[:4])
_OWNERS: Final = ("marketing@company.com", "Marketing@Company.com", "crm@company.com", None)
_LENGTHS: Final = ("PT15M", "P1D", "P1Y", "PT90M", "PT36H", "P1Y2DT3S", "PT0.5S", "PT0S", "P1M")
_COLUMNS: Final = ("page_url", "app_id", "domain_userid")


@dataclass(frozen=True)
class Written:
    """A request to store something, and what becomes of it."""

    collection: str
    body: dict[str, Any]
    fate: Fate

    @property
    def path(self) -> str:
        """The path of what is stored, below the registry's."""
        name, version = self.body["name"], self.body.get("version")
        return f"{self.collection}/{name}" + (f"/versions/{version}" if version else "")


_texts = st.sampled_from(["x", 'Who\'s "in"?', "\\N{BULLET}", "two\nlines", "é", ""])
_owners = st.sampled_from([*_OWNERS[:3] * 3, None])
_lengths = st.sampled_from(_LENGTHS)
_schemas = st.fixed_dictionaries(
    {
        "vendor": st.just("com.example"),
        "name": st.sampled_from(["cart", "buy"]),
        "major_version": st.integers(1, 2),
        "path": st.sampled_from(["total", "items[0].price", "$.a.b"]),
    }
)
_leaves = (
    st.sampled_from(_COLUMNS).map(lambda name: {"type": "atomic", "name": name})
    | _schemas.map(lambda fields: {"type": "event", **fields})
    | st.tuples(_schemas, st.integers(0, 1)).map(
        lambda drawn: {"type": "entity", **drawn[0], "index": drawn[1]}
    )
)
_calculated = st.tuples(
    st.sampled_from([("concat", "/"), ("concat", None), ("sum", None), ("coalesce", None)]),
    st.lists(_leaves, min_size=2, max_size=3),
).map(
    lambda drawn: {
        "type": "calculated", "operation": drawn[0][0], "separator": drawn[0][1], "properties": drawn[1],
    }
)  # fmt: skip
_properties = _leaves | _leaves | _calculated
_events = st.lists(
    st.sampled_from(
        [
            {"vendor": "com.snowplowanalytics.snowplow", "name": "page_view", "version": "1-0-0"},
            {"vendor": "com.snowplowanalytics.snowplow", "name": "page_ping", "version": "1-0-0"},
            {"vendor": "com.google.analytics", "name": "event", "version": "1-0-0"},
            {"vendor": "com.example", "name": "cart", "version": "1-0-0"},
            {"vendor": "com.example"},
            {"event_specification_id": "a-b"},
            {},
        ]
    ),
    max_size=3,
)
_filters = st.one_of(
    st.tuples(_properties, st.sampled_from(["=", "!="]), st.sampled_from(["x", 1, 1.5, True])),
    st.tuples(_properties, st.sampled_from([">", ">=", "<", "<="]), st.sampled_from([1, 0.5, "2026-01-01"])),
    st.tuples(_properties, st.just("like"), st.just("%a'b\"%")),
    st.tuples(_properties, st.just("in"), st.sampled_from([["b", "a"], [2, 1]])),
    st.tuples(_properties, st.sampled_from(["is null", "is not null"]), st.none()),
).map(lambda drawn: {"property": drawn[0], "operator": drawn[1], "value": drawn[2]})
_criteria = st.tuples(st.sampled_from(["all", "any"]), st.lists(_filters, max_size=2)).map(
    lambda drawn: {drawn[0]: drawn[1]}
)


@st.composite
def _attributes(draw: st.DrawFn, name: str) -> dict[str, Any]:
    aggregation, kind = draw(
        st.sampled_from(
            [("counter", "int32"), ("last", "string"), ("sum", "double"), ("unique_list", "string_list"),
             ("time_since_last", "double")]
        )
    )  # fmt: skip
    is_time = aggregation == "time_since_last"
    has_property = not is_time and (aggregation != "counter" or draw(st.booleans()))
    lasting = draw(st.sampled_from(["period", "ttl", ""]))
    return {
        "name": name,
        "type": kind,
        "aggregation": aggregation,
        "events": draw(_events),
        "property": draw(_properties) if has_property else None,
        "criteria": draw(st.none() | _criteria),
        "time_unit": draw(st.sampled_from(["s", "min", "h", "d"])) if is_time else None,
        "description": draw(st.none() | _texts),
        "default_value": draw(st.sampled_from([None, 0, 0.0, 1.5, "", "x", False, ["a"], [1, 2]])),
        **({lasting: draw(_lengths)} if lasting else {}),
    }


@st.composite
def _groups(draw: st.DrawFn) -> dict[str, Any]:
    sort = draw(st.sampled_from(["stream", "stream", "console", "batch", "table"]))
    names = draw(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=3, unique=True))
    body = {
        "owner": draw(_owners),
        "description": draw(st.none() | _texts),
        "attribute_key": {"name": draw(st.sampled_from(_KEYS))},
        "ttl": draw(st.none() | _lengths),
        "backfill_since_tstamp": draw(
            st.sampled_from([None, "2026-06-01T00:00:00Z", "2026-06-01T02:00:00+02:00", "2026-06-01"])
        ),
        "offline": {"stream": False, "console": None}.get(sort, True),
        "online": True,
    }
    source = {"name": "own", "database": "db-1", "schema": "s", "table": "t", "timestamp_field": "at"}
    if sort == "table":
        fields = [{"name": name, "type": "string", "description": draw(st.none() | _texts)} for name in names]
        return {**body, "fields": fields, "batch_source": source, "refresh_rate": draw(st.none() | _lengths)}
    more = (
        {"batch_source": draw(st.none() | st.just(source)), "refresh_rate": "PT6H"} if sort == "batch" else {}
    )
    return {**body, **more, "attributes": [draw(_attributes(name)) for name in names]}


_keys = st.fixed_dictionaries(
    {"owner": st.sampled_from(["marketing@company.com", "a team", None])},
    optional={
        "description": _texts,
        "ttl": _lengths,
        "property": _leaves,
        "key": st.sampled_from(["user_id", "shop"]),
    },
)
_fates = st.sampled_from(["live", "live", "live", "draft", "withdrawn"])


def _services(groups: list[Written]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"owner": _owners, "attribute_groups": _pins(groups)}, optional={"description": _texts}
    )


def _rules(groups: list[Written]) -> st.SearchStrategy[dict[str, Any]]:
    read = [
        f"{group.body['name']}:{item['name']}"
        for group in groups
        for item in group.body.get("attributes") or group.body["fields"]
    ]
    leaf = st.sampled_from(read).map(lambda name: {"attribute": name, "operator": "=", "value": "x"})
    targets = st.lists(st.sampled_from(_KEYS).map(lambda name: {"name": name}), max_size=2, unique_by=str)
    return st.fixed_dictionaries(
        {
            "owner": _owners,
            "criteria": leaf | st.lists(leaf, min_size=1, max_size=3).map(lambda leaves: {"any": leaves}),
        },
        optional={"target_attribute_keys": targets, "payload_attribute_groups": _pins(groups)},
    )


def _pins(groups: list[Written]) -> st.SearchStrategy[list[dict[str, Any]]]:
    pins = [{"name": group.body["name"], "version": group.body["version"]} for group in groups]
    return st.lists(st.sampled_from(pins), min_size=1, max_size=2, unique_by=str)


@st.composite
def registries(draw: st.DrawFn) -> list[Written]:
    """Draw the requests that fill a registry, in an order in which most of them are accepted."""
    keys = [_written(draw, "attribute_keys", _keys) for _ in range(draw(st.integers(0, 4)))]
    groups = [
        _written(draw, "attribute_groups", _groups(), draw(st.integers(1, 3)))
        for _ in range(draw(st.integers(0, 7)))
    ]
    if not groups:
        return keys
    services = [_written(draw, "services", _services(groups)) for _ in range(draw(st.integers(0, 4)))]
    rules = [
        _written(draw, "interventions", _rules(groups), draw(st.integers(1, 3)))
        for _ in range(draw(st.integers(0, 4)))
    ]
    return [*keys, *groups, *services, *rules]


def _written(
    draw: st.DrawFn, collection: str, bodies: st.SearchStrategy[dict[str, Any]], version: int | None = None
) -> Written:
    head = {"name": draw(st.sampled_from(_NAMES))} | ({"version": version} if version else {})
    return Written(collection, {**head, **draw(bodies)}, draw(_fates))


def fill(emulator: Emulator, requests: list[Written]) -> None:
    """Empty an emulator, and store what it accepts."""
    emulator.reset()
    with _connected(emulator) as client:
        stored = [each for each in requests if _post(client, each)]
        for each in reversed(stored):
            if each.fate == "withdrawn":
                body = client.get(each.path).json()
                client.put(each.path, json={**body, "is_published": False})


def stored_in(emulator: Emulator) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what a registry lists, by collection, but for what is built in."""
    with _connected(emulator) as client:
        for collection in COLLECTIONS:
            for each in client.get(f"{collection}/").json():
                if each["name"] not in _BUILT_IN:
                    yield collection, each


def post_all(emulator: Emulator, *requests: Written) -> None:
    """Store all of it. Raise httpx.HTTPStatusError where one is refused."""
    with _connected(emulator) as client:
        for each in requests:
            body = {**each.body, "is_published": each.fate == "live"}
            client.post(f"{each.collection}/", json=body).raise_for_status()


def _post(client: httpx.Client, each: Written) -> bool:
    body = {**each.body, "is_published": each.fate != "draft"}
    return client.post(f"{each.collection}/", json=body).is_success


def _connected(emulator: Emulator) -> httpx.Client:
    return connect(f"{emulator.url}/api/v1/registry/", emulator.token)
