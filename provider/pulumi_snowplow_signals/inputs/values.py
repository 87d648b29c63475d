"""What every input class has in common, and the input classes that are not criteria.

They are value objects: equal when what they hold is equal, and never changed. An output in them is equal only to itself:
what it will resolve to is not known here. They are Pulumi input types as well, so that `Output.all`, `Output.secret` and
`Output.from_input` see the outputs inside them.

Names and fields are those of `snowplow_signals.models.model` in the official client 0.4.10.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from functools import cache
from inspect import isawaitable
from reprlib import recursive_repr
from typing import Any, ClassVar, NamedTuple, Protocol, TypeVar

import pulumi
from pulumi import Input
from typing_extensions import Self

from pulumi_snowplow_signals.inputs.faults import InputFault, refuse_unexpected
from pulumi_snowplow_signals.inputs.wording import as_code

V = TypeVar("V", bound="InputValue")


class PydanticModel(Protocol):
    """An object of Snowplow's own client, which stands wherever one of ours may: anything that pydantic can dump."""

    def model_dump(self, *, exclude_none: bool = ...) -> Any:
        """Return the object as plain values."""


class InputValue:
    """Base of the input classes: a frozen dataclass whose fields may hold what is not known yet."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    def __init_subclass__(cls) -> None:
        # Pulumi gives an input type that has no equality of its own one to which True is 1.
        cls.__eq__ = InputValue.__eq__  # type: ignore[method-assign]  # mypy takes it for an accident

    def __new__(cls, *unnamed: Any, **given: Any) -> Self:
        """Make an object that its dataclass fills.

        One that lacks required arguments is made, too: the resource that takes it names them, with where they belong, beside
        all other faults of the program.

        Raises:
            InputFault: There is an argument that no field has, or one without a name.
        """
        if not given.keys() <= cls.__dataclass_fields__.keys():
            allowed = [each.name for each in fields(cls)]
            refuse_unexpected(cls.__name__, (name for name in given if name not in allowed), allowed)
        arguments = _arguments(cls)  # type: ignore[arg-type]  # mypy takes the hash of its objects for that of the class
        if len(unnamed) > arguments.unnamed:
            raise InputFault(
                f"{cls.__name__}: takes its arguments by name. Write {next(iter(arguments.all))}=..."
            )
        if unnamed or given.keys() >= arguments.required:
            return super().__new__(cls)
        incomplete: Self = super().__new__(_incomplete(cls))  # type: ignore[arg-type]  # as above
        for name, value in {**arguments.all, **given}.items():
            object.__setattr__(incomplete, name, value)
        return incomplete

    def __reduce__(self) -> Any:
        # Copies are made as programs make objects: of one that is made of nothing, arguments would be missing.
        return _made, (type(self), field_values(self))

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return _key(self) == _key(other)

    def __hash__(self) -> int:
        return hash(_key(self))

    def __repr__(self) -> str:
        shown = (f"{name}={_shown(value)}" for name, value in field_values(self).items() if value is not None)
        return f"{type(self).__name__}({', '.join(shown)})"


class _Arguments(NamedTuple):
    """The arguments of an input class: all with their defaults, those that are required, how many need no name."""

    all: Mapping[str, Any]
    required: frozenset[str]
    unnamed: int


@cache
def _arguments(cls: type[InputValue]) -> _Arguments:
    found = fields(cls)
    return _Arguments(
        {each.name: None if each.default is MISSING else each.default for each in found},
        frozenset(each.name for each in found if each.default is MISSING),
        sum(not each.kw_only for each in found),
    )


@cache
def _incomplete(cls: type[V]) -> type[V]:
    """Return a class whose objects leave out what their dataclass would demand, and are of the class `cls` from then on."""

    def become(made: InputValue, **_: Any) -> None:
        object.__setattr__(made, "__class__", cls)

    return type(cls.__name__, (cls,), {"__init__": become})


def _made(cls: type[V], values: Mapping[str, Any]) -> V:
    return cls(**values)


def field_values(value: InputValue) -> dict[str, Any]:
    """Return the fields of an input value by name, as the program set them."""
    return {field.name: getattr(value, field.name) for field in fields(value)}


@pulumi.input_type
@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class LinkAttributeKey(InputValue):
    """An attribute key by name: whom an intervention is sent to."""

    name: Input[str]


@pulumi.input_type
@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class VersionedLinkAttributeGroup(InputValue):
    """An attribute group by name and version: what rides along in an intervention's payload."""

    name: Input[str]
    version: Input[int] = 1


@pulumi.input_type
@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class InterventionInstance(InputValue):
    """The intervention that a direct intervention pushes. Its attributes are strings."""

    name: Input[str]
    version: Input[int]
    attributes: Input[Mapping[str, Input[str]]] | None = None
    intervention_id: Input[str] | None = None
    target_attribute_key: Input[Mapping[str, Input[str]]] | PydanticModel | None = None


@pulumi.input_type
@dataclass(frozen=True, eq=False, repr=False)
class AttributeKeyIdentifiers(InputValue):
    """Whom a direct intervention is pushed to: lists of ids by the name of their attribute key."""

    root: Input[Mapping[str, Input[Sequence[Input[str]]]]]


def _key(value: Any) -> Hashable:
    """Return a key to compare and hash by: 75 equals 75.0, while a boolean, a number and a string never equal each other."""
    if isinstance(value, InputValue):
        return type(value).__name__, *map(_key, field_values(value).values())
    if isinstance(value, Mapping):
        return "mapping", frozenset((key, _key(item)) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return "list", *map(_key, value)
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return value
    return "object", value if isinstance(value, Hashable) else id(value)


@recursive_repr("...")
def _shown(value: Any) -> str:
    """Represent a value without asking an output for its own, which would only warn that it cannot tell."""
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_shown, value))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key!r}: {_shown(item)}' for key, item in value.items())}}}"
    if isinstance(value, pulumi.Output) or isawaitable(value):
        return as_code(value)
    try:
        return repr(value)
    except Exception:  # noqa: BLE001  # whatever an object of the program does when it is shown
        return as_code(value)
