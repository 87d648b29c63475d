"""What a value of a program is: nothing, a boolean, a number, a text, a list, a mapping, something later, or refused.

This is the one table of it, for every argument of every class. A value is taken where one of Python's own types says exactly
the same: `numpy.int64(2)` is 2, `Decimal("2.50")` is 2.5, a generator is a list. Nothing is rounded, and nothing becomes a
text that is none. A value is recognised by Python's abstract base classes, so that no library has to be imported for it.

No reason repeats a value: it may come from a secret.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import math
import operator
from collections import UserString
from collections.abc import Awaitable, Iterable, Iterator, KeysView, Mapping, Sequence, ValuesView
from collections.abc import Set as AbstractSet
from decimal import Decimal
from enum import Enum
from functools import singledispatch
from itertools import islice
from numbers import Integral, Rational, Real
from pathlib import PurePath
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any, Final, NamedTuple, TypeAlias
from uuid import UUID

import pulumi

from pulumi_snowplow_signals.fields.text import printable
from pulumi_snowplow_signals.fields.values import LARGEST_EXACT_INTEGER, as_carried, is_encodable
from pulumi_snowplow_signals.inputs.values import AttributeKeyIdentifiers, InputValue, field_values

MOST_VALUES: Final = 100_000
"""Values that one input may hold: what has no end has to be given up somewhere."""

_LONGEST_TYPE_NAME: Final = 60
# `numpy.dtype.kind` of what Python has the same type for. Dates and durations, which `tolist` may make a number of, are none.
_NUMPY_KINDS: Final = frozenset("biufUO")

_NOT_FINITE: Final = "not a finite number. Attributes cannot be compared with it."
_TOO_LARGE: Final = "an integer beyond 2^53, which would lose digits. Use a smaller number or a string."


class Later(NamedTuple):
    """What is known when a deployment runs: an output or an awaitable."""

    value: Any

    @property
    def output(self) -> pulumi.Output[Any]:
        """It as an output. Pulumi's `from_input` would look into all that it resolves to, and fail on some of it."""
        if isinstance(self.value, pulumi.Output):
            return self.value
        return pulumi.Output.from_input(None).apply(lambda _: self.value)


class _Time(NamedTuple):
    """A `timedelta` or `datetime`: taken where Signals has a duration or a point in time, and refused elsewhere."""

    value: dt.timedelta | dt.datetime
    refused: str
    """Why it is refused elsewhere; the reason goes on after "is"."""

    @property
    def text(self) -> str:
        """It in ISO 8601, as pydantic writes it, with which the official client and the service read it."""
        # Loaded late: importing it takes longer than a program that declares nothing.
        from pydantic_core import to_jsonable_python  # noqa: PLC0415  # see above

        text: str = to_jsonable_python(self.value)
        return text


class Linked:
    """A resource that other resources refer to as a whole. It comes before Pulumi's class in the order of bases."""

    def _as_link(self) -> Any:
        """Return what stands for this resource in the inputs of another."""
        raise NotImplementedError


class Refused(NamedTuple):
    """What no input can be; the reason goes on after "is"."""

    reason: str


Read: TypeAlias = bool | int | float | str | list[Any] | dict[Any, Any] | Later | Refused | None
_Found: TypeAlias = Read | _Time


def read(value: Any, *, takes_times: bool = False) -> Read:
    """Return a value in Python's own type for it. The parts of a list or a mapping are left to be read.

    With `takes_times`, a `timedelta` or `datetime` is its text in ISO 8601; without, it is refused.
    """
    try:
        found = _read(value)
        if not isinstance(found, _Time):
            return found
        return found.text if takes_times else Refused(found.refused)
    except Exception as error:  # noqa: BLE001  # whatever an object of the program does when it is read
        return Refused(f"{type_of(value)}, which raised {type_of(error)} when it was read. Use plain values.")


def type_of(value: Any) -> str:
    """Return the name of a value's type, fit for a sentence."""
    return printable(type(value).__name__[:_LONGEST_TYPE_NAME])


@singledispatch
def _read(value: Any) -> _Found:
    kind = type(value)
    if hasattr(kind, "dtype") and value.dtype.kind in _NUMPY_KINDS:
        return _read(value.tolist())
    if hasattr(kind, "dtype") and value.shape:
        return Refused(
            f"{type_of(value)} of {printable(value.dtype.name)}. Use a list of strings or numbers."
        )
    if hasattr(kind, "model_dump"):
        return _read_model(value)
    if dataclasses.is_dataclass(kind):
        return Refused(f"{type_of(value)}, a dataclass. Write dataclasses.asdict(x).")
    if isinstance(value, Iterable):
        return Refused(f"{type_of(value)}. Write list(x).")
    return Refused(
        f"{type_of(value)}; expected a string, number, boolean, list or dict, a class of this package, "
        "an object of Snowplow's client, or an output of one of these."
    )


