"""Checks the stack's configuration in the program: its faults, and warnings about it.

A provider's process cannot list its configuration, but a program can.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from typing import Any, Final

import pulumi
from pulumi.runtime.config import CONFIG, is_config_secret

from pulumi_snowplow_signals.errors import ConfigurationError

_NAMESPACE: Final = "signals"


def find_settings_faults() -> tuple[str, ...]:
    """Return every fault of the settings, each a sentence.

    The provider's process has the same configuration and environment as this one (seen on Pulumi 3.260). The exception is a
    program that the Automation API runs in a thread of another process (`inline_program`), with another environment: only
    misspelt keys are reported here, and the provider's check reports the rest.
    """
    # Importing pydantic takes longer than running a program that declares nothing.
    from pulumi_snowplow_signals.api import settings  # noqa: PLC0415

    config = _read_configuration()
    misspelt = settings.misspelt_keys(config)
    faults = [settings.misspelt_fault(key, meant) for key, meant in misspelt.items()]
    if threading.current_thread() is not threading.main_thread():
        return tuple(faults)
    # A misspelt setting is not also reported as missing.
    corrected = {meant: config[key] for key, meant in misspelt.items()}
    try:
        settings.resolve({**corrected, **config}.get, os.environ)
    except ConfigurationError as error:
        faults += error.faults
    return tuple(faults)


def warn_of_settings() -> None:
    """Warn about unknown keys and about credentials in plain text."""
    from pulumi_snowplow_signals.api import settings  # noqa: PLC0415  # as above

    config = _read_configuration()
    # A project named like our namespace keeps its own keys there.
    warnings = [] if pulumi.get_project() == _NAMESPACE else settings.unknown_keys(config)
    readable = [key for key in config if not is_config_secret(f"{_NAMESPACE}:{key}")]
    for warning in (*warnings, *settings.readable_credentials(readable)):
        pulumi.log.warn(warning)


def _read_configuration() -> Mapping[str, str]:
    """Return the configuration of our namespace, by key."""
    values: dict[str, Any] = {**pulumi.runtime.get_config_env(), **CONFIG.get()}
    found = {key: value for key, value in values.items() if key.startswith(f"{_NAMESPACE}:")}
    return {key.partition(":")[2]: str(value) for key, value in found.items() if value is not None}
