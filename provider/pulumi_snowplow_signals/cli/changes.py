"""What a preview does to visitors, step by step."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from pulumi_snowplow_signals.cli.change import (
    DIRECT,
    NOTHING,
    Change,
    Loss,
    Message,
    find_name,
    find_old_name,
    kind_of,
    rule_of,
    show_both,
)
from pulumi_snowplow_signals.cli.object_change import ObjectStep, describe_retirement
from pulumi_snowplow_signals.cli.preview import Preview, State, Step, name_in
from pulumi_snowplow_signals.cli.rule_change import RuleStep, read_reach
from pulumi_snowplow_signals.cli.values import Hidden, Inputs, content_of, recipients_of, version_of
from pulumi_snowplow_signals.fields.hidden_inputs import URN
from pulumi_snowplow_signals.kinds.attribute_group import AttributeGroup
from pulumi_snowplow_signals.kinds.catalogue import RESOURCES
from pulumi_snowplow_signals.kinds.definition import Definition
from pulumi_snowplow_signals.kinds.intervention import Intervention
from pulumi_snowplow_signals.kinds.service import Service
from pulumi_snowplow_signals.lifecycle.live_version import RETIRES

_CREATES: Final = frozenset({"create", "create-replacement", "import", "import-replacement"})
_REPLACES: Final = frozenset({"replace", "create-replacement", "delete-replaced", "import-replacement"})
_DELETES: Final = frozenset({"delete", "discard", "remove-pending-replace", "delete-replaced"})
_CHILD: Final = "LiveVersion"
"""The type of the child that withdraws the older versions of an attribute group."""
_REVIVED: Final = " goes live under a name that already exists"
"""What the provider says about an object without versions, whose record does not show this."""
_OLDER: Final = re.compile(r"v\d+ is withdrawn at the end")
"""What the provider says about an older version that is withdrawn if its users move."""
_FREE: Final = re.compile(r"v\d+ is withdrawn, since nothing uses")
"""What it says about one that is withdrawn although nothing else happens to its group."""
_BY_INPUT: Final[Mapping[str, type[Definition]]] = {
    "criteria": Intervention,
    "attribute_groups": Service,
    "attribute_key": AttributeGroup,
}
"""Each kind by an input that only it has, for classes whose type the program chose."""
_IDLE: Final = frozenset({"same", "read", "read-discard", "read-replacement", "discard-replaced"})


@dataclass(frozen=True)
class Changes:
    """What a preview does.

    Attributes:
        changes: What it does to resources of this package, most important first.
        drift: What a refresh found.
        others: The number of steps on other providers' resources, by operation.
        unchanged: The number of resources that do not change.
    """

    changes: tuple[Change, ...]
    drift: tuple[Change, ...]
    others: Mapping[str, int] = field(default_factory=dict)
    unchanged: int = 0


def find_changes(preview: Preview) -> Changes:
    """Return what a preview does."""
    ours = [step for step in preview.steps if _is_ours(step) and kind_of(step) != _CHILD]
    refreshed = [step for step in ours if step.op == "refresh"]
    steps = _Steps(preview, ours)
    changes = [steps.change(step) for step in _join_steps(ours)]
    changes += steps.find_retirements({change.urn for change in changes})
    after = {step.urn: step.old for step in preview.steps if step.op != "refresh"}
    drift = [change for step in refreshed for change in _find_drift(step, after.get(step.urn, step.new))]
    return Changes(
        tuple(sorted(changes, key=lambda change: change.order)),
        tuple(sorted(drift, key=lambda change: change.order)),
        _count_others(preview),
        _count_unchanged(preview),
    )


def _is_ours(step: Step) -> bool:
    return any(state is not None and Inputs(state).is_ours for state in (step.old, step.new))


def _join_steps(steps: Sequence[Step]) -> Iterator[Step]:
    """Yield one step for each resource that changes, with the parts of a replacement joined."""
    by_urn: dict[str, list[Step]] = {}
    for step in steps:
        if step.op not in _IDLE and step.op != "refresh":
            by_urn.setdefault(step.urn, []).append(step)
    for found in by_urn.values():
        parts = [step for step in found if step.op in _REPLACES]
        if parts:
            old = next((step.old for step in parts if step.old), None)
            new = next((step.new for step in parts if step.new), None)
            yield parts[0].model_copy(update={"op": "replace", "old": old, "new": new})
        yield from (step for step in found if step.op not in _REPLACES)


def _count_others(preview: Preview) -> dict[str, int]:
    counts: dict[str, int] = {}
    for step in preview.steps:
        is_stack = step.type == "pulumi:pulumi:Stack"
        parts = step.op in _REPLACES and step.op != "replace"
        if not (is_stack or parts or _is_ours(step) or step.op in {*_IDLE, "refresh"}):
            counts[step.op] = counts.get(step.op, 0) + 1
    return dict(sorted(counts.items()))


def _count_unchanged(preview: Preview) -> int:
    stacks = sum(step.op == "same" and step.type == "pulumi:pulumi:Stack" for step in preview.steps)
    return max(0, preview.summary.get("same", 0) - stacks)


class _Steps:
    """The steps of a preview, and what other steps and the diagnostics say about each."""

    def __init__(self, preview: Preview, ours: Sequence[Step]) -> None:
        self._staying = frozenset(_find_staying(ours))
        self._reach = read_reach(preview.diagnostics)
        self._retired = dict(_find_retired(preview.steps))
        self._said: dict[str, list[Message]] = {}
        for found in preview.diagnostics:
            if found.urn and found.severity in ("info", "warning"):
                message = Message(found.severity, found.text, name_in(found.urn), found.urn)
                self._said.setdefault(found.urn, []).append(message)

    def change(self, step: Step) -> Change:
        """Return what a step does."""
        old, new = (Inputs(state) if state else None for state in (step.old, step.new))
        either = new or old or Inputs(State())
        kind = _find_kind(step, either)
        if kind is None:
            is_push = kind_of(step) == DIRECT or either["targets"] is not None
            return _describe_push(step, old, new) if is_push else _describe_other(step, old, new)
        retires = self._retired[step.urn].numbers if step.urn in self._retired else ()
        said = self._said.get(step.urn, ())
        parts = (step, kind, old, new, self._staying, retires, any(_REVIVED in each.text for each in said))
        if kind is Intervention:
            return RuleStep(*parts, told=self._reach.get(step.urn, "")).change()
        change = ObjectStep(*parts).change()
        remarks = self._find_remarks(change)
        is_told = any(_OLDER.match(remark.text) for remark in remarks)
        return replace(change, remarks=remarks, afterwards="" if is_told else change.afterwards)

    def find_retirements(self, changed: Collection[str]) -> Iterator[Change]:
        """Yield what happens to the older versions of attribute groups that do not change."""
        for urn, found in self._retired.items():
            if urn not in changed and found.numbers:
                change = describe_retirement(urn, found.group, found.version, found.numbers)
                yield replace(change, remarks=self._find_remarks(change))

    def _find_remarks(self, change: Change) -> tuple[Message, ...]:
        """Return what the provider says about a change's users, without the name that each remark begins with."""
        start = f"{change.name}: "
        told = {
            replace(each, text=text)
            for each in self._said.get(change.urn, ())
            if each.text.startswith(start) and not _FREE.match(text := each.text.removeprefix(start))
        }
        return tuple(sorted(told, key=_rank_remark))


