"""Single calls whose responses are tampered with: a direct push, and what is read of a rule that no stack records."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import httpx
from cutting.ways import Way
from cutting.world import World
from driver import handed_over

from pulumi_snowplow_signals.errors import SignalsError
from pulumi_snowplow_signals.lifecycle.lifecycle import INTERVENTIONS
from pulumi_snowplow_signals.lifecycle.run import Run
from pulumi_snowplow_signals.push.lifecycle import DIRECT_INTERVENTIONS
from tampering.responses import tampered
from tampering.trial import Tally, unreadable

Result: TypeAlias = "dict[str, Any] | SignalsError"
Judge: TypeAlias = Callable[[Way, httpx.Response, Result], str]
"""Returns what is wrong with what a call gave back or raised, or nothing."""

_GREETING = {
    "name": "greeting",
    "version": 1,
    "attributes": {"title": "hello"},
    "targets": {"domain_userid": ["218e8926-3858-431d-b2ed-66da03a1cbea"]},
}


@dataclass(frozen=True)
class Call:
    """A call, and what it may end in."""

    name: str
    make: Callable[[Run], dict[str, Any]]
    judge: Judge

    def __str__(self) -> str:
        return self.name

    def tamper(self, world: World, every: int) -> Tally:
        """Tamper with every n-th of all responses."""
        tally = Tally()
        world.clear()
        world.put("cart", 1, 60)
        world.put("cart", 2, 70)
        world.mend()
        self.make(world.process())
        exchanged = list(zip(world.passed, world.answered, strict=True))
        tally.requests = len(exchanged)
        ways = [
            (at, request, way)
            for at, (request, genuine) in enumerate(exchanged, start=1)
            for way in tampered(request, genuine)
        ]
        for at, request, way in ways[::every]:
            tally.tried += 1
            wrong = self._tamper(world, at, request, way, tally)
            tally.wrong += [
                f"{request.method} {request.url.path}, request {at}, {way}: {each}" for each in wrong
            ]
        return tally

    def _tamper(self, world: World, at: int, request: httpx.Request, way: Way, tally: Tally) -> list[str]:
        world.remarks.clear()
        world.cut(way, at)
        result: Result
        try:
            result = self.make(world.process())
        except SignalsError as explained:
            result = explained
        except Exception:  # noqa: BLE001  # what is looked for
            tally.ends["crashed"] += 1
            return [traceback.format_exc(limit=-4)]
        finally:
            world.mend()
        tally.ends["told" if isinstance(result, SignalsError) else "done all the same"] += 1
        texts = [
            str(result) if isinstance(result, SignalsError) else "",
            *(each.text for each in world.remarks),
        ]
        wrong = self.judge(way, way.failure(request), result)
        return [*unreadable(way, texts), *([wrong] if wrong else [])]


def _push(run: Run) -> dict[str, Any]:
    checked = DIRECT_INTERVENTIONS.check(run, {}, handed_over(_GREETING))
    if checked.faults:
        raise AssertionError(checked.faults)
    return DIRECT_INTERVENTIONS.create(run, handed_over(checked.inputs))[1]


def _judge_push(way: Way, response: httpx.Response, result: Result) -> str:
    if isinstance(result, SignalsError):
        # The stack forgets a push that fails, so that the next run pushes again.
        may_be_done = response.status_code // 100 not in {3, 4}
        return "it may have been delivered, and would be pushed again" if may_be_done and way.after else ""
    if result["status"] == "success":
        return "nobody said that it was delivered"
    return ""


def _read(run: Run) -> dict[str, Any]:
    return INTERVENTIONS.read(run, "cart", {})


def _judge_read(way: Way, response: httpx.Response, result: Result) -> str:
    if isinstance(result, SignalsError):
        return ""
    is_stored = (
        result["name"] == "cart" and result["version"] in (1, 2) and result["owner"] == "team@example.com"
    )
    return "" if is_stored or response.is_success else f"it read {result}"


CALLS = [Call("direct push", _push, _judge_push), Call("read what no stack records", _read, _judge_read)]
"""Every call."""
