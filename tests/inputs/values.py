"""Whatever a program may write for an argument, by name. Each is made anew for each use: some can be read only once."""

# ruff: noqa: PLW0108, FBT003  # each line makes a value, also where a function alone would
from __future__ import annotations

import asyncio
import collections
import dataclasses
import datetime as dt
import decimal
import enum
import fractions
import io
import math
import pathlib
import types
import uuid
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pulumi
import pydantic

from pulumi_snowplow_signals import LinkAttributeKey, attribute

CANARY: Final = "canary8151"
"""Stands in whatever can hold a text of its own, to be looked for where a value is a secret."""


class Plan(str, enum.Enum):
    FREE = "free"


class PlainPlan(enum.Enum):
    FREE = "free"
    ONE = 1
    OBJECT = object()


class Number(enum.IntEnum):
    TWO = 2


class Text(str):
    __slots__ = ()

    def __str__(self) -> str:
        return "another text"


class Whole(int):
    def __str__(self) -> str:
        return "another number"


class Amount(float):
    pass


class Model(pydantic.BaseModel):
    name: str = CANARY


class Root(pydantic.RootModel[list[str]]):
    root: list[str] = [CANARY]


@dataclasses.dataclass
class Record:
    name: str = CANARY


Pair = collections.namedtuple("Pair", "name version")  # noqa: PYI024  # as old code has them


class Nothing:
    """An object of a program's own."""


class Raising:
    """Raises from whatever it is asked."""

    def _raise(self, *_: Any) -> Any:
        raise ValueError(CANARY)

    __str__ = __repr__ = __iter__ = __eq__ = __hash__ = __len__ = __bool__ = __getattr__ = _raise  # type: ignore[assignment]  # on purpose


class RaisingModel:
    def model_dump(self, **_: Any) -> Any:
        raise ValueError(CANARY)


class RaisingMapping(collections.abc.Mapping[str, Any]):
    def __getitem__(self, key: str) -> Any:
        raise ValueError(CANARY)

    def __iter__(self) -> Any:
        raise ValueError(CANARY)

    def __len__(self) -> int:
        return 1


class Stream:
    """Goes through once, and is no sequence."""

    def __iter__(self) -> Any:
        return iter(["a"])


class Awaited:
    def __await__(self) -> Any:
        yield from ()
        return "awaited"


def cyclic_list() -> list[Any]:
    items: list[Any] = []
    items.append(items)
    return items


def cyclic_dict() -> dict[str, Any]:
    values: dict[str, Any] = {}
    values["all"] = [values, values]
    return values


def shared() -> list[Any]:
    """A list of two to the power of forty items, written in forty lines."""
    items: list[Any] = ["a"]
    for _ in range(40):
        items = [items, items]
    return items


def deep(levels: int = 5000) -> collections.deque[Any]:
    items: collections.deque[Any] = collections.deque()
    for _ in range(levels):
        items = collections.deque([items])
    return items


def endless() -> Any:
    while True:
        yield "a"


def broken() -> Any:
    yield "a"
    raise ValueError(CANARY)


async def fetch(value: Any = "fetched") -> Any:
    await asyncio.sleep(0)
    return value


def later(value: Any) -> pulumi.Output[Any]:
    return pulumi.Output.from_input(0).apply(lambda _: value)


ENDLESS: Final[dict[str, Callable[[], Any]]] = {
    "a generator without end": endless,
    "a list of 2**40 items": shared,
}
"""What takes a while to be given up, for some of the arguments only."""


def secret(value: Any) -> pulumi.Output[Any]:
    """Return a secret output as an engine has it: `Output.secret` would look into the value first."""

    async def resolve(resolved: Any) -> Any:
        return resolved

    futures = [asyncio.ensure_future(resolve(each)) for each in (value, True, True)]
    return pulumi.Output(set(), *futures)