def _rank_remark(remark: Message) -> tuple[bool, bool, str]:
    """Return the sort key of a remark: warnings first, then remarks about versions."""
    return (remark.severity != "warning", not remark.text.startswith("v"), remark.text)


@dataclass(frozen=True)
class _Retired:
    """The older versions of an attribute group that are withdrawn."""

    group: str
    version: str
    numbers: tuple[int, ...]


def _find_retired(steps: Sequence[Step]) -> Iterator[tuple[str, _Retired]]:
    """Yield the versions that an attribute group withdraws, by the group's URN."""
    for step in steps:
        new = Inputs(step.new) if step.new else None
        if new is None or kind_of(step) != _CHILD or step.op not in _REPLACES:
            continue
        urn, numbers = new[URN], new[RETIRES]
        if isinstance(urn, str) and isinstance(numbers, list):
            whole = sorted(int(number) for number in numbers if isinstance(number, (int, float)))
            yield urn, _Retired(str(new["group"]), version_of(new), tuple(whole))


def _find_staying(steps: Sequence[Step]) -> Iterator[tuple[str, str]]:
    """Yield the objects that the program declares after the deployment."""
    for step in steps:
        new = Inputs(step.new) if step.new and step.op not in {*_DELETES, "refresh", "same"} else None
        kind = _find_kind(step, new) if new else None
        if new and kind and isinstance(new["name"], str):
            yield kind.label, new["name"]


