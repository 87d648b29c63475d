"""What Pulumi shows of an error: of a fault its text alone, of a bug every frame, whatever happens beside it."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from pulumi_snowplow_signals.bridge import DEBUG_VARIABLE, Bridge
from pulumi_snowplow_signals.errors import Incomplete
from pulumi_snowplow_signals.lifecycle.check import Checked
from pulumi_snowplow_signals.lifecycle.lifecycle import Difference


@dataclass(frozen=True)
class Failing:
    """A lifecycle in which diff fails with the error that its inputs name; the rest is never called."""

    outputs_only: frozenset[str] = frozenset()

    def diff(self, prior: Mapping[str, Any], _: Mapping[str, Any]) -> Difference:
        if prior["error"] == "fault":
            raise Incomplete("the registry did not do it")
        return {}["a bug of ours"]  # type: ignore[no-any-return]

    def check(self, *_: Any) -> Checked:
        raise NotImplementedError

    def create(self, *_: Any) -> tuple[str, dict[str, Any]]:
        raise NotImplementedError

    def read(self, *_: Any) -> dict[str, Any]:
        raise NotImplementedError

    def update(self, *_: Any) -> dict[str, Any]:
        raise NotImplementedError

    def delete(self, *_: Any) -> None:
        raise NotImplementedError


BRIDGE = Bridge(Failing())


@pytest.fixture(autouse=True)
def _limit_is_left_as_it_was() -> Iterator[None]:
    """The limit is one of the process, and this process has other tests."""
    yield
    import sys  # noqa: PLC0415  # for the clean-up alone

    if hasattr(sys, "tracebacklimit"):
        del sys.tracebacklimit


def shown(error: str) -> str:
    """Return what Pulumi shows of a call that fails: it formats what it catches (`pulumi/dynamic/__main__.py`)."""
    try:
        BRIDGE.diff({"error": error}, {})
    except Exception:  # noqa: BLE001  # as Pulumi does
        return traceback.format_exc()
    raise AssertionError("the call did not fail")


def test_a_fault_is_its_text() -> None:
    """Neither a frame nor a module of ours is shown to a user who can do nothing about it."""
    assert shown("fault") == "SignalsError: the registry did not do it\n"


def test_a_bug_keeps_its_frames() -> None:
    """A bug is shown with its frames, right after a fault too."""
    shown("fault")
    assert "in diff" in shown("bug")
    assert shown("bug").rstrip().endswith("KeyError: 'a bug of ours'")


def test_a_bug_keeps_its_frames_beside_faults() -> None:
    """Pulumi calls a provider on four threads: a fault on one hides nothing of a bug on another."""
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(shown, ["fault", "bug"] * 200))
    assert {text.count("\n  File ") for text in found[::2]} == {0}
    assert all("in diff" in text for text in found[1::2])


def test_a_fault_keeps_its_frames_where_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever debugs this package sees everything."""
    monkeypatch.setenv(DEBUG_VARIABLE, "1")
    assert "in diff" in shown("fault")


def test_the_limit_is_asked_for_by_every_reader() -> None:
    """A bug's traceback has its whole depth, also where it is deep."""
    shown("fault")

    def dig(levels: int) -> Any:
        return dig(levels - 1) if levels else {}["deep"]

    call: Callable[[], Any] = lambda: dig(50)  # noqa: E731  # one line to fail in
    try:
        call()
    except KeyError:
        assert traceback.format_exc().count("in dig") >= 3  # Python folds equal frames
