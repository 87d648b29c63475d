"""Definitions: all that the registry stores about an object except its version number and whether it is published.

Once a (name, version) has been published, its definition never changes. This package keeps that promise.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache, cached_property
from typing import Annotated, Any, ClassVar, Final, Generic, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, model_validator
from pydantic.fields import FieldInfo
from typing_extensions import Self

from pulumi_snowplow_signals.fields.changes import Change, changes_in
from pulumi_snowplow_signals.fields.comparison import marks_of
from pulumi_snowplow_signals.fields.faults import Fault, faults_of
from pulumi_snowplow_signals.fields.unknown import has_unknown
from pulumi_snowplow_signals.fields.values import digest_of
from pulumi_snowplow_signals.fields.vocabulary import SERVER_FIELDS, STORED, Name, drop_nulls
from pulumi_snowplow_signals.kinds.options import Options, Unversioned
from pulumi_snowplow_signals.kinds.references import KnownGroup, Reference
from pulumi_snowplow_signals.kinds.succession import Succession

_DIGEST_LENGTH: Final = 16  # hex digits: 64 bits distinguish the versions of one object
NO_TYPES: Final[Mapping[str, str]] = {}
"""The default where the types of attributes are not known."""

D = TypeVar("D", bound="Definition")

_BUILDING: Final = threading.Lock()


class FilledIn:
    """Mark a field that the service may fill in if it was omitted. A filled-in value is not a difference."""


FILLED_IN: Final = FilledIn()


class Doubt(NamedTuple):
    """Something that Signals may refuse: the field, a sentence, and the sentence to use instead if the field is a secret."""

    field: str
    reason: str
    hidden: str


class Said(NamedTuple):
    """Words made from fields, and the words to use instead if one of these is a secret."""

    fields: tuple[str, ...]
    words: str
    hidden: str


class Delivered(NamedTuple):
    """One part of how an object is delivered.

    Attributes:
        fields: The fields that determine it.
        verb: The verb, such as `sent to`.
        names: The names that follow the verb.
        hidden: The words to use instead if one of the fields is a secret.
        is_audience: Whether the names are the recipients.
    """

    fields: tuple[str, ...]
    verb: str
    names: tuple[str, ...]
    hidden: str
    is_audience: bool = False


class Parsed(NamedTuple, Generic[D]):
    """What a program declares, read: the definition, or why there is none.

    Attributes:
        definition: The definition; None if there is a fault, or if a part of it is unknown.
        known: The known fields, read; those of the definition if there is one.
        faults: Every fault.
    """

    definition: D | None
    known: Mapping[str, Any]
    faults: tuple[Fault, ...] = ()


class Definition(BaseModel):
    """Base of all kinds. Compare two definitions with `equals`: to Python, true is 1 and 75 is 75.0."""

    # The validator of a kind is built when its first object is read: few programs declare all kinds.
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", defer_build=True)

    label: ClassVar[str]
    """What messages call an object of this kind."""
    path: ClassVar[str]
    """The path of the collection below the API's root, with a trailing slash."""
    options: ClassVar[type[Unversioned]] = Options
    """The inputs of the resource that are not fields of the definition."""
    notes: ClassVar[frozenset[str]] = frozenset()
    """The fields for people who read the registry, which no visitor ever sees."""
    loss: ClassVar[str] = "visitors no longer get it"
    """The effect of withdrawing an object, as part of a line."""
    fixed_while_used: ClassVar[frozenset[str]] = frozenset()
    """The fields of a published object that cannot change while other objects use it."""
    way_out: ClassVar[str] = ""
    """What to do if the service refuses a change in place."""

    @staticmethod
    def writable(body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parts of a stored object that may be sent back. Fields that this release does not know are kept."""
        return dict(body)

    @staticmethod
    def address(name: str, number: int) -> str:
        """Return the path of one version, relative to that of the collection."""
        raise NotImplementedError

    def body(self, number: int, *, published: bool) -> dict[str, Any]:
        """Return the request body that stores the definition under a number."""
        raise NotImplementedError

    @staticmethod
    def name_version(name: str, number: int) -> str:  # noqa: ARG004  # a kind with numbers needs it
        """Return what lines call an object: its name and, if the kind has versions, its version."""
        return name

    name: Name

    _null_is_absent = model_validator(mode="before")(drop_nulls)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    @classmethod
    def parse(
        cls,
        declared: Mapping[str, Any],
        inputs: Collection[str] = (),
    ) -> Parsed[Self]:
        """Read what a program declares.

        Args:
            declared: The inputs that make up the definition, with `UNKNOWN` for unknown values.
            inputs: The names of all inputs of the resource, for the fault of a misspelt input.
        """
        cls._build()
        try:
            definition = cls.model_validate(declared)
        except ValidationError as error:
            faults = faults_of(error, cls, inputs)
            if faults:
                return Parsed(None, {}, tuple(faults))
        else:
            if not has_unknown(declared):
                return Parsed(definition, definition.held)
        return Parsed(None, cls._read_known(declared))

    @classmethod
    def stored(cls, body: Mapping[str, Any]) -> Self:
        """Read a definition from the registry or a stack's state. Raise ValueError if its shape is not the documented one."""
        cls._build()
        return cls.model_validate(body, context=STORED, extra="ignore")

    @classmethod
    def _build(cls) -> None:
        """Build the validator of the kind. Pydantic would do so itself, but not every version does it thread-safely."""
        if not cls.__pydantic_complete__:
            with _BUILDING:
                cls.model_rebuild()

    @property
    def held(self) -> dict[str, Any]:
        """The fields that are required or not empty. To Signals, "", [] and null mean an omitted field."""
        return {
            name: value
            for name, field in type(self).model_fields.items()
            if _holds_something(value := getattr(self, name)) or field.is_required()
        }

    def to_wire(self) -> dict[str, Any]:
        """Return the definition in the shape of the API."""
        return self.model_dump(mode="json", include={*self.held}, exclude_none=True)

    def to_inputs(self) -> dict[str, Any]:
        """Return the definition in the shape of programs and stack state."""
        return as_inputs(type(self), self.held)

    @cached_property
    def canonical(self) -> Mapping[str, str]:
        """Each field in canonical form, as JSON."""
        return canonical_texts(type(self), self.held)

    @cached_property
    def digest(self) -> str:
        """A short fingerprint of the canonical form, as stack state stores it."""
        return digest_of(_join(self.canonical), _DIGEST_LENGTH)

    def equals(self, other: Definition | None) -> bool:
        """Return whether both are the same definition. None stands for one that cannot be read and equals nothing."""
        return other is not None and self.canonical == other.canonical

    def is_stored_as(self, stored: Definition | None) -> bool:
        """Return whether `stored`, as the registry returns it, is this definition. None stands for one that cannot be read."""
        if stored is None:
            return False
        mine = self.canonical
        filled_in = {name for name in _find_filled_in(type(self)) if name not in mine}
        return mine == {name: text for name, text in stored.canonical.items() if name not in filled_in}

    def changes_from(self, prior: Definition, *, secret: Collection[str] = ()) -> tuple[Change, ...]:
        """Return the changes from `prior` to this definition, in the order of the fields.

        The values of the fields in `secret` are hidden.
        """
        old, new, order = prior.held, self.held, [*type(self).model_fields]
        changed = [name for name in order if prior.canonical.get(name) != self.canonical.get(name)]
        if not changed:
            return ()
        marks = marks_of(type(self))
        pairs = (pair for name in changed for pair in marks[name].pairs(name, old.get(name), new.get(name)))
        return changes_in(pairs, order, secret)

    @classmethod
    def derived_inputs(cls, _read_known: Mapping[str, Any]) -> dict[str, Any]:
        """Return the inputs that are computed from fields for readers. Diff ignores them."""
        return {}

    def doubts(self, types: Mapping[str, str] = NO_TYPES) -> Iterable[Doubt]:  # noqa: ARG002  # a kind with criteria needs them
        """Return the parts that Signals may refuse, or read differently. None of them is a fault.

        Args:
            types: The known types of attributes by `group:attribute`.
        """
        return ()

    def reach(self, prior: Definition, types: Mapping[str, str] = NO_TYPES) -> Said | None:
        """Return whom it reaches compared with `prior`, as part of a line; None if that is not known.

        Args:
            prior: The definition before the change.
            types: The known types of attributes by `group:attribute`.
        """

    def content(self) -> Said:
        """Return a summary of the definition, as part of a line."""
        return Said(("name",), "", "")

    def delivery(self, keys: Sequence[str] = ()) -> Iterable[Delivered]:  # noqa: ARG002  # a kind that is delivered needs them
        """Return its recipients and its payload.

        Args:
            keys: The attribute keys that it is sent to if it names none itself; empty if they are not known.
        """
        return ()

    def references(self) -> Iterable[Reference]:
        """Return the other objects in the registry that the definition names."""
        return ()

    def clashes(self, groups: Mapping[tuple[str, int], KnownGroup]) -> Iterable[Fault]:  # noqa: ARG002  # only services combine groups
        """Return why the attribute groups that the definition names cannot be combined.

        Args:
            groups: Every known group, by name and version.
        """
        return ()

    @classmethod
    def _read_known(cls, declared: Mapping[str, Any]) -> dict[str, Any]:
        adapters = _build_adapters(cls)
        read = {
            name: adapters[name].validate_python(value)
            for name, value in declared.items()
            if value is not None and not has_unknown(value)
        }
        return {name: value for name, value in read.items() if _holds_something(value)}


def canonical_texts(kind: type[Definition], fields: Mapping[str, Any]) -> dict[str, str]:
    """Return fields of a kind in canonical form, as JSON."""
    marks = marks_of(kind)
    return {name: marks[name].text(value) for name, value in fields.items()}


def in_recorded_spelling(parsed: Parsed[D], recorded: D, written: Mapping[str, Any]) -> dict[str, Any]:
    """Return the known fields as inputs, with everything that equals a recorded value in the recorded spelling and order.

    The CLI compares lists by position. This way, a preview shows what changed and nothing else.

    Args:
        parsed: What the program declares.
        recorded: The recorded definition.
        written: The recorded definition as the state spells it.
    """
    kind, fields = type(recorded), parsed.known
    texts = parsed.definition.canonical if parsed.definition else canonical_texts(kind, fields)
    before, marks = recorded.held, marks_of(kind)
    same = [name for name in fields if name in written and recorded.canonical.get(name) == texts[name]]
    aligned = {
        name: marks[name].align(value, before[name]) if name in before else value
        for name, value in fields.items()
        if name not in same
    }
    return {**as_inputs(kind, aligned), **{name: written[name] for name in same}}


def as_inputs(kind: type[Definition], fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields of a definition in the shape of programs and stack state."""
    if not fields:
        return {}
    partial = kind.model_construct(_fields_set={*fields}, **fields)
    return partial.model_dump(include={*fields}, exclude_none=True)


class Numbered(Definition):
    """Base of the kinds that the registry stores by name and version."""

    succession: ClassVar[Succession]
    """What happens to the other versions when one is published."""

    @staticmethod
    def name_version(name: str, number: int) -> str:
        return f"{name} v{number}"

    @staticmethod
    def address(name: str, number: int) -> str:
        return f"{name}/versions/{number:d}"

    def body(self, number: int, *, published: bool) -> dict[str, Any]:
        return {**self.to_wire(), "version": number, "is_published": published}


class Unnumbered(Definition):
    """Base of the kinds that the registry stores by name alone. The rest of this package treats their version as 1."""

    options: ClassVar[type[Unversioned]] = Unversioned

    @staticmethod
    def writable(body: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in body.items() if name not in SERVER_FIELDS}

    @staticmethod
    def address(name: str, number: int) -> str:  # noqa: ARG004  # there is only one
        """Return the path of the object, relative to that of the collection."""
        return name

    def body(self, number: int, *, published: bool) -> dict[str, Any]:  # noqa: ARG002  # as above
        """Return the request body that stores the definition."""
        return {**self.to_wire(), "is_published": published}


@cache
def _find_filled_in(kind: type[Definition]) -> frozenset[str]:
    fields = kind.model_fields.items()
    return frozenset(name for name, field in fields if FILLED_IN in field.metadata)


@cache
def _build_adapters(kind: type[Definition]) -> Mapping[str, TypeAdapter[Any]]:
    """Return a validator for each field of a kind, to read definitions that are only partly known."""
    return {name: _build_adapter(field) for name, field in kind.model_fields.items()}


def _build_adapter(field: FieldInfo) -> TypeAdapter[Any]:
    # A model has its own config, which is just as strict.
    is_object = isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
    return TypeAdapter(_type_of(field), config=None if is_object else ConfigDict(strict=True))


def _holds_something(value: Any) -> bool:
    return value is not None and value not in ("", [])


def _type_of(field: FieldInfo) -> Any:
    """Return the type of a field with all its marks."""
    annotation: Any = field.annotation
    for mark in field.metadata:
        annotation = Annotated[annotation, mark]
    return annotation


def _join(texts: Mapping[str, str]) -> str:
    """Return the JSON text of an object from the texts of its values."""
    return "{" + ",".join(f'"{name}":{texts[name]}' for name in sorted(texts)) + "}"
