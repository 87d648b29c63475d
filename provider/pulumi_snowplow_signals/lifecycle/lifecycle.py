"""check, diff, create, read, update and delete, once for all kinds.

check decides everything and writes it into the computed inputs. create and update carry it out; they plan again only if the
registry has changed. Each call may be repeated after a failure at any point. A call that raises leaves nothing in the stack's
state, so create and update have to recognise what an earlier attempt left behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final, Generic

from pulumi_snowplow_signals.api.models import D, Stored
from pulumi_snowplow_signals.errors import (
    ApiError,
    Incomplete,
    Refused,
    Rejected,
    UnexpectedResponse,
    UserFault,
)
from pulumi_snowplow_signals.fields.faults import FOUND, Fault
from pulumi_snowplow_signals.fields.hidden_inputs import HISTORY
from pulumi_snowplow_signals.fields.names import NAME_PATTERN, NAME_RULE
from pulumi_snowplow_signals.fields.unknown import has_unknown
from pulumi_snowplow_signals.fields.values import canonical_json, is_encodable
from pulumi_snowplow_signals.kinds.attribute_group import (
    BatchAttributeGroup,
    ExternalBatchAttributeGroup,
    StreamAttributeGroup,
)
from pulumi_snowplow_signals.kinds.attribute_key import AttributeKey
from pulumi_snowplow_signals.kinds.definition import Parsed, Unnumbered, in_recorded_spelling
from pulumi_snowplow_signals.kinds.intervention import Intervention
from pulumi_snowplow_signals.kinds.options import parse_options
from pulumi_snowplow_signals.kinds.service import Service
from pulumi_snowplow_signals.lifecycle.check import Check, Checked, describe_two_owners
from pulumi_snowplow_signals.lifecycle.execution import carry_out, say
from pulumi_snowplow_signals.lifecycle.remarks import announce_take_down, build_lines
from pulumi_snowplow_signals.lifecycle.run import Run
from pulumi_snowplow_signals.lifecycle.state import State, content_of, is_recorded
from pulumi_snowplow_signals.lifecycle.users import describe_users, find_users, has_users
from pulumi_snowplow_signals.versions.history import History, Registered, live_of
from pulumi_snowplow_signals.versions.in_place import InPlace
from pulumi_snowplow_signals.versions.plan import Planner
from pulumi_snowplow_signals.versions.versioning import Numbered
from pulumi_snowplow_signals.wording.wording import Wording

_RERUN: Final = (
    "Run `pulumi up` again, or `pulumi up --refresh` if you revert the change: it resumes where it stopped."
)
_DELETE_AGAIN: Final = "Run it again, or `pulumi up --refresh` if you decide to keep the resource."


@dataclass(frozen=True)
class Difference:
    """The result of a diff."""

    changes: bool
    replaces: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lifecycle(Generic[D]):
    """The lifecycle of one kind.

    Attributes:
        kind: The kind.
        planner: Decides its changes.
    """

    kind: type[D]
    planner: Planner

    outputs_only: ClassVar[frozenset[str]] = frozenset()

    def check(self, run: Run, prior_inputs: Mapping[str, Any], inputs: Mapping[str, Any]) -> Checked:
        """Validate the inputs and compute the others: the number, the rule in words, the history.

        Raises:
            UserFault: The stack's records are about another registry.
        """
        return Check(run, self.kind, self.planner)(prior_inputs, inputs)

    def diff(self, prior: Mapping[str, Any], proposed: Mapping[str, Any]) -> Difference:
        """Return whether the recorded and the proposed inputs differ in a way that needs an update.

        The rule in words is not compared, so a later release may word it differently. Of the history, only two things are:
        drift that the update corrects, and the registry. The record has to name its registry, or `signals:movedFrom` could
        never be removed.
        """
        name = proposed.get("name")
        replaces = () if has_unknown(name) or name == prior.get("name") else ("name",)
        if has_unknown({name: proposed.get(name) for name in self.kind.model_fields}):
            return Difference(changes=True, replaces=replaces)
        old, new = (self.kind.stored(content_of(self.kind, inputs)) for inputs in (prior, proposed))
        before, after = _read_history(prior), _read_history(proposed)
        watched = ("version", "published", "on_destroy")
        changes = (
            not old.equals(new)
            or any(prior.get(name) != proposed.get(name) for name in watched)
            or bool(prior.get("adopt")) != bool(proposed.get("adopt"))
            or any(
                mended and not left
                for mended, left in zip(_find_drift(before), _find_drift(after), strict=True)
            )
            or (before and before.registry) != (after and after.registry)
        )
        return Difference(changes, replaces)

    def create(self, run: Run, inputs: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """Publish a new resource, or store it as a draft. Return its id and its outputs.

        Raises:
            Refused: The registry holds something else under this name.
            Incomplete: The service failed or refused; the next run resumes.
        """
        state = State.from_wire(self.kind, inputs)
        other = run.claim(self.kind.label, state.name, state.urn)
        if other is not None:
            raise Refused(describe_two_owners(state.name, state.urn or "", other))
        # The old half of a replacement has a history. Anything else in the registry belongs to somebody else.
        before = self._recall(run, state.name)
        wording = Wording.of(state.secret, before.secret if before else ())
        try:
            carry_out(run, self.planner, before.prior if before else None, state, wording)
        except ApiError as failure:
            text = run.explain(failure, wording.failure(failure), _RERUN)
            raise Incomplete(f"{text}{self._describe_left_over(run, state)}") from None
        return state.name, state.to_wire()

    def read(self, run: Run, name: str, recorded: Mapping[str, Any]) -> dict[str, Any]:
        """Return the inputs as the registry holds them, in the recorded spelling where they are equal.

        An object that was deleted elsewhere stays in the stack, as not published and gone, because its number stays used.

        Raises:
            UserFault: The stack's records are about another registry, or the object to read does not exist.
            Incomplete: The registry could not be read, so nothing is changed.
        """
        if not is_recorded(recorded):
            return self._read_foreign(run, name, recorded)
        state = State.from_wire(self.kind, recorded)
        run.check_address(state.history.registry, name)
        try:
            return self._read(run, state)
        except ApiError as failure:
            raise Incomplete(run.explain(failure, Wording.of(state.secret).failure(failure))) from None

    def _read(self, run: Run, state: State[D]) -> dict[str, Any]:
        registry, name = run.registry(self.kind), state.name
        stored = registry.find(name, state.version)
        if stored is None:
            return self._read_gone(run, state)
        definition = _read_definition(self.kind, stored)
        registered = registry.look(name)
        history = replace(
            state.history,
            registry=run.settings.registry,
            highest=max(state.history.highest, *registered, 0),
            also_live=self._find_live_beside(state, registered) if stored.is_published else frozenset(),
            gone=False,
        )
        if state.definition.is_stored_as(definition):
            definition = state.definition
        parsed = Parsed(definition, definition.held)
        content = in_recorded_spelling(parsed, state.definition, state.content)
        found = replace(
            state,
            definition=definition,
            content=content,
            published=bool(stored.is_published),
            history=history,
        )
        self._report_drift(run, state, found, registered)
        return found.to_wire()

    def _report_drift(self, run: Run, state: State[D], found: State[D], registered: Registered) -> None:
        others = self.planner.retires(live_of(registered), state.version)
        lines = build_lines(run, Wording.of(state.secret))
        for remark in lines.drift(state.prior, found.prior, registered, others):
            run.say(replace(remark, urn=state.urn))

    def update(self, run: Run, prior: Mapping[str, Any], proposed: Mapping[str, Any]) -> dict[str, Any]:
        """Carry out a change. Return the outputs.

        Raises:
            Refused: The registry holds something that is not ours to overwrite.
            UserFault: The stack's records are about another registry.
            Incomplete: The service failed or refused; the next run resumes.
        """
        old, new = State.from_wire(self.kind, prior), State.from_wire(self.kind, proposed)
        run.check_address(old.history.registry, new.name)
        if _changes_options_only(old, new):
            return new.to_wire()
        wording = Wording.of(old.secret, new.secret)
        try:
            carry_out(run, self.planner, old.prior, new, wording)
        except ApiError as failure:
            stays = isinstance(failure, Rejected) and old.published and new.published
            next_step = self.kind.way_out if stays and self.kind.way_out else _RERUN
            raise Incomplete(run.explain(failure, wording.failure(failure), next_step)) from None
        return new.to_wire()

    def delete(self, run: Run, name: str, recorded: Mapping[str, Any]) -> None:
        """Withdraw, delete or retain the versions of the resource, as its `on_destroy` says. Versions already gone are fine.

        Raises:
            UserFault: The stack's records are about another registry.
            Incomplete: The service failed or refused; the next run resumes.
        """
        state = State.from_wire(self.kind, recorded)
        run.check_address(state.history.registry, name)
        run.remember(self.kind.label, name, state)
        if run.is_declared(self.kind.label, name) or state.on_destroy == "retain":
            run.say(announce_take_down(run, state, None))
        else:
            try:
                self._take_down(run, state)
            except ApiError as failure:
                words = Wording.of(state.secret).failure(failure)
                raise Incomplete(run.explain(failure, words, _DELETE_AGAIN)) from None

    def _take_down(self, run: Run, state: State[D]) -> None:
        """Withdraw or delete the managed versions, and name the others that stay."""
        registry = run.registry(self.kind)
        registry.confirm(state.name, state.prior.live)
        registered = registry.look(state.name, state.history.recorded)
        # The recorded version goes last, since a refresh after an interrupted destroy finds the resource by it.
        mine, used = state.history.recorded & registered.keys(), dict[int, str]()
        for number in sorted(mine, key=lambda number: (number == state.version, number)):
            if state.on_destroy == "delete" or registered[number].live:
                why = self._take_one_down(run, state, number)
                used |= {number: why} if why else {}
        for number, why in used.items():
            what = f"the {self.kind.label}" if issubclass(self.kind, Unnumbered) else f"v{number}"
            say(run, state, "warning", f"{what} is left in the registry: {why}")
        if not used:
            run.say(announce_take_down(run, state, registered))
        foreign = {n: stored.live for n, stored in registered.items() if n not in state.history.recorded}
        left = sorted(n for n, live in foreign.items() if live or state.on_destroy == "delete")
        if left:
            numbers = ", ".join(f"v{number}{' (live)' if foreign[number] else ''}" for number in left)
            text = f"left in the registry, because this stack did not make them: {numbers}"
            say(run, state, "warning", text)

    def _take_one_down(self, run: Run, state: State[D], number: int) -> str:
        """Withdraw or delete a version. If others use it, leave it and return the reason, so that the destroy goes on."""
        registry, deletes = run.registry(self.kind), state.on_destroy == "delete"
        users = find_users(run.late_lists(), self.kind.label, state.name, number, drafts=deletes)
        if users:
            return f"it is used by {describe_users(users)}"
        try:
            (registry.delete if deletes else registry.withdraw)(state.name, number)
        except Rejected as refused:
            if not has_users(self.kind.label):
                raise
            return Wording.of(state.secret).failure(refused)
        return ""

    def _read_gone(self, run: Run, state: State[D]) -> dict[str, Any]:
        history = replace(state.history, registry=run.settings.registry, gone=True, also_live=frozenset())
        found = replace(state, published=False, history=history)
        if not state.history.gone:
            self._report_drift(run, state, found, run.registry(self.kind).look(state.name))
        return found.to_wire()

    def _read_foreign(self, run: Run, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Read an object that the stack does not manage, for `.get`: the given version, or the highest."""
        asked = {key: inputs[key] for key in ("version",) if inputs.get(key) is not None}
        options = parse_options(self.kind.options, asked)
        if options.faults:
            # `.get` does not say which inputs are secret, so only a number is shown.
            shown = (
                str(each)
                if isinstance(each.found, float | int)
                else f"{each.path}: expected a whole number of 1 or more"
                for each in options.faults
            )
            raise UserFault("\n".join(shown))
        if not NAME_PATTERN.fullmatch(name):
            raise UserFault(str(Fault("name", f"is {FOUND}; {NAME_RULE}", name)))
        wanted = getattr(options.options, "version", None)
        registry = run.registry(self.kind)
        registered = registry.look(name, [wanted] if wanted else [])
        number = wanted or max(registered, default=0)
        stored = registry.find(name, number) if number in registered else None
        if stored is None:
            which = f"version {wanted} of " if wanted else ""
            raise UserFault(f'{which}the {self.kind.label} "{name}" is not in the registry.')
        definition = _read_definition(self.kind, stored)
        history = replace(History(run.settings.registry).informed_by(registered), taken_over=True)
        state = State(
            definition,
            number,
            bool(stored.is_published),
            "retain",
            adopt=False,
            history=history,
            content=definition.to_inputs(),
        )
        return state.to_wire()

    def _find_live_beside(self, state: State[D], registered: Registered) -> frozenset[int]:
        """Return the versions that are live beside the recorded one and should not be."""
        return frozenset(self.planner.retires(live_of(registered), state.version))

    def _recall(self, run: Run, name: str) -> State[D] | None:
        return run.recall(self.kind.label, name, State)

    def _describe_left_over(self, run: Run, state: State[D]) -> str:
        """Return what a failed create, of which Pulumi keeps nothing, may have left in the registry."""
        name, number = state.name, state.version
        if not run.registry(self.kind).may_hold(name, number) and self._recall(run, name) is None:
            return ""
        return (
            f"\nIf you remove the resource from the program instead, check whether version {number} of "
            f'"{name}" is in the registry: no stack records it yet.'
        )


