"""Where a stack's files are, and what is in them.

A stack's files stand under STATE/PROJECT, so that two projects never share one. Release 0.1.0 kept them in STATE itself,
under the stack's name alone: what it left is used where every resource in it is of this stack and project.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from signals_local.engine import files
from signals_local.engine.errors import StateError
from signals_local.engine.model import Home
from signals_local.engine.stored import (
    DeploymentRecord,
    Journal,
    SecretsProvider,
    parse_deployment,
    parse_journal,
)

_ADVICE = (
    "Nothing was changed. Restore it from a copy, or move it away to start with an empty stack; what it deployed stays"
    " deployed"
)


@dataclass(frozen=True)
class Place:
    """The files of one stack."""

    folder: Path
    stack: str

    @property
    def deployment(self) -> Path:
        """What the stack holds."""
        return self.folder / f"{self.stack}.json"

    @property
    def draft(self) -> Path:
        """A deployment that is being written."""
        return self.folder / f"{self.stack}.json.new"

    @property
    def journal(self) -> Path:
        """What the run at work has done."""
        return self.folder / f"{self.stack}.journal"

    @property
    def lock(self) -> Path:
        """Locked by the run at work."""
        return self.folder / f"{self.stack}.lock"

    @property
    def owner(self) -> Path:
        """The process id of the run at work."""
        return self.folder / f"{self.stack}.pid"


def place_of(directory: Path, home: Home) -> Place:
    """Return where a stack's files are kept."""
    return Place(directory / home.project, home.stack)


def make_ready(place: Place) -> None:
    """Make the folder of a place, or make sure that the one that is there is private.

    Raises:
        StateError: if it cannot be made, or is a link or no folder.
    """
    files.make_private_folder(place.folder)
    files.keep_private(place.folder)


@dataclass(frozen=True)
class Kept:
    """What a place holds."""

    place: Place
    digest: str
    deployment: DeploymentRecord
    journal: Journal
    exists: bool

    @property
    def is_continued(self) -> bool:
        """Whether a run that died left steps in the journal; one that continues another deployment is done with."""
        header = self.journal.header
        return header is not None and header.base == self.digest

    @property
    def secrets_provider(self) -> SecretsProvider:
        """How its secrets are kept; the first run with a secret may have died before it said so in the deployment."""
        found = self.deployment.secrets_providers
        salts = [line.salt for line in self.journal.lines if line.salt] if self.is_continued else []
        return (
            found if found.type or not salts else SecretsProvider(type="passphrase", state={"salt": salts[0]})
        )

    def homes(self) -> set[Home]:
        """Return the stacks and projects that resources in it are of."""
        pending = [operation.resource for operation in self.deployment.pending_operations]
        records = [*self.deployment.resources, *pending, *self.journal.records()]
        return {record.home for record in records}


def kept_for(directory: Path, home: Home) -> Kept:
    """Return what is kept for a stack: in its place, or where release 0.1.0 left it.

    Raises:
        StateError: if a file cannot be read or is damaged, or holds what is of another stack or project.
    """
    place = place_of(directory, home)
    kept = _load(place)
    if kept.exists:
        if strangers := kept.homes() - {home}:
            stack, project = strangers.pop()
            raise StateError(
                f"{place.deployment} is of another stack or project: it holds resources of the stack {stack} of {project}."
                f" {_ADVICE}"
            )
        return kept
    earlier = Place(directory, home.stack)
    if not (earlier.deployment.is_file() or earlier.journal.is_file()):
        return kept
    found = _load(earlier)
    return found if found.homes() == {home} else kept


def _load(place: Place) -> Kept:
    text = files.read(place.deployment)
    deployment = DeploymentRecord()
    if text is not None:
        try:
            deployment = parse_deployment(text)
        except StateError as fault:
            raise StateError(f"{place.deployment} is damaged: {fault}. {_ADVICE}") from None
    line_by_line = files.read(place.journal)
    try:
        journal = parse_journal(line_by_line or b"")
    except StateError as fault:
        raise StateError(
            f"the journal {place.journal} is damaged: {fault}. Nothing was changed. Move it away to continue from"
            " the state before that run"
        ) from None
    exists = text is not None or line_by_line is not None
    return Kept(place, hashlib.sha256(text or b"").hexdigest(), deployment, journal, exists)
