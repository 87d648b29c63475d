"""The aggregations of an attribute, one record for each: what it takes, and what comes out of it.

What is refused here is stated as a must in Snowplow's documentation of attributes, or was seen to be refused by the service.
Which of the types the service enforces is not documented: those are doubts.
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
    """All that is known of an aggregation.

    Attributes:
        name: The spelling that Signals has.
        needs: Whether it takes a property.
        types: The types that fit; empty for any.
        is_time: Whether it measures the time since an event, which takes a unit and one of the types, always.
        takes_date_part: Whether its property may be a part of a date.
        gives_values: Whether what comes out are values of the property.
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
"""Every aggregation by its name."""
