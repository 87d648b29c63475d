"""The whole examination of an account."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import click

from pulumi_snowplow_signals.api.client import SignalsClient
from pulumi_snowplow_signals.api.settings import ConsoleCredentials
from pulumi_snowplow_signals.cli.connection import read_settings
from pulumi_snowplow_signals.cli.doctor.draft import NAME, Draft
from pulumi_snowplow_signals.cli.doctor.findings import Findings
from pulumi_snowplow_signals.cli.doctor.reading import Witness, examine
from pulumi_snowplow_signals.errors import UserFault

_PATIENCE: Final = 10.0
"""Seconds for which a request is retried: somebody is waiting for the result."""


def examine_account(stack: str | None, *, write: bool) -> Findings:
    """Return the findings about an account.

    Args:
        stack: The stack to read settings from; None to read only the environment.
        write: Whether to store a draft.
    """
    findings, witness = Findings(), Witness()
    try:
        settings = read_settings(stack)
    except UserFault as fault:
        findings.check("settings", "failed", fault)
        return findings
    is_console = isinstance(settings.credentials, ConsoleCredentials)
    kind = "a Console API key" if is_console else "a sandbox token"
    findings.check("settings", "ok", f"{settings.api_url}, with {kind}")
    click.echo(f"Asking {settings.api_url}", err=True)
    patient = replace(settings, retry_seconds=min(settings.retry_seconds, _PATIENCE))
    with SignalsClient(patient, witness=witness) as client:
        listed = examine(client, witness, findings)
        if listed is None:
            return findings
        if write:
            Draft(client, witness, findings).try_out()
        else:
            left = f"; that also removes {NAME}, left by an earlier run" if NAME in listed else ""
            findings.check("write", "not tested", f"use --write{left}")
    return findings
