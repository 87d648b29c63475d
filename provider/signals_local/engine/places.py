"""The location of a stack's files, and their contents.

A stack's files are under STATE/PROJECT, so two projects never share one. Release 0.1.0 stored them in STATE itself, under the name
of the stack alone. Such files are used if every resource in them belongs to this stack and project.
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
        """The deployment: the state of the stack."""
        return self.folder / f"{self.stack}.json"

    @property
    def draft(self) -> Path:
        """A deployment that is being written."""
        return self.folder / f"{self.stack}.json.new"

    @property
    def journal(self) -> Path:
        """The journal of the current run."""
        return self.folder / f"{self.stack}.journal"

    @property
    def lock(self) -> Path:
        """The file that the current run locks."""
        return self.folder / f"{self.stack}.lock"

    @property
    def owner(self) -> Path:
        """The file with the process id of the current run."""
        return self.folder / f"{self.stack}.pid"


def place_of(directory: Path, home: Home) -> Place:
    """Return the place of a stack's files."""
    return Place(directory / home.project, home.stack)


def make_ready(place: Place) -> None:
    """Create the folder of a place, or make the existing one private.

    Raises:
        StateError: It cannot be created, is a link, or is not a folder.
    """
    files.make_private_folder(place.folder)
    files.keep_private(place.folder)


@dataclass(frozen=True)
class Kept:
    """The contents of a place."""

    place: Place
    digest: str
    deployment: DeploymentRecord
    journal: Journal
    exists: bool

    @property
    def is_continued(self) -> bool:
        """Whether a run that died left steps in the journal. A journal of another deployment is obsolete."""
        header = self.journal.header
        return header is not None and header.base == self.digest

    @property
    def secrets_provider(self) -> SecretsProvider:
        """How secrets are stored. The first run with a secret may have died before it wrote that to the deployment."""
        found = self.deployment.secrets_providers
        salts = [line.salt for line in self.journal.lines if line.salt] if self.is_continued else []
        return (
            found if found.type or not salts else SecretsProvider(type="passphrase", state={"salt": salts[0]})
        )

    def homes(self) -> set[Home]:
        """Return the stacks and projects to which its resources belong."""
        pending = [operation.resource for operation in self.deployment.pending_operations]
        records = [*self.deployment.resources, *pending, *self.journal.records()]
        return {record.home for record in records}


def kept_for(directory: Path, home: Home) -> Kept:
    """Return the stored state of a stack, from its place or from where release 0.1.0 left it.

    Raises:
        StateError: A file cannot be read, is damaged, or contains resources of another stack or project.
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
