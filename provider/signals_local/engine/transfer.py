"""Export and import the state of a stack, in the format of `pulumi stack export` and `pulumi stack import`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Final

from signals_local.engine.config import load_project
from signals_local.engine.errors import EngineError, StateError, reason
from signals_local.engine.lock import StackLock
from signals_local.engine.output import write_to
from signals_local.engine.places import make_ready, place_of
from signals_local.engine.run import state_directory
from signals_local.engine.secrets import Crypter, passphrase_from
from signals_local.engine.state import StackState, demand_whole, snapshot_of
from signals_local.engine.stored import DeploymentRecord, parse_deployment

_STDIN: Final = "-"


def export_state(options: argparse.Namespace) -> int:
    """Print the stack's state, including steps that a dead run left in the journal. Return the exit code."""
    try:
        project = load_project(options.cwd, options.stack)
        state = StackState(state_directory(options, project), project.home, passphrase_from(os.environ))
        text = (
            json.dumps(state.export(show_secrets=options.show_secrets), indent=4, ensure_ascii=False) + "\n"
        )
        if options.file is None:
            write_to(sys.stdout, text)
        else:
            _write(options.file, text)
    except OSError as fault:
        sys.stderr.write(f"error: {options.file} cannot be written: {reason(fault)}\n")
        return 1
    except EngineError as fault:
        sys.stderr.write(f"error: {fault}\n")
        return 1
    return 0


def _write(file: Path, text: str) -> None:
    # With --show-secrets, others must not read the file. Without it, the file still reveals visitors and rules.
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(text)


def import_state(options: argparse.Namespace) -> int:
    """Replace the stack's state with an exported deployment. Return the exit code."""
    try:
        _import(options)
    except EngineError as fault:
        sys.stderr.write(f"error: {fault}\n")
        return 1
    return 0


def _import(options: argparse.Namespace) -> None:
    project = load_project(options.cwd, options.stack)
    deployment = _read(options.file)
    if strangers := [record.urn for record in deployment.resources if record.home != project.home]:
        raise StateError(
            f"{options.file} is of another stack or project: it holds {strangers[0]}, and this is the stack"
            f" {project.stack} of {project.name}"
        )
    crypter = Crypter.for_deployment(deployment.secrets_providers, passphrase_from(os.environ))
    snapshot = snapshot_of(deployment, crypter)
    demand_whole(snapshot, options.file)
    directory = state_directory(options, project)
    place = place_of(directory, project.home)
    make_ready(place)
    lock = StackLock(place)
    lock.take()
    try:
        state = StackState(directory, project.home, passphrase_from(os.environ))
        state.crypter = crypter
        state.replace_with(snapshot.resources(), list(snapshot.pending.values()))
    finally:
        lock.release()


def _read(file: Path) -> DeploymentRecord:
    try:
        text = sys.stdin.buffer.read() if str(file) == _STDIN else file.read_bytes()
    except OSError as fault:
        raise StateError(f"{file} cannot be read: {reason(fault)}") from None
    try:
        return parse_deployment(text)
    except StateError as fault:
        raise StateError(
            f"{file} cannot be imported: {fault}. Nothing was changed. Export it again"
        ) from None
