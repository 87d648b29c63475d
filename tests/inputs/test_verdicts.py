"""Whatever a program writes for an argument gets a value or a sentence: over a hundred values for each argument there is.

`verdicts.txt` says what becomes of each value for each argument; `snapshot.py` writes it anew.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from once import once_a_run

sys.path.insert(0, str(Path(__file__).parent))

from places import PLACES
from snapshot import FILE, Verdicts, judged, text_of
from values import CANARY, VALUES

_LONGEST_SENTENCE = 1_100


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Verdicts:
    """The verdicts on values as they are."""
    return dict(json.loads(once_a_run(tmp_path_factory, "plain", lambda: judged("plain"))))


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Verdicts:
    """Those on the same values in secret outputs."""
    return dict(json.loads(once_a_run(tmp_path_factory, "secret", lambda: judged("secret"))))


@pytest.fixture(params=["plain", "secret"])
def verdicts(request: pytest.FixtureRequest) -> Verdicts:
    """Either."""
    found: Verdicts = request.getfixturevalue(request.param)
    return found


def every(verdicts: Verdicts) -> Iterator[tuple[str, str]]:
    """Yield each verdict with what it is about."""
    for place, told in verdicts.items():
        for value, verdict in told.items():
            yield f"{place}: {value}", verdict


def test_there_are_enough_values() -> None:
    """Every kind of value that Python, its library and numpy have is among them."""
    assert len(VALUES) > 100


def test_the_verdicts_are_those_that_were_reviewed(plain: Verdicts) -> None:
    """A change of any verdict, or of its words, is seen in a review."""
    assert text_of(plain) == FILE.read_text(encoding="utf-8")


def test_nothing_ends_in_a_traceback(verdicts: Verdicts) -> None:
    """A value is taken, or it is refused as a user's fault: by the constructor, an output, or the provider."""
    begins = ("taken", "refused")
    assert [(about, told) for about, told in every(verdicts) if not told.startswith(begins)] == []


def test_each_fault_is_one_short_line(verdicts: Verdicts) -> None:
    """No sentence is longer than a logical name may be and a line, or holds what a terminal would obey."""
    faults = [
        (about, line)
        for about, told in every(verdicts)
        if told.startswith("refused")
        for line in told.split("\n")
    ]
    assert [about for about, line in faults if len(line) > _LONGEST_SENTENCE] == []
    assert [about for about, line in faults if not line.isprintable()] == []


def test_no_fault_shows_a_secret(secret: Verdicts) -> None:
    """Where the value is a secret, no sentence repeats it or what it holds."""
    refused = {about for about, told in every(secret) if told.startswith("refused") and CANARY in told}
    assert refused == set()


def test_an_output_of_a_value_fares_like_the_value(plain: Verdicts, secret: Verdicts) -> None:
    """What is taken as it is, is taken in an output; what is refused is refused there too."""
    differ = {
        (place, value)
        for place, told in secret.items()
        for value, verdict in told.items()
        if verdict.startswith("taken") != plain[place][value].startswith("taken")
    }
    # A text of which Pulumi would keep the secret in plain text, and nothing else.
    assert {place for place, _ in differ if not place.endswith(".get.id")} == set()


def test_every_argument_is_among_the_places() -> None:
    """No argument of a resource goes untried."""
    import inspect  # noqa: PLC0415  # here alone

    import pulumi_snowplow_signals as ours  # noqa: PLC0415  # here alone
    from pulumi_snowplow_signals.declaration import SignalsResource  # noqa: PLC0415  # here alone

    declared = [getattr(ours, name) for name in ours.__all__]
    resources = [
        each
        for each in declared
        if isinstance(each, type) and issubclass(each, SignalsResource) and hasattr(each, "_shape")
    ]
    assert len(resources) == 7  # that none is overlooked
    for kind in resources:
        named = set(inspect.signature(kind.__init__).parameters) - {"self", "unexpected"}
        tried = {
            place.split(".")[1].split(",")[0] for place in PLACES if place.startswith(f"{kind.__name__}.")
        }
        assert named <= tried