VALUES: Final[dict[str, Callable[[], Any]]] = {
    "None": lambda: None,
    "True": lambda: True,
    "0": lambda: 0,
    "1": lambda: 1,
    "-2**63": lambda: -(2**63),
    "2**53": lambda: 2**53,
    "2**53 + 1": lambda: 2**53 + 1,
    "10**400": lambda: 10**400,
    "2.0": lambda: 2.0,
    "1.5": lambda: 1.5,
    "-0.0": lambda: -0.0,
    "1e308": lambda: 1e308,
    "5e-324": lambda: 5e-324,
    "inf": lambda: math.inf,
    "nan": lambda: math.nan,
    "1j": lambda: 1j,
    "an int of a subclass": lambda: Whole(2),
    "a float of a subclass": lambda: Amount(1.5),
    "Decimal('2')": lambda: decimal.Decimal(2),
    "Decimal('2.50')": lambda: decimal.Decimal("2.50"),
    "Decimal('0.12345678901234567890')": lambda: decimal.Decimal("0.12345678901234567890"),
    "Decimal('1e400')": lambda: decimal.Decimal("1e400"),
    "Decimal('NaN')": lambda: decimal.Decimal("NaN"),
    "Decimal('sNaN')": lambda: decimal.Decimal("sNaN"),
    "Fraction(1, 2)": lambda: fractions.Fraction(1, 2),
    "Fraction(1, 3)": lambda: fractions.Fraction(1, 3),
    "Fraction(10**400)": lambda: fractions.Fraction(10**400),
    "numpy.int64(2)": lambda: np.int64(2),
    "numpy.uint8(2)": lambda: np.uint8(2),
    "numpy.float64(1.5)": lambda: np.float64(1.5),
    "numpy.float32(1.5)": lambda: np.float32(1.5),
    "numpy.longdouble(1.5)": lambda: np.longdouble(1.5),
    "numpy.float64('nan')": lambda: np.float64("nan"),
    "numpy.bool_(True)": lambda: np.bool_(True),
    "numpy.str_('free')": lambda: np.str_("free"),
    "numpy.bytes_(b'free')": lambda: np.bytes_(b"free"),
    "numpy.datetime64": lambda: np.datetime64("2026-01-01"),
    "numpy.timedelta64(1, 'ns')": lambda: np.timedelta64(1, "ns"),
    "numpy.complex128(1j)": lambda: np.complex128(1j),
    "numpy.array(2)": lambda: np.array(2),
    "numpy.array([1, 2])": lambda: np.array([1, 2]),
    "numpy.array(['a', 'b'])": lambda: np.array(["a", "b"]),
    "numpy.array of datetime64": lambda: np.array(["2026-01-01"], dtype="datetime64[ns]"),
    "numpy.array of objects": lambda: np.array(["a", object()], dtype=object),
    "''": lambda: "",
    "'free'": lambda: "free",
    "a very long string": lambda: CANARY * 10_000,
    "half a surrogate pair": lambda: f"{CANARY}\ud800",
    "control characters": lambda: f"{CANARY}\x1b[31m\n",
    "NUL": lambda: f"{CANARY}\x00",
    "a str of a subclass": lambda: Text("free"),
    "UserString('free')": lambda: collections.UserString("free"),
    "a str enum": lambda: Plan.FREE,
    "an enum of a text": lambda: PlainPlan.FREE,
    "an enum of a number": lambda: PlainPlan.ONE,
    "an enum of an object": lambda: PlainPlan.OBJECT,
    "an IntEnum": lambda: Number.TWO,
    "a UUID": lambda: uuid.UUID("8c9104e3-c300-4b20-82f2-93b7fa0b8feb"),
    "bytes": lambda: CANARY.encode(),
    "a bytearray": lambda: bytearray(CANARY.encode()),
    "a memoryview": lambda: memoryview(CANARY.encode()),
    "a datetime": lambda: dt.datetime(2026, 1, 1, tzinfo=dt.timezone.utc),
    "a date": lambda: dt.date(2026, 1, 1),
    "a time": lambda: dt.time(12),
    "a timedelta": lambda: dt.timedelta(minutes=15),
    "a Path": lambda: pathlib.PurePosixPath(CANARY),
    "a file": lambda: io.StringIO(CANARY),
    "[]": list,
    "a list of texts": lambda: ["a", "b"],
    "a list of bytes": lambda: [CANARY.encode()],
    "a list of 1,000 bytes": lambda: [b"x"] * 1000,
    "a tuple": lambda: ("a", "b"),
    "a namedtuple": lambda: Pair("a", 1),
    "a set": lambda: {CANARY},
    "a frozenset": lambda: frozenset([CANARY]),
    "a deque": lambda: collections.deque(["a"]),
    "a range": lambda: range(1, 3),
    "dict.keys()": lambda: {"a": "b"}.keys(),
    "dict.values()": lambda: {"a": "b"}.values(),
    "dict.items()": lambda: {"a": "b"}.items(),
    "a generator": lambda: (text for text in ["a", "b"]),
    "an iterator": lambda: iter(["a", "b"]),
    "map": lambda: map(str, ["a", "b"]),
    "another iterable": Stream,
    "a generator that raises": broken,
    "a list that holds itself": cyclic_list,
    "5,000 deques in each other": deep,
    "{}": dict,
    "a dict": lambda: {"a": "b"},
    "a dict with an int for a key": lambda: {1: CANARY},
    "a dict with a str enum for a key": lambda: {Plan.FREE: "b"},
    "a dict with one key twice": lambda: {PlainPlan.FREE: "a", "free": "b"},
    "a dict with half a surrogate pair for a key": lambda: {"\ud800": "b"},
    "a dict that holds itself": cyclic_dict,
    "an OrderedDict": lambda: collections.OrderedDict(a="b"),
    "a Counter": lambda: collections.Counter("a"),
    "a mapping proxy": lambda: types.MappingProxyType({"a": "b"}),
    "an object of pydantic": Model,
    "a root model of pydantic": Root,
    "a dataclass": Record,
    "an object of ours": lambda: LinkAttributeKey(name="a"),
    "an attribute": lambda: attribute("a:b"),
    "a criterion": lambda: attribute("a:b") > 1,
    "object()": object,
    "an object of a program's own": Nothing,
    "an object that raises": Raising,
    "a model that raises": RaisingModel,
    "a mapping that raises": RaisingMapping,
    "a class": lambda: Nothing,
    "an enum class": lambda: Plan,
    "a function": lambda: later,
    "a built-in function": lambda: len,
    "a module": lambda: math,
    "ResourceOptions": pulumi.ResourceOptions,
    "an output": lambda: later("free"),
    "a secret output": lambda: pulumi.Output.secret(CANARY),
    "an output that is not known": lambda: later(pulumi.UNKNOWN),
    "an output of bytes": lambda: later(CANARY.encode()),
    "an output of an output of bytes": lambda: later(later(CANARY.encode())),
    "an output as text": lambda: f"{pulumi.Output.from_input('x')}",
    "a coroutine": fetch,
    "a coroutine of bytes": lambda: fetch(CANARY.encode()),
    "an awaitable": Awaited,
}

IN_SECRETS: Final = (
    *(
        "2**53 + 1",
        "10**400",
        "nan",
        "Decimal('2')",
        "Fraction(1, 3)",
        "numpy.int64(2)",
        "numpy.str_('free')",
    ),
    *(
        "'free'",
        "a very long string",
        "half a surrogate pair",
        "control characters",
        "NUL",
        "bytes",
        "a Path",
        "a file",
    ),
    *(
        "a list of texts",
        "a list of bytes",
        "a set",
        "a generator",
        "a generator that raises",
        "a list that holds itself",
    ),
    *(
        "a dict",
        "a dict with an int for a key",
        "a dict that holds itself",
        "an object of pydantic",
        "a dataclass",
    ),
    *(
        "an attribute",
        "a criterion",
        "an object that raises",
        "a model that raises",
        "a class",
        "a coroutine of bytes",
    ),
)
"""Values that are tried in secret outputs as well: each way to be taken or refused, and whatever holds a text of its own."""
