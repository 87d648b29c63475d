"""The base of all input classes, and the input classes that are not criteria.

They are immutable value objects: equal if their fields are equal. An output is equal only to itself, since its value is not known
yet. They are also Pulumi input types, so `Output.all`, `Output.secret` and `Output.from_input` find the outputs inside them.

The names of classes and fields are those of `snowplow_signals.models.model` in the official client 0.4.10.
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
    """An object of Snowplow's own client, accepted wherever an object of this package is. Any pydantic model qualifies."""

    def model_dump(self, *, exclude_none: bool = ...) -> Any:
        """Return the object as plain values."""


class InputValue:
    """Base of the input classes: a frozen dataclass whose fields may hold values that are not known yet."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    def __init_subclass__(cls) -> None:
        # Pulumi would otherwise define an equality to which True equals 1.
        cls.__eq__ = InputValue.__eq__  # type: ignore[method-assign]  # mypy assumes a mistake

    def __new__(cls, *unnamed: Any, **given: Any) -> Self:
        """Create an object, which its dataclass then initializes.

        Missing required arguments are accepted here. The resource that takes the object reports them with their path, together
        with all other faults of the program.

        Raises:
            InputFault: An argument has no field, or was passed by position.
        """
        if not given.keys() <= cls.__dataclass_fields__.keys():
            allowed = [each.name for each in fields(cls)]
            refuse_unexpected(cls.__name__, (name for name in given if name not in allowed), allowed)
        arguments = _find_arguments(cls)  # type: ignore[arg-type]  # mypy confuses the hash of an object with that of its class
        if len(unnamed) > arguments.unnamed:
            raise InputFault(
                f"{cls.__name__}: takes its arguments by name. Write {next(iter(arguments.all))}=..."
            )
        if unnamed or given.keys() >= arguments.required:
            return super().__new__(cls)
        incomplete: Self = super().__new__(_build_incomplete_class(cls))  # type: ignore[arg-type]  # as above
        for name, value in {**arguments.all, **given}.items():
            object.__setattr__(incomplete, name, value)
        return incomplete

    def __reduce__(self) -> Any:
        # Copy by passing the fields to the class: creating an object without arguments would leave some missing.
        return _create, (type(self), field_values(self))

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return _build_key(self) == _build_key(other)

    def __hash__(self) -> int:
        return hash(_build_key(self))

    def __repr__(self) -> str:
        shown = (f"{name}={_show(value)}" for name, value in field_values(self).items() if value is not None)
        return f"{type(self).__name__}({', '.join(shown)})"


class _Arguments(NamedTuple):
    """The arguments of an input class: all with their defaults, the required ones, and how many may be positional."""

    all: Mapping[str, Any]
    required: frozenset[str]
    unnamed: int


@cache
def _find_arguments(cls: type[InputValue]) -> _Arguments:
    found = fields(cls)
    return _Arguments(
        {each.name: None if each.default is MISSING else each.default for each in found},
        frozenset(each.name for each in found if each.default is MISSING),
        sum(not each.kw_only for each in found),
    )


@cache
def _build_incomplete_class(cls: type[V]) -> type[V]:
    """Return a subclass that skips the dataclass's `__init__`, so its objects may lack arguments, and turns them into `cls`."""

    def become(made: InputValue, **_: Any) -> None:
        object.__setattr__(made, "__class__", cls)

    return type(cls.__name__, (cls,), {"__init__": become})


def _create(cls: type[V], values: Mapping[str, Any]) -> V:
    return cls(**values)


def field_values(value: InputValue) -> dict[str, Any]:
    """Return the fields of an input value by name, as the program set them."""
    return {field.name: getattr(value, field.name) for field in fields(value)}


@pulumi.input_type
@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class LinkAttributeKey(InputValue):
    """An attribute key by name, to which an intervention is sent."""

    name: Input[str]


@pulumi.input_type
@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class VersionedLinkAttributeGroup(InputValue):
    """An attribute group by name and version, whose values an intervention carries in its payload."""

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
    """The recipients of a direct intervention: lists of ids by the name of their attribute key."""

    root: Input[Mapping[str, Input[Sequence[Input[str]]]]]


def _build_key(value: Any) -> Hashable:
    """Return a key for equality and hashing: 75 equals 75.0, but values of different kinds are never equal."""
    if isinstance(value, InputValue):
        return type(value).__name__, *map(_build_key, field_values(value).values())
    if isinstance(value, Mapping):
        return "mapping", frozenset((key, _build_key(item)) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return "list", *map(_build_key, value)
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return value
    return "object", value if isinstance(value, Hashable) else id(value)


@recursive_repr("...")
def _show(value: Any) -> str:
    """Return the repr of a value, without calling that of an output, which would only warn that its value is not known."""
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_show, value))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key!r}: {_show(item)}' for key, item in value.items())}}}"
    if isinstance(value, pulumi.Output) or isawaitable(value):
        return as_code(value)
    try:
        return repr(value)
    except Exception:  # noqa: BLE001  # an object of the program may do anything when it is shown
        return as_code(value)