INTERVENTIONS: Final = Lifecycle(Intervention, Numbered(Intervention.succession))
ATTRIBUTE_KEYS: Final = Lifecycle(AttributeKey, InPlace())
SERVICES: Final = Lifecycle(Service, InPlace())
STREAM_GROUPS: Final = Lifecycle(StreamAttributeGroup, Numbered(StreamAttributeGroup.succession))
BATCH_GROUPS: Final = Lifecycle(BatchAttributeGroup, Numbered(BatchAttributeGroup.succession))
EXTERNAL_GROUPS: Final = Lifecycle(
    ExternalBatchAttributeGroup, Numbered(ExternalBatchAttributeGroup.succession)
)


def _read_history(inputs: Mapping[str, Any]) -> History | None:
    return History.from_wire(inputs[HISTORY]) if is_recorded(inputs) else None


def _find_drift(history: History | None) -> tuple[bool, bool]:
    """Return whether a refresh found other versions live beside the recorded one, and whether it found that one gone."""
    return bool(history and history.also_live), bool(history and history.gone)


def _changes_options_only(old: State[D], new: State[D]) -> bool:
    """Return whether only `on_destroy` or `adopt` change, so there is nothing to write to the registry."""
    return (
        (old.version, old.published) == (new.version, new.published)
        and old.definition.equals(new.definition)
        and not old.history.also_live
        and not (old.history.gone and not new.history.gone)
    )


def _read_definition(kind: type[D], stored: Stored[D]) -> D:
    """Return the definition of a version. Raise UnexpectedResponse if a stack cannot record it."""
    definition = stored.definition
    if definition is None or not is_encodable(canonical_json(definition.to_wire())):
        path = f"{kind.path}{kind.address(stored.name, stored.version)}"
        raise UnexpectedResponse(
            "GET", path, None, "the stored definition has a form that this release cannot read"
        )
    return definition
