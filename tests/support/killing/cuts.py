"""Where an operation is cut, and the text of programs in which each cut has resources of its own."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Literal

import httpx
from cutting.operations import Operation
from cutting.trial import Trial
from cutting.world import World
from driver import Declared, Program
from harness import Code, declaration

UNCUT = "uncut"
"""The prefix of the resources that are never cut: what they come to is what all have to come to."""
UNBEGUN = "unbegun"
"""The prefix of those that stay as they are while the operation is carried out on the others."""


@dataclass(frozen=True)
class Cut:
    """A request at which processes are killed.

    Args:
        name: The name that the request is about, as the operation has it.
        nth: The request's place among those about the name, from 1.
        when: Whether the service does the work first.
    """

    name: str
    nth: int
    when: Literal["before", "after"]

    @property
    def prefix(self) -> str:
        """The prefix of the names of this cut's resources."""
        return f"{self.when}_{self.name}_{self.nth}"

    @property
    def own_name(self) -> str:
        """The name that the request is about in this cut's resources."""
        return prefixed(self.prefix, self.name)


def cuts_of(world: World, operation: Operation) -> list[Cut]:
    """Find where an operation may be cut, by carrying it out in process: at each request about its interventions."""
    with closing(Trial(world, operation)) as trial:
        requests = trial.uncut_requests()
    return list(_cuts_at(requests))


def _cuts_at(requests: Collection[httpx.Request]) -> Iterator[Cut]:
    places: Counter[str] = Counter()
    for request in requests:
        name = name_of(request.url.path, json.loads(request.content or b"null"))
        if not name:
            continue
        places[name] += 1
        yield Cut(name, places[name], "before")
        if request.method != "GET":
            yield Cut(name, places[name], "after")


def name_of(path: str, body: Any) -> str:
    """Return the name that a request is about; none of a list."""
    _, _, below = path.partition("/interventions/")
    return below.partition("/")[0] or str((body or {}).get("name", ""))


def prefixed(prefix: str, name: str) -> str:
    """Return the name of a cut's own resource or intervention."""
    return f"{prefix}_{name}"


def text_of(program: Program, prefixes: Collection[str]) -> str:
    """Return the text of a program that declares all its resources once for each prefix."""
    return "".join(
        _declaration(prefix, logical_name, declared)
        for prefix in prefixes
        for logical_name, declared in program.items()
    )


def _declaration(prefix: str, logical_name: str, declared: Declared) -> str:
    given: dict[str, Any] = {**declared.inputs, "name": prefixed(prefix, declared.inputs["name"])}
    del given["rule"]  # which the resource sends by itself
    if declared.delete_first:
        given["opts"] = Code("ResourceOptions(delete_before_replace=True)")
    return declaration(prefixed(prefix, logical_name), given)
