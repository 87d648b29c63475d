"""Writes every value for every argument, and prints as JSON what becomes of it: taken as what, or refused with what words.

The argument `plain` asks for values as they are, and `secret` for the same in secret outputs.

A program's way is gone to its end in this one process: the constructor, Pulumi's serializer, and the provider's check or read.
It runs as a process of its own, because a program's stack and event loop are Pulumi's globals.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import traceback
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import httpx
import pulumi
from places import PLACES, Place
from pulumi.runtime import mocks, rpc
from pulumi.runtime.settings import SETTINGS
from values import ENDLESS, IN_SECRETS, VALUES, secret

from pulumi_snowplow_signals import bridge, gate
from pulumi_snowplow_signals.api.client import SignalsClient
from pulumi_snowplow_signals.api.settings import resolve
from pulumi_snowplow_signals.bridge import Calls
from pulumi_snowplow_signals.errors import SignalsError
from pulumi_snowplow_signals.lifecycle.lifecycle import (
    ATTRIBUTE_KEYS,
    BATCH_GROUPS,
    EXTERNAL_GROUPS,
    INTERVENTIONS,
    SERVICES,
    STREAM_GROUPS,
)
from pulumi_snowplow_signals.lifecycle.live_version import LiveVersions
from pulumi_snowplow_signals.lifecycle.run import Run
from pulumi_snowplow_signals.push.lifecycle import DIRECT_INTERVENTIONS

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from thorough import SOAK, chosen

_LONGEST: Final = 120
_WITH_ENDLESS: Final = ("RuleIntervention.owner", "DirectIntervention.triggers")
_SETTINGS: Final = resolve(
    {"apiUrl": "http://127.0.0.1:1", "sandboxToken": "t", "review": "local", "retrySeconds": "0"}.get, {}
)
_NOT_THERE: Final = httpx.MockTransport(lambda _: httpx.Response(404, json={"detail": "not found"}))

Inputs = Mapping[str, Any]

_CALLS: Final[Mapping[str, Calls]] = {
    "RuleIntervention": INTERVENTIONS,
    "DirectIntervention": DIRECT_INTERVENTIONS,
    "AttributeKey": ATTRIBUTE_KEYS,
    "StreamAttributeGroup": STREAM_GROUPS,
    "BatchAttributeGroup": BATCH_GROUPS,
    "ExternalBatchAttributeGroup": EXTERNAL_GROUPS,
    "Service": SERVICES,
    "LiveVersion": LiveVersions(),
}
"""What the provider does with each type."""


class Provider(mocks.Mocks):
    """Lets the provider judge what reaches it."""

    def __init__(self) -> None:
        self.judged: list[tuple[Inputs, tuple[str, ...]]] = []

    def call(self, _args: Any) -> Any:
        return {}

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, Inputs]:
        calls = _CALLS[args.typ.rpartition(":")[2]]
        # An engine unwraps secrets before it calls a provider.
        inputs = bridge._from_pulumi(
            {name: rpc.unwrap_rpc_secret(each) for name, each in args.inputs.items()}
        )
        with SignalsClient(_SETTINGS, transport=_NOT_THERE) as client:
            run = Run(_SETTINGS, lambda: client, lambda _: None)
            if args.resource_id:
                self.judged.append(_read(calls, run, args.resource_id, inputs))
            else:
                checked = calls.check(run, {}, inputs)
                self.judged.append((checked.inputs, tuple(map(str, checked.faults))))
        inputs, faults = self.judged[-1]
        return args.name, {} if faults or args.resource_id else bridge._to_pulumi(inputs)


def _read(calls: Any, run: Run, name: str, inputs: Inputs) -> tuple[Inputs, tuple[str, ...]]:
    """Look at what nobody has: a right question gets the answer that it is not there."""
    try:
        calls.read(run, name, inputs)
    except SignalsError as answer:
        told = str(answer)
    return {"id": name, "version": inputs.get("version")}, () if "registry" in told else (told,)


class Monitor:
    """Pulumi's mock of an engine, by another type: with its own the program would compute what a provider does."""

    def __init__(self, provider: Provider) -> None:
        self._monitor = mocks.MockMonitor(provider)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._monitor, name)