def refuse(kind: type, reason: str) -> None:
    """Enter a type into the table as refused.

    Args:
        kind: The type.
        reason: Why, and what to write. `{type}` in it becomes the name of the value's type, `{value!r}` its representation.
    """
    _read.register(kind, lambda value: Refused(reason.format(type=type_of(value), value=value)))


_ARE_NO_VALUES: Final[Sequence[tuple[tuple[type, ...], str]]] = (
    ((bytes, bytearray), "{type}. Write x.decode()."),
    ((memoryview,), "{type}. Write bytes(x).decode()."),
    ((FunctionType, BuiltinFunctionType, MethodType), "a function that is not called. Add parentheses."),
    ((dt.date, dt.time), "{type}. Write x.isoformat()."),
    ((PurePath,), "{type}. Write str(x)."),
    (
        (io.TextIOWrapper, io.StringIO, io.BufferedReader, io.BytesIO),
        "{type}, a file. Write x.read().",
    ),
    ((ModuleType,), "a module. Write module.name for something in it."),
    ((pulumi.Resource,), "{type}, a resource. Write one of its outputs, such as x.id."),
    ((AbstractSet,), "a set, whose order changes from run to run. Use a list."),
)
for _kinds, _reason in _ARE_NO_VALUES:
    for _kind in _kinds:
        refuse(_kind, _reason)


@_read.register(bool)
@_read.register(type(None))
def _(value: bool | None) -> _Found:  # noqa: FBT001  # dispatched by its type
    return value


@_read.register
def _(value: str) -> _Found:
    # Not `str(value)`, which a subclass may have made say something else: an enum does.
    text = str.__str__(value)
    if is_encodable(text):
        return text
    return Refused("a string with an unpaired surrogate, which cannot be encoded. Write the whole character.")


@_read.register(UserString)
@_read.register(UUID)
def _(value: Any) -> _Found:
    return _read(str(value))


@_read.register
def _(value: int) -> _Found:
    number = int.__int__(value)
    return number if abs(number) <= LARGEST_EXACT_INTEGER else Refused(_TOO_LARGE)


@_read.register
def _(value: float) -> _Found:
    number = float.__float__(value)
    return number if math.isfinite(number) else Refused(_NOT_FINITE)


@_read.register(Integral)
def _(value: Any) -> _Found:
    try:
        return _read(operator.index(value))
    except TypeError:  # numpy's durations claim to be whole numbers
        return Refused(f"{type_of(value)}, not a plain number. Write int(x).")


@_read.register(Rational)
@_read.register(Real)
def _(value: Any) -> _Found:
    try:
        number = float(value)
    except OverflowError:
        return _inexact(value)
    if not math.isfinite(number):
        return Refused(_NOT_FINITE)
    return as_carried(number) if number == value else _inexact(value)


@_read.register
def _(value: Decimal) -> _Found:
    if not value.is_finite():
        return Refused(_NOT_FINITE)
    number = float(value)
    # What is sent is the shortest text of the double: 0.1 is written, and 0.1 is what arrives.
    is_same = math.isfinite(number) and Decimal(repr(number)) == value
    return as_carried(number) if is_same else _inexact(value)


def _inexact(value: Any) -> Refused:
    return Refused(
        f"{type_of(value)} with more digits than a float can hold. Write float(x), or str(x) for a string."
    )


@_read.register
def _(value: Enum) -> _Found:
    return _read(value.value)


@_read.register(Sequence)
@_read.register(Iterator)
@_read.register(KeysView)
@_read.register(ValuesView)
def _(value: Iterable[Any]) -> _Found:
    return list(islice(value, MOST_VALUES + 1))


@_read.register(Mapping)
def _(value: Mapping[Any, Any]) -> _Found:
    return dict(islice(value.items(), MOST_VALUES + 1))


@_read.register(pulumi.Output)
@_read.register(Awaitable)
def _(value: Any) -> _Found:
    return Later(value)


@_read.register
def _(value: dt.datetime) -> _Time:
    return _Time(value, f"{type_of(value)}. Write x.isoformat().")


@_read.register
def _(value: dt.timedelta) -> _Time:
    return _Time(value, f"{type_of(value)}. Write x.total_seconds().")


@_read.register
def _(value: Linked) -> _Found:
    return _read(value._as_link())  # noqa: SLF001  # hidden from programs alone


@_read.register
def _(value: InputValue) -> _Found:
    return {name: item for name, item in field_values(value).items() if item is not None}


@_read.register
def _(value: AttributeKeyIdentifiers) -> _Found:
    return _read(value.root)


@_read.register
def _(value: type) -> _Found:
    return Refused(
        f"the class {printable(value.__name__[:_LONGEST_TYPE_NAME])}, not an instance. Add parentheses."
    )


def _read_model(value: Any) -> _Found:
    """Read an object of pydantic's one level deep: on a tree too deep for it, its dump tries for minutes."""
    is_root_model = getattr(type(value), "__pydantic_root_model__", None)
    if is_root_model is None:
        return _read(value.model_dump(exclude_none=True))
    values = {name: item for name, item in value if item is not None}
    return _read(values.get("root")) if is_root_model else values
