"""One lifecycle serves every kind: held with two that exist nowhere, one with numbers side by side and one without numbers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar

import httpx
import pytest
from driver import CheckFailed, Declared, Driver, process
from pydantic import Field

from pulumi_snowplow_signals.errors import UserFault
from pulumi_snowplow_signals.fields.comparison import UNORDERED
from pulumi_snowplow_signals.fields.remarks import Remark
from pulumi_snowplow_signals.fields.vocabulary import Name, Owner, Text
from pulumi_snowplow_signals.kinds.definition import Numbered as NumberedKind
from pulumi_snowplow_signals.kinds.definition import Unnumbered
from pulumi_snowplow_signals.kinds.succession import SideBySide
from pulumi_snowplow_signals.lifecycle.lifecycle import Lifecycle
from pulumi_snowplow_signals.lifecycle.run import Run
from pulumi_snowplow_signals.versions.in_place import InPlace
from pulumi_snowplow_signals.versions.versioning import Numbered

OWNER = "team@example.com"


class Lens(NumberedKind):
    """A kind with numbers, of which several may be live."""

    label: ClassVar = "lens"
    path: ClassVar = "registry/lenses/"
    succession: ClassVar = SideBySide()

    name: Name
    owner: Owner = None
    colours: Annotated[list[Text], UNORDERED] = Field(default_factory=list)


class Badge(Unnumbered):
    """A kind without numbers."""

    label: ClassVar = "badge"
    path: ClassVar = "registry/badges/"

    name: Name
    title: Text | None = None


LENSES = Lifecycle(Lens, Numbered(Lens.succession))
BADGES = Lifecycle(Badge, InPlace())


@dataclass
class Shelf:
    """A registry in memory that behaves as Signals does for any kind."""

    held: dict[str, dict[str, Any]] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/v1/registry/")
        if request.method != "GET":
            self.written.append(f"{request.method} {path}")
        body = json.loads(request.content or b"null")
        return getattr(self, f"_{request.method.lower()}")(path, body)

    def live(self) -> list[str]:
        """Return the paths of all that is live."""
        return sorted(path for path, body in self.held.items() if body["is_published"])

    def _get(self, path: str, _: Any) -> httpx.Response:
        if path.endswith("/"):
            return httpx.Response(200, json=[body for at, body in self.held.items() if at.startswith(path)])
        found = self.held.get(path) or self.held.get(f"{path}/versions/1")
        return httpx.Response(200, json=found) if found else self._absent()

    def _post(self, path: str, body: Any) -> httpx.Response:
        at = f"{path}{body['name']}" + (f"/versions/{body['version']}" if "version" in body else "")
        if at in self.held:
            return httpx.Response(400, json={"detail": "exists already"})
        self.held[at] = body
        return httpx.Response(201, json=body)

    def _put(self, path: str, body: Any) -> httpx.Response:
        if path not in self.held:
            return self._absent()
        is_numbered = re.search(r"/versions/\d+$", path)
        if is_numbered and self.held[path]["is_published"] and body["is_published"]:
            return httpx.Response(400, json={"detail": "Cannot update what is published"})
        self.held[path] = body
        return httpx.Response(200, json=body)

    def _delete(self, path: str, _: Any) -> httpx.Response:
        return httpx.Response(200, json={"ok": True}) if self.held.pop(path, None) else self._absent()

    @staticmethod
    def _absent() -> httpx.Response:
        return httpx.Response(404, json={"detail": "Not Found"})


@dataclass
class Stack:
    """One resource of a made-up kind, deployed to a shelf."""

    lifecycle: Lifecycle[Any]
    shelf: Shelf = field(default_factory=Shelf)
    driver: Driver = field(default_factory=Driver)
    said: list[Remark] = field(default_factory=list)

    @property
    def recorded(self) -> Mapping[str, Any]:
        """What is recorded of the resource."""
        return self.driver.resources[0].outputs

    def up(self, **inputs: Any) -> list[str]:
        """Deploy, and return what was written to the registry. Raise CheckFailed."""
        self.shelf.written.clear()
        with self._run() as run:
            self.driver.up(run, {"it": Declared(inputs, self.lifecycle)})
        return list(self.shelf.written)

    def refused(self, **inputs: Any) -> str:
        """Return the faults of a check."""
        with pytest.raises(CheckFailed) as refused, self._run() as run:
            self.driver.preview(run, {"it": Declared(inputs, self.lifecycle)})
        return str(refused.value)

    def refresh(self) -> Mapping[str, Any]:
        """Read the resource, and return what is recorded then."""
        with self._run() as run:
            self.driver.refresh(run)
        return self.recorded

    def destroy(self) -> None:
        """Delete the resource."""
        with self._run() as run:
            self.driver.destroy(run)

    def get(self, name: str, **inputs: Any) -> Mapping[str, Any]:
        """Look at an object that no stack records."""
        with self._run() as run:
            return self.lifecycle.read(run, name, inputs)

    @contextmanager
    def _run(self) -> Iterator[Run]:
        access = {"apiUrl": "https://a.example.com", "sandboxToken": "t"}
        with process(access, self.said.append, httpx.MockTransport(self.shelf)) as run:
            yield run


@pytest.fixture
def lens() -> Stack:
    """A lens that is not deployed yet."""
    return Stack(LENSES)


@pytest.fixture
def badge() -> Stack:
    """A badge that is not deployed yet."""
    return Stack(BADGES)


def a_lens(*colours: str, **inputs: Any) -> dict[str, Any]:
    return {"name": "front", "owner": OWNER, "colours": list(colours), **inputs}


def test_a_new_version_leaves_the_old_one_live(lens: Stack) -> None:
    """Of a kind side by side, what others pin stays until they have moved."""
    assert lens.up(**a_lens("red")) == ["POST lenses/"]
    assert lens.up(**a_lens("red")) == []
    assert lens.up(**a_lens("blue")) == ["POST lenses/"]
    assert lens.shelf.live() == ["lenses/front/versions/1", "lenses/front/versions/2"]
    assert lens.refresh()["version"] == 2
    assert lens.up(**a_lens("blue")) == []


def test_going_back_goes_forward(lens: Stack) -> None:
    """A lower number is refused with the number to write; the old definition comes back under the next one."""
    lens.up(**a_lens("red"))
    lens.up(**a_lens("blue"))
    assert "set version=3" in lens.refused(**a_lens("red", version=1)).lower()
    assert lens.up(**a_lens("red")) == ["POST lenses/"]
    assert lens.shelf.live()[-1] == "lenses/front/versions/3"


def test_a_released_number_is_kept(lens: Stack) -> None:
    """The version rule holds for every kind with numbers, and speaks of its own fields."""
    lens.up(**a_lens("red", "blue", version=1))
    assert lens.up(**a_lens("blue", "red", version=1)) == []
    assert 'colours: "green" added, but version is still 1' in lens.refused(
        **a_lens("red", "blue", "green", version=1)
    )


def test_a_destroy_takes_down_every_version_of_ours(lens: Stack) -> None:
    """Whatever this stack brought to life is withdrawn in the end."""
    lens.up(**a_lens("red"))
    lens.up(**a_lens("blue"))
    lens.destroy()
    assert lens.shelf.live() == []


def test_an_object_without_numbers_changes_in_place(badge: Stack) -> None:
    """It is stored, changed, withdrawn and published by its name alone, and has no version anywhere."""
    assert badge.up(name="gold", title="Gold") == ["POST badges/"]
    assert badge.up(name="gold", title="Gold") == []
    assert badge.up(name="gold", title="Pure gold") == ["PUT badges/gold"]
    assert badge.shelf.held["badges/gold"] == {"name": "gold", "title": "Pure gold", "is_published": True}
    assert badge.up(name="gold", title="Pure gold", published=False) == ["PUT badges/gold"]
    assert badge.shelf.live() == []
    assert badge.up(name="gold", title="Pure gold") == ["PUT badges/gold"]
    assert "version" not in badge.recorded
    badge.destroy()
    assert badge.shelf.live() == []


def test_an_object_without_numbers_has_no_version_in_its_lines(badge: Stack) -> None:
    """It has none anywhere else either."""
    badge.shelf.held["badges/gold"] = {"name": "gold", "title": "Silver", "is_published": True}
    given = {"name": "gold", "adopt": True, "on_destroy": "unpublish"}
    badge.up(**given, title="Gold")
    badge.up(**given, title="Pure gold")
    badge.up(**given, title="Pure gold", published=False)
    badge.up(**given, title="Pure gold")
    badge.shelf.held.clear()
    badge.refresh()
    badge.destroy()
    assert [remark.text for remark in badge.said] == [
        "gold goes live, taking over from others",
        'gold: compared with what is in the registry: title changed ("Silver" → "Gold")',
        'gold is changed in place, live at once: title "Gold" → "Pure gold"',
        "gold is WITHDRAWN, visitors no longer get it",
        "gold goes live",
        "gold was deleted elsewhere, visitors no longer get it",
        "gold is already gone from the registry",
    ]


def test_an_object_without_numbers_has_no_version_input(badge: Stack) -> None:
    """What the kind does not have is a misspelt input."""
    assert badge.refused(name="gold", version=2).startswith("version: does not exist; allowed: name, title,")


def test_somebody_elses_object_without_numbers_asks_for_consent(badge: Stack) -> None:
    """An equal one is taken over as it is and kept by a destroy; another is taken over by adopt alone."""
    badge.shelf.held["badges/gold"] = {"name": "gold", "title": "Gold", "is_published": True}
    assert "Add adopt=True" in badge.refused(name="gold", title="Silver")
    assert badge.up(name="gold", title="Gold") == []
    badge.destroy()
    assert badge.shelf.live() == ["badges/gold"]


def test_what_was_deleted_elsewhere_comes_back(badge: Stack) -> None:
    """A refresh keeps the resource and marks it; the next deployment stores it again."""
    badge.up(name="gold", title="Gold")
    badge.shelf.held.clear()
    assert badge.refresh()["published"] is False
    assert badge.up(name="gold", title="Gold") == ["POST badges/"]


@pytest.mark.parametrize("stack", [Stack(LENSES), Stack(BADGES)], ids=["numbered", "unnumbered"])
def test_a_look_at_nothing_fails(stack: Stack) -> None:
    """`.get` of what is not there says so, for every kind."""
    with pytest.raises(UserFault, match="is not in the registry"):
        stack.get("nowhere")
