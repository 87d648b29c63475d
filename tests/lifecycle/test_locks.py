"""No lock is held while a request is on its way: a slow answer keeps nobody waiting who does not need it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from stacks import a_rule

from pulumi_snowplow_signals.api.client import SignalsClient
from pulumi_snowplow_signals.api.settings import resolve
from pulumi_snowplow_signals.lifecycle.lifecycle import INTERVENTIONS
from pulumi_snowplow_signals.lifecycle.run import Run
from signals_local.emulator import Emulator

_LOCKS = (type(threading.Lock()), type(threading.RLock()))


def locks_of(thing: Any, seen: set[int] | None = None) -> Iterator[Any]:
    """Find every lock of a thing of ours, and of those that it holds."""
    seen = set() if seen is None else seen
    if id(thing) in seen:
        return
    seen.add(id(thing))
    held: list[Any] = []
    if isinstance(thing, _LOCKS):
        yield thing
    elif isinstance(thing, dict):
        held = [*thing.values()]
    elif type(thing).__module__.startswith("pulumi_snowplow_signals"):
        held = [*getattr(thing, "__dict__", {}).values()]
    elif hasattr(thing, "__self__"):
        held = [thing.__self__]
    for each in held:
        yield from locks_of(each, seen)


class Watching(httpx.HTTPTransport):
    """Notes at each request how many of the locks are held. With one thread at work, it is that one which holds them."""

    def __init__(self) -> None:
        super().__init__()
        self.watched: list[Any] = []
        self.held: dict[str, int] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        locks = [lock for thing in self.watched for lock in locks_of(thing)]
        assert len(locks) >= 3
        self.held[f"{request.method} {request.url.path}"] = sum(_is_held(lock) for lock in locks)
        return super().handle_request(request)


def _is_held(lock: Any) -> bool:
    if hasattr(lock, "locked"):
        return bool(lock.locked())
    return bool(lock._is_owned())


@pytest.mark.parametrize("credentials", ["token", "console"])
def test_no_lock_is_held_during_a_request(emulator: Emulator, credentials: str) -> None:
    """Neither the lists nor the exchange of credentials nor a write is waited for with a lock in hand."""
    console = emulator.console
    given = {"apiUrl": emulator.url, "sandboxToken": emulator.token}
    if credentials == "console":
        given = {
            "apiUrl": emulator.url,
            "consoleUrl": emulator.url,
            "organizationId": console.organization_id,
            "apiKeyId": console.api_key_id,
            "apiKey": console.api_key,
        }
    settings, transport = resolve(given.get, {}), Watching()
    with SignalsClient(settings, transport=transport) as client:
        run = Run(settings, lambda: client, lambda _: None)
        transport.watched = [run, client, run.attribute_groups, run.attribute_keys]
        checked = INTERVENTIONS.check(run, {}, a_rule("cart", target_attribute_keys=["domain_userid"]))
        _, outputs = INTERVENTIONS.create(run, checked.inputs)
        changed = INTERVENTIONS.check(run, outputs, a_rule("cart", 80))
        INTERVENTIONS.delete(run, "cart", INTERVENTIONS.update(run, outputs, changed.inputs))
    assert len(transport.held) >= 5
    assert {path: held for path, held in transport.held.items() if held} == {}
