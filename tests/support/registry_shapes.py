"""Registries of every shape, for hypothesis, and the requests that fill one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import httpx
from forms import texts
from generated import criteria, trees
from hypothesis import strategies as st
from plain_http import connect

from pulumi_snowplow_signals.fields.values import is_encodable
from signals_local.emulator import Emulator

GROUPS: Final = {
    "shop": {"a": "string", "b": "string"},
    "__x": {"__y": "string"},
    "A": {"1": "string"},
    "g": {"a": "string"},
}
"""The groups and attributes that generated rules refer to."""

Fate: TypeAlias = Literal["draft", "live", "withdrawn"]


@dataclass(frozen=True)
class Version:
    """One version of a name, as somebody stored it."""

    number: int
    fate: Fate
    fields: dict[str, Any]

    @property
    def is_declarable(self) -> bool:
        """Whether its owner is one that a program may have."""
        return "@" in (self.fields["owner"] or "")


Registry: TypeAlias = dict[str, list[Version]]
"""The versions of each name, lowest first."""

# Names that mean something to Python or to the program, and some that are no identifiers.
_NAMES = [
    *("class", "None", "attribute", "RuleIntervention", "interventions", "none_of", "pulumi"),
    *("3d", "7", "__init__", "_", "M", "MARKETING", "n" * 128, "cart_abandonment_discount", "Cart", "cart"),
]
_OWNERS = [
    *("marketing@company.com", "Marketing@company.com", "marketing@Company.COM", "marketing@other.com"),
    *(
        "o'neil@example.com",
        "{x}@example.com",
        "7@example.com",
        "_@example.com",
        "a+b@example.com",
        "é@example.com",
    ),
]
_hostile = texts | st.sampled_from(
    [
        *(
            "'''",
            '"""',
            '"""\nimport os\n"""',
            "# comment",
            "\\",
            "\\'",
            '\\"',
            "{x}",
            "%s",
            "\r\n",
            "\f",
            "\t",
            "a" * 300,
        ),
        *('Who\'s "in"?', "trailing ", " leading", "\\N{BULLET}", "\u2029", "\ufeff", "\x1b[31m", "\x85"),
    ]
)


@st.composite
def _deep(draw: st.DrawFn) -> dict[str, Any]:
    """A tree so deep that its parts get names."""
    node = draw(criteria())
    for _ in range(draw(st.integers(5, 20))):
        node = {
            draw(st.sampled_from(["all", "any", "none"])): [node, *draw(st.lists(criteria(), max_size=1))]
        }
    return node


def _wide() -> st.SearchStrategy[dict[str, Any]]:
    children = st.lists(criteria(), min_size=9, max_size=12)
    return st.sampled_from(["all", "any", "none"]).flatmap(
        lambda kind: children.map(lambda nodes: {kind: nodes})
    )


_changed = st.lists(criteria(changed=True), min_size=1, max_size=3).map(lambda nodes: {"all": nodes})
_any_tree = trees | trees | _changed | _deep() | _wide()

_all_fields = st.fixed_dictionaries(
    {
        "owner": st.sampled_from(_OWNERS) | st.sampled_from([_OWNERS[0], None, "nobody"]),
        "description": st.none() | _hostile,
        "criteria": _any_tree,
        "target_attribute_keys": st.none()
        | st.lists(
            st.sampled_from(["domain_userid", "user_id", "network_userid"]).map(lambda name: {"name": name})
        ),
        "payload_attribute_groups": st.none()
        | st.lists(st.sampled_from(["g", "shop"]).map(lambda name: {"name": name, "version": 1}), max_size=3),
    }
)

# Half a surrogate pair is no JSON to the emulator.
_fields = _all_fields.filter(lambda fields: is_encodable(json.dumps(fields, ensure_ascii=False)))


@st.composite
def _versions(draw: st.DrawFn) -> list[Version]:
    numbers = sorted(draw(st.sets(st.integers(1, 4) | st.just(40), min_size=1, max_size=3)))
    shared = draw(_fields)
    fates = st.sampled_from(["draft", "live", "live", "withdrawn"])
    return [Version(number, draw(fates), draw(_fields | st.just(shared))) for number in numbers]


registries: st.SearchStrategy[Registry] = st.dictionaries(
    st.sampled_from(_NAMES), _versions(), min_size=1, max_size=4
)


def fill(emulator: Emulator, registry: Registry) -> None:
    """Empty an emulator, and store a registry as other clients would have."""
    emulator.reset()
    for name, attributes in GROUPS.items():
        emulator.publish_group(name, attributes)
    with connected(emulator) as client:
        for name, versions in registry.items():
            for version in versions:
                _store(client, name, version)


def connected(emulator: Emulator) -> httpx.Client:
    """Return another client of the registry's interventions."""
    return connect(f"{emulator.url}/api/v1/registry/interventions/", emulator.token)


def listed_by(emulator: Emulator) -> list[dict[str, Any]]:
    """Return what the registry lists."""
    with connected(emulator) as client:
        found: list[dict[str, Any]] = client.get("").json()
        return found


def _store(client: httpx.Client, name: str, version: Version) -> None:
    body = {"name": name, "version": version.number, **version.fields}
    client.post("", json={**body, "is_published": version.fate != "draft"}).raise_for_status()
    if version.fate == "withdrawn":
        path = f"{name}/versions/{version.number}"
        client.put(path, json={**client.get(path).json(), "is_published": False}).raise_for_status()
