"""What a project is told of an emulator: its address, and the credentials that it accepts."""

from __future__ import annotations

from signals_local.emulator import ConsoleCredentials, Emulator


def settings_of(emulator: Emulator) -> dict[str, str]:
    """Return the environment variables of a project that deploys to an emulator with its token."""
    return {"SNOWPLOW_SIGNALS_API_URL": emulator.url, "SNOWPLOW_SIGNALS_SANDBOX_TOKEN": emulator.token}


def console_settings_of(emulator: Emulator, credentials: ConsoleCredentials | None = None) -> dict[str, str]:
    """Return those of one that exchanges credentials for a token, with the credentials if they are not in its config."""
    where = {"SNOWPLOW_SIGNALS_API_URL": emulator.url, "SNOWPLOW_CONSOLE_HOST": emulator.url}
    if credentials is None:
        return where
    return {
        **where,
        "SNOWPLOW_CONSOLE_ORG_ID": credentials.organization_id,
        "SNOWPLOW_CONSOLE_API_KEY_ID": credentials.api_key_id,
        "SNOWPLOW_CONSOLE_API_KEY": credentials.api_key,
    }
