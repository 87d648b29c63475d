"""The settings of an emulator, parsed once from the command line or from `serve`, and frozen."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError

from signals_local.emulator.assumptions import Assumptions
from signals_local.emulator.defaults import (
    API_KEY,
    API_KEY_ID,
    DEFAULT_TOKEN,
    DEFAULT_TOKEN_LIFETIME,
    ORGANIZATION_ID,
)
from signals_local.emulator.errors import StartError

# Nested objects are validated again, and strictly: true is not a port, and "1" is not a number of seconds.
_CONFIG = ConfigDict(revalidate_instances="always", strict=True)
_TEN_YEARS = 10 * 366 * 86_400
_OPTIONS = {
    "organization_id": "--org-id",
    "api_key_id": "--api-key-id",
    "api_key": "--api-key",
    "database": "--db",
}


def _check_visible(text: str) -> str:
    """Check a value that is sent in a header or a path."""
    if not text:
        raise ValueError("must not be empty")
    if not all("!" <= letter <= "~" for letter in text):
        raise ValueError("must consist of visible ASCII characters, without spaces")
    return text


def _check_path_segment(text: str) -> str:
    if set(text) & set("/?#%"):
        raise ValueError("must not contain any of / ? # %")
    return text


def _check_file(path: str) -> str:
    if not path or "\0" in path:
        raise ValueError("must name a file, or be :memory:")
    return path


_Visible = Annotated[str, Field(max_length=4096), AfterValidator(_check_visible)]


@dataclasses.dataclass(frozen=True)
class ConsoleCredentials:
    """The credentials that the token exchange of Snowplow Console accepts. The defaults are made up, in the real format."""

    __pydantic_config__ = _CONFIG

    organization_id: Annotated[_Visible, AfterValidator(_check_path_segment)] = ORGANIZATION_ID
    api_key_id: _Visible = API_KEY_ID
    api_key: _Visible = dataclasses.field(default=API_KEY, repr=False)


@dataclasses.dataclass(frozen=True)
class Settings:
    """The settings of an emulator.

    Args:
        database: The path of its file, or `:memory:`.
        port: The port on 127.0.0.1; 0 picks a free one.
        token: The bearer token that is accepted. With `-read-only` appended, it may only read.
        console: The credentials that are exchanged for a token.
        token_lifetime: Seconds until an exchanged token expires.
        assumptions: The answers to open questions about the service.
    """

    __pydantic_config__ = _CONFIG

    database: Annotated[str, AfterValidator(_check_file)] = ":memory:"
    port: Annotated[int, Field(ge=0, le=65_535)] = 0
    token: _Visible = dataclasses.field(default=DEFAULT_TOKEN, repr=False)
    console: ConsoleCredentials = dataclasses.field(default_factory=ConsoleCredentials)
    token_lifetime: Annotated[int, Field(ge=1, le=_TEN_YEARS)] = DEFAULT_TOKEN_LIFETIME
    assumptions: Assumptions = dataclasses.field(default_factory=Assumptions)

    @classmethod
    def parse(cls, **given: Any) -> Settings:
        """Return settings from the arguments of `serve`.

        Raises:
            StartError: An argument is invalid. The text names the option and does not repeat a secret.
        """
        try:
            return _SETTINGS.validate_python(cls(**given))
        except ValidationError as error:
            fault = error.errors()[0]
            field = str(fault["loc"][-1])
            option = _OPTIONS.get(field, f"--{field.replace('_', '-')}")
            found = "" if field in ("token", "api_key") else f", not {fault['input']!r}"
            message = fault["msg"].removeprefix("Value error, ").replace("Input should", "must")
            raise StartError(f"{option} {message}{found}") from error

    @property
    def has_own_token(self) -> bool:
        """Whether the token is not the publicly known default."""
        return self.token != DEFAULT_TOKEN

    @property
    def read_only_token(self) -> str:
        """A token that may read but not write, for the assumption `wrong-scope`."""
        return f"{self.token}-read-only"


_SETTINGS = TypeAdapter(Settings)
