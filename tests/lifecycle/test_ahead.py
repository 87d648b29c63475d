"""Names that are new are looked for side by side, although Pulumi checks one resource at a time."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, repeat

import httpx
import pytest
from driver import process
from stacks import a_rule

from pulumi_snowplow_signals.errors import Unavailable
from pulumi_snowplow_signals.fields.hidden_inputs import NAMES
from pulumi_snowplow_signals.lifecycle.ahead import Ahead
from pulumi_snowplow_signals.lifecycle.check import Checked
from pulumi_snowplow_signals.lifecycle.lifecycle import INTERVENTIONS
from pulumi_snowplow_signals.lifecycle.run import Run

RULES = [f"rule_{number}" for number in range(13)]
_GROUP = {
    "name": "shopping", "version": 1, "is_published": True, "attribute_key": {"name": "domain_userid"},
    "attributes": [{"name": "cart_value", "type": "double"}],
}  # fmt: skip
_LISTS = {"attribute_groups": [_GROUP], "attribute_keys": [{"name": "domain_userid"}], "interventions": []}


@contextmanager
def running(look: Callable[[str], httpx.Response], listed: Sequence[str] = ()) -> Iterator[Run]:
    """Lend the memory of a provider process whose registry answers a look for a name."""
    stored = [{**a_rule(name), "version": 1, "is_published": True} for name in listed]

    def answer(request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/v1/registry/").rstrip("/")
        kind, _, name = path.partition("/")
        return look(name) if name else httpx.Response(200, json=stored or _LISTS[kind])

    config = {"apiUrl": "https://a.example.com", "sandboxToken": "t"}
    with process(config, lambda _: None, httpx.MockTransport(answer)) as run:
        yield run


def check_all(run: Run, names: list[str]) -> list[Checked]:
    """Check rules one after another. The first lists the names of all, as in a program."""
    hints = [{NAMES: names}, *({} for _ in names[1:])]
    given = [{**a_rule(name), **hint} for name, hint in zip(names, hints, strict=True)]
    return [INTERVENTIONS.check(run, {}, each) for each in given]


def _not_found() -> httpx.Response:
    return httpx.Response(404, json={"detail": "not found"})


def test_looks_overlap() -> None:
    """While one check waits for its look, the registry is asked for the names of the others, each once."""
    asked: Counter[str] = Counter()
    company = threading.Barrier(3)  # nobody is answered alone

    def look(name: str) -> httpx.Response:
        asked[name] += 1
        if name != RULES[-1]:  # the thirteenth
            company.wait(timeout=30)
        return _not_found()

    with running(look) as run:
        checked = check_all(run, RULES)
    assert [each.faults for each in checked] == [()] * len(RULES)
    assert [NAMES in each.inputs for each in checked] == [False] * len(RULES)
    assert asked == dict.fromkeys(RULES, 1)


def test_a_failure_is_reported_by_the_check_that_it_concerns() -> None:
    """One of them is answered with an error the first time: its own check asks again, and nobody else hears of it."""
    asked: Counter[str] = Counter()

    def look(name: str) -> httpx.Response:
        asked[name] += 1
        is_refused = name == "rule_7" and asked[name] == 1
        return httpx.Response(403, json={"detail": "no"}) if is_refused else _not_found()

    with running(look) as run:
        checked = check_all(run, RULES)
    assert [each.faults for each in checked] == [()] * len(RULES)
    assert asked == {**dict.fromkeys(RULES, 1), "rule_7": 2}


def test_a_registry_that_stops_answering_is_left_alone() -> None:
    """Each of the few that look ahead stops at its first failure."""
    asked: Counter[str] = Counter()

    def look(name: str) -> httpx.Response:
        asked[name] += 1
        return httpx.Response(503, json={"detail": "no"})

    with running(look) as run:
        check_all(run, [f"rule_{number}" for number in range(100)])
    assert 1 <= asked.total() <= 5


def test_names_that_are_expected_twice_are_looked_for_once() -> None:
    """Pulumi checks a replacement twice. If it lists the names, they are expected twice."""
    asked: list[str] = []
    expected = iter([RULES, RULES])
    ahead = Ahead(asked.append, lambda: next(expected, []))
    names = ["replaced", "another", *RULES]
    for name in names:
        ahead(name)
    assert sorted(asked) == sorted(names)


def test_an_outage_is_reported_in_the_words_of_the_look_that_met_it() -> None:
    """The look that is then not sent, because of the first, would name itself as the reason."""
    busy, met = threading.Event(), Unavailable("GET", "last", 503, "down")
    failures = chain([met], repeat(Unavailable("GET", "last", 503, "down", follows="GET last")))

    def look(name: str) -> None:
        if name == "last":
            raise next(failures)
        if name != "first":
            busy.wait(timeout=30)

    # The four that look ahead are busy, so the look for the last has not begun.
    expected = [["first", "a", "b", "c", "d", "last"]]
    ahead = Ahead(look, lambda: expected.pop() if expected else [])
    ahead("first")
    with pytest.raises(Unavailable) as reported:
        ahead("last")
    busy.set()
    assert reported.value is met


@pytest.mark.parametrize("known", ["listed", "checked before"])
def test_what_is_known_is_not_looked_for(known: str) -> None:
    """A name that the list shows, or that has been checked, is asked for by no one."""
    asked: Counter[str] = Counter()

    def look(name: str) -> httpx.Response:
        asked[name] += 1
        return _not_found()

    with running(look, RULES[:1] if known == "listed" else ()) as run:
        if known == "checked before":
            INTERVENTIONS.check(run, {}, a_rule(RULES[0]))
            asked.clear()
        INTERVENTIONS.check(run, {}, {**a_rule(RULES[1]), NAMES: RULES[:2]})
        INTERVENTIONS.check(run, {}, a_rule("another"))
    assert asked == {RULES[1]: 1, "another": 1}
