"""The default settings of an emulator. They are separate so that declaring options imports nothing else."""

from __future__ import annotations

DEFAULT_PORT = 8642
#: Publicly known, so it protects nothing: `/local/...` requires a token only if a different one was given.
DEFAULT_TOKEN = "local"  # noqa: S105 - documented, and good for a loopback socket only
#: The service's tokens live a day (Snowplow's documentation, account management).
DEFAULT_TOKEN_LIFETIME = 86_400
#: Made-up Console credentials in the real format.
ORGANIZATION_ID = "00000000-0000-4000-8000-000000000001"
API_KEY_ID = "00000000-0000-4000-8000-000000000002"
API_KEY = "00000000-0000-4000-8000-000000000003"
