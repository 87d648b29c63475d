"""Takes state out of a stack and into it, in the form of `pulumi stack export` and `pulumi stack import`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import Final

from signals_local.engine.config import load_project
from signals_local.engine.errors import EngineError, StateError, reason
from signals_local.engine.lock import StackLock
from signals_local.engine.run import state_directory
from signals_local.engine.secrets import Crypter, passphrase_from
from signals_local.engine.state import StackState, deployment_of, snapshot_of

_STDIN: Final = "-"


def export_state(options: argparse.Namespace) -> int:
    """Print the stack's state, what a run that died left in the journal included; return the exit code."""
    try:
        project = load_project(options.cwd, options.stack)
        state = StackState(state_directory(options, project), project.stack, passphrase_from(os.environ))
        text = (
            json.dumps(state.export(show_secrets=options.show_secrets), indent=4, ensure_ascii=False) + "\n"
        )
        if options.file is None:
            sys.stdout.write(text)
        else:
            options.file.write_text(text, encoding="utf-8")
    except OSError as fault:
        sys.stderr.write(f"error: {options.file} cannot be written: {reason(fault)}\n")
        return 1
    except EngineError as fault:
        sys.stderr.write(f"error: {fault}\n")
        return 1
    return 0


def import_state(options: argparse.Namespace) -> int:
    """Put an exported deployment in the place of the stack's state; return the exit code."""
    try:
        _import(options)
    except EngineError as fault:
        sys.stderr.write(f"error: {fault}\n")
        return 1
    return 0


def _import(options: argparse.Namespace) -> None:
    project = load_project(options.cwd, options.stack)
    try:
        text = sys.stdin.buffer.read() if str(options.file) == _STDIN else options.file.read_bytes()
    except OSError as fault:
        raise StateError(f"{options.file} cannot be read: {reason(fault)}") from None
    deployment = deployment_of(text, str(options.file))
    crypter = Crypter.for_deployment(deployment, passphrase_from(os.environ))
    snapshot = snapshot_of(deployment, crypter)
    prefix = f"urn:pulumi:{project.stack}::{project.name}::"
    strangers = [found.urn for found in snapshot.resources() if not found.urn.startswith(prefix)]
    if strangers:
        raise StateError(
            f"{options.file} is of another stack or project: it holds {strangers[0]}, not {prefix}…"
        )
    directory = state_directory(options, project)
    directory.mkdir(parents=True, exist_ok=True)
    lock = StackLock(directory, project.stack)
    lock.take()
    try:
        state = StackState(directory, project.stack, passphrase_from(os.environ))
        state.crypter = crypter
        state.replace_with(snapshot.resources(), list(snapshot.pending.values()))
    finally:
        lock.release()
