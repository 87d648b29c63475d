"""The promises, and what is needed to judge them: a model of who owned which name, and since when."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from driver import Recorded, Step

from histories.engine import RefusedError, Stack, rule_of
from histories.registry import Registry, Versions
from pulumi_snowplow_signals.errors import SignalsError
from pulumi_snowplow_signals.fields.remarks import Remark

if TYPE_CHECKING:
    from histories.operations import Operation

CRASH = "every error is explained"
CARRIED_OUT = "what a preview accepts is carried out"
ONE_OWNER = "a name has one owner"
LIVE = "what is live is what is declared live"
QUIET = "an unchanged program changes nothing"
NUMBER = "a released number keeps its definition"
TAKEN_DOWN = "nothing stays live that a stack brought to life"
RETAINED = "what was live before a stack took it over stays live"
DECLARED = "a declared rule is not taken down with an old resource"
WARNED = "a preview names each version of others that it withdraws"
CONSENT = "nothing of others is withdrawn by a create without adopt"
FRESH = "no warning is about what this stack has withdrawn before"
FREE = "a name of which nothing is live can be created"
SAID = "a preview that ends with on_destroy=retain says so"
WAY_OUT = "a plain program is accepted after a refresh"


class BrokenError(AssertionError):
    """A promise is broken. `operations` is the history up to there."""

    def __init__(self, promise: str, found: str, operations: Sequence[Operation] = ()) -> None:
        super().__init__(f"{promise}: {found}")
        self.promise = promise
        self.found = found
        self.operations = operations


@dataclass
class Announcement:
    """What the preview of the current deployment said, and what the deployment has said so far."""

    preview: list[Remark] = field(default_factory=list)
    deployment: list[Remark] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)
    """The URNs of resources whose names the preview did not know."""
    checks_first: bool = False
    """Whether the deployment has checked every resource before it makes the first change."""

    def of(self, urn: str, name: str, *, warnings: bool = False) -> list[str]:
        """Return what was said of a name before a resource changed."""
        remarks = [*self.preview, *(self.deployment if urn in self.unknown else ())]
        named = re.compile(rf"\b{name}\b")
        told = [remark for remark in remarks if named.search(remark.text)]
        return [remark.text for remark in told if remark.severity == "warning" or not warnings]


class Judge:
    """Watches each call that writes. Each method raises BrokenError."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self.announced = Announcement()
        self._was_live: dict[tuple[str, str], bool | None] = {}
        """Whether a version of a name was live when a stack took the name over; None where either answer is right."""
        self._deleted: list[tuple[Recorded, set[int]]] = []
        self.destroys = False

    def begin(self, announced: Announcement | None = None) -> None:
        """Prepare for a deployment or, with nothing announced, for a destroy."""
        self.announced = announced or Announcement()
        self.destroys = announced is None
        self._deleted.clear()

    def watch(self, stack: Stack, step: Step, record: Recorded, call: Callable[[], Any]) -> Any:
        """Create or update, and judge the effect."""
        name = record.id or rule_of(step).name
        before, mark = self._registry.versions(name), self._registry.mark
        try:
            result = call()
        except SignalsError:
            self._judge_numbers(stack, record, name, before, mark)
            raise
        self._judge_numbers(stack, record, name, before, mark)
        after = self._registry.versions(name)
        number = int(result[1]["version"] if step.action in ("create", "replace") else result["version"])
        self._judge_owners(stack, name, mark)
        withdrawn = _live(before) - _live(after)
        self._judge_withdrawals(stack, step, record, withdrawn)
        if number in after:
            self._judge_consent(stack, step, name, {n: before[n] for n in withdrawn}, after[number].digest)
        self._judge_warnings(stack, step, record, number, mark)
        if not rule_of(step).published and (more := _live(after) - _live(before)):
            raise BrokenError(LIVE, f"{name}: {more} went live for a draft of {stack.name}")
        if number in after and after[number].is_live:
            record.known[number] = after[number].digest
        if step.action in ("create", "replace") or _drops_policy(step, record):
            self._note_owner(stack, step, name, was_live=bool(_live(before)))
        return result

    def watch_deletion(self, stack: Stack, record: Recorded, call: Callable[[], Any]) -> None:
        """Delete, and judge the effect."""
        before = self._registry.live(record.id)
        call()
        after = self._registry.live(record.id)
        if not self.destroys and stack.declares(record.id):
            if before != after:
                raise BrokenError(DECLARED, f"{record.id}: live before {before}, after {after}")
        else:
            self._deleted.append((record, before))

    def end(self, stack: Stack) -> None:
        """Judge what became of the names that a stack no longer owns."""
        lost = {record.id for record, _ in self._deleted if not stack.owners(record.id)}
        for name in sorted(lost):
            self._judge_lost(stack, name, [(r, live) for r, live in self._deleted if r.id == name])
        self._was_live = {
            key: was_live
            for key, was_live in self._was_live.items()
            if key[0] != stack.name or stack.owners(key[1])
        }

    def judge_refusal(self, stack: Stack, refused: RefusedError) -> None:
        """Find refusals of a create that needs nobody's consent."""
        declared = stack.program[refused.logical_name]
        urn = stack.urn(refused.logical_name, declared)
        is_new = all(record.key != urn for record in stack.resources)
        is_alone = sum(each.name == declared.name for each in stack.program.values()) == 1
        versions = self._registry.versions(declared.name)
        if not is_new or not is_alone or _live(versions) or declared.version is not None:
            return
        if versions and self._registry.stored(declared.name, max(versions))["owner"] != declared.owner:
            return
        raise BrokenError(FREE, f"{declared.name}: {refused}")

    def _note_owner(self, stack: Stack, step: Step, name: str, *, was_live: bool) -> None:
        key, written = (stack.name, name), rule_of(step).on_destroy
        said = [text for text in self.announced.of(step.key, name) if "on_destroy" in text]
        if key not in self._was_live:
            self._was_live[key] = was_live
            if was_live and written is None and not said:
                raise BrokenError(SAID, f"{name}: {stack.name} took over what is live, and nothing was said")
            return
        # Pulumi hands over no history for another URN or a forced replacement. So what is live counts as taken over if
        # the preview or the program says so, and what was live once need not if nothing is live any more.
        if (said or written if was_live else self._was_live[key]) and self._was_live[key] is not was_live:
            self._was_live[key] = None

    def _judge_lost(self, stack: Stack, name: str, deleted: list[tuple[Recorded, set[int]]]) -> None:
        default = {True: "retain", False: "unpublish", None: None}[self._was_live.get((stack.name, name))]
        policies = {rule_of(record).on_destroy or default for record, _ in deleted}
        versions, before = self._registry.versions(name), deleted[0][1]
        live = _live(versions)
        if policies == {"retain"} and live != before:
            raise BrokenError(RETAINED, f"{name}: live before {before}, after {live}")
        if policies <= {"unpublish", "delete"}:
            records = [record for record, _ in deleted]
            mine = {n for n in live if self._brought(n, name) == stack.name or _holds(records, n, versions)}
            if mine:
                policy = ", ".join(sorted(map(str, policies)))
                raise BrokenError(
                    TAKEN_DOWN, f"{name}: {mine} of {stack.name} stays live, on_destroy: {policy}"
                )

    def _judge_owners(self, stack: Stack, name: str, mark: int) -> None:
        owners = [urn for urn, declared in stack.program.items() if declared.name == name]
        is_written = any(event.sequence > mark for event in self._registry.events(name))
        if len(owners) > 1 and is_written and self.announced.checks_first:
            raise BrokenError(ONE_OWNER, f"{name}: {owners} were checked, and one of them wrote")

    def _judge_withdrawals(
        self, stack: Stack, step: Step, record: Recorded, withdrawn: Collection[int]
    ) -> None:
        name = record.id or rule_of(step).name
        others = {n: actor for n in withdrawn if (actor := self._brought(n, name)) != stack.name}
        # What the resource itself took over is its own: any line may name it.
        owned = record.known if step.action == "update" else {}
        for number, actor in others.items():
            if not self._names(step, name, number, warnings=number not in owned):
                raise BrokenError(WARNED, f"{name}: {stack.name} withdrew v{number} of {actor}")

    def _judge_consent(self, stack: Stack, step: Step, name: str, withdrawn: Versions, digest: str) -> None:
        others = {n for n in withdrawn if self._brought(n, name) != stack.name}
        different = {n for n in others if withdrawn[n].digest != digest}
        is_new = step.action == "create" and (stack.name, name) not in self._was_live
        if different and is_new and not rule_of(step).adopt:
            raise BrokenError(CONSENT, f"{name}: {stack.name} withdrew {different}")

    def _judge_warnings(self, stack: Stack, step: Step, record: Recorded, number: int, mark: int) -> None:
        """Find warnings of an update about versions that this stack withdrew, and that nobody touched since."""
        if step.action != "update":
            return
        name = record.id
        events = [event for event in self._registry.events(name) if event.sequence <= mark]
        last = {event.number: event for event in events}
        for event in last.values():
            is_ours = event.what == "unpublished" and event.actor == stack.name
            touched = {number, int(record.outputs["version"])}
            if is_ours and event.number not in touched and self._names(step, name, event.number):
                raise BrokenError(FRESH, f"{name}: a warning to {stack.name} names v{event.number}")

    def _names(self, step: Step, name: str, number: int, *, warnings: bool = True) -> bool:
        """Return whether the preview named a version."""
        named = re.compile(rf"\bv{number}\b|\bversions? [^.;:]*\b{number}\b")
        return any(map(named.search, self.announced.of(step.key, name, warnings=warnings)))

    def _brought(self, number: int, name: str) -> str | None:
        """Return who published a version last."""
        events = [e for e in self._registry.events(name) if e.number == number and e.publishes]
        return events[-1].actor if events else None

    def _judge_numbers(self, stack: Stack, record: Recorded, name: str, before: Versions, mark: int) -> None:
        """Compare each definition that a call has written with those that its number had before.

        Nobody can know of a version that somebody else published and deleted, nor that somebody else published a draft of
        this stack and withdrew it. A stack that deleted its versions has forgotten their numbers.
        """
        events = self._registry.events(name)
        for event in (each for each in events if each.sequence > mark and each.defines):
            known, number = record.known.get(event.number), event.number
            earlier = [each for each in events if each.sequence <= mark and each.number == number]
            deleted = [e.sequence for e in earlier if e.what == "deleted" and e.actor == stack.name]
            earlier = [each for each in earlier if each.sequence > max(deleted, default=-1)]
            released = [each for each in earlier if each.publishes]
            is_mine = [each.actor for each in earlier if each.what == "created"][-1:] == [stack.name]
            is_knowable = number in before and (
                not is_mine or stack.name in {each.actor for each in released}
            )
            digests = {each.digest for each in released} if is_knowable else set()
            digests |= {known} if known is not None else set()
            if digests and event.digest not in digests:
                raise BrokenError(NUMBER, f"{name}: {stack.name} gave version {number} another definition")


def _drops_policy(step: Step, record: Recorded) -> bool:
    """Return whether an update takes `on_destroy` out of the program, so that the default holds from now on."""
    return (
        step.action == "update"
        and rule_of(record).on_destroy is not None
        and rule_of(step).on_destroy is None
    )


def _live(versions: Versions) -> set[int]:
    return {number for number, version in versions.items() if version.is_live}


def _holds(records: Collection[Recorded], number: int, versions: Versions) -> bool:
    """Return whether a version is the one that a resource recorded, as it was recorded."""
    return any(
        int(record.outputs["version"]) == number and record.known.get(number) == versions[number].digest
        for record in records
    )
