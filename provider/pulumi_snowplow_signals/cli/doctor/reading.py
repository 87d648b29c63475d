"""The tests that only read."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final, NamedTuple, TypeAlias

import httpx

from pulumi_snowplow_signals.api.client import SignalsClient
from pulumi_snowplow_signals.api.models import Stored, StoredAttributeKey
from pulumi_snowplow_signals.cli.connection import has_no_list
from pulumi_snowplow_signals.cli.doctor.findings import Findings
from pulumi_snowplow_signals.errors import ApiError, NotFound
from pulumi_snowplow_signals.kinds.attribute_key import BUILT_IN_KEYS
from pulumi_snowplow_signals.kinds.catalogue import KINDS
from pulumi_snowplow_signals.kinds.intervention import Intervention
from pulumi_snowplow_signals.kinds.service import Service

_CLOCK_SECONDS: Final = 60
_MOST_NAMES: Final = 5
_FIELDS: Final = frozenset({*Intervention.model_fields, "version", "is_published"})

Listed: TypeAlias = Mapping[str, Mapping[int, Stored[Intervention]]]
"""The listed versions, by name and number."""


class Seen(NamedTuple):
    """The parts of a response that are kept: none that could contain credentials."""

    method: str
    path: str
    status: int
    date: str
    at: float


class Witness:
    """Records the parts of each response that the doctor needs."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []

    def __call__(self, response: httpx.Response) -> None:
        request = response.request
        date = response.headers.get("date", "")
        self.seen.append(Seen(request.method, request.url.path, response.status_code, date, time.time()))

    def last_status(self, method: str) -> int | None:
        """Return the status of the last response to a method; None if there was none."""
        return next((seen.status for seen in reversed(self.seen) if seen.method == method), None)


def examine(client: SignalsClient, witness: Witness, findings: Findings) -> Listed | None:
    """Read the registry, and learn from it. Return the listed versions, or None if the list cannot be read."""
    try:
        stored = client.list_all(Intervention)
    except ApiError as failure:
        findings.check(_name_culprit(failure, witness), "failed", failure)
        return None
    findings.check("credentials", "ok", "accepted")
    unreadable = [each for each in stored if each.fault]
    stored = [each for each in stored if not each.fault]
    findings.check("read interventions", "ok", f"versions listed: {len(stored)}")
    if unreadable:
        findings.check(
            "unreadable versions", "warning", f"{len(unreadable)}, the first: {unreadable[0].fault}"
        )
    _try(findings, "read attribute groups", lambda: f"versions listed: {len(client.list_attribute_groups())}")
    _try(findings, "read attribute keys", lambda: _count_keys(client.list_attribute_keys()))
    _try(findings, "read services", lambda: f"listed: {len(client.list_all(Service))}")
    _check_clock(witness, findings)
    listed: dict[str, dict[int, Stored[Intervention]]] = defaultdict(dict)
    for each in stored:
        listed[each.name][each.version] = each
    try:
        learn_list(client, listed, findings)
        _learn_latest(client, listed, findings)
    except ApiError as failure:
        findings.check("read one version", "failed", failure)
    _learn_previous(listed, findings)
    learn_extra_fields(stored, findings)
    return listed


def _name_culprit(failure: ApiError, witness: Witness) -> str:
    """Return which check a failure belongs to: the address, the token exchange, the credentials, or the list."""
    if failure.path.startswith("http"):
        return "token exchange"
    if failure.status is None and not witness.seen:
        return "address"
    is_refused = failure.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
    return "credentials" if is_refused else "read interventions"


def _count_keys(keys: Sequence[StoredAttributeKey]) -> str:
    """Return how many keys were made for this account. The built-in ones, which every account has, are counted apart."""
    built_in = sum(key.name in BUILT_IN_KEYS for key in keys)
    return f"listed: {len(keys) - built_in}{f', and {built_in} built-in' if built_in else ''}"


def _try(findings: Findings, name: str, read: Callable[[], str]) -> None:
    try:
        findings.check(name, "ok", read())
    except ApiError as failure:
        if any(has_no_list(failure, kind) for kind in KINDS):
            lost = "previews cannot check them, and export and list do not show them"
            findings.check(name, "warning", f"the service does not list them: {failure}. So {lost}")
        else:
            findings.check(name, "failed", failure)


def _check_clock(witness: Witness, findings: Findings) -> None:
    dated = [seen for seen in witness.seen if seen.date]
    try:
        ahead = dated[-1].at - parsedate_to_datetime(dated[-1].date).timestamp()
    except (IndexError, TypeError, ValueError):
        findings.check("clock", "not tested", "the service does not report its time")
        return
    if abs(ahead) <= _CLOCK_SECONDS:
        findings.check("clock", "ok", "this machine and the service agree within a minute")
        return
    side = "ahead of" if ahead > 0 else "behind"
    findings.check(
        "clock", "warning", f"this machine is {abs(ahead):.0f} s {side} the service: set its clock"
    )


def learn_list(client: SignalsClient, listed: Listed, findings: Findings) -> None:
    """Learn which versions a list holds, if its names show it. Raise ApiError."""
    everything = [each for versions in listed.values() for each in versions.values()]
    shows_drafts = any(not each.is_published for each in everything)
    if shows_drafts and any(len(versions) > 1 for versions in listed.values()):
        findings.learn("list", "all", "the list shows several versions of a name, and some that are not live")
        return
    candidates = [(name, max(each)) for name, each in listed.items() if len(each) == 1 and max(each) > 1]
    for name, number in candidates[:_MOST_NAMES]:
        lower = _find(client, name, number - 1)
        if lower is None:
            continue
        if shows_drafts or lower.is_published:
            findings.learn("list", "newest", "the registry holds a lower version that the list does not show")
            return


def _find(client: SignalsClient, name: str, number: int) -> Stored[Intervention] | None:
    try:
        return client.get(Intervention, name, number)
    except NotFound:
        return None


def _learn_latest(client: SignalsClient, listed: Listed, findings: Findings) -> None:
    for name, versions in listed.items():
        live = [number for number, each in versions.items() if each.is_published]
        if not live or max(live) == max(versions):
            continue
        found = client.get_latest(Intervention, name).version
        if found in (max(live), max(versions)):
            value = "highest" if found == max(versions) else "published"
            findings.learn("latest", value, "tested on a name with a draft above a live version")
        return


def _learn_previous(listed: Listed, findings: Findings) -> None:
    for versions in listed.values():
        if sum(bool(each.is_published) for each in versions.values()) > 1:
            findings.learn("previous", "stays", "two versions of a name are live")
            return


def learn_extra_fields(stored: Sequence[Stored[Intervention]], findings: Findings) -> None:
    """Learn whether responses carry fields that the published models lack."""
    if not stored:
        return
    extra = sorted({name for each in stored for name in each.body} - _FIELDS)
    findings.learn("extra-fields", "some" if extra else "none", ", ".join(extra) or "the list has none")
