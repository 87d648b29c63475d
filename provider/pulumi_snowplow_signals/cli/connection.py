"""Connects a subcommand to the registry, with the provider's own settings and client."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import click
from rich.console import Console
from rich.progress import track

from pulumi_snowplow_signals.api.client import SignalsClient
from pulumi_snowplow_signals.api.settings import SignalsSettings, resolve
from pulumi_snowplow_signals.errors import ApiError, UnexpectedResponse, UserFault
from pulumi_snowplow_signals.kinds.catalogue import plural_of
from pulumi_snowplow_signals.kinds.definition import Definition
from pulumi_snowplow_signals.lifecycle.registry import Registry
from pulumi_snowplow_signals.lifecycle.run import Run
from pulumi_snowplow_signals.versions.history import Registered

_NAMESPACE: Final = "signals:"
_SECONDS: Final = 60


def read_settings(stack: str | None) -> SignalsSettings:
    """Return the settings of a stack, or only those of the environment.

    Raises:
        UserFault: A setting is missing or wrong, or the stack's settings cannot be read.
    """
    config = _read_config(stack) if stack else {}
    return resolve(config.get, os.environ)


@contextmanager
def connect(stack: str | None) -> Iterator[Run]:
    """Yield a run of the provider that is connected to the registry. Raise UserFault."""
    settings = read_settings(stack)
    with SignalsClient(settings) as client:
        yield Run(settings, lambda: client, lambda _remark: None)


def names_in_list(run: Run, kind: type[Definition]) -> list[str]:
    """Return the names in the list of a kind. Raise ApiError, even where a deployment would ask for known names instead."""
    names = run.registry(kind).names()
    failure = run.lists.not_served.get(kind.path)
    if failure is not None:
        raise failure
    return names


def has_no_list(failure: ApiError, kind: type[Definition]) -> bool:
    """Return whether the service has no list of a kind. The official client never lists keys and services."""
    is_told = failure.status in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)
    return is_told and failure.path == kind.path


@dataclass(frozen=True)
class Found:
    """A name in the registry, with its versions, or with the reason why they cannot be read."""

    name: str
    versions: Registered
    fault: str = ""


def read_all(run: Run, kind: type[Definition], names: list[str]) -> Iterator[Found]:
    """Yield the versions of each name of a kind, and show progress. Raise ApiError.

    A list need not hold every version, so missing numbers are requested one by one. A name that cannot be read does not
    stop the others.
    """
    registry = run.registry(kind)
    for name in track_items(names, f"Reading {plural_of(kind).replace('_', ' ')}"):
        yield _read(registry, name)


def _read(registry: Registry[Any], name: str) -> Found:
    try:
        return Found(name, registry.look(name, everywhere=True))
    except UnexpectedResponse as failure:
        return Found(name, {}, failure.words)


def track_items(items: list[str], label: str) -> Iterator[str]:
    """Yield items, and show progress on stderr: a bar on a terminal, one line elsewhere."""
    console = Console(stderr=True)
    if not console.is_terminal:
        click.echo(f"{label} ({len(items)})", err=True)
    yield from track(items, label, console=console, transient=True, disable=not console.is_terminal)


def _read_config(stack: str) -> Mapping[str, str]:
    if shutil.which("pulumi") is None:
        raise UserFault(
            "--stack reads the settings with `pulumi config`, but there is no pulumi command on PATH. "
            "Leave out --stack and set the environment variables instead."
        )
    command = ["pulumi", "config", "--json", "--show-secrets", "--non-interactive", "--stack", stack]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)  # noqa: S603  # its own arguments
    except subprocess.TimeoutExpired:
        raise UserFault(f"`pulumi config --stack {stack}` did not answer within {_SECONDS} s.") from None
    if done.returncode:
        raise UserFault(f"`pulumi config --stack {stack}` failed: {done.stderr.strip()}")
    values = json.loads(done.stdout)
    return {
        key.removeprefix(_NAMESPACE): str(item["value"])
        for key, item in values.items()
        if key.startswith(_NAMESPACE) and "value" in item
    }
