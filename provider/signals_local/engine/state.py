"""A stack's state on disk: a deployment in Pulumi's format, and a journal of the current run.

Each finished step is appended to the journal and synced. So a killed run loses no step, and a thousand steps do not rewrite a
thousand resources a thousand times. At the end, the journal is folded into the deployment, which is written next to the old one and
renamed over it. The journal's first line names the deployment that it continues, so a journal left by a run that died after the
renaming is recognised as obsolete.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timezone
from io import FileIO
from pathlib import Path
from typing import Any

from signals_local.engine import files, records
from signals_local.engine.errors import StateError, reason
from signals_local.engine.lock import StackLock
from signals_local.engine.model import DYNAMIC_PACKAGE, Home, Resource, name_operations
from signals_local.engine.places import Place, kept_for, make_ready, place_of
from signals_local.engine.secrets import Crypter
from signals_local.engine.snapshot import Change, Snapshot
from signals_local.engine.stored import VERSION, DeploymentRecord
from signals_local.engine.values import reveal


class StackState:
    """One stack's state. It is loaded as a whole and changed step by step; each change is on disk before `commit` returns.

    Once the journal cannot be written, no call may begin. What those in progress then do is kept in memory, for `finish`.
    """

    def __init__(self, directory: Path, home: Home, passphrase: str | None) -> None:
        kept = kept_for(directory, home)
        self._place = place_of(directory, home)
        # Where release 0.1.0 stored the stack's files, until they are moved.
        self._earlier = None if kept.place == self._place else kept.place
        self._digest = kept.digest
        self._journal: FileIO | None = None
        self._journalled = kept.is_continued
        self._fault = ""
        self._unrecorded: list[tuple[str, Resource]] = []
        self._lock = threading.Lock()
        self.crypter = Crypter.for_deployment(kept.secrets_provider, passphrase)
        self._snapshot = snapshot_of(kept.deployment, self.crypter)
        if kept.is_continued:
            for line in kept.journal.lines:
                for change in line.changes:
                    self._replay(change, kept.place)
        demand_whole(self._snapshot, kept.place.deployment)

    def _replay(self, change: Sequence[Any], place: Place) -> None:
        try:
            self._snapshot.replay(change, self.crypter)
        except KeyError:
            raise StateError(
                f"the journal {place.journal} is damaged: it changes what the state does not hold. Nothing was changed."
                " Move it away to continue from the state before that run"
            ) from None

    def snapshot(self) -> Snapshot:
        """Return the snapshot to work on. After `begin`, it is what `finish` writes; before, it is a copy for planning."""
        if self._journal is not None:
            return self._snapshot
        return Snapshot.of(self._snapshot.resources(), self._snapshot.pending.values())

    def at_work(self) -> list[tuple[str, Resource]]:
        """Return the operations of this run whose end is not on disk, without taking a lock."""
        return self._unrecorded or self._snapshot.begun()

    def begin(self) -> None:
        """Prepare for changes. The journal of a dead run is folded in first.

        Raises:
            StateError: The directory cannot be written.
        """
        try:
            make_ready(self._place)
            if self._journalled or self._earlier:
                self._write_deployment()
            # Like Pulumi, forget the pending operations of an earlier run except creations: only a person can find out what
            # became of those.
            creating = [
                operation for operation in self._snapshot.pending.values() if operation[0] == "creating"
            ]
            self._snapshot = Snapshot.of(self._snapshot.resources(), creating)
            # Unbuffered, so that a failed write is noticed at once and nothing is written later.
            self._journal = FileIO(files.create(self._place.journal), "wb")
            self._append({"base": self._digest}, sync=True)
        except OSError as fault:
            self.close()
            raise StateError(
                f"the state {self._place.deployment} cannot be written: {reason(fault)}. Nothing was done"
            ) from None

    def commit(self, changes: Sequence[Change], *, sync: bool = True) -> None:
        """Append a step's changes to the journal, then apply them. With `sync`, they are on disk before they are applied.

        Raises:
            StateError: They begin an operation, and they cannot be written or earlier ones could not. Other changes are then
                applied all the same: they have happened.
        """
        with self._lock:
            if self._journal is None:
                raise StateError("the run has ended; no further step starts")
            if not self._fault:
                self._write(self._journal, changes, sync=sync)
            if self._fault and any(change[0] == "begin" for change in changes):
                raise StateError(self._fault)
            for change in changes:
                self._snapshot.perform(change)

    def _write(self, journal: FileIO, changes: Sequence[Change], *, sync: bool) -> None:
        whole = journal.tell()
        try:
            salt = self.crypter.salt
            line: dict[str, Any] = {"changes": [self._write_down(change) for change in changes]}
            if salt != self.crypter.salt:
                # The first secret has just created the salt, and without it no secret can be read again.
                line["salt"] = self.crypter.salt
            self._append(line, sync=sync)
        except OSError as fault:
            self._fault = f"the journal {self._place.journal} cannot be written: {reason(fault)}. No further step was begun"
            self._unrecorded = self._snapshot.begun()
            # Half a line in the middle would be damage. If it cannot be cut off now, it stays the last one and is ignored.
            with contextlib.suppress(OSError):
                journal.truncate(whole)

    def _write_down(self, change: Change) -> Change:
        return [records.write(part, self.crypter) if isinstance(part, Resource) else part for part in change]

    def _append(self, line: Mapping[str, Any], *, sync: bool) -> None:
        if self._journal is not None:
            rest = memoryview(json.dumps(line, separators=(",", ":")).encode() + b"\n")
            # A nearly full disk accepts a part before it reports that it is full.
            while rest:
                rest = rest[self._journal.write(rest) :]
            if sync:
                os.fsync(self._journal.fileno())

    def close(self) -> None:
        """Leave the journal as it is, as if the process had died."""
        with self._lock:
            if self._journal is not None:
                self._journal.close()
                self._journal = None

    def finish(self) -> None:
        """Fold the journal into the deployment.

        Raises:
            StateError: The deployment cannot be written. The journal then stays, and the next run folds it in.
        """
        if self._journal is None:
            return
        self.close()
        try:
            self._write_deployment()
        except OSError as fault:
            raise StateError(
                f"the state {self._place.deployment} cannot be written: {reason(fault)}. {self._describe_journal()}"
            ) from None
        self._unrecorded = []

    def _describe_journal(self) -> str:
        """Return what the next run will find in the journal."""
        journal = self._place.journal
        if not self._fault:
            return f"Nothing is lost: {journal} holds every finished step, and the next run goes on from it"
        if not self._unrecorded:
            return f"{journal} holds every step until it, too, could not be written. The next run goes on from it"
        return (
            f"{journal} holds every step until it, too, could not be written. At that point the run was"
            f" {name_operations(self._unrecorded)}: whether that was done is not recorded. The next run says so, and goes on"
            " from there"
        )

    def export(self, *, show_secrets: bool = False) -> dict[str, Any]:
        """Return the deployment in the format of `pulumi stack import`."""
        crypter = None if show_secrets else self.crypter
        resources = [records.write(resource, crypter) for resource in self._snapshot.resources()]
        return {"version": VERSION, "deployment": {"resources": resources, **self._describe_rest(crypter)}}

    def _describe_rest(self, crypter: Crypter | None) -> dict[str, Any]:
        """Return the parts of a deployment other than its resources. Call it after them: the first secret creates the salt."""
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
        """Yield the text of the deployment, one line per resource. The whole text would take more memory than the resources."""
        yield f'{{"version": {VERSION}, "deployment": {{"resources": ['
        separator = "\n"
        for resource in self._snapshot.resources():
            yield separator + json.dumps(records.write(resource, self.crypter), ensure_ascii=False)
            separator = ",\n"
        yield "\n],"
        # Skip its opening brace: the first line has it already, before the resources.
        yield json.dumps(self._describe_rest(self.crypter), ensure_ascii=False).removeprefix("{") + "}\n"

    def replace_with(self, resources: Sequence[Resource], pending: Sequence[tuple[str, Resource]]) -> None:
        """Replace the deployment atomically."""
        self._snapshot = Snapshot.of(resources, pending)
        try:
            self._write_deployment()
        except OSError as fault:
            raise StateError(
                f"the state {self._place.deployment} cannot be written: {reason(fault)}"
            ) from None

    def _write_deployment(self) -> None:
        make_ready(self._place)
        digest = hashlib.sha256()
        with self._take_over():
            try:
                with os.fdopen(files.create(self._place.draft), "wb") as file:
                    for piece in map(str.encode, self._text()):
                        file.write(piece)
                        digest.update(piece)
                    file.flush()
                    os.fsync(file.fileno())
                self._place.draft.replace(self._place.deployment)
            except OSError:
                # Half a deployment is useless, and the next run may need the space.
                with contextlib.suppress(OSError):
                    files.forget(self._place.draft)
                raise
            self._digest = digest.hexdigest()
            files.forget(self._place.journal)

    @contextlib.contextmanager
    def _take_over(self) -> Iterator[None]:
        """Delete the files of release 0.1.0 once they are written in their new place; no run of that release may be active."""
        if self._earlier is None:
            yield
            return
        lock = StackLock(self._earlier)
        lock.take()
        try:
            yield
            # Delete the journal last: without its deployment it counts as obsolete.
            files.forget(self._earlier.deployment)
            files.forget(self._earlier.journal)
        finally:
            lock.release()
        with contextlib.suppress(OSError):
            files.forget(self._earlier.lock)
        self._earlier = None


def snapshot_of(deployment: DeploymentRecord, crypter: Crypter) -> Snapshot:
    """Return a deployment's resources and pending operations, without the default provider that `pulumi` stores."""
    return Snapshot.of(
        [records.read(record, crypter) for record in deployment.resources if not record.is_default_provider],
        [
            (operation.type, records.read(operation.resource, crypter))
            for operation in deployment.pending_operations
            if not operation.resource.is_default_provider
        ],
    )


def demand_whole(snapshot: Snapshot, file: Path) -> None:
    """Raise StateError if two resources of a file share a URN, or a dynamic resource has no provider.

    A resource that is waiting for its deletion may share its URN with its replacement.
    """
    counts = Counter(found.urn for found in snapshot.resources() if not found.delete)
    if doubled := [urn for urn, count in counts.items() if count > 1]:
        raise StateError(
            f"{file} is damaged: it holds two resources under {doubled[0]}. Nothing was changed. Remove one of"
            " the two from a copy, and use that"
        )
    if stray := [found.urn for found in snapshot.resources() if not _has_provider(found)]:
        raise StateError(
            f"{file} is damaged: the inputs or outputs of {stray[0]} have no `__provider`. Nothing was changed. Restore"
            " it from a copy"
        )


def _has_provider(resource: Resource) -> bool:
    """Return whether the properties of a dynamic resource contain its serialized provider, as Pulumi's SDK stores it."""
    if not (resource.custom and resource.type.startswith(DYNAMIC_PACKAGE)):
        return True
    holders = (resource.outputs,) if resource.external else (resource.inputs, resource.outputs)
    return all(isinstance(reveal(each.get("__provider")), str) for each in holders)
