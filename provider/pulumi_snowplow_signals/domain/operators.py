"""The fifteen operators of a criterion, and the kind of value that each one takes.

Their spelling is that of `snowplow_signals.models.model.SignalsApiModelsInterventionCriterionCriterion` in the official
client 0.4.10. What value belongs to which operator is said in Snowplow's documentation of interventions; the client
itself does not check it.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping

Operator = Literal[
    "=",
    "!=",
    "<",
    ">",
    "<=",
    ">=",
    "like",
    "not like",
    "rlike",
    "not rlike",
    "in",
    "not in",
    "is null",
    "is not null",
    "changed",
]

OPERATORS: Final[tuple[Operator, ...]] = get_args(Operator)

ValueKind = Literal["scalar", "ordered", "text", "list", "nothing"]
"""What a criterion's value has to be.

- `scalar`: a string, a number or a boolean;
- `ordered`: a number or a string;
- `text`: a string: a pattern, of SQL's LIKE or a regular expression;
- `list`: strings only, numbers only or booleans only;
- `nothing`: absent.
"""

VALUE_KINDS: Final[Mapping[Operator, ValueKind]] = MappingProxyType(
    {
        "=": "scalar",
        "!=": "scalar",
        "<": "ordered",
        ">": "ordered",
        "<=": "ordered",
        ">=": "ordered",
        "like": "text",
        "not like": "text",
        "rlike": "text",
        "not rlike": "text",
        "in": "list",
        "not in": "list",
        "is null": "nothing",
        "is not null": "nothing",
        "changed": "nothing",
    }
)
