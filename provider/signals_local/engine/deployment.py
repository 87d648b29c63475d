"""Turn the resources that a program declares into finished steps: the heart of a run.

The program registers many resources at once, each on its own thread, and registers a resource only after everything it depends on
has been deployed. So the program determines the order of dependent resources, and all others run in parallel. One lock protects
shared data. Calls to the provider are made outside it, except while a delete-before-replace deletes its dependents, when nothing
else may be registered.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Protocol

from signals_local.engine import plan
from signals_local.engine.config import Project
from signals_local.engine.errors import EngineError, Stopped
from signals_local.engine.model import (
    STACK_TYPE,
    Diff,
    Failure,
    Goal,
    Home,
    Op,
    Resource,
    Step,
    make_urn,
)
from signals_local.engine.paths import restore_ignored
from signals_local.engine.plan import Verdict
from signals_local.engine.provider import Provider, changed_keys
from signals_local.engine.removal import dependents_to_replace
from signals_local.engine.report import Report
from signals_local.engine.steps import Steps
from signals_local.engine.targets import Targets
from signals_local.engine.values import UNKNOWN, Properties, Secret, Unknown, holds


@dataclass(frozen=True)
class Answer:
    """The response to a registration."""

    urn: str
    id: str = ""
    outputs: Properties | None = None
    failed: bool = False
    unknown: bool = False


class Declared(Protocol):
    """The part of every request that identifies its resource."""

    parent: str
    type: str
    name: str


class StepFailed(EngineError):  # noqa: N818 -- it says what happened to the step
    """A resource cannot be deployed. A diagnostic reports it, and its dependents are skipped."""


class Deployment:
    """One run of a program, which turns registrations into steps."""

    def __init__(
        self, project: Project, provider: Provider, steps: Steps, report: Report, targets: Targets
    ) -> None:
        self._home = Home(project.stack, project.name)
        self._provider = provider
        self._steps = steps
        self._report = report
        self._targets = targets
        self._lock = threading.RLock()
        self._failed: set[str] = set()
        self._skipped: set[str] = set()
        self._claimed: set[str] = set()
        self._replaced: set[str] = set()
        self._renamed: dict[str, str] = {}
        self._aliased: dict[str, str] = {}
        self._recreating: dict[str, Resource] = {}
        self._stack_outputs: tuple[str, Properties] | None = None

    @property
    def dry_run(self) -> bool:
        return self._steps.dry_run

    def attempt(self, declared: Declared, act: Callable[[], Answer]) -> Answer:
        """Respond to a request. A request that cannot be decoded fails the resource that it names."""
        urn = make_urn(self._home, declared.parent, declared.type, declared.name)
        with self._failures(urn):
            return act()
        return Answer(urn, failed=True)

    def register(self, goal: Goal) -> Answer:
        """Deploy or plan one resource, and respond when it is done."""
        urn = make_urn(self._home, goal.parent, goal.type, goal.name)
        with self._failures(urn) as failure:
            old, alias = self._claim(urn, goal)
            if self._report.stopping or goal.needs & self._failed:
                self._failed.add(urn)
                return Answer(urn, failed=True)
            new = self._register(goal, plan.build_resource(goal, urn, old, alias), old)
            if new is None:
                return Answer(urn, unknown=True)
            return Answer(urn, new.id, new.outputs if new.custom or new.outputs else new.inputs)
        return Answer(urn, failed=bool(failure))

    @contextmanager
    def _failures(self, urn: str) -> Iterator[list[str]]:
        """Turn the failure of one resource into a diagnostic. In `up`, no step starts after it."""
        told: list[str] = []
        try:
            yield told
        except EngineError as fault:
            told.append(str(fault))
            with self._lock:
                self._failed.add(urn)
            if not self.dry_run:
                self._report.stopping = True
            self._report.blame(fault, urn)

    def _claim(self, urn: str, goal: Goal) -> tuple[Resource | None, str]:
        """Mark a URN as declared by the program. Return the existing resource and the alias under which it was found."""
        with self._lock:
            if urn in self._claimed:
                raise StepFailed(f"Duplicate resource URN '{urn}'; try giving it a unique name")
            if urn in self._aliased:
                raise StepFailed(f"{urn} is declared, and {self._aliased[urn]} took it over by an alias")
            self._claimed.add(urn)
            self._report.declared(urn)
            for candidate in (urn, *plan.alias_urns(goal, self._home, self._renamed)):
                old = self._recreating.get(candidate) or self._steps.old(candidate)
                if old is None:
                    continue
                if candidate == urn:
                    return old, ""
                if candidate in self._claimed or candidate in self._aliased:
                    raise StepFailed(
                        f"the alias {candidate} of {urn} is taken by another resource of the program"
                    )
                self._aliased[candidate] = urn
                self._renamed[urn] = candidate
                return old, candidate
        return None, ""

    def _register(self, goal: Goal, new: Resource, old: Resource | None) -> Resource | None:
        targeted = goal.type == STACK_TYPE or self._targets.includes(new)
        if not targeted:
            return self._pass_over(new, old)
        if goal.needs & self._skipped:
            raise StepFailed(
                f"{new.urn} depends on a resource that is not there yet and that --target leaves out;"
                " target that one as well"
            )
        self._require_passphrase(goal)
        if not goal.custom:
            return self._register_component(new, old)
        recreating = new.urn in self._recreating or bool(old and old.urn in self._recreating)
        prior = None if old is None or old.external or recreating else old
        checked = self._check(goal, new, prior)
        if old is not None and recreating:
            return self._recreate(old, checked)
        if old is None:
            return self._steps.create(Op.CREATE, checked)
        if old.external:
            # A resource that was only read is not ours to delete. Create another one and forget the one that was read.
            made = self._steps.create(Op.CREATE_REPLACEMENT, checked, replacing=old, keep_old=True)
            self._report.done(Step(Op.REPLACE, made.urn, old, made))
            return made
        return self._change(goal, checked, old)

    def _require_passphrase(self, goal: Goal) -> None:
        if goal.additional_secret_outputs or holds(goal.inputs, Secret):
            self._steps.require_passphrase()

    def _pass_over(self, new: Resource, old: Resource | None) -> Resource | None:
        if old is None:
            with self._lock:
                self._skipped.add(new.urn)
            self._report.done(Step(Op.SAME, new.urn, None, new))
            return None
        return self._steps.keep_untargeted(old)

    def _register_component(self, new: Resource, old: Resource | None) -> Resource:
        if old is None:
            return self._steps.create(Op.CREATE, new)
        if changed_keys(old.inputs, new.inputs):
            return self._steps.update(old, new)
        return self._steps.same(old, new)

    def _check(self, goal: Goal, new: Resource, prior: Resource | None) -> Resource:
        ignored = goal.ignore_changes if prior else ()
        news, impossible = restore_ignored(goal.inputs, prior.inputs if prior else {}, ignored)
        if impossible:
            paths = ", ".join(impossible)
            self._report.say(
                "info", f'cannot ignore changes in added or removed elements of the path: "{paths}"', new.urn
            )
        olds = prior.inputs if prior else {}
        with self._provider.slot():
            if self._report.cancelled:  # while this resource waited for the slot
                raise Stopped
            inputs, failures = self._provider.check(new.urn, new.type, olds, news, unknowns=self.dry_run)
        self._refuse(new, failures)
        return replace(new, inputs=inputs)

    def _refuse(self, new: Resource, failures: list[Failure]) -> None:
        if not failures:
            return
        for failure in failures:
            where = f"{failure.property}: " if failure.property else ""
            self._report.say("error", f"{where}{failure.reason}", new.urn)
        raise StepFailed("")

    def _change(self, goal: Goal, new: Resource, old: Resource) -> Resource:
        diff = self._diff(goal, new, old)
        verdict = plan.decide(old, goal, diff)
        if verdict is Verdict.SAME:
            return self._steps.same(old, new)
        if verdict is Verdict.UPDATE:
            return self._steps.update(old, new)
        if new.protect and old.protect:
            self._tell_protected(new.urn)
        with self._lock:
            self._replaced.add(new.urn)
        new = self._check(goal, new, None)
        if verdict is Verdict.CREATE_BEFORE_DELETE:
            made = self._steps.create(
                Op.CREATE_REPLACEMENT, new, replacing=old, replaces=diff.replaces, keep_old=True
            )
            self._report.done(Step(Op.REPLACE, new.urn, old, made, diff.replaces))
            return made
        with self._lock:
            self._delete_first(old)
        self._report.done(Step(Op.REPLACE, new.urn, old, new, diff.replaces))
        return self._steps.create(Op.CREATE_REPLACEMENT, new, replacing=old, replaces=diff.replaces)

    def _tell_protected(self, urn: str) -> None:
        text = (
            f'unable to replace resource "{urn}"\nas it is currently marked for protection. To unprotect the resource,'
            " remove the `protect` flag from the resource in your Pulumi program and deploy it"
        )
        if not self.dry_run:
            raise StepFailed(text)
        # A preview continues, so that it shows the difference that requires the replacement.
        self._report.say("error", text, urn)

    def _diff(self, goal: Goal, new: Resource, old: Resource) -> Diff:
        if new.deleted_with and new.deleted_with in self._replaced:
            return Diff(changes=True, replaces=("deletedWith",))
        diff = self._provider.diff(old, new.inputs, unknowns=self.dry_run, ignore_changes=goal.ignore_changes)
        return plan.force_replacement(diff, goal.replace_on_changes)

    def _delete_first(self, old: Resource) -> None:
        """Delete a resource before its replacement is created, after the dependents that must be replaced with it."""

        def would_replace(dependent: Resource, inputs: Properties) -> bool:
            diff = self._provider.diff(
                dependent, inputs, unknowns=True, ignore_changes=dependent.ignore_changes
            )
            diff = plan.force_replacement(diff, dependent.replace_on_changes)
            return diff.changes and bool(diff.replaces)

        found = self._steps.olds()
        for dependent in reversed(dependents_to_replace(old, found, self._claimed, would_replace)):
            if dependent.urn in self._recreating:
                continue
            if dependent.protect:
                raise StepFailed(
                    f'unable to replace resource "{dependent.urn}" as part of replacing "{old.urn}" as it is currently'
                    " marked for protection. To unprotect it, remove the `protect` flag in the program and deploy that"
                )
            self._recreating[dependent.urn] = self._steps.delete_ahead(dependent)
        if not old.pending_replacement:
            self._steps.delete_ahead(old)

    def _recreate(self, old: Resource, new: Resource) -> Resource:
        """Recreate a resource that was deleted before the replacement of a resource it depends on."""
        with self._lock:
            self._replaced.add(new.urn)
            self._recreating.pop(old.urn, None)
        self._report.done(Step(Op.REPLACE, new.urn, old, new))
        return self._steps.create(Op.CREATE_REPLACEMENT, new, replacing=old)

    def read(self, goal: Goal, identifier: str | Unknown) -> Answer:
        """Read a resource that the program does not own, as `.get` does."""
        urn = make_urn(self._home, goal.parent, goal.type, goal.name)
        with self._failures(urn) as failure:
            old, _ = self._claim(urn, goal)
            if self._report.stopping or goal.needs & self._failed:
                raise StepFailed("")
            self._require_passphrase(goal)
            new = replace(plan.build_resource(goal, urn, old, ""), external=True)
            if isinstance(identifier, Unknown):
                self._report.done(Step(Op.READ, urn, old, new))
                return Answer(urn, outputs=dict.fromkeys(goal.inputs, UNKNOWN))
            found = self._steps.read(replace(new, id=identifier), old)
            return Answer(urn, found.id, found.outputs)
        return Answer(urn, failed=bool(failure))

    def register_outputs(self, urn: str, outputs: Properties) -> None:
        """Record the outputs of a component. Those of the stack are held until the run has ended."""
        if holds(outputs, Secret):
            try:
                self._steps.require_passphrase()
            except EngineError as fault:
                self._report.say("error", str(fault), urn)
                return
        if urn.split("::")[2] == STACK_TYPE:
            self._stack_outputs = (urn, outputs)
        elif urn not in self._failed and urn not in self._skipped:
            self._steps.set_outputs(urn, outputs)

    def finish(self, *, succeeded: bool) -> None:
        """Delete the resources that the program no longer declares, unless something failed. Then set the stack's outputs."""
        if succeeded and not self._report.failed and not self._report.stopping:
            kept = self._claimed | self._aliased.keys()
            self._remove(kept)
        if self._stack_outputs is not None:
            urn, outputs = self._stack_outputs
            if self._report.failed or not succeeded:
                outputs = {**self._steps.old_outputs(urn), **outputs}
            self._steps.set_outputs(urn, outputs)
            self._report.old_outputs = self._steps.old_outputs(urn)
            self._report.outputs = outputs

    def _remove(self, kept: set[str]) -> None:
        unknown = self._targets.unmatched({*self._steps.known_urns(), *self._claimed})
        for text in unknown:
            self._report.say(
                "error", f"--target {text}: there is no such resource, in the program or in the stack"
            )
        self._steps.delete_all(self._steps.undeclared(kept), self._targets)
