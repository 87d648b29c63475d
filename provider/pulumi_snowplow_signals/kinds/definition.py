"""A definition: all that the registry stores of an object except its number and whether it is published.

A (name, version) that has ever been published never changes its definition; that is the promise this package keeps.
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
from pulumi_snowplow_signals.fields.vocabulary import STORED, Name, drop_nulls
from pulumi_snowplow_signals.kinds.options import Options, Unversioned
from pulumi_snowplow_signals.kinds.references import KnownGroup, Reference
from pulumi_snowplow_signals.kinds.succession import Succession

_DIGEST_LENGTH: Final = 16  # hex digits: 64 bits tell the versions of one object apart
NO_TYPES: Final[Mapping[str, str]] = {}
"""The types of attributes where nobody asked."""

D = TypeVar("D", bound="Definition")

_BUILDING: Final = threading.Lock()


class FilledIn:
    """Mark a field that the service may fill in where it was left out: what it answers then is no difference."""


FILLED_IN: Final = FilledIn()


class Doubt(NamedTuple):
    """Something that Signals may refuse: the field that it is about, a sentence, and the one to say where that is a secret."""

    field: str
    reason: str
    hidden: str


class Said(NamedTuple):
    """Words made from fields, and the words to use where one of these is a secret."""

    fields: tuple[str, ...]
    words: str
    hidden: str


class Delivered(NamedTuple):
    """A part of how an object is delivered.

    Attributes:
        fields: The fields that decide it.
        verb: What is done, such as `sent to`.
        names: With what it is done.
        hidden: The words to use where one of the fields is a secret.
        is_audience: Whether the names stand for those who get it.
    """

    fields: tuple[str, ...]
    verb: str
    names: tuple[str, ...]
    hidden: str
    is_audience: bool = False


class Parsed(NamedTuple, Generic[D]):
    """What a program declares, read: the definition, or why there is none.

    Attributes:
        definition: The definition; None where there is a fault, or where a part of it is unknown.
        known: The fields that are known, read; the definition's own where there is one.
        texts: The same in canonical form.
        faults: Every fault there is.
    """

    definition: D | None
    known: Mapping[str, Any]
    texts: Mapping[str, str]
    faults: tuple[Fault, ...] = ()


class Definition(BaseModel):
    """Base of all kinds. Compare two definitions with `equals`: to Python, true is 1 and 75 is 75.0."""

    # What reads a kind is built when the first object of it is read: few programs declare all of them.
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", defer_build=True)

    label: ClassVar[str]
    """What a message calls an object of this kind."""
    path: ClassVar[str]
    """The path of the collection below the API's root, with its closing slash."""
    options: ClassVar[type[Unversioned]] = Options
    """The inputs that a program has beside the fields."""
    notes: ClassVar[frozenset[str]] = frozenset()
    """The fields that are for whoever reads the registry, and that no visitor ever meets."""
    loss: ClassVar[str] = "visitors no longer get it"
    """What it means that an object is not live any more, as a part of a line."""
    fixed_while_used: ClassVar[frozenset[str]] = frozenset()
    """The fields of a published object that cannot change while others use it."""
    way_out: ClassVar[str] = ""
    """What to do where the service refuses a change in place."""

    @staticmethod
    def writable(body: Mapping[str, Any]) -> dict[str, Any]:
        """Return of a stored object what may be sent back; what this release does not know goes back as it came."""
        return dict(body)

    @staticmethod
    def address(name: str, number: int) -> str:
        """Return the path of one version below that of the collection."""
        raise NotImplementedError

    def body(self, number: int, *, published: bool) -> dict[str, Any]:
        """Return what is sent to store the definition under a number."""
        raise NotImplementedError

    @staticmethod
    def name_version(name: str, number: int) -> str:  # noqa: ARG004  # a kind with numbers needs it
        """Return what a line calls an object: its name and, where the kind has numbers, its version."""
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
            declared: The inputs that make the definition, unknown values as `UNKNOWN`.
            inputs: The names of all inputs of the resource, for the fault of a misspelt one.
        """
        cls._build()
        try:
            definition = cls.model_validate(declared)
        except ValidationError as error:
            faults = faults_of(error, cls, inputs)
            if faults:
                return Parsed(None, {}, {}, tuple(faults))
        else:
            if not has_unknown(declared):
                return Parsed(definition, definition.held, definition.canonical)
        known = cls._known(declared)
        return Parsed(None, known, canonical_texts(cls, known))

    @classmethod
    def stored(cls, body: Mapping[str, Any]) -> Self:
        """Read what the registry or a stack's state holds. Raise ValueError where it has no documented shape."""
        cls._build()
        return cls.model_validate(body, context=STORED, extra="ignore")

    @classmethod
    def _build(cls) -> None:
        """Build what reads and writes the kind. Pydantic would do so by itself, but not in every version safely from several threads."""
        if not cls.__pydantic_complete__:
            with _BUILDING:
                cls.model_rebuild()

    @property
    def held(self) -> dict[str, Any]:
        """The fields that are required or hold something: Signals takes "", [] and null for a field that is left out."""
        return {
            name: value
            for name, field in type(self).model_fields.items()
            if _holds_something(value := getattr(self, name)) or field.is_required()
        }

    def to_wire(self) -> dict[str, Any]:
        """Return the definition as the API takes it."""
        return self.model_dump(mode="json", include={*self.held}, exclude_none=True)

    def to_inputs(self) -> dict[str, Any]:
        """Return the definition as a program and a stack's state have it."""
        return as_inputs(type(self), self.held)

    @cached_property
    def canonical(self) -> Mapping[str, str]:
        """Each field in canonical form, as JSON text."""
        return canonical_texts(type(self), self.held)

    @cached_property
    def digest(self) -> str:
        """A short fingerprint of the canonical form, as it is kept in a stack's state."""
        return digest_of(_join(self.canonical), _DIGEST_LENGTH)

    def equals(self, other: Definition | None) -> bool:
        """Return whether both are the same definition; None cannot be read."""
        return other is not None and self.canonical == other.canonical

    def is_stored_as(self, stored: Definition | None) -> bool:
        """Return whether `stored`, as the registry gives it back, is this definition; None cannot be read."""
        if stored is None:
            return False
        mine = self.canonical
        filled_in = {name for name in _filled_in(type(self)) if name not in mine}
        return mine == {name: text for name, text in stored.canonical.items() if name not in filled_in}

    def changes_from(self, prior: Definition, *, secret: Collection[str] = ()) -> tuple[Change, ...]:
        """Return the changes that lead from `prior` to this definition, in the order of the fields.

        Of the fields named in `secret` only the name is told.
        """
        old, new, order = prior.held, self.held, [*type(self).model_fields]
        changed = [name for name in order if prior.canonical.get(name) != self.canonical.get(name)]
        if not changed:
            return ()
        marks = marks_of(type(self))
        pairs = (pair for name in changed for pair in marks[name].pairs(name, old.get(name), new.get(name)))
        return changes_in(pairs, order, secret)

    @classmethod
    def derived_inputs(cls, _known: Mapping[str, Any]) -> dict[str, Any]:
        """Return the inputs that are computed from fields for a reader's sake; diff never looks at them."""
        return {}

    def doubts(self, types: Mapping[str, str] = NO_TYPES) -> Iterable[Doubt]:  # noqa: ARG002  # a kind with criteria needs them
        """Return what Signals may refuse or read in another way. Nothing of it is a fault.

        Args:
            types: The types of attributes by `group:attribute`, as far as they are known.
        """
        return ()

    def reach(self, prior: Definition, types: Mapping[str, str] = NO_TYPES) -> Said | None:
        """Return whom it reaches beside what it said before, as a part of a line; None where that is not known.

        Args:
            prior: What it said before.
            types: The types of attributes by `group:attribute`, as far as they are known.
        """

    def content(self) -> Said:
        """Return what the definition says, as a part of a line."""
        return Said(("name",), "", "")

    def delivery(self, keys: Sequence[str] = ()) -> Iterable[Delivered]:  # noqa: ARG002  # a kind that is delivered needs them
        """Return to whom it is sent and what it carries.

        Args:
            keys: The names of the attribute keys that it is sent to where it names none; empty if they are not known.
        """
        return ()

    def references(self) -> Iterable[Reference]:
        """Return what else in the registry the definition names."""
        return ()

    def clashes(self, groups: Mapping[tuple[str, int], KnownGroup]) -> Iterable[Fault]:  # noqa: ARG002  # most name one at a time
        """Return why the attribute groups that the definition names cannot stand together.

        Args:
            groups: Every group that is known, by name and version.
        """
        return ()

    @classmethod
    def _known(cls, declared: Mapping[str, Any]) -> dict[str, Any]:
        adapters = _adapters(cls)
        read = {
            name: adapters[name].validate_python(value)
            for name, value in declared.items()
            if value is not None and not has_unknown(value)
        }
        return {name: value for name, value in read.items() if _holds_something(value)}


