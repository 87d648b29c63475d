"""Execute single steps: the call to the provider, and the state before and after it.

A step that changes something outside is written twice: as a pending operation before the call, and as finished after it. It
begins once it has a slot for its call, and only while no other has failed, as in Pulumi (step_executor.go). So a step that still
waits when the run stops is neither written nor sent. A preview runs the same code without calls and without a state on disk.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from signals_local.engine.errors import EngineError, Stopped
from signals_local.engine.model import Op, Resource, Step
from signals_local.engine.provider import Provider, ProviderError
from signals_local.engine.removal import waves, without_references
from signals_local.engine.report import Entry, Report
from signals_local.engine.secrets import Crypter
from signals_local.engine.snapshot import Change, Snapshot
from signals_local.engine.state import StackState
from signals_local.engine.targets import Targets
from signals_local.engine.values import Properties, Secret, equal


class Steps:
    """The steps of one run on one snapshot. Without a state to write to, the run is a preview."""

    def __init__(
        self,
        snapshot: Snapshot,
        crypter: Crypter,
        state: StackState | None,
        provider: Provider,
        report: Report,
    ) -> None:
        self._snapshot = snapshot
        self._crypter = crypter
        self._state = state
        self._provider = provider
        self._report = report
        self._lock = threading.RLock()
        self._counter = 0
        self._keys: dict[str, str] = {}
        self._old_keys = {found.urn: key for key, found in snapshot.found.items() if not found.delete}
        self._before = dict(snapshot.found)
        self._deleted: set[str] = set()
        self._gone: set[str] = set()

    @property
    def dry_run(self) -> bool:
        """Whether the run is a preview."""
        return self._state is None

    # What exists

    def old(self, urn: str) -> Resource | None:
        """Return the resource that the state holds under a URN."""
        key = self._old_keys.get(urn)
        return self._snapshot.found.get(key) if key else None

    def olds(self) -> list[Resource]:
        """Return the resources that the run found and has not handled yet, in the state's order."""
        return [found for found in self._snapshot.found.values() if not found.delete]

    def known_urns(self) -> set[str]:
        """Return every URN that the run found."""
        return {found.urn for found in self._before.values()}

    def old_outputs(self, urn: str) -> Properties:
        """Return the outputs that a resource had before the run."""
        key = self._old_keys.get(urn)
        return self._before[key].outputs if key else {}

    def undeclared(self, declared: set[str]) -> list[tuple[str, Resource]]:
        """Return the resources to delete: those left by a replacement, and those that the program no longer declares."""
        found = self._snapshot.found.items()
        return [(key, resource) for key, resource in found if resource.delete or resource.urn not in declared]

    @property
    def pending(self) -> list[tuple[str, Resource]]:
        """The operations that an earlier run left unfinished."""
        return list(self._snapshot.pending.values())

    def require_passphrase(self) -> None:
        """Raise StateError if secrets cannot be stored."""
        self._crypter.require_passphrase()

    # What registrations lead to

    def same(self, old: Resource, new: Resource) -> Resource:
        """Keep a resource with its new inputs and its old outputs."""
        new = replace(new, id=old.id, outputs=old.outputs)
        with self._lock:
            key, old_key = self._next_key(new.urn), self._old_keys[old.urn]
            if new == old and _same_text(new, old):
                self._apply([["keep", key, old_key]], sync=False)
                new = old  # keeps one object instead of two equal ones
            else:
                self._apply([["drop", old_key], ["put", key, new]], sync=False)
        self._report.done(Step(Op.SAME, new.urn, old, new))
        return new

    def keep_untargeted(self, old: Resource) -> Resource:
        """Leave a resource as it is, whatever the program declares."""
        with self._lock:
            self._apply([["keep", self._next_key(old.urn), self._old_keys[old.urn]]], sync=False)
        self._report.done(Step(Op.SAME, old.urn, old, old))
        return old

    def create(
        self,
        op: Op,
        new: Resource,
        *,
        replacing: Resource | None = None,
        replaces: tuple[str, ...] = (),
        keep_old: bool = False,
    ) -> Resource:
        """Create a resource. The one that it replaces is marked for deletion (`keep_old`), or forgotten if it is gone already."""
        step = Step(op, new.urn, replacing, new, replaces)

        def call() -> Resource:
            if self.dry_run or not new.custom:
                made = replace(new, outputs=new.inputs if new.custom else {})
            else:
                identifier, outputs = self._provider.create(new)
                made = replace(new, id=identifier, outputs=outputs)
            now = _now()
            return _with_secret_outputs(replace(made, created=now, modified=now))

        def settle(key: str, made: Resource) -> list[Change]:
            changes: list[Change] = [["put", key, made]]
            if replacing is not None:
                old_key = self._old_keys[replacing.urn]
                if keep_old:
                    changes.append(["put", old_key, replace(replacing, delete=True)])
                else:
                    changes.append(["drop", old_key])
            return changes

        return self._carry_out(step, "creating", new, call, settle)

    def update(self, old: Resource, new: Resource) -> Resource:
        """Update a resource in place."""
        new = replace(new, id=old.id, created=old.created, modified=old.modified)

        def call() -> Resource:
            if not new.custom:
                return new
            if self.dry_run:
                return _with_secret_outputs(replace(new, outputs=new.inputs))
            outputs = self._provider.update(old, new)
            return _with_secret_outputs(replace(new, outputs=outputs, modified=_now()))

        def settle(key: str, made: Resource) -> list[Change]:
            return [["drop", self._old_keys[old.urn]], ["put", key, made]]

        return self._carry_out(Step(Op.UPDATE, new.urn, old, new), "updating", new, call, settle)

    def read(self, new: Resource, old: Resource | None) -> Resource:
        """Read a resource that the program does not own. If it replaces a different one that it owned, that is deleted at the end."""
        replaced = old is not None and not old.external and old.id != new.id
        op = Op.READ_REPLACEMENT if replaced else Op.READ

        def call() -> Resource:
            identifier, outputs, _ = self._provider.read(new, new.inputs)
            if not identifier and not outputs:
                raise ProviderError(f"resource '{new.id}' does not exist")
            return _with_secret_outputs(replace(new, id=identifier or new.id, outputs=outputs))

        def settle(key: str, made: Resource) -> list[Change]:
            if old is None:
                return [["put", key, made]]
            old_key = self._old_keys[old.urn]
            if replaced:
                return [["put", key, made], ["put", old_key, replace(old, delete=True)]]
            return [["drop", old_key], ["put", key, made]]

        found = self._carry_out(Step(op, new.urn, old, new), "reading", new, call, settle)
        if replaced:
            self._report.done(Step(Op.REPLACE, new.urn, old, found))
        return found

    def set_outputs(self, urn: str, outputs: Properties) -> None:
        """Set the outputs of a registered component."""
        with self._lock:
            key = self._keys.get(urn)
            if key is None:
                return
            old = self._snapshot.registered[key]
            new = replace(old, outputs=outputs)
            if not equal(old.outputs, outputs):
                self._apply([["put", key, new]], sync=False)
        self._report.update_outputs(urn, new)

    # What is read from the world

    def refresh(self, old: Resource) -> None:
        """Read a resource that the stack owns, and record what was found."""
        key = self._old_keys[old.urn]
        with self._at_work(Step(Op.REFRESH, old.urn, old, old)) as entry:
            if not old.custom or old.pending_replacement:
                self._report.end(entry, old)
                return
            identifier, outputs, inputs = self._provider.read(old, old.outputs)
            if not identifier:
                self._apply([["drop", key]], sync=True)
                self._gone.add(old.urn)
                self._report.end(replace(entry, step=replace(entry.step, new=None)))
                return
            new = replace(
                old, id=identifier, outputs=outputs, inputs=old.inputs if inputs is None else inputs
            )
            if not (equal(new.outputs, old.outputs) and equal(new.inputs, old.inputs)):
                new = replace(new, modified=_now())
            drifted = self._has_drifted(old, new)
            self._apply([["put", key, new]], sync=new != old)
            self._report.end(replace(entry, step=replace(entry.step, drifted=drifted)), new)

    def _has_drifted(self, old: Resource, new: Resource) -> bool:
        """Return whether the next `up` would see a difference between the recorded inputs and what was found."""
        if old.external:
            return not equal(new.outputs, old.outputs)
        found = replace(old, inputs=new.inputs, outputs=new.outputs, id=new.id)
        return self._provider.diff(
            found, old.inputs, unknowns=self.dry_run, ignore_changes=old.ignore_changes
        ).changes

    def forget_references(self) -> None:
        """Remove references to resources that are gone from the state."""
        if not self._gone:
            return
        for key, found in list(self._snapshot.found.items()):
            kept = without_references(found, self._gone)
            if kept is not found:
                self._apply([["put", key, kept]], sync=True)
        self._old_keys = {urn: key for urn, key in self._old_keys.items() if urn not in self._gone}

    # What goes

    def delete_ahead(self, old: Resource) -> Resource:
        """Delete a resource before its replacement is created. The state records that one is pending."""
        gone = replace(old, pending_replacement=True)
        key = self._old_keys[old.urn]
        self._delete(old, Op.DELETE_REPLACED, lambda: [["put", key, gone]])
        return gone

    def delete_all(self, condemned: Sequence[tuple[str, Resource]], targets: Targets) -> None:
        """Delete these entries, dependents first. Report an entry that cannot be deleted, and begin no other after it."""
        chosen = [(key, old) for key, old in condemned if targets.includes(old) or old.urn in self._keys]
        by_key = dict(chosen)
        for key, old in condemned:
            if key not in by_key and not old.delete:
                self._report.done(Step(Op.SAME, old.urn, old, old))
        self._deleted.update(old.urn for _, old in chosen)
        with ThreadPoolExecutor(max_workers=8, thread_name_prefix="delete") as pool:
            for wave in waves(chosen):
                if self._report.stopping:
                    return
                list(pool.map(lambda key: self._delete_one(key, by_key[key]), wave))

    def _delete_one(self, key: str, old: Resource) -> None:
        if old.pending_replacement and not old.delete:
            self._apply([["drop", key]], sync=True)
            self._report.done(Step(Op.REMOVE_PENDING_REPLACE, old.urn, old))
            return
        # A resource that was only read is forgotten, not deleted.
        op = Op.DELETE_REPLACED if old.delete else Op.DISCARD if old.external else Op.DELETE
        try:
            self._delete(old, op, lambda: [["drop", key]])
        except EngineError as fault:
            self._report.blame(fault, old.urn)

    def _delete(self, old: Resource, op: Op, settle: Callable[[], list[Change]]) -> None:
        with self._at_work(Step(op, old.urn, old)) as entry:
            if old.protect and op is Op.DELETE:
                raise ProviderError(
                    f'resource "{old.urn}" cannot be deleted\nbecause it is protected. To unprotect the resource, remove'
                    " the `protect` flag from the resource in your Pulumi program and deploy that"
                )
            real = old.custom and not old.external and not old.retain_on_delete and not self.dry_run
            with self._lock:
                self._deleted.add(old.urn)
                real = real and old.deleted_with not in self._deleted
            if real:
                mark = self._mark("deleting", old)
                self._unmark_on_failure(mark, lambda: self._provider.delete(old))
                self._apply([*settle(), ["end", mark]], sync=True)
            else:
                self._apply(settle(), sync=True)
            self._report.end(entry)

    # How

    def _carry_out(
        self,
        step: Step,
        kind: str,
        intent: Resource,
        call: Callable[[], Resource],
        settle: Callable[[str, Resource], list[Change]],
    ) -> Resource:
        with self._at_work(step) as entry:
            if intent.custom and not self.dry_run:
                mark = self._mark(kind, intent)
                made: Resource = self._unmark_on_failure(mark, call)
                with self._lock:
                    self._apply([*settle(self._next_key(made.urn), made), ["end", mark]], sync=True)
            else:
                made = call()
                with self._lock:
                    self._apply(settle(self._next_key(made.urn), made), sync=False)
            self._report.end(entry, made)
            return made

    @contextmanager
    def _at_work(self, step: Step) -> Iterator[Entry]:
        """Begin a step once it has a slot, unless the run is being stopped by then. If it fails, no other begins."""
        with self._provider.slot():
            self._demand_going()
            entry = self._report.begin(step)
            try:
                yield entry
            except BaseException:
                # Before the slot is free, or the next step would begin. A refresh goes on, as Pulumi's does.
                if not self.dry_run and step.op is not Op.REFRESH:
                    self._report.stopping = True
                self._report.fail(entry)
                raise

    def _demand_going(self) -> None:
        if self._report.stopping:
            raise Stopped

    def _mark(self, kind: str, resource: Resource) -> str:
        """Write down that a call is about to be made. One that cannot be written down must not be made."""
        with self._lock:
            # Another step may have failed since this one began.
            self._demand_going()
            self._counter += 1
            mark = f"o{self._counter}"
            try:
                self._apply([["begin", mark, kind, resource]], sync=True)
            except EngineError:
                # Under the lock, so that this is reported for one step alone.
                self._report.stopping = True
                raise
        return mark

    def _unmark_on_failure(self, mark: str, call: Callable[[], Any]) -> Any:
        # A failed call ends the operation, even if the provider's process has died. Pulumi does the same. Only a call that
        # this engine gives up stays pending, since the engine kills its provider.
        try:
            return call()
        except EngineError:
            if not self._report.given_up:
                self._apply([["end", mark]], sync=True)
            raise

    def _next_key(self, urn: str) -> str:
        self._counter += 1
        key = f"n{self._counter}"
        self._keys[urn] = key
        return key

    def _apply(self, changes: Sequence[Change], *, sync: bool) -> None:
        """Apply changes to the snapshot, after writing them to the state if there is one."""
        with self._lock:
            if self._state is not None:
                self._state.commit(changes, sync=sync)
                return
            for change in changes:
                self._snapshot.perform(change)


def _same_text(new: Resource, old: Resource) -> bool:
    """Return whether inputs are equal as JSON. To Python, True equals 1; in JSON it does not."""
    return equal(new.inputs, old.inputs)


def _with_secret_outputs(made: Resource) -> Resource:
    if not made.additional_secret_outputs:
        return made
    outputs = {
        key: Secret(value)
        if key in made.additional_secret_outputs and not isinstance(value, Secret)
        else value
        for key, value in made.outputs.items()
    }
    return replace(made, outputs=outputs)


def _now() -> str:
    return datetime.now(timezone.utc).isoformat().replace("+00:00", "Z")
