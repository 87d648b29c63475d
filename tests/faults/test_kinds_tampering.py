"""Responses about keys, groups, services and rules, wrong in each way: told in a sentence, or without harm to anybody."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import httpx
import pytest
from cutting.ways import Way
from driver import CheckFailed
from registries import emptied
from several_kinds import KEY, a_group, a_rule, a_service, live
from stacks import OfKind, Stack
from tampering.responses import tampered
from tampering.trial import unreadable
from thorough import SOAK

from pulumi_snowplow_signals.errors import SignalsError
from signals_local.emulator import Emulator

_MOST = 2_000 if SOAK else 10
"""So many responses are tampered with in each command, spread over all of its requests and ways."""

_ON_KEY = {"attribute_key": "account_id"}
_FIRST: tuple[OfKind, ...] = (KEY, a_group("value", **_ON_KEY), a_service("basket"), a_rule("basket:value"))
_SECOND: tuple[OfKind, ...] = (
    KEY,
    a_group("value", "idle", **_ON_KEY),
    a_service("basket"),
    a_rule("basket:idle"),
)
_COMMANDS: dict[str, Callable[[Stack], object]] = {
    "create": lambda stack: stack.up(*_FIRST),
    "a new version": lambda stack: stack.up(*_SECOND),
    "refresh": lambda stack: stack.refresh(),
    "destroy": lambda stack: stack.destroy(),
}


@dataclass
class Tampering(httpx.BaseTransport):
    """Carries requests; of one of them, another response comes back."""

    at: int = 0
    way: Way | None = None
    exchanged: list[tuple[httpx.Request, httpx.Response]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._carrier = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, or tamper with its response."""
        if self.way is not None and len(self.exchanged) + 1 == self.at:
            found = self.way.cut(request, lambda: self._carry(request))
        else:
            found = self._carry(request)
        self.exchanged.append((request, found))
        return found

    def _carry(self, request: httpx.Request) -> httpx.Response:
        response = self._carrier.handle_request(request)
        response.read()
        return response

    def close(self) -> None:
        """Close the connections."""
        self._carrier.close()


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An emulator, whose promises are looked at after each trial."""
    with emptied() as emulator:
        yield emulator


def _begun(emulator: Emulator, command: str) -> Stack:
    emulator.reset()
    stack = Stack(emulator)
    if command != "create":
        stack.up(*_FIRST)
        stack.heard()
    return stack


def _ways(emulator: Emulator, command: str) -> list[tuple[int, Way]]:
    """Return ways to tamper, with the place of the request, from 1, spread evenly."""
    stack = _begun(emulator, command)
    stack.transport = recorded = Tampering()
    _COMMANDS[command](stack)
    found = [
        (at, way)
        for at, exchange in enumerate(recorded.exchanged, start=1)
        for way in tampered(*exchange)
        # A lie that nothing contradicts: a list that shows as withdrawn, or not at all, what others have live.
        if "is_published" not in way.name
    ]
    return found[:: max(1, len(found) // _MOST)]


@pytest.mark.parametrize("command", _COMMANDS)
def test_whatever_is_answered_the_next_run_ends_right(
    emulator: Emulator, command: str, record_property: pytest.RecordProperty
) -> None:
    """No crash, no text that steers a terminal, and a clean run ends as if nothing had been, with nobody taken down."""
    ways = _ways(emulator, command)
    expected, wrong, ends = live(emulator), list[str](), Counter[str]()
    assert ways
    for at, way in ways:
        stack = _begun(emulator, command)
        end, faults = _tampered(stack, command, Tampering(at, way))
        ends[end] += 1
        if not faults:
            faults = _mended(stack, command, expected)
        wrong += [f"request {at}, {way}: {fault}" for fault in [*faults, *emulator.broken_promises()]]
    told = ", ".join(f"{count} {end}" for end, count in sorted(ends.items()))
    record_property(
        "cuts", f"in process, tampered responses: groups, {command}: {len(ways)}: {told}; {len(wrong)} wrong"
    )
    assert not wrong, "\n".join(wrong)


def _tampered(stack: Stack, command: str, transport: Tampering) -> tuple[str, list[str]]:
    assert transport.way is not None
    stack.transport, failure = transport, ""
    try:
        _COMMANDS[command](stack)
    except (SignalsError, CheckFailed) as explained:
        failure = str(explained)
    except Exception:  # noqa: BLE001  # what is looked for
        return "crashed", [traceback.format_exc(limit=-4)]
    finally:
        stack.transport = None
    return "told" if failure else "done all the same", [*unreadable(transport.way, [failure, *stack.heard()])]


def _mended(stack: Stack, command: str, expected: list[str]) -> list[str]:
    try:
        for _ in range(2):  # what was held at the end of the first run is free in the second
            _COMMANDS[command](stack)
    except Exception:  # noqa: BLE001  # what is looked for
        return [f"a clean run fails: {traceback.format_exc(limit=-4)}"]
    found = live(stack.emulator)
    return [] if found == expected else [f"after clean runs there is live {found}; right is {expected}"]
