"""Writes values of attribute keys, groups and services as Python code, as calls of their classes.

The fields come from the kinds, so a new field needs no line here. Default values are left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, TypeAlias

from pydantic.fields import FieldInfo

from pulumi_snowplow_signals.cli.export.code import write_literal
from pulumi_snowplow_signals.fields.comparison import marks_of
from pulumi_snowplow_signals.fields.times import SAME_LENGTH, length_of
from pulumi_snowplow_signals.fields.vocabulary import LinkedKey, Part, PinnedGroup
from pulumi_snowplow_signals.kinds.attribute import Event, Filter, Filters
from pulumi_snowplow_signals.kinds.attribute_group import TableField
from pulumi_snowplow_signals.kinds.definition import Definition

Link: TypeAlias = LinkedKey | PinnedGroup

_CLASSES: Final[Mapping[type[Part], str]] = {TableField: "Field", Filter: "Criterion", Filters: "Criteria"}
"""The classes whose name in programs differs from the model's."""

_EVENTS: Final[Mapping[tuple[str | None, ...], str]] = {
    ("com.snowplowanalytics.snowplow", "page_view", "1-0-0", None): "PageView",
    ("com.snowplowanalytics.snowplow", "page_ping", "1-0-0", None): "PagePing",
    ("com.google.analytics", "event", "1-0-0", None): "StructuredEvent",
}
"""The functions that return an event, by its vendor, name, version and specification."""

_FILTERS: Final = {
    "=": "eq",
    "!=": "neq",
    ">": "gt",
    ">=": "gte",
    "<": "lt",
    "<=": "lte",
    "like": "like",
    "in": "in_list",
    "is null": "is_null",
    "is not null": "is_not_null",
}
"""The method of `Criterion` for each operator."""

_NUMBERS_ALONE: Final = frozenset({">", ">=", "<", "<="})
"""The operators whose method accepts only a number for type checkers, although strings can be compared too."""

_UNITS: Final = {
    "days": timedelta(days=1),
    "hours": timedelta(hours=1),
    "minutes": timedelta(minutes=1),
    "seconds": timedelta(seconds=1),
}


@dataclass(frozen=True)
class PartsCode:
    """Writes values, and records the names that their code must import.

    Attributes:
        use: Records a name of this package, and returns it.
        use_timedelta: Records that the code needs `timedelta`.
        link: Returns the code of a link to an attribute key or to a version of a group.
        events: The variables of events that occur more than once.
    """

    use: Callable[[str], str]
    use_timedelta: Callable[[], object]
    link: Callable[[Link], str]
    events: Mapping[Event, str]

    def write(self, value: Any, field: FieldInfo | None = None) -> str:
        """Return the code of a value, which may be the value of a field."""
        if isinstance(value, str) and field is not None and SAME_LENGTH in field.metadata:
            return self._duration(value)
        if isinstance(value, list):
            return f"[{', '.join(map(self.write, value))}]"
        if isinstance(value, (LinkedKey, PinnedGroup)):
            return self.link(value)
        if isinstance(value, Event):
            return self.events.get(value) or self.event(value)
        if isinstance(value, Filter):
            return self._filter(value)
        return self._part(value) if isinstance(value, Part) else write_literal(value)

    def _part(self, part: Part) -> str:
        kind = type(part)
        held = {name: (field, getattr(part, name)) for name, field in kind.model_fields.items()}
        arguments = [
            f"{field.alias or name}={self.write(value, field)}"
            for name, (field, value) in held.items()
            if field.is_required() or (value != field.default and not _says_nothing(part, name, value))
        ]
        return f"{self.use(_CLASSES.get(kind, kind.__name__))}({', '.join(arguments)})"

    def event(self, event: Event) -> str:
        """Return the code of an event, even if it has a variable."""
        function = _find_function(event)
        return f"{self.use(function)}()" if function else self._part(event)

    def _filter(self, found: Filter) -> str:
        if found.operator in _NUMBERS_ALONE and isinstance(found.value, str):
            return self._part(found)
        given = [self.write(found.property)] + ([] if found.value is None else [write_literal(found.value)])
        return f"{self.use('Criterion')}.{_FILTERS[found.operator]}({', '.join(given)})"

    def _duration(self, text: str) -> str:
        """Return a duration in the largest unit of which it is a multiple, or else as a string."""
        length = length_of(text)
        for unit, size in _UNITS.items():
            if length and not length % size:
                self.use_timedelta()
                return f"timedelta({unit}={length // size})"
        return write_literal(text)


def find_repeated_events(definitions: Sequence[Definition]) -> list[Event]:
    """Return the events that occur more than once in the attributes of definitions, and that no function returns."""
    attributes = [each for definition in definitions for each in getattr(definition, "attributes", ())]
    counts = Counter(event for attribute in attributes for event in attribute.events)
    return [
        event for event, times in counts.items() if times > 1 and event.name and not _find_function(event)
    ]


def _find_function(event: Event) -> str | None:
    return _EVENTS.get((event.vendor, event.name, event.version, event.event_specification_id))


def _says_nothing(part: Part, name: str, value: Any) -> bool:
    """Return whether a value means the same as leaving the field out."""
    is_empty_filter = isinstance(part, Filters) and not value
    return is_empty_filter or value is None or marks_of(type(part))[name].form(value) is None
