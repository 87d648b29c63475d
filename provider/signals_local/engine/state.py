"""A stack's state on disk: a deployment in Pulumi's format, and a journal of the run at work.

Each finished step is appended to the journal and synced, so that a run that is killed loses none, and a thousand steps do
not rewrite a thousand resources a thousand times. At the end the journal is folded into the deployment, which is written
beside the old one and renamed over it. The journal's first line names the deployment it belongs to: left over from a run
that died after the renaming, it is recognised as done with.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timezone
from io import FileIO
from pathlib import Path
from typing import Any, Final

from signals_local.engine import records
from signals_local.engine.errors import StateError, reason
from signals_local.engine.model import Resource
from signals_local.engine.secrets import Crypter
from signals_local.engine.snapshot import Change, Snapshot

_VERSION: Final = 3


class StackState:
    """One stack's state: loaded whole, changed step by step, each change on disk before `commit` returns."""

    def __init__(self, directory: Path, stack: str, passphrase: str | None) -> None:
        self.path = directory / f"{stack}.json"
        self._journal_path = directory / f"{stack}.journal"
        self._journal: FileIO | None = None
        self._journalled = False
        self._fault = ""
        self._lock = threading.Lock()
        text = self._read(self.path)
        self._digest = hashlib.sha256(text).hexdigest()
        deployment = deployment_of(text, str(self.path))
        self.crypter = Crypter.for_deployment(deployment, passphrase)
        self._snapshot = snapshot_of(deployment, self.crypter)
        self._replay()

    @property
    def exists(self) -> bool:
        """Whether the stack has ever been written."""
        return self.path.exists() or self._journalled

    def _read(self, path: Path) -> bytes:
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as fault:
            raise StateError(f"the state {path} cannot be read: {reason(fault)}") from None

    def _replay(self) -> None:
        lines = self._read(self._journal_path).split(b"\n")
        if len(lines) < 2 or self._line(lines[0], 1).get("base") != self._digest:  # noqa: PLR2004 -- header and rest
            return
        self._journalled = True
        # What follows the last newline was cut off by the death of the run: that step was not finished.
        for number, line in enumerate(lines[1:-1], start=2):
            for change in self._line(line, number).get("changes", ()):
                self._snapshot.replay(change, self.crypter)

    def _line(self, line: bytes, number: int) -> dict[str, Any]:
        try:
            found = json.loads(line)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise StateError(
                f"line {number} of the journal {self._journal_path} is damaged. The state before that run is whole in"
                f" {self.path}; move the journal away to go on from there"
            )
        return found

    def snapshot(self) -> Snapshot:
        """Return what a run starts from. After `begin`, it is what `finish` writes; before, a copy to plan on."""
        if self._journal is not None:
            return self._snapshot
        return Snapshot.of(self._snapshot.resources(), self._snapshot.pending.values())

    def at_work(self) -> list[tuple[str, Resource]]:
        """Return the operations that this run has begun and not ended. Takes no lock."""
        return self._snapshot.begun()

    def begin(self) -> None:
        """Make ready to be changed: what a run that died left in the journal is folded in first.

        Raises:
            StateError: if the directory cannot be written.
        """
        try:
            if self._journalled:
                self._write_deployment()
            # Pulumi, too, forgets what was pending in an earlier run, but for creations: only a person can say what became
            # of those.
            creating = [
                operation for operation in self._snapshot.pending.values() if operation[0] == "creating"
            ]
            self._snapshot = Snapshot.of(self._snapshot.resources(), creating)
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # Unbuffered: what cannot be written is known at once, and nothing is kept back to be written later.
            self._journal = self._journal_path.open("wb", buffering=0)
            self._append({"base": self._digest}, sync=True)
        except OSError as fault:
            raise StateError(f"the state {self.path} cannot be written: {reason(fault)}") from None

    def commit(self, changes: Sequence[Change], *, sync: bool = True) -> None:
        """Append a step's changes to the journal, then make them. With `sync`, they are on the disk before they are made.

        Raises:
            StateError: if they cannot be written, or earlier ones could not; what was committed before stays.
        """
        with self._lock:
            if self._fault:
                raise StateError(self._fault)
            if self._journal is None:
                raise StateError("the run has ended; nothing is begun any more")
            whole = self._journal.tell()
            try:
                self._append({"changes": [self._written(change) for change in changes]}, sync=sync)
            except OSError as fault:
                self._fault = (
                    f"the journal {self._journal_path} cannot be written: {reason(fault)}. The steps finished before"
                    " are kept"
                )
                # Half a line in the middle would be damage; what cannot be cut off now is the end, and read as a cut.
                with contextlib.suppress(OSError):
                    self._journal.truncate(whole)
                raise StateError(self._fault) from None
            for change in changes:
                self._snapshot.perform(change)

    def _written(self, change: Change) -> Change:
        return [records.write(part, self.crypter) if isinstance(part, Resource) else part for part in change]

    def _append(self, line: Mapping[str, Any], *, sync: bool) -> None:
        if self._journal is not None:
            rest = memoryview(json.dumps(line, separators=(",", ":")).encode() + b"\n")
            # A disk that is nearly full takes a part, and only then says that it is full.
            while rest:
                rest = rest[self._journal.write(rest) :]
            if sync:
                os.fsync(self._journal.fileno())

    def close(self) -> None:
        """Leave the journal as it is, as a death would."""
        with self._lock:
            if self._journal is not None:
                self._journal.close()
                self._journal = None

    def finish(self) -> None:
        """Fold the journal into the deployment.

        Raises:
            StateError: if that cannot be written; the journal then stays, and the next run folds it in.
        """
        if self._journal is None:
            return
        self.close()
        try:
            self._write_deployment()
        except OSError as fault:
            raise StateError(
                f"the state {self.path} cannot be written: {reason(fault)}. Nothing is lost: {self._journal_path}"
                " holds every finished step, and the next run goes on from it"
            ) from None

    def export(self, *, show_secrets: bool = False) -> dict[str, Any]:
        """Return the deployment as `pulumi stack import` takes it."""
        crypter = None if show_secrets else self.crypter
        resources = [records.write(resource, crypter) for resource in self._snapshot.resources()]
        return {"version": _VERSION, "deployment": {"resources": resources, **self._particulars(crypter)}}

    def _particulars(self, crypter: Crypter | None) -> dict[str, Any]:
        """Return what a deployment says beside its resources; to be asked for after them, as the first secret makes a salt."""
        body: dict[str, Any] = {
            "manifest": {"time": datetime.now(timezone.utc).isoformat(), "magic": "", "version": ""},
            "metadata": {},
        }
        if self._snapshot.pending:
            body["pending_operations"] = [
                {"resource": records.write(resource, crypter), "type": kind}
                for kind, resource in self._snapshot.pending.values()
            ]
        if provider := self.crypter.describe():
            body["secrets_providers"] = provider
        return body

    def _text(self) -> Iterator[str]:
        """Yield the text of the deployment, a line a resource: whole it would take more memory than the resources do."""
        yield f'{{"version": {_VERSION}, "deployment": {{"resources": ['
        separator = "\n"
        for resource in self._snapshot.resources():
            yield separator + json.dumps(records.write(resource, self.crypter), ensure_ascii=False)
            separator = ",\n"
        yield "\n],"
        # Its opening brace is the one that the first line ends with, before the resources.
        yield json.dumps(self._particulars(self.crypter), ensure_ascii=False).removeprefix("{") + "}\n"

    def replace_with(self, resources: Sequence[Resource], pending: Sequence[tuple[str, Resource]]) -> None:
        """Put another deployment in this one's place, at once."""
        self._snapshot = Snapshot.of(resources, pending)
        try:
            self._write_deployment()
        except OSError as fault:
            raise StateError(f"the state {self.path} cannot be written: {reason(fault)}") from None

    def _write_deployment(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(".json.new")
        digest = hashlib.sha256()
        with draft.open("wb") as file:
            draft.chmod(0o600)
            for piece in map(str.encode, self._text()):
                file.write(piece)
                digest.update(piece)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)
        self._digest = digest.hexdigest()
        self._journal_path.unlink(missing_ok=True)


