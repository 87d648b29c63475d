"""Open questions about the service, each as a switch with a default.

A client is only safe if it behaves correctly whichever answer is true. So the tests of the provider run under every value of every
switch, and `docs/assumptions.md` explains each default. The fields of `Assumptions` are the single list of switches: the command
line, the test of the documentation and the emulator all read it.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from signals_local.emulator.errors import StartError


def _switch(default: str, question: str) -> Any:
    return field(default=default, metadata={"question": question})


@dataclass(frozen=True)
class Assumptions:
    """One answer to each open question. The defaults are the most likely answers, or the safest to assume."""

    list: Literal["all", "newest", "published"] = _switch(
        "all",
        "what the lists of interventions and attribute groups hold: all versions, the newest of each name, or the published ones",
    )
    latest: Literal["highest", "published"] = _switch(
        "highest",
        "which version a GET without one gives: the highest number, or the highest that is published",
    )
    answers: Literal["as-sent", "normalised"] = _switch(
        "as-sent",
        "whether definitions are kept as sent, or normalised (default targets filled in, lists sorted, e-mail in lower case)",
    )
    publishing: Literal["one-step", "two-steps"] = _switch(
        "one-step", "whether a refused publication stores nothing, or leaves the draft that it stored first"
    )
    previous: Literal["stays", "withdrawn", "blocks"] = _switch(
        "stays",
        "what becomes of a live version when another is published: stays live, is withdrawn, or blocks it (400)",
    )
    post_status: Literal["201", "200"] = _switch("201", "the status of a POST that registered something")
    published_key: Literal["refuses", "accepts"] = _switch(
        "refuses",
        "whether a published attribute key refuses a changed definition (400), or accepts it",
    )
    published_service: Literal["accepts", "refuses"] = _switch(
        "accepts", "whether a published service accepts a PUT, or refuses it (400)"
    )
    pinned_group: Literal["stays", "goes"] = _switch(
        "stays",
        "whether a group version that a published service pins stays live (400), or goes when it is withdrawn",
    )
    references_checked: Literal["publishing", "saving"] = _switch(
        "publishing",
        "when the references of an intervention are checked: on publishing it, or on saving a draft too",
    )
    fires: Literal["once", "each-edge"] = _switch(
        "once", "whether a rule fires once for a target, or each time that it turns from false to true"
    )
    wrong_scope: Literal["401", "403"] = _switch("401", "the status for a token that may read but not write")
    extra_fields: Literal["none", "some"] = _switch(
        "none", "whether answers carry fields that the published models lack (timestamps, a hash, a flag)"
    )
    error_detail: Literal["text", "list"] = _switch(
        "text",
        "the form of `detail` in a refusal that the schema alone cannot give: a text, or a list like schema errors",
    )

    @classmethod
    def parse(cls, given: Mapping[str, str]) -> Assumptions:
        """Return assumptions from names (as on the command line, `post-status`) and values.

        Raises:
            StartError: A name or a value does not exist. The text lists the allowed ones.
        """
        known = {switch.name: switch for switch in switches()}
        chosen: dict[str, Any] = {}
        for name, value in given.items():
            switch = known.get(name.replace("_", "-"))
            if switch is None:
                raise StartError(f"there is no assumption {name!r}; there are {', '.join(sorted(known))}")
            if value not in switch.values:
                allowed = " or ".join(repr(each) for each in switch.values)
                raise StartError(f"assumption {switch.name!r} is {allowed}, not {value!r}")
            chosen[switch.name.replace("-", "_")] = value
        return cls(**chosen)

    def as_mapping(self) -> dict[str, str]:
        """Return the name and value of each switch, as `parse` takes them."""
        return {name.replace("_", "-"): value for name, value in dataclasses.asdict(self).items()}


@dataclass(frozen=True)
class Switch:
    """One open question. The first of `values` is the default."""

    name: str
    values: tuple[str, ...]
    question: str


def switches() -> tuple[Switch, ...]:
    """Return every switch, in the order in which `Assumptions` declares them."""
    hints = typing.get_type_hints(Assumptions)
    return tuple(
        Switch(
            name=each.name.replace("_", "-"),
            values=typing.get_args(hints[each.name]),
            question=each.metadata["question"],
        )
        for each in dataclasses.fields(Assumptions)
    )
