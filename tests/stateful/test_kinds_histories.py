"""Random histories of a stack of groups, services and rules, with an outsider who uses the groups, and runs that are cut off.

Whatever happens: no released number of a group or a rule changes its definition, no service is ever live without a version
that it pins, and no rule goes down with a group. A run that succeeds is followed by one that changes nothing, and a destroy
leaves nothing live of ours but what others use. `HISTORIES=0-500` plays others, as for the histories of rules alone.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from driver import CheckFailed
from plain_http import connect
from registries import emptied
from several_kinds import OWNER, a_group, a_rule, attribute, live
from stacks import Cutting, Died, OfKind, Stack
from thorough import SOAK

from pulumi_snowplow_signals.errors import SignalsError
from signals_local.emulator import Emulator

GROUPS = ("basket", "visit")
ATTRIBUTES = ("a", "b", "c")
_STEPS = 14
_QUICK, _LONG = range(8), range(1000)


def _numbers() -> range:
    wanted = os.environ.get("HISTORIES")
    if wanted is None:
        return _LONG if SOAK else _QUICK
    first, _, end = wanted.rpartition("-")
    return range(int(first or 0), int(end))


class Outsider:
    """Somebody else who uses the groups, and knows nothing of the stack."""

    def __init__(self, emulator: Emulator, chance: random.Random) -> None:
        self._chance = chance
        self._http = connect(f"{emulator.url}/api/v1/registry", emulator.token)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def act(self) -> str:
        """Publish or withdraw a service or a rule on some group that is live; return what was done."""
        action = self._chance.choice([self._serve, self._read, self._stop_serving, self._stop_reading])
        return str(action())

    def _serve(self) -> str:
        groups = [each for each in self._http.get("/attribute_groups/").json() if each["is_published"]]
        if not groups:
            return "nothing to serve"
        found = self._chance.choice(groups)
        pin = {"name": found["name"], "version": found["version"]}
        return self._put("/services/", "theirs", {"attribute_groups": [pin], "is_published": True})

    def _read(self) -> str:
        groups = [each for each in self._http.get("/attribute_groups/").json() if each["is_published"]]
        if not groups:
            return "nothing to read"
        found = self._chance.choice(groups)
        name = self._chance.choice(found["attributes"])["name"]
        criteria = {"attribute": f"{found['name']}:{name}", "operator": ">", "value": 1}
        number = len(self._http.get("/interventions/").json()) + 1
        body = {
            "name": "reader",
            "version": number,
            "owner": OWNER,
            "criteria": criteria,
            "is_published": True,
        }
        self._stop_reading()
        return f"read {criteria['attribute']}: {self._http.post('/interventions/', json=body).status_code}"

    def _stop_serving(self) -> str:
        stored = self._http.get("/services/theirs")
        if stored.is_error:
            return "served nothing"
        return str(
            self._http.put("/services/theirs", json={**stored.json(), "is_published": False}).status_code
        )

    def _stop_reading(self) -> str:
        for each in self._http.get("/interventions/").json():
            if each["name"] == "reader" and each["is_published"]:
                path = f"/interventions/reader/versions/{each['version']}"
                self._http.put(path, json={**each, "is_published": False}).raise_for_status()
        return "stopped reading"

    def _put(self, path: str, name: str, body: dict[str, Any]) -> str:
        whole = {"name": name, "owner": OWNER, **body}
        made = self._http.post(path, json=whole)
        changed = self._http.put(f"{path}{name}", json=whole) if made.is_error else made
        return f"{name}: {changed.status_code}"


class History:
    """One history. `told` says what was done, for whoever has to find out why a promise broke."""

    def __init__(self, emulator: Emulator, number: int) -> None:
        self.chance = random.Random(number)
        self.emulator = emulator
        self.stack = Stack(emulator)
        self.outsider = Outsider(emulator, self.chance)
        self.told: list[str] = []
        self.tally: Counter[str] = Counter()
        self._is_at_rest = True
        self._stays = False

    def play(self) -> None:
        """Do so many things at random. Raise AssertionError where a promise is broken."""
        try:
            for _ in range(_STEPS):
                step = self.chance.choices(
                    [self.deploy, self.cut_off, self.refresh, self.others, self.destroy], [10, 4, 2, 5, 1]
                )[0]
                step()
                self._note_what_stays()
                self._hold()
            self.destroy()
            self._hold()
        finally:
            self.outsider.close()

    def deploy(self) -> None:
        """Deploy a random program."""
        self._deploy([*self._program()])

    def _deploy(self, declared: list[OfKind]) -> None:
        """Deploy a program; if it succeeds, the same one changes nothing."""
        self.told.append(f"up {_in_brief(declared)}")
        try:
            self.stack.up(*declared)
        except (CheckFailed, SignalsError) as refused:
            self.tally["refused"] += 1
            self.told.append(f"  refused: {refused}")
            return
        self.tally["deployed"] += 1
        self._is_at_rest = True
        self.stack.up(*declared)  # withdraws what was held until the end of the first
        again = self.stack.up(*declared)
        assert again == {}, self._why(f"the same program changes {again}")

    def cut_off(self) -> None:
        """Deploy a random program, cut off at some request that writes."""
        self._is_at_rest = False
        declared, at = [*self._program()], self.chance.randint(1, 4)
        arrives = self.chance.random() < 0.5
        self.told.append(f"up, cut at {at} ({arrives}) {_in_brief(declared)}")
        self.stack.transport = Cutting(at, arrives=arrives)
        try:
            self.stack.up(*declared)
        except Died:
            self.tally["cut off"] += 1
        except (CheckFailed, SignalsError):
            self.tally["refused"] += 1
        self.stack.transport = None
        self._hold()
        # Whoever sees a run die repeats it. Of what was made and is in no state, nobody else could know.
        self._deploy(declared)

    def refresh(self) -> None:
        """Read every resource."""
        self.told.append("refresh")
        self.stack.refresh()

    def others(self) -> None:
        """Let the outsider do something."""
        self.told.append(f"others: {self.outsider.act()}")

    def destroy(self) -> None:
        """Destroy the stack: what stays live is used by others, or what those use."""
        self.told.append("destroy")
        self._note_what_stays()
        self.stack.destroy()
        theirs = {"theirs", "reader"}
        used = [name for name in live(self.emulator) if name.split(" ")[0] not in theirs]
        is_used = any(name.split(" ")[0] in theirs for name in live(self.emulator))
        assert is_used or self._stays or not used, self._why(f"live after a destroy: {used}")
        self.tally["destroyed"] += 1

    def _note_what_stays(self) -> None:
        """Note whether something is left on purpose: what was live in no state, after a run that died, is taken for others', and
        what others use is left when its resource goes."""
        retained = [each.inputs.get("on_destroy") == "retain" for each in self.stack.driver.resources]
        left = ["is left in the registry" in remark.text for remark in self.stack.said]
        self._stays = self._stays or any([*retained, *left])

    def _program(self) -> Iterator[OfKind]:
        chance, declared = self.chance, []
        for name in GROUPS:
            if chance.random() < 0.8:
                # Within a service, names are unique.
                mine = [f"{name[0]}{each}" for each in ATTRIBUTES if chance.random() < 0.6] or [f"{name[0]}a"]
                kind = "int32" if chance.random() < 0.2 else "double"
                published = {"published": False} if chance.random() < 0.1 else {}
                declared.append((name, mine))
                yield a_group(*(attribute(each, kind) for each in mine), name=name, **published)
        if declared and chance.random() < 0.7:
            pinned = [name for name, _ in declared]
            yield "service", {"name": "ours", "owner": OWNER, "attribute_groups": _pins(pinned)}
        for rule in ("first", "second"):
            if declared and chance.random() < 0.6:
                name, mine = chance.choice(declared)
                yield a_rule(f"{name}:{chance.choice(mine)}", name=rule)

    def _hold(self) -> None:
        broken = [
            promise
            for promise in self.emulator.broken_promises()
            # A program that leaves something out takes it down: that is no gap.
            if "had no live version" not in promise
            and "was live, was withdrawn" not in promise
            # Nor is a registry at rest after a run that was cut off.
            and ("at rest" not in promise or self._is_at_rest)
        ]
        assert broken == [], self._why("; ".join(broken))

    def _why(self, what: str) -> str:
        return "\n".join([what, *self.told])


def _in_brief(declared: list[OfKind]) -> str:
    told = []
    for kind, given in declared:
        content = [f"{each['name']}:{each['type']}" for each in given.get("attributes", ())]
        content += [given["criteria"]["attribute"]] if "criteria" in given else []
        told.append(f"{kind} {given['name']} {content} {given.get('published', True)}")
    return "; ".join(told)


def _pins(names: list[str]) -> Any:
    return lambda outputs: [{"name": name, "version": outputs[f"group {name}"]["version"]} for name in names]


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """One emulator, emptied before each history."""
    with emptied() as emulator:
        yield emulator


def test_random_histories_of_kinds(emulator: Emulator, record_property: Any) -> None:
    """Whatever the stack and an outsider do, every promise holds."""
    tally: Counter[str] = Counter()
    for number in _numbers():
        emulator.reset()
        history = History(emulator, number)
        try:
            history.play()
        except Exception as broken:
            raise AssertionError(f"history {number}: {broken}\n" + "\n".join(history.told)) from broken
        tally += history.tally
    told = ", ".join(f"{count} {what}" for what, count in tally.items())
    record_property("histories", f"groups, services and rules, {len(_numbers())} histories: {told}")
    assert tally["deployed"] > tally["refused"]
    assert tally["cut off"] > 0
