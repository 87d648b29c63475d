"""What an emulator is where nothing else is said. Apart from the rest, so that declaring options costs no import."""

from __future__ import annotations

DEFAULT_PORT = 8642
#: Known to everybody, so it protects nothing: `/local/...` asks for a token only where another one was given.
DEFAULT_TOKEN = "local"  # noqa: S105 - documented, and good for a loopback socket only
#: The service's tokens live a day (Snowplow's documentation, account management).
DEFAULT_TOKEN_LIFETIME = 86_400
#: Console credentials: made up, and of the real form.
ORGANIZATION_ID = "00000000-0000-4000-8000-000000000001"
API_KEY_ID = "00000000-0000-4000-8000-000000000002"
API_KEY = "00000000-0000-4000-8000-000000000003"