def canonical_texts(kind: type[Definition], fields: Mapping[str, Any]) -> dict[str, str]:
    """Return fields of a kind in canonical form, as JSON text."""
    marks = marks_of(kind)
    return {name: marks[name].text(value) for name, value in fields.items()}


def in_recorded_spelling(
    fields: Mapping[str, Any], texts: Mapping[str, str], recorded: Definition, written: Mapping[str, Any]
) -> dict[str, Any]:
    """Return fields as inputs, with whatever equals something recorded spelt and ordered as it is there.

    The CLI compares lists by position, so that a preview then shows what changed and nothing else.

    Args:
        fields: The fields, read.
        texts: The same in canonical form.
        recorded: The definition that the stack recorded.
        written: The same as the stack has it written.
    """
    kind = type(recorded)
    before, marks = recorded.held, marks_of(kind)
    same = [name for name in fields if name in written and recorded.canonical.get(name) == texts[name]]
    aligned = {
        name: marks[name].align(value, before[name]) if name in before else value
        for name, value in fields.items()
        if name not in same
    }
    return {**as_inputs(kind, aligned), **{name: written[name] for name in same}}


def as_inputs(kind: type[Definition], fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields of a definition as a program and a stack's state have them."""
    if not fields:
        return {}
    partial = kind.model_construct(_fields_set={*fields}, **fields)
    return partial.model_dump(include={*fields}, exclude_none=True)


class Numbered(Definition):
    """Base of the kinds that the registry keeps by name and version."""

    succession: ClassVar[Succession]
    """What becomes of the other versions when one is published."""

    @staticmethod
    def name_version(name: str, number: int) -> str:
        return f"{name} v{number}"

    @staticmethod
    def address(name: str, number: int) -> str:
        return f"{name}/versions/{number:d}"

    def body(self, number: int, *, published: bool) -> dict[str, Any]:
        return {**self.to_wire(), "version": number, "is_published": published}


class Unnumbered(Definition):
    """Base of the kinds that the registry keeps by name alone. To the rest of this package their number is 1."""

    options: ClassVar[type[Unversioned]] = Unversioned

    @staticmethod
    def address(name: str, number: int) -> str:  # noqa: ARG004  # there is but one
        """Return the path of the object below that of the collection."""
        return name

    def body(self, number: int, *, published: bool) -> dict[str, Any]:  # noqa: ARG002  # as above
        """Return what is sent to store the definition."""
        return {**self.to_wire(), "is_published": published}


@cache
def _filled_in(kind: type[Definition]) -> frozenset[str]:
    fields = kind.model_fields.items()
    return frozenset(name for name, field in fields if FILLED_IN in field.metadata)


@cache
def _adapters(kind: type[Definition]) -> Mapping[str, TypeAdapter[Any]]:
    """Return a reader for each field of a kind, for definitions of which only a part is known."""
    return {name: _adapter(field) for name, field in kind.model_fields.items()}


def _adapter(field: FieldInfo) -> TypeAdapter[Any]:
    # An object brings its own, as strict as this.
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
