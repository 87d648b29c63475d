"""The two files of a stack as models: a deployment in Pulumi's format (version 3), and the journal of a run.

The names of fields are those of `apitype.DeploymentV3` and `apitype.ResourceV3` in the Pulumi SDK. Anything in an export that this
engine cannot store ends up in `model_extra`, and is refused by name when the record is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    ValidationError,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from signals_local.engine.errors import StateError
from signals_local.engine.model import Home
from signals_local.engine.validation import Stored, Strict, first_fault, parse_json

VERSION: Final = 3
_URN: Final = re.compile(r"urn:pulumi:[^:]+::[^:]+::[^:].*?::.*", re.DOTALL)
# The header of a journal whose run died while writing it, perhaps with zeros left by a power failure.
_CUT_HEADER: Final = re.compile(rb'(\{("(b(a(s(e("(:("[0-9a-f]{0,64}("\}?)?)?)?)?)?)?)?)?)?)?\0*')
_PROVIDER_TYPE: Final = "pulumi:providers:pulumi-python"


def _urn(text: str) -> str:
    if not _URN.fullmatch(text):
        raise PydanticCustomError("urn", "is not a URN (urn:pulumi:STACK::PROJECT::TYPE::NAME)")
    return text


def _urn_or_nothing(text: str) -> str:
    return _urn(text) if text else text


Urn = Annotated[str, AfterValidator(_urn)]
OptionalUrn = Annotated[str, AfterValidator(_urn_or_nothing)]
# Property values are checked where they are read, since pydantic limits the depth.
Values = dict[str, Any]
_Form = TypeVar("_Form", bound=Strict)


class ResourceRecord(Stored):
    """A resource, with secrets and references as signed maps. Each field is the attribute of `Resource` with that name."""

    model_config = ConfigDict(alias_generator=to_camel, extra="allow")

    urn: Urn
    custom: bool = False
    type: Annotated[str, Field(min_length=1)]
    id: str = ""
    parent: OptionalUrn = ""
    protect: bool = False
    external: bool = False
    retain_on_delete: bool = False
    deleted_with: OptionalUrn = ""
    delete: bool = False
    pending_replacement: bool = False
    created: str = ""
    modified: str = ""
    dependencies: list[Urn] = Field(default_factory=list)
    ignore_changes: list[str] = Field(default_factory=list)
    replace_on_changes: list[str] = Field(default_factory=list)
    additional_secret_outputs: list[str] = Field(default_factory=list)
    aliases: list[Urn] = Field(default_factory=list)
    property_dependencies: dict[str, list[Urn] | None] = Field(default_factory=dict)
    inputs: Values = Field(default_factory=dict)
    outputs: Values = Field(default_factory=dict)

    @property
    def home(self) -> Home:
        """The stack and the project that the URN names."""
        stack, project = self.urn.removeprefix("urn:pulumi:").split("::", 2)[:2]
        return Home(stack, project)

    @property
    def is_default_provider(self) -> bool:
        """Whether this is the provider of dynamic resources, which `pulumi` stores and this engine does not."""
        return self.type == _PROVIDER_TYPE


class SecretRecord(Stored):
    """A secret value: encrypted, or as plain JSON, which `--show-secrets` writes."""

    ciphertext: str | None = None
    plaintext: str | None = None

    @model_validator(mode="after")
    def _has_one(self) -> SecretRecord:
        if (self.ciphertext is None) == (self.plaintext is None):
            raise PydanticCustomError("secret", "should have either `ciphertext` or `plaintext`")
        return self


class ReferenceRecord(Stored):
    """A resource as a property."""

    urn: Urn
    id: Any = None


class _SecretsState(Stored):
    salt: Annotated[
        str, StringConstraints(pattern=r"^v1:[A-Za-z0-9+/=]+:v1:[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+$")
    ]


class SecretsProvider(Stored):
    """How a deployment's secrets are stored."""

    type: str = ""
    state: Values = Field(default_factory=dict)

    @property
    def salt(self) -> str:
        """The passphrase provider's salt.

        Raises:
            StateError: There is no salt, or it does not have Pulumi's format.
        """
        try:
            return _SecretsState.model_validate(self.state).salt
        except ValidationError:
            raise StateError("the state names no usable salt for its secrets") from None


