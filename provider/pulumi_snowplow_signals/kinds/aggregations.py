"""The aggregations of an attribute, one record for each: what it takes and what it returns.

This package refuses a combination only if Snowplow's documentation of attributes rules it out, or the service was seen to refuse
it. Which types the service enforces is not documented, so an unexpected type is only a doubt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Needs = Literal["a property", "nothing", "no property"]

_INTEGERS: Final = frozenset({"int32", "int64"})
_NUMBERS: Final = _INTEGERS | {"float", "double"}
_FRACTIONS: Final = frozenset({"float", "double"})

SCALAR_TYPES: Final = (
    "bytes", "string", "int32", "int64", "double", "float", "bool", "unix_timestamp",
)  # fmt: skip
ATTRIBUTE_TYPES: Final = (
    *SCALAR_TYPES,
    "timestamp",
    *(f"{name}_list" for name in SCALAR_TYPES),
    "dict",
)
"""Every type that an attribute may have (`snowplow_signals.models.model.Attribute` in the official client 0.4.10)."""

TIME_UNITS: Final = ("s", "min", "h", "d")


@dataclass(frozen=True)
class Aggregation:
    """Everything that this package knows about an aggregation.

    Attributes:
        name: The spelling in Signals.
        needs: Whether it takes a property.
        types: The types that the attribute may have; empty for any.
        is_time: Whether it measures the time since an event. If so, a time unit and one of `types` are required.
        takes_date_part: Whether its property may have a date part.
        gives_values: Whether it returns values of the property.
    """

    name: str
    needs: Needs = "a property"
    types: frozenset[str] = frozenset()
    is_time: bool = False
    takes_date_part: bool = False
    gives_values: bool = False


_LISTS: Final = frozenset(name for name in ATTRIBUTE_TYPES if name.endswith("_list"))
_VALUES: Final = frozenset(ATTRIBUTE_TYPES) - _LISTS - {"dict"}

_RECORDS: Final = (
    Aggregation("counter", "nothing", _INTEGERS),
    *(Aggregation(name, types=_NUMBERS) for name in ("sum", "min", "max", "mean")),
    *(
        Aggregation(name, types=_VALUES, takes_date_part=True, gives_values=True)
        for name in ("first", "last", "most_frequent", "least_frequent")
    ),
    Aggregation("unique_list", types=_LISTS, takes_date_part=True, gives_values=True),
    Aggregation("category_count", types=frozenset({"dict"}), takes_date_part=True),
    Aggregation("approx_count_distinct", types=_INTEGERS, takes_date_part=True),
    Aggregation("time_since_last", "no property", _FRACTIONS, is_time=True),
    Aggregation("time_since_first", "no property", _FRACTIONS, is_time=True),
)

AGGREGATIONS: Final[Mapping[str, Aggregation]] = MappingProxyType(
    {record.name: record for record in _RECORDS}
)
"""Every aggregation by name."""