def deployment_of(text: bytes, name: str) -> dict[str, Any]:
    """Return the deployment in a file's text; an empty one for an empty text.

    Raises:
        StateError: if the text is no deployment of the version that this engine knows.
    """
    if not text:
        return {}
    try:
        found = json.loads(text)
    except ValueError as fault:
        raise StateError(f"{name} is damaged: it is no JSON ({fault})") from None
    if not isinstance(found, dict) or not isinstance(found.get("deployment"), dict):
        raise StateError(f"{name} is no Pulumi deployment: it has no `deployment`")
    if found.get("version") != _VERSION:
        raise StateError(
            f"{name} is a deployment of version {found.get('version')}; version {_VERSION} is known here"
        )
    deployment: dict[str, Any] = found["deployment"]
    return deployment


def snapshot_of(deployment: Mapping[str, Any], crypter: Crypter) -> Snapshot:
    """Return a deployment's resources and pending operations, without the default provider that `pulumi` keeps."""
    resources = deployment.get("resources") or ()
    pending = deployment.get("pending_operations") or ()
    return Snapshot.of(
        [records.read(record, crypter) for record in resources if not records.is_default_provider(record)],
        [
            (operation["type"], records.read(operation["resource"], crypter))
            for operation in pending
            if not records.is_default_provider(operation["resource"])
        ],
    )
