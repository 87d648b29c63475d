"""How an emulator is to be: parsed once, from the command line or from `serve`, and frozen."""

from __future__ import annotations

from dataclasses import dataclass, field

from signals_local.emulator.assumptions import Assumptions

DEFAULT_PORT = 8642
DEFAULT_TOKEN = "local"  # noqa: S105 - documented, and good for a loopback socket only
#: The service's tokens live a day (Snowplow's documentation, account management).
DEFAULT_TOKEN_LIFETIME = 86_400


@dataclass(frozen=True)
class ConsoleCredentials:
    """What the token exchange of Snowplow Console accepts. The defaults are made up, and of the real form."""

    organization_id: str = "00000000-0000-4000-8000-000000000001"
    api_key_id: str = "00000000-0000-4000-8000-000000000002"
    api_key: str = field(default="00000000-0000-4000-8000-000000000003", repr=False)


@dataclass(frozen=True)
class Settings:
    """How an emulator is to be.

    Args:
        database: path of its file, or `:memory:`.
        token: the bearer token that is accepted as it is. The same with `-read-only` behind it may only read.
        console: the credentials that are exchanged for a token.
        token_lifetime: seconds until an exchanged token expires.
        assumptions: answers to what is unknown of the service.
    """

    database: str = ":memory:"
    token: str = field(default=DEFAULT_TOKEN, repr=False)
    console: ConsoleCredentials = field(default_factory=ConsoleCredentials)
    token_lifetime: int = DEFAULT_TOKEN_LIFETIME
    assumptions: Assumptions = field(default_factory=Assumptions)

    @property
    def read_only_token(self) -> str:
        """A token that is known, but may not write: for the assumption `wrong-scope`."""
        return f"{self.token}-read-only"
