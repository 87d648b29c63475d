"""Authentication with a static token, or with a token obtained for Console credentials.

The official client supports both (`snowplow_signals.api_client`, modes `sandbox` and `bdp`). It decodes an exchanged token to see when
it expires, so this emulator issues real JWTs, signed with a secret of this process. A restart invalidates them, which a client must
expect of any token. The service's response to a bad token is not documented; the emulator sends 401 with FastAPI's body.
"""

from __future__ import annotations

import secrets
import time

import jwt
from starlette.requests import Request

from signals_local.emulator.errors import Refusal
from signals_local.emulator.settings import Settings

_ALGORITHM = "HS256"


class Authentication:
    """Accepts requests with a good bearer token, and issues such tokens."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._secret = secrets.token_bytes(32)

    async def require(self, request: Request) -> None:
        """Check the token of a request, as a FastAPI dependency.

        Raises:
            Refusal: 401 for a missing, unknown or expired token; 401 or 403 (assumption `wrong-scope`) for a write with a
                read-only token.
        """
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Refusal(401, "Not authenticated")
        if secrets.compare_digest(token.encode(), self._settings.read_only_token.encode()):
            if request.method != "GET":
                status = int(self._settings.assumptions.wrong_scope)
                raise Refusal(status, "The token's scope does not allow this")
        elif not secrets.compare_digest(token.encode(), self._settings.token.encode()):
            self._verify(token)

    async def require_for_local(self, request: Request) -> None:
        """Check a request to the emulator itself. It needs the token only if the emulator was started with its own.

        Raises:
            Refusal: As `require`.
        """
        if self._settings.has_own_token:
            await self.require(request)

    def exchange(self, organization_id: str, api_key_id: str, api_key: str) -> str:
        """Return a token for Console credentials. Raise a 401 `Refusal` if they are wrong."""
        known = self._settings.console
        pairs = (
            (organization_id, known.organization_id),
            (api_key_id, known.api_key_id),
            (api_key, known.api_key),
        )
        if not all(secrets.compare_digest(given.encode(), right.encode()) for given, right in pairs):
            raise Refusal(401, "Unknown organization, API key ID or API key")
        now = int(time.time())
        claims = {
            "sub": api_key_id,
            "org": organization_id,
            "iat": now,
            "exp": now + self._settings.token_lifetime,
        }
        return jwt.encode(claims, self._secret, algorithm=_ALGORITHM)

    def _verify(self, token: str) -> None:
        try:
            jwt.decode(token, self._secret, algorithms=[_ALGORITHM], options={"require": ["exp"]})
        except jwt.ExpiredSignatureError as error:
            raise Refusal(401, "Token has expired") from error
        except (jwt.InvalidTokenError, RecursionError) as error:  # a token's header is also JSON
            raise Refusal(401, "Invalid authentication credentials") from error
