"""Decide when two objects within a definition are the same, and what to compare in two that differ.

Each field of an object is compared according to its own mark, at any depth.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from pulumi_snowplow_signals.fields.comparison import (
    Canonical,
    Pair,
    Place,
    in_recorded_order,
    marks_of,
    pair_items,
)
from pulumi_snowplow_signals.fields.text import key_in_path
from pulumi_snowplow_signals.fields.values import canonical_json


class ComparedByField(Canonical):
    """Compare objects field by field."""

    def form(self, value: Any) -> Any:
        if not isinstance(value, BaseModel):
            return value
        marks = marks_of(type(value))
        forms = {
            _spell_name(type(value), name): marks[name].form(held) for name, held in value if held is not None
        }
        return {name: form for name, form in forms.items() if form is not None}

    def align(self, new: Any, recorded: Any) -> Any:
        if type(new) is not type(recorded) or not isinstance(new, BaseModel):
            return new
        if self.text(new) == self.text(recorded):
            return recorded
        marks: Mapping[str, Canonical] = marks_of(new.__class__)
        aligned = {
            name: _align_field(marks[name], held, getattr(recorded, name))
            for name, held in new
            if held is not None and getattr(recorded, name) is not None
        }
        return new.model_copy(update=aligned)

    def pairs(self, path: str, old: Any, new: Any) -> Iterator[Pair]:
        if old is None or new is None or type(old) is not type(new):
            yield self.place(path, old), self.place(path, new)
            return
        kind: type[BaseModel] = type(old)
        for name, mark in marks_of(kind).items():
            before, after = getattr(old, name), getattr(new, name)
            if before is not None or after is not None:
                yield from mark.pairs(f"{path}.{_spell_name(kind, name)}", before, after)

    def place(self, path: str, value: Any) -> Place | None:
        """Return an object as one place, or None if there is no object."""
        return None if value is None else Place(self.text(value), path, partial(str, value))


class _OrderedParts(Canonical):
    """Compare lists of objects whose order matters."""

    def form(self, value: Any) -> Any:
        return [PART.form(item) for item in value]

    def pairs(self, path: str, old: Any, new: Any) -> Iterator[Pair]:
        before, after = (
            None if items is None else Place(self.text(items), path, partial(_describe_list, items))
            for items in (old, new)
        )
        yield before, after


class _Parts(Canonical):
    """Compare lists of objects in which order and repetition mean nothing."""

    def form(self, value: Any) -> Any:
        forms = {_text(item): PART.form(item) for item in value}
        return [forms[text] for text in sorted(forms)]

    def align(self, new: Any, recorded: Any) -> Any:
        return in_recorded_order(new, recorded, _text)

    def pairs(self, path: str, old: Any, new: Any) -> Iterator[Pair]:
        gone, come = ([*{_text(item): item for item in items or ()}.values()] for items in (old, new))
        if None not in (old, new) and not (gone and come):
            # An empty list and an omitted one may mean different things: no events listed means all of them.
            before, after = (
                Place(self.text(items), path, partial(_describe_list, items)) for items in (old, new)
            )
            yield before, after
            return
        yield from pair_items(gone, come, path, _text, str)


class _NamedParts(_Parts):
    """Compare lists of named objects. Objects with the same name are the same object."""

    def align(self, new: Any, recorded: Any) -> Any:
        before, after = ({item.name: item for item in items} for items in (recorded, new))
        kept = [PART.align(after[name], item) for name, item in before.items() if name in after]
        return [*kept, *(item for item in new if item.name not in before)]

    def pairs(self, path: str, old: Any, new: Any) -> Iterator[Pair]:
        before, after = ({item.name: item for item in items or ()} for items in (old, new))
        for name in dict.fromkeys([*before, *after]):
            if name in before and name in after:
                yield from PART.pairs(f"{path}[{key_in_path(name)}]", before[name], after[name])
            else:
                yield PART.place(path, before.get(name)), PART.place(path, after.get(name))


PART: Final = ComparedByField()
PARTS: Final = _Parts()
ORDERED_PARTS: Final = _OrderedParts()
NAMED_PARTS: Final = _NamedParts()


def _text(item: Any) -> str:
    return canonical_json(to_jsonable_python(PART.form(item)))


def _describe_list(items: Sequence[Any]) -> str:
    return f"[{', '.join(map(str, items))}]"


def _align_field(mark: Canonical, new: Any, recorded: Any) -> Any:
    return recorded if mark.text(new) == mark.text(recorded) else mark.align(new, recorded)


def _spell_name(model: type[BaseModel], name: str) -> str:
    return model.model_fields[name].alias or name