def judge(place: Place, make: Callable[[], Any], *, in_loop: bool) -> str:
    """Return what becomes of a value: `taken as ...`, or each sentence that refuses it.

    Args:
        place: The argument.
        make: Makes the value.
        in_loop: Whether it is written while the event loop runs, as in a deployment. There, a gate keeps the faults until the
            resource is registered. Otherwise the constructor raises them, as in a unit test, which is four times as fast.
    """
    provider = Provider()
    SETTINGS.rpc_manager.clear()
    SETTINGS.outputs.clear()
    run = asyncio.get_event_loop().run_until_complete
    gate._gates.clear()  # each value is a program of its own; a stack of its own would take ten times as long
    pulumi.runtime.set_mocks(provider, monitor=Monitor(provider), preview=True)  # type: ignore[arg-type]  # see `Monitor`
    try:
        made = run(_write(place, make)) if in_loop else place.write(make())
        made = run(_finish(made))
    except pulumi.RunError as fault:
        return _refused("refused", str(fault))
    except Exception as error:  # noqa: BLE001  # which is what no value may lead to
        return f"TRACEBACK {type(error).__name__}: {error}"[:_LONGEST]
    if not provider.judged:
        return f"taken: {made}"
    inputs, faults = provider.judged[0]
    if faults:
        return _refused("refused by the provider", "\n".join(faults))
    return f"taken as {_shown(_found(inputs, place.path))}"


async def _write(place: Place, make: Callable[[], Any]) -> Any:
    return place.write(make())


async def _finish(made: Any) -> Any:
    """Wait for what the program has begun, raise what failed in it, and return what it made."""
    found = await made.urn.future() if isinstance(made, pulumi.Resource) else made
    while SETTINGS.rpc_manager.rpcs:
        await SETTINGS.rpc_manager.rpcs.pop()
    failure = SETTINGS.rpc_manager.unhandled_exception
    if failure is not None:
        raise failure
    return found


def _refused(by: str, text: str) -> str:
    return "\n".join(f"{by}: {line}" for line in text.splitlines())


def _found(inputs: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        if isinstance(step, str) and not isinstance(inputs, Mapping):
            return inputs
        inputs = inputs.get(step) if isinstance(step, str) else inputs[step]
    return inputs


def _shown(value: Any) -> str:
    text = json.dumps(value, default=repr, sort_keys=True)  # a message of protobuf has no order
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text):,} characters)"


def main() -> None:
    """Print the verdicts."""
    (mode,) = sys.argv[1:]
    asyncio.set_event_loop(asyncio.new_event_loop())
    pulumi.runtime.set_all_config(
        {"signals:apiUrl": _SETTINGS.api_url, "signals:sandboxToken": "t"}, ["signals:sandboxToken"]
    )
    warnings.simplefilter("ignore")
    logging.disable()  # Pulumi's own words on each failure
    # Pulumi has one made for a line that nobody reads, and spends a fifth of the time on it.
    traceback.format_exc = lambda *_: ""
    told: dict[str, dict[str, str]] = {}
    for title, place in PLACES.items():
        values = {
            name: make
            for name, make in (VALUES | ENDLESS if title in _WITH_ENDLESS else VALUES).items()
            if place.tries(name)
        }
        in_loop = SOAK or not place.is_input
        if mode == "plain":
            told[title] = {name: judge(place, make, in_loop=in_loop) for name, make in values.items()}
        elif place.is_input:
            told[title] = {
                name: judge(place, lambda make=values[name]: secret(make()), in_loop=in_loop)  # type: ignore[misc]  # bound at once
                for name in chosen(IN_SECRETS, IN_SECRETS[len(told) % 2 :: 2])
                if name in values
            }
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
