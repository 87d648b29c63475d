"""Read a value of a program: as None, a boolean, a number, a string, a list or a mapping, as known later, or as refused.

This one table serves every argument of every class. A value is accepted if a built-in Python type represents it exactly:
`numpy.int64(2)` is 2, `Decimal("2.50")` is 2.5, a generator is a list. Nothing is rounded, and nothing but strings becomes a
string. Values are recognised by Python's abstract base classes, so no library has to be imported for them.

A reason never repeats a value, which may come from a secret.
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
"""The most values in one input. Without a limit, an endless generator would be read forever."""

_LONGEST_TYPE_NAME: Final = 60
# The values of `numpy.dtype.kind` with an equivalent Python type. Dates and durations are not among them: `tolist` may turn those into numbers.
_NUMPY_KINDS: Final = frozenset("biufUO")

_NOT_FINITE: Final = "not a finite number. Attributes cannot be compared with it."
_TOO_LARGE: Final = "an integer beyond 2^53, which would lose digits. Use a smaller number or a string."


class Later(NamedTuple):
    """A value that is only known when a deployment runs: an output or an awaitable."""

    value: Any

    @property
    def output(self) -> pulumi.Output[Any]:
        """The value as an output. Pulumi's `from_input` would search whatever it resolves to, and fail on some of it."""
        if isinstance(self.value, pulumi.Output):
            return self.value
        return pulumi.Output.from_input(None).apply(lambda _: self.value)


class _Time(NamedTuple):
    """A `timedelta` or `datetime`, accepted where Signals takes a duration or a point in time and refused elsewhere."""

    value: dt.timedelta | dt.datetime
    refused: str
    """Why it is refused elsewhere, as the words after "is"."""

    @property
    def text(self) -> str:
        """The ISO 8601 string. Pydantic writes it, as the official client and the service read it with pydantic."""
        # Imported late, since the import takes longer than running a program that declares nothing.
        from pydantic_core import to_jsonable_python  # noqa: PLC0415  # see above

        text: str = to_jsonable_python(self.value)
        return text


class Linked:
    """A resource that can be passed as a whole to other resources. As a base class, it comes before Pulumi's."""

    def _as_link(self) -> Any:
        """Return the value that represents this resource in the inputs of another."""
        raise NotImplementedError


class Refused(NamedTuple):
    """A value that no input can be, with the reason as the words after "is"."""

    reason: str


Read: TypeAlias = bool | int | float | str | list[Any] | dict[Any, Any] | Later | Refused | None
_Found: TypeAlias = Read | _Time


def read(value: Any, *, takes_times: bool = False) -> Read:
    """Return a value as a built-in Python type. The items of a list or mapping are not read yet.

    With `takes_times`, a `timedelta` or `datetime` becomes an ISO 8601 string. Without it, they are refused.
    """
    try:
        found = _read(value)
        if not isinstance(found, _Time):
            return found
        return found.text if takes_times else Refused(found.refused)
    except Exception as error:  # noqa: BLE001  # an object of the program may do anything when it is read
        return Refused(f"{type_of(value)}, which raised {type_of(error)} when it was read. Use plain values.")


def type_of(value: Any) -> str:
    """Return the name of a value's type for use in a sentence."""
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
    """Register a type as refused.

    Args:
        kind: The type.
        reason: Why, and what to write. `{type}` in it becomes the name of the value's type, `{value!r}` its repr.
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
    # A subclass may override `str(value)`, as an enum does.
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
        return _refuse_inexact(value)
    if not math.isfinite(number):
        return Refused(_NOT_FINITE)
    return as_carried(number) if number == value else _refuse_inexact(value)


@_read.register
def _(value: Decimal) -> _Found:
    if not value.is_finite():
        return Refused(_NOT_FINITE)
    number = float(value)
    # The double is sent in its shortest form, so Decimal("0.1") arrives as 0.1.
    is_same = math.isfinite(number) and Decimal(repr(number)) == value
    return as_carried(number) if is_same else _refuse_inexact(value)


def _refuse_inexact(value: Any) -> Refused:
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
    """Read one level of a pydantic object. Dumping a tree that is too deep would take pydantic minutes."""
    is_root_model = getattr(type(value), "__pydantic_root_model__", None)
    if is_root_model is None:
        return _read(value.model_dump(exclude_none=True))
    values = {name: item for name, item in value if item is not None}
    return _read(values.get("root")) if is_root_model else values
