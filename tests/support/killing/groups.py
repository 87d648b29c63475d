"""Attribute groups whose users move with them in one run, killed at each request, each cut with objects of its own."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from harness import Engine

from killing.cuts import UNCUT, Cut, prefixed
from killing.runs import Kill, KilledRuns
from signals_local.emulator import Emulator

_KINDS: Final = ("attribute_group", "service", "intervention")

_IMPORTS: Final = """
from pulumi_snowplow_signals import Attribute, Event, EventProperty, Service, StreamAttributeGroup, VersionedLinkAttributeGroup

def last(name):
    path = EventProperty(vendor="com.example", name="cart", major_version=1, path=name)
    return Attribute(name=name, type="double", aggregation="last", events=[Event(name="cart")], property=path)

def declare(prefix, attributes, read, pinned=None, **group):
    basket = StreamAttributeGroup(
        f"{prefix}_basket", owner="d@example.com", attribute_key="domain_userid",
        attributes=[last(name) for name in attributes], **group,
    )
    used = VersionedLinkAttributeGroup(name=basket.name, version=pinned) if pinned else basket
    Service(f"{prefix}_checkout", owner="d@example.com", attribute_groups=[used])
    RuleIntervention(
        f"{prefix}_vip", owner="m@example.com", criteria=basket[read] > 75, payload_attribute_groups=[used],
    )

"""


@dataclass(frozen=True)
class Move:
    """What becomes of a group, a service that pins it and a rule that reads it, in one run.

    Attributes:
        name: What it is.
        before: The arguments of `declare`, as code; nothing, if there was nothing.
        after: Those of the program that is cut; nothing, if all is taken down.
    """

    name: str
    before: str
    after: str

    def __str__(self) -> str:
        return self.name


MOVES: Final = (
    Move("a new version, users moved", '["value"], "value"', '["value", "idle"], "idle"'),
    Move("from nothing", "", '["value"], "value"'),
    Move("all removed", '["value"], "value"', ""),
    Move("all deleted", '["value"], "value", on_destroy="delete"', ""),
    Move("a draft beside", '["value"], "value"', '["value", "idle"], "value", pinned=1, published=False'),
    Move("forward to an older definition", '["value", "idle"], "value"', '["value"], "value"'),
)
"""Every move."""


class GroupStack:
    """A move in a stack of its own: once uncut, and then once for each cut."""

    def __init__(self, move: Move, project: Engine, emulator: Emulator) -> None:
        self._move = move
        self._project = project
        self._emulator = emulator
        self._runs = KilledRuns(project, emulator)
        self._cuts: Sequence[Cut] = ()

    def learn(self) -> None:
        """Run the move once without a cut, and find every request that it makes."""
        self._write([UNCUT], [])
        self._up()
        mark = self._emulator.mark()
        self._write([], [UNCUT])
        self._up()
        self._cuts = [*_cuts_at(self._emulator.requests(since=mark))]
        assert self._cuts
        self._write([cut.prefix for cut in self._cuts], [UNCUT])
        self._up()

    def cut_everywhere(self, kill: Kill) -> str:
        """Carry the move out for each cut, killed until every cut was made."""
        for cut in self._cuts:
            self._runs.order(cut)
        self._write([], [UNCUT, *(cut.prefix for cut in self._cuts)])
        return self._runs.kill_until_done(kill)

    def differences(self) -> Iterator[str]:
        """Yield how what was cut has come to another end than what was not, and each promise that was broken."""
        if (struck := self._runs.struck()) != len(self._cuts):
            yield f"{struck} of {len(self._cuts)} cuts were made"
        self._up()  # what something still used at the end of the run before is free in this one
        outcome = self._project.run("preview", environment={})
        if not outcome.succeeded or outcome.operations:
            yield f"a preview still shows {outcome.operations}: {outcome.text}"
        right = self._held(UNCUT)
        for cut in self._cuts:
            if (held := self._held(cut.prefix)) != right:
                yield f"{cut.prefix}: the registry holds {held}; uncut it holds {right}"
        yield from self._emulator.broken_promises()

    def _write(self, before: Collection[str], after: Collection[str]) -> None:
        declared = [(prefix, self._move.before) for prefix in before]
        declared += [(prefix, self._move.after) for prefix in after]
        self._project.write(
            _IMPORTS
            + "".join(f"declare({prefix!r}, {arguments})\n" for prefix, arguments in declared if arguments)
        )

    def _up(self) -> None:
        outcome = self._project.run("up", environment={})
        assert outcome.succeeded, outcome.text

    def _held(self, prefix: str) -> Mapping[str, bool]:
        """Return whether each object of a prefix is live, by kind, name and number, without the prefix."""
        found = {}
        for kind in _KINDS:
            for each in self._emulator.history(kind)["versions"]:
                if each["exists"] and each["name"].startswith(f"{prefix}_"):
                    name = each["name"].removeprefix(f"{prefix}_")
                    found[f"{name} {each['version']}"] = each["is_published"]
        return found


def _cuts_at(requests: Collection[Mapping[str, Any]]) -> Iterator[Cut]:
    """Yield every cut of what was uncut: before each request about an object of it, and after each that writes."""
    places: Counter[str] = Counter()
    for request in requests:
        name = _name_of(request["path"], request["body"])
        if not name.startswith(prefixed(UNCUT, "")):
            continue
        name = name.removeprefix(prefixed(UNCUT, ""))
        places[name] += 1
        yield Cut(name, places[name], "before")
        if request["method"] != "GET":
            yield Cut(name, places[name], "after")


def _name_of(path: str, body: Any) -> str:
    """Return the name that a request is about; none of a list."""
    name = path.partition("/registry/")[2].partition("/")[2].partition("/")[0]
    content = json.loads(body) if isinstance(body, str) else body
    return name or str((content or {}).get("name", ""))
