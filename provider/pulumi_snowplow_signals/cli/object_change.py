"""What a step on an object in the registry does to visitors and readers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pulumi_snowplow_signals.cli.change import (
    NOTHING,
    Change,
    Loss,
    Was,
    find_name,
    find_old_name,
    kind_of,
    show_both,
)
from pulumi_snowplow_signals.cli.preview import Step
from pulumi_snowplow_signals.cli.values import Hidden, Inputs, text_of, version_of
from pulumi_snowplow_signals.fields.text import shown
from pulumi_snowplow_signals.kinds.attribute_group import AttributeGroup
from pulumi_snowplow_signals.kinds.definition import Definition, Numbered
from pulumi_snowplow_signals.kinds.service import Service
from pulumi_snowplow_signals.lifecycle.users import has_users
from pulumi_snowplow_signals.wording.lines import versions_are

_PARTS: Final[Mapping[type[Definition], tuple[str, ...]]] = {
    AttributeGroup: ("attributes", "fields"),
    Service: ("attribute_groups",),
}
"""The inputs whose items users read, by kind."""

_PINS: Final[Mapping[type[Definition], str]] = {Service: "attribute_groups"}
"""The input that names versions of attribute groups, by kind."""

_MOST_TOLD: Final = 20


@dataclass(frozen=True)
class ObjectStep:
    """A step on an object.

    Attributes:
        step: The step.
        kind: The object's kind.
        old: The inputs before; None if the object is new.
        new: The inputs after; None if the object goes.
        staying: The label and name of each object that the program declares after the deployment.
        retires: The older versions that are withdrawn at the end of the deployment.
        is_revived: Whether the provider says that the name existed before.
    """

    step: Step
    kind: type[Definition]
    old: Inputs | None
    new: Inputs | None
    staying: frozenset[tuple[str, str]] = frozenset()
    retires: tuple[int, ...] = ()
    is_revived: bool = False

    def change(self) -> Change:
        """Return what it does."""
        event, loss, kinds = self._describe()
        dropped = self._find_dropped()
        if dropped:
            event, loss, kinds = f"{event}, without", Loss.LIVE, {*kinds, "drops"}
        has_meaning = kinds or loss is not Loss.NONE or self._is_live(self.new) or self.new is None
        return Change(
            name=find_name(self.step, self.new or self.old),
            urn=self.step.urn,
            type=kind_of(self.step),
            event=event,
            kind=self.kind.label,
            loss=loss,
            kinds=frozenset(kinds),
            version=show_both(self.old, self.new, version_of),
            is_folded=not has_meaning or event == NOTHING,
            old_name=find_old_name(self.step, self.old, self.new),
            fields=dropped,
            content=self._show_content(),
            differences=self._describe_differences(),
            retires=self.retires,
            afterwards=f"{versions_are(self.retires)} withdrawn at the end, unless still in use"
            if self.retires
            else "",
        )

    def _show_content(self) -> Was:
        return Was(*(_describe_content(self.kind, each) if each else "" for each in (self.old, self.new)))

    def _describe_differences(self) -> tuple[str, ...]:
        """Return the differences between the recorded definition and the new one; none if either is not known."""
        if self.old is None or self.new is None:
            return ()
        hidden = {*_find_hidden(self.kind, self.old), *_find_hidden(self.kind, self.new)}
        old, new = (_parse_definition(self.kind, each, hidden) for each in (self.old, self.new))
        if old is None or new is None:
            return ()
        pins = _PINS.get(self.kind)
        changes = [shown(str(change)) for change in new.changes_from(old) if change.field != pins]
        if pins is not None and pins not in hidden:
            changes += [shown(text) for text in _describe_moves(self.old[pins], self.new[pins])]
        rest = len(changes) - _MOST_TOLD
        return (*changes[:_MOST_TOLD], *((f"and {rest} more",) if rest > 0 else ()))

    def _find_dropped(self) -> tuple[str, ...]:
        """Return what users read from the object now, and no longer can."""
        if not (self.old and self.new and self._is_live(self.old) and self._is_live(self.new)):
            return ()
        if self.step.op == "replace":
            return ()
        before, after = (_find_parts(self.kind, each) for each in (self.old, self.new))
        return tuple(sorted(before - after)) if before is not None and after is not None else ()

    @staticmethod
    def _is_live(inputs: Inputs | None) -> bool:
        """Return whether it is live. If that is not known, assume that it is."""
        return inputs is not None and inputs["published"] is not False

    def _is_new_version(self) -> bool:
        return bool(self.old and self.new and version_of(self.old) != version_of(self.new))

    def _describe(self) -> tuple[str, Loss, set[str]]:
        if self.old is None or self.new is None:
            return self._describe_creation() if self.new else self._describe_removal()
        return (
            self._describe_replacement()
            if self.step.op == "replace"
            else self._describe_update(self.old, self.new)
        )

    def _describe_creation(self) -> tuple[str, Loss, set[str]]:
        history = self.new.history if self.new else {}
        others = {*_read_numbers(history)} - {self.new["version"] if self.new else None}
        taken_over = bool(history.get("taken_over"))
        if not self._is_live(self.new):
            return "is stored as a draft", Loss.NONE, {"adoptions"} if taken_over else set()
        if taken_over:
            what = "replaces what others published" if others else "is taken over from others"
            return what, Loss.NONE, {"adoptions"}
        if others or self.is_revived:
            return (
                "goes live under a name that was taken down before",
                Loss.NONE,
                {"publications", "revivals"},
            )
        return "goes live", Loss.NONE, {"publications"}

    def _describe_fate(self) -> tuple[str, bool]:
        """Return what happens to an object that is no longer declared, and whether it stays as it is."""
        on_destroy = self.old["on_destroy"] if self.old else None
        if self.old and (on_destroy == "retain" or self.old.state.retain_on_delete):
            return "stays live, managed by no stack", True
        fate = "is withdrawn and deleted" if on_destroy == "delete" else "is withdrawn"
        return f"{fate}, unless something still uses it" if has_users(self.kind.label) else fate, False

    def _describe_removal(self) -> tuple[str, Loss, set[str]]:
        if self.old and (self.kind.label, self.old["name"]) in self.staying:
            return "moves to another resource of the program and stays as it is", Loss.NONE, {"removals"}
        fate, stays = self._describe_fate()
        if not self._is_live(self.old):
            return "leaves the program", Loss.DRAFT, {"removals"}
        kinds = {"removals"} if stays else {"removals", "withdrawals"}
        return f"leaves the program and {fate}", Loss.NONE if stays else Loss.LIVE, kinds

    def _describe_replacement(self) -> tuple[str, Loss, set[str]]:
        before, after = (text_of(inputs["name"]) if inputs else "" for inputs in (self.old, self.new))
        published = {"publications"} if self._is_live(self.new) else set()
        if before == after:
            return "is replaced in Pulumi's state and stays as it is", Loss.NONE, {"replacements"}
        if not self._is_live(self.old):
            return "takes the place of a draft", Loss.DRAFT, {"replacements", *published}
        fate, stays = self._describe_fate()
        kinds = {"replacements", *published} | (set() if stays else {"withdrawals"})
        return f"takes another name; the old one {fate}", Loss.NONE if stays else Loss.LIVE, kinds

    def _describe_update(self, old: Inputs, new: Inputs) -> tuple[str, Loss, set[str]]:
        was_live, is_live, stepped = self._is_live(old), self._is_live(new), self._is_new_version()
        again = is_live and self._was_released(old, new) and (stepped or not was_live)
        if was_live and not is_live:
            if stepped:
                return f"is stored as a draft, {version_of(old)} stays live", Loss.NONE, set()
            return "is withdrawn", Loss.LIVE, {"withdrawals"}
        if again:
            return "goes live again", Loss.NONE, {"revivals"} | (set() if was_live else {"publications"})
        if is_live and not was_live:
            return "goes live", Loss.NONE, {"publications"}
        if is_live:
            return self._describe_live_change(old, new), Loss.NONE, set()
        return "is updated as a draft", Loss.NONE, set()

    def _describe_live_change(self, old: Inputs, new: Inputs) -> str:
        if self._is_new_version():
            is_beside = issubclass(self.kind, AttributeGroup)
            return (
                f"goes live beside {version_of(old)}"
                if is_beside
                else "goes live in place of the previous version"
            )
        if issubclass(self.kind, Numbered):
            return NOTHING
        names = self.kind.model_fields
        if any(old[name] != new[name] for name in names):
            return "is changed in place, live at once"
        if any(isinstance(new[name], Hidden) for name in names):
            return "may be changed in place: secret and unknown values cannot be compared here"
        return NOTHING

    @staticmethod
    def _was_released(old: Inputs, new: Inputs) -> bool:
        return new["version"] in _read_numbers(old.history)


def describe_retirement(urn: str, name: str, version: str, retires: tuple[int, ...]) -> Change:
    """Return the change for older versions that are withdrawn although their attribute group does not change."""
    types = urn.split("::")[2:3]
    return Change(
        name=name,
        urn=urn,
        type=types[0].rpartition(":")[2] if types else "",
        event=f"{versions_are(retires)} withdrawn, no longer in use",
        kind=AttributeGroup.label,
        version=Was(version, version),
        retires=retires,
    )


def _find_hidden(kind: type[Definition], inputs: Inputs) -> dict[str, Hidden]:
    """Return the fields that must not be shown."""
    return {name: value for name in kind.model_fields if isinstance(value := inputs[name], Hidden)}


def _parse_definition(kind: type[Definition], inputs: Inputs, hidden: Collection[str]) -> Definition | None:
    """Return the definition in the inputs, without some fields; None if it cannot be read."""
    try:
        return kind.stored({name: inputs[name] for name in kind.model_fields if name not in hidden})
    except (ValueError, RecursionError):
        return None


def _describe_content(kind: type[Definition], inputs: Inputs) -> str:
    """Return what an object holds, in words."""
    hidden = _find_hidden(kind, inputs)
    definition = _parse_definition(kind, inputs, hidden)
    if definition is None:
        return next((value.why for value in hidden.values()), "")
    said = definition.content()
    if not hidden.keys().isdisjoint(said.fields):
        return said.hidden
    delivered = (f"{part.verb} {', '.join(part.names)}" for part in definition.delivery())
    return ", ".join([said.words, *delivered])


def _find_parts(kind: type[Definition], inputs: Inputs) -> set[str] | None:
    """Return the names of what users read from an object; None if they are not known."""
    fields = [field for base, fields in _PARTS.items() if issubclass(kind, base) for field in fields]
    items = next((inputs[field] for field in fields if inputs[field] is not None), None)
    if not isinstance(items, list):
        return None
    return {text_of(item.get("name")) for item in items if isinstance(item, Mapping)}


def _describe_moves(before: Any, after: Any) -> Iterator[str]:
    """Yield how the pinned versions of attribute groups differ, by group."""
    old, new = (_group_versions(pins) for pins in (before, after))
    for name in sorted({*old, *new}):
        was, now = old.get(name, ""), new.get(name, "")
        if was and now and was != now:
            yield f"{name} {was} → {now}"
        elif was != now:
            yield f"{name} {was or now} {'removed' if was else 'added'}"


def _group_versions(pins: Any) -> dict[str, str]:
    """Return the versions of each attribute group that is named."""
    found: dict[str, list[str]] = {}
    for pin in pins if isinstance(pins, list) else ():
        if isinstance(pin, Mapping):
            found.setdefault(text_of(pin.get("name")), []).append(f"v{text_of(pin.get('version'))}")
    return {name: ", ".join(sorted(versions)) for name, versions in found.items()}


def _read_numbers(history: Mapping[str, Any]) -> set[int]:
    released = history.get("released")
    return (
        {int(number) for number in released if str(number).isdigit()}
        if isinstance(released, Mapping)
        else set()
    )