class OperationRecord(Stored):
    """An operation that a run left unfinished."""

    resource: ResourceRecord
    type: str


class DeploymentRecord(Stored):
    """The complete state of a stack."""

    resources: list[ResourceRecord] = Field(default_factory=list)
    pending_operations: list[OperationRecord] = Field(default_factory=list)
    secrets_providers: SecretsProvider = SecretsProvider()


def _known_version(version: int) -> int:
    if version != VERSION:
        raise PydanticCustomError(
            "version",
            "is {version}, and only version {known} is known here",
            {"version": version, "known": VERSION},
        )
    return version


class _Document(Stored):
    version: Annotated[int, AfterValidator(_known_version)]
    deployment: DeploymentRecord


class JournalHeader(Strict):
    """The first line of a journal: the digest of the deployment that it continues."""

    base: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]


_Key = Annotated[str, StringConstraints(pattern="^[bnpo][0-9]+$")]


def _kind(change: Any) -> str:
    return str(change[0]) if isinstance(change, list | tuple) and change else ""


def _as_tuple(change: Any) -> Any:
    return tuple(change) if isinstance(change, list) else change


ChangeRecord = Annotated[
    Annotated[tuple[Literal["put"], _Key, ResourceRecord], Tag("put")]
    | Annotated[tuple[Literal["drop"], _Key], Tag("drop")]
    | Annotated[tuple[Literal["keep"], _Key, _Key], Tag("keep")]
    | Annotated[tuple[Literal["begin"], _Key, str, ResourceRecord], Tag("begin")]
    | Annotated[tuple[Literal["end"], _Key], Tag("end")],
    Discriminator(
        _kind, custom_error_type="change", custom_error_message="is not a change that this engine knows"
    ),
    BeforeValidator(_as_tuple),
]


class JournalLine(Strict):
    """The changes of one step, with the salt of its secrets if the deployment has none yet."""

    changes: list[ChangeRecord]
    salt: str = ""


class Journal(Strict):
    """The finished lines of a journal. The header is missing if the run died before it had written it."""

    header: JournalHeader | None = None
    lines: list[JournalLine] = Field(default_factory=list)

    def records(self) -> Iterator[ResourceRecord]:
        """Yield every resource in the changes."""
        for line in self.lines:
            for change in line.changes:
                yield from (part for part in change if isinstance(part, ResourceRecord))


def parse_deployment(text: bytes) -> DeploymentRecord:
    """Return the deployment in a file's text.

    Raises:
        StateError: The text is not a deployment of a version that this engine knows. The message is a phrase about the file.
    """
    return _parse(text, _Document).deployment


def parse_journal(text: bytes) -> Journal:
    """Return the finished lines of a journal.

    If the last line has no newline, the run died while writing it, so that step was not finished.

    Raises:
        StateError: A finished line was not written by this engine. The message is a phrase about the file.
    """
    first, *rest = text.split(b"\n")
    if not rest:
        if not _CUT_HEADER.fullmatch(first):
            raise StateError("line 1: it is not the beginning of a journal")
        return Journal()
    header = _parse(first, JournalHeader, "line 1: ")
    lines = [_parse(line, JournalLine, f"line {number}: ") for number, line in enumerate(rest[:-1], start=2)]
    return Journal(header=header, lines=lines)


def _parse(text: bytes, form: type[_Form], place: str = "") -> _Form:
    try:
        return form.model_validate(parse_json(text))
    except ValidationError as fault:
        raise StateError(f"{place}{first_fault(fault)}") from None
    except ValueError as fault:
        raise StateError(f"{place}it is not JSON: {fault}") from None
