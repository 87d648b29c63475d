"""Who may call: a static token, or a token that Console credentials were exchanged for.

The official client knows both ways (`snowplow_signals.api_client`, modes `sandbox` and `bdp`). It decodes an exchanged token
to see when it expires, so ours is a real JWT, signed with a secret of this process: a restart makes all of them invalid, as
a client must expect of any token. What the service answers to a bad one is not documented; 401, with FastAPI's body.
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
        """A FastAPI dependency: pass a request that may do what it asks for.

        Raises:
            Refusal: 401 for a missing, unknown or expired token; 401 or 403 (assumption `wrong-scope`) for one that may
                read but not write.
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
        """Let a request to the emulator itself pass: with the token where one was given, else from whoever is here.

        Raises:
            Refusal: as `require`.
        """
        if self._settings.has_own_token:
            await self.require(request)

    def exchange(self, organization_id: str, api_key_id: str, api_key: str) -> str:
        """A token for Console credentials; a 401 `Refusal` if they are not the ones."""
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
        except (jwt.InvalidTokenError, RecursionError) as error:  # a token's header is JSON, too
            raise Refusal(401, "Invalid authentication credentials") from error