def _find_kind(step: Step, inputs: Inputs) -> type[Definition] | None:
    """Return the kind of an object; None if it is not in a registry, or if this release does not know it."""
    found = RESOURCES.get(kind_of(step))
    if found is not None or inputs["targets"] is not None:
        return found
    kind = next((kind for name, kind in _BY_INPUT.items() if inputs[name] is not None), None)
    if kind is not AttributeGroup:
        return kind
    return RESOURCES["ExternalBatchAttributeGroup" if inputs["fields"] is not None else "BatchAttributeGroup"]


_PUSHED: Final = ("version", "attributes", "triggers", "name", "targets")
"""The inputs of a direct intervention whose change pushes it."""


def _describe_push(step: Step, old: Inputs | None, new: Inputs | None) -> Change:
    changed = _find_changed(old, new, _PUSHED)
    kinds: set[str] = set()
    if new is None:
        event, kinds = "leaves the program; what was pushed stays pushed", {"removals"}
    elif old is None:
        event, kinds = "is pushed at once, to all ids", {"pushes"}
    elif step.op == "replace":
        event, kinds = "is pushed at once under its new name, to all ids", {"pushes", "replacements"}
    elif set(changed) - {"targets"}:
        event, kinds = "is pushed again at once, to all ids", {"pushes"}
    elif changed:
        event, kinds = "is pushed at once, to the added ids only", {"pushes"}
    elif any(isinstance(new[name], Hidden) for name in _PUSHED):
        event, kinds = (
            "may be pushed at once: secret and unknown values cannot be compared here",
            {"pushes"},
        )
    else:
        event = NOTHING
    return Change(
        name=find_name(step, new or old),
        urn=step.urn,
        type=kind_of(step),
        event=event,
        kind="direct intervention",
        kinds=frozenset(kinds),
        version=show_both(old, new, version_of),
        sent_to=show_both(old, new, recipients_of),
        carries=show_both(old, new, content_of),
        is_folded="pushes" not in kinds,
        old_name=find_old_name(step, old, new),
    )


def _describe_other(step: Step, old: Inputs | None, new: Inputs | None) -> Change:
    """Return what happens to a resource of this package whose kind is unknown here, by the names of its inputs."""
    event = "is created" if old is None else "is removed" if new is None else "is replaced"
    kinds = {"removals"} if new is None else {"replacements"} if step.op == "replace" else set()
    fields: list[str] = []
    if old and new and step.op != "replace":
        fields = _find_changed(old, new, sorted({*old.visible, *new.visible}))
        event = "is changed:" if fields else NOTHING
    return Change(
        name=find_name(step, new or old),
        urn=step.urn,
        type=kind_of(step),
        event=event,
        loss=Loss.LIVE if kinds else Loss.NONE,
        kinds=frozenset(kinds),
        version=show_both(old, new, version_of),
        is_folded=event == NOTHING,
        fields=tuple(fields),
    )


def _find_changed(old: Inputs | None, new: Inputs | None, names: Sequence[str]) -> list[str]:
    """Return the inputs that visibly change. Two secrets look alike."""
    return [name for name in names if old and new and old[name] != new[name]]


def _find_drift(step: Step, found: State | None) -> Iterator[Change]:
    """Yield what a refresh found changed outside the stack.

    The real engine prints a refresh as it starts, with the recorded state also as the new one (3.260). What the refresh found
    is the old state of the resource's later step.
    """
    old, new = (Inputs(state) if state else None for state in (step.old, found))
    if old is None:
        return
    names = sorted({*old.visible, *(new.visible if new else ())} - {"rule"})
    changed = _find_changed(old, new, names)
    if new is not None and not changed:
        return
    gone = new is None or (old["published"] is True and new["published"] is False)
    kind = _find_kind(step, old)
    yield Change(
        name=find_name(step, old),
        urn=step.urn,
        type=kind_of(step),
        kind=kind.label if kind else "direct intervention" if old["targets"] is not None else "",
        event="is gone" if new is None else "is no longer live:" if gone else "differs:",
        loss=Loss.LIVE if gone else Loss.NONE,
        kinds=frozenset({"drift"}),
        fields=tuple(changed) if new is not None else (),
        version=show_both(old, new, version_of),
        **({} if kind not in (None, Intervention) else _show_delivery(old, new)),
    )


def _show_delivery(old: Inputs, new: Inputs | None) -> dict[str, Any]:
    """Return the rule, recipients and content of a drifted intervention."""
    return {
        "rule": show_both(old, new, rule_of),
        "sent_to": show_both(old, new, recipients_of),
        "carries": show_both(old, new, content_of),
    }
