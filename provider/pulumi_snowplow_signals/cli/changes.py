"""What a preview does to visitors, step by step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pulumi_snowplow_signals.cli.change import (
    NOTHING,
    Change,
    Loss,
    beside,
    kind_of,
    named,
    old_name,
    rule_of,
)
from pulumi_snowplow_signals.cli.preview import Preview, State, Step
from pulumi_snowplow_signals.cli.rule_change import RuleStep, told_reach
from pulumi_snowplow_signals.cli.values import Hidden, Inputs, content_of, recipients_of, version_of

_CREATES: Final = frozenset({"create", "create-replacement", "import", "import-replacement"})
_REPLACES: Final = frozenset({"replace", "create-replacement", "delete-replaced", "import-replacement"})
_DELETES: Final = frozenset({"delete", "discard", "remove-pending-replace", "delete-replaced"})
_IDLE: Final = frozenset({"same", "read", "read-discard", "read-replacement", "discard-replaced"})


@dataclass(frozen=True)
class Changes:
    """What a preview does.

    Attributes:
        changes: What it does to resources of this package, in order of importance.
        drift: What a refresh found.
        others: Steps of other providers' resources, counted.
        unchanged: Resources that do not change.
    """

    changes: tuple[Change, ...]
    drift: tuple[Change, ...]
    others: Mapping[str, int] = field(default_factory=dict)
    unchanged: int = 0


def changes_of(preview: Preview) -> Changes:
    """Return what a preview does."""
    ours = [step for step in preview.steps if _is_ours(step)]
    refreshed = [step for step in ours if step.op == "refresh"]
    staying = {
        Inputs(step.new)["name"]
        for step in ours
        if step.new and step.op not in {*_DELETES, "refresh", "same"}
    }
    told = told_reach(preview.diagnostics)
    changes = [_change(step, staying, told.get(step.urn, "")) for step in _one_per_resource(ours)]
    after = {step.urn: step.old for step in preview.steps if step.op != "refresh"}
    drift = [change for step in refreshed for change in _drift(step, after.get(step.urn, step.new))]
    return Changes(
        tuple(sorted(changes, key=lambda change: change.order)),
        tuple(sorted(drift, key=lambda change: change.order)),
        _count_others(preview),
        _unchanged(preview),
    )


def _is_ours(step: Step) -> bool:
    return any(state is not None and Inputs(state).is_ours for state in (step.old, step.new))


def _one_per_resource(steps: Sequence[Step]) -> Iterator[Step]:
    """Yield one step for each resource that changes: the parts that a replacement is made of, as one."""
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


def _unchanged(preview: Preview) -> int:
    stacks = sum(step.op == "same" and step.type == "pulumi:pulumi:Stack" for step in preview.steps)
    return max(0, preview.summary.get("same", 0) - stacks)


def _change(step: Step, staying: set[Any], told: str) -> Change:
    old, new = (Inputs(state) if state else None for state in (step.old, step.new))
    either = new or old or Inputs(State())
    if either["criteria"] is not None:
        change = RuleStep(step, old, new, staying, told).change()
    elif either["targets"] is not None:
        change = _direct(step, old, new)
    else:
        change = _other(step, old, new)
    return change


_PUSHED: Final = ("version", "attributes", "triggers", "name", "targets")
"""The inputs of a direct intervention whose change pushes it."""


def _direct(step: Step, old: Inputs | None, new: Inputs | None) -> Change:
    changed = _changed(old, new, _PUSHED)
    kinds: set[str] = set()
    if new is None:
        event, kinds = "is forgotten; what was pushed stays pushed", {"removals"}
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
            "may be pushed at once: what is secret, or not known yet, cannot be compared here",
            {"pushes"},
        )
    else:
        event = NOTHING
    return Change(
        name=named(step, new or old),
        urn=step.urn,
        type=kind_of(step),
        event=event,
        kinds=frozenset(kinds),
        version=beside(old, new, version_of),
        sent_to=beside(old, new, recipients_of),
        carries=beside(old, new, content_of),
        is_folded="pushes" not in kinds,
        old_name=old_name(step, old, new),
    )


def _other(step: Step, old: Inputs | None, new: Inputs | None) -> Change:
    """Return what happens to another kind of resource of this package, by the names of its inputs."""
    event = "is created" if old is None else "is removed" if new is None else "is replaced"
    kinds = {"removals"} if new is None else {"replacements"} if step.op == "replace" else set()
    fields: list[str] = []
    if old and new and step.op != "replace":
        fields = _changed(old, new, sorted({*old.visible, *new.visible}))
        event = "is changed:" if fields else NOTHING
    return Change(
        name=named(step, new or old),
        urn=step.urn,
        type=kind_of(step),
        event=event,
        loss=Loss.LIVE if kinds else Loss.NONE,
        kinds=frozenset(kinds),
        version=beside(old, new, version_of),
        is_folded=event == NOTHING,
        fields=tuple(fields),
    )


def _changed(old: Inputs | None, new: Inputs | None, names: Sequence[str]) -> list[str]:
    """Return the inputs that are seen to change. Two secrets look alike."""
    return [name for name in names if old and new and old[name] != new[name]]


def _drift(step: Step, found: State | None) -> Iterator[Change]:
    """Yield what a refresh found changed outside the stack.

    The real engine prints a refresh as it begins, with the recorded state as the new one too (3.260); what was found is the
    old state of what the preview then does to the resource.
    """
    old, new = (Inputs(state) if state else None for state in (step.old, found))
    if old is None:
        return
    names = sorted({*old.visible, *(new.visible if new else ())} - {"rule"})
    changed = _changed(old, new, names)
    if new is not None and not changed:
        return
    gone = new is None or (old["published"] is True and new["published"] is False)
    yield Change(
        name=named(step, old),
        urn=step.urn,
        type=kind_of(step),
        event="is gone" if new is None else "is no longer live:" if gone else "differs:",
        loss=Loss.LIVE if gone else Loss.NONE,
        kinds=frozenset({"drift"}),
        fields=tuple(changed) if new is not None else (),
        version=beside(old, new, version_of),
        rule=beside(old, new, rule_of),
        sent_to=beside(old, new, recipients_of),
        carries=beside(old, new, content_of),
    )
