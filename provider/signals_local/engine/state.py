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
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timezone
from io import FileIO
from pathlib import Path
from typing import Any

from signals_local.engine import files, records
from signals_local.engine.errors import StateError, reason
from signals_local.engine.lock import StackLock
from signals_local.engine.model import DYNAMIC_PACKAGE, Home, Resource
from signals_local.engine.places import Place, kept_for, make_ready, place_of
from signals_local.engine.secrets import Crypter
from signals_local.engine.snapshot import Change, Snapshot
from signals_local.engine.stored import VERSION, DeploymentRecord
from signals_local.engine.values import reveal


class StackState:
    """One stack's state: loaded whole, changed step by step, each change on disk before `commit` returns."""

    def __init__(self, directory: Path, home: Home, passphrase: str | None) -> None:
        kept = kept_for(directory, home)
        self._place = place_of(directory, home)
        # Where release 0.1.0 left the stack's files, until they are moved.
        self._earlier = None if kept.place == self._place else kept.place
        self._digest = kept.digest
        self._journal: FileIO | None = None
        self._journalled = kept.is_continued
        self._fault = ""
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
            make_ready(self._place)
            if self._journalled or self._earlier:
                self._write_deployment()
            # Pulumi, too, forgets what was pending in an earlier run, but for creations: only a person can say what became
            # of those.
            creating = [
                operation for operation in self._snapshot.pending.values() if operation[0] == "creating"
            ]
            self._snapshot = Snapshot.of(self._snapshot.resources(), creating)
            # Unbuffered: what cannot be written is known at once, and nothing is kept back to be written later.
            self._journal = FileIO(files.create(self._place.journal), "wb")
            self._append({"base": self._digest}, sync=True)
        except OSError as fault:
            raise StateError(
                f"the state {self._place.deployment} cannot be written: {reason(fault)}. Nothing was done"
            ) from None

    def commit(self, changes: Sequence[Change], *, sync: bool = True) -> None:
        """Append a step's changes to the journal, then make them. With `sync`, they are on the disk before they are made.

        Raises:
            StateError: if they cannot be written, or earlier ones could not; what was committed before stays.
        """
        with self._lock:
            if self._fault:
                raise StateError(self._fault)
            if self._journal is None:
                raise StateError("the run has ended; no further step starts")
            whole = self._journal.tell()
            try:
                salt = self.crypter.salt
                line: dict[str, Any] = {"changes": [self._written(change) for change in changes]}
                if salt != self.crypter.salt:
                    # The first secret has just made it, and without it no secret can be read again.
                    line["salt"] = self.crypter.salt
                self._append(line, sync=sync)
            except OSError as fault:
                self._fault = (
                    f"the journal {self._place.journal} cannot be written: {reason(fault)}. The steps finished before"
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
                f"the state {self._place.deployment} cannot be written: {reason(fault)}. Nothing is lost: {self._place.journal}"
                " holds every finished step, and the next run goes on from it"
            ) from None

    def export(self, *, show_secrets: bool = False) -> dict[str, Any]:
        """Return the deployment as `pulumi stack import` takes it."""
        crypter = None if show_secrets else self.crypter
        resources = [records.write(resource, crypter) for resource in self._snapshot.resources()]
        return {"version": VERSION, "deployment": {"resources": resources, **self._particulars(crypter)}}

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
        yield f'{{"version": {VERSION}, "deployment": {{"resources": ['
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
            raise StateError(
                f"the state {self._place.deployment} cannot be written: {reason(fault)}"
            ) from None

    def _write_deployment(self) -> None:
        make_ready(self._place)
        digest = hashlib.sha256()
        with self._taken_over():
            try:
                with os.fdopen(files.create(self._place.draft), "wb") as file:
                    for piece in map(str.encode, self._text()):
                        file.write(piece)
                        digest.update(piece)
                    file.flush()
                    os.fsync(file.fileno())
                self._place.draft.replace(self._place.deployment)
            except OSError:
                # Half a deployment is of no use, and its room may be what the next run needs.
                with contextlib.suppress(OSError):
                    files.forget(self._place.draft)
                raise
            self._digest = digest.hexdigest()
            files.forget(self._place.journal)

    @contextlib.contextmanager
    def _taken_over(self) -> Iterator[None]:
        """Take away what release 0.1.0 left once it is written in its new place; no run of that release may be at work."""
        if self._earlier is None:
            yield
            return
        lock = StackLock(self._earlier)
        lock.take()
        try:
            yield
            # The journal goes last: by itself it would be one of another deployment, and done with.
            files.forget(self._earlier.deployment)
            files.forget(self._earlier.journal)
        finally:
            lock.release()
        with contextlib.suppress(OSError):
            files.forget(self._earlier.lock)
        self._earlier = None


def snapshot_of(deployment: DeploymentRecord, crypter: Crypter) -> Snapshot:
    """Return a deployment's resources and pending operations, without the default provider that `pulumi` keeps."""
    return Snapshot.of(
        [records.read(record, crypter) for record in deployment.resources if not record.is_default_provider],
        [
            (operation.type, records.read(operation.resource, crypter))
            for operation in deployment.pending_operations
            if not operation.resource.is_default_provider
        ],
    )


def demand_whole(snapshot: Snapshot, file: Path) -> None:
    """Raise StateError if two resources of a file have one URN, or one that a provider is asked about does not have it.

    A resource that only waits for its deletion may share its URN with its replacement.
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
    """Check for what Pulumi's SDK keeps of a dynamic provider among the properties of each of its resources."""
    if not (resource.custom and resource.type.startswith(DYNAMIC_PACKAGE)):
        return True
    holders = (resource.outputs,) if resource.external else (resource.inputs, resource.outputs)
    return all(isinstance(reveal(each.get("__provider")), str) for each in holders)
