"""Compares resources with another commit: the version rule, changes in place, and whom a changed rule reaches.

The other commit stands for what is deployed. What it declares as published is assumed to be live.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pulumi_snowplow_signals.cli.declarations import Declaration
from pulumi_snowplow_signals.cli.findings import Finding, Validation
from pulumi_snowplow_signals.fields.changes import in_full
from pulumi_snowplow_signals.fields.faults import Fault
from pulumi_snowplow_signals.fields.unknown import UNKNOWN
from pulumi_snowplow_signals.kinds.attribute_group import AttributeGroup
from pulumi_snowplow_signals.kinds.attribute_key import AttributeKey
from pulumi_snowplow_signals.kinds.definition import Definition, Numbered
from pulumi_snowplow_signals.kinds.references import KeyReference
from pulumi_snowplow_signals.lifecycle.effects import (
    changed_while_used,
    fixed_and_changed,
    withdrawn_while_used,
)
from pulumi_snowplow_signals.lifecycle.users import User
from pulumi_snowplow_signals.push.message import PushHistory, refusal
from pulumi_snowplow_signals.versions import versioning
from pulumi_snowplow_signals.versions.history import History
from pulumi_snowplow_signals.versions.plan import Prior, Proposal, Refusal
from pulumi_snowplow_signals.wording.wording import Wording

Before = Mapping[tuple[str, str], Declaration]
"""The declarations of the other commit, by label and name."""


@dataclass(frozen=True)
class _Undecided:
    """Only the registry can tell."""

    why: str


@dataclass(frozen=True)
class _Pair:
    """A resource at the other commit and now."""

    old: Declaration
    new: Declaration

    @property
    def wording(self) -> Wording:
        """The words for both."""
        return Wording.of(self.old.wording.secret, self.new.wording.secret)

    @property
    def definitions(self) -> tuple[Definition, Definition] | None:
        """The old and the new definition, if both are known and have the same kind."""
        old, new = self.old.definition, self.new.definition
        return (old, new) if old is not None and new is not None and type(old) is type(new) else None

    @property
    def is_changed(self) -> bool:
        """Whether it is known to differ."""
        pair = self.definitions
        return pair is not None and not pair[0].equals(pair[1])

    @property
    def stays_live(self) -> bool:
        """Whether it was live and stays live."""
        return self.old.published is True and self.new.published is True


def compare(resources: Sequence[Declaration], base: str, before: Before, found: Validation) -> None:
    """Record how resources differ from another commit.

    Args:
        resources: What the program declares.
        base: The other commit, as the user named it.
        before: What the other commit declares.
        found: Where to record findings.
    """
    pairs = [
        _Pair(before[each.key], each)
        for each in resources
        if each.key is not None and each.key in before and not each.faults
    ]
    moving = frozenset(_find_moving(pairs))
    for pair in pairs:
        place, title = pair.new.declared.place, pair.new.title
        verdict = _check_version(pair, moving)
        if isinstance(verdict, _Undecided):
            found.not_checked.append(Finding.at(place, f"version: {verdict.why}", title))
        elif verdict:
            found.faults.append(Finding.at(place, verdict, title))
        faults = pair.wording.faults(_check_use(pair, before))
        found.faults += [Finding.at(place, fault, title) for fault in faults]
        if not (isinstance(verdict, str) or faults):
            found.notes += [Finding.at(place, note, title) for note in _describe_change(pair, base)]


def _find_moving(pairs: Sequence[_Pair]) -> Iterator[str]:
    """Yield the attribute groups to which the deployment gives another number."""
    for pair in pairs:
        is_group = isinstance(pair.new.definition, AttributeGroup)
        if is_group and pair.is_changed and pair.stays_live and pair.new.version is None:
            yield pair.new.name or ""


def _check_version(pair: _Pair, moving: frozenset[str]) -> str | _Undecided | None:
    """Return why the version cannot stay as it is; None if it can."""
    old, new = pair.old, pair.new
    if not (isinstance(old.version, (int, float)) and isinstance(new.version, (int, float))):
        is_unknown = UNKNOWN in (old.version, new.version)
        return _Undecided("is not known before a deployment") if is_unknown else None
    if old.message and new.message:
        history = PushHistory("", {old.message.version: old.message.digest})
        is_kept = old.version == new.version
        return refusal(history, old.message, new.message, pair.wording.secret) if is_kept else None
    if old.definition is None or new.definition is None:
        return None
    if old.kind is not new.kind or not isinstance(new.definition, Numbered):
        return _Undecided(f"belonged to {old.title}; only the registry can tell whether it may be kept")
    return _judge_versions(pair, old.definition, new.definition, moving)


def _judge_versions(
    pair: _Pair, old: Definition, new: Numbered, moving: frozenset[str]
) -> str | _Undecided | None:
    """Return the verdict of the version rule on two numbered definitions."""
    number, proposed, succession = int(pair.old.version), int(pair.new.version), new.succession
    if proposed < number and succession.goes_back():
        return _Undecided(f"goes back from {number} to {proposed}; only the registry can tell whether it may")
    if pair.old.published is not True and proposed == number:
        return None  # a draft is edited in place
    prior = Prior(
        old, number, published=True, history=History("", {number: old.digest}, number, frozenset({number}))
    )
    proposal = Proposal(new, proposed, pair.new.published is not False)
    verdict = versioning.Numbered(succession).plan("", prior, proposal, None)
    if isinstance(verdict, Refusal):
        return pair.wording.refusal(verdict)
    follows = sorted(pair.new.numbered & moving)
    if follows and proposed == number:
        return (
            f"version: the new version of {', '.join(follows)} changes the definition, but version is still {number}. "
            f"Set version={number + 1}, or leave version out to have it numbered."
        )
    return None


def _check_use(pair: _Pair, before: Before) -> Iterator[Fault]:
    """Yield the faults of changes that the resource's users at the other commit prevent."""
    definitions = pair.definitions
    if definitions is None or pair.old.published is not True:
        return
    label, changed = pair.new.label, fixed_and_changed(*definitions)
    # For a kind with versions, an unpublished new definition is a draft beside the live version.
    is_beside = isinstance(definitions[1], Numbered) and pair.is_changed
    if not changed and (is_beside or pair.new.published is not False):
        return
    users = sorted(_find_users(pair.old, before), key=str)
    if users:
        yield changed_while_used(changed[0], label, users) if changed else withdrawn_while_used(label, users)


def _find_users(used: Declaration, before: Before) -> Iterator[User]:
    """Yield the users of a key or a group that are live at the other commit."""
    for other in before.values():
        if other.definition is None or other.published is not True:
            continue
        for reference in other.definition.references():
            is_key = isinstance(reference, KeyReference)
            label = AttributeKey.label if is_key else AttributeGroup.label
            name = reference.key if isinstance(reference, KeyReference) else reference.group
            if (label, name) == used.key:
                yield User(other.label, other.name or "", None, is_live=True)
                break


def _describe_change(pair: _Pair, base: str) -> Iterator[str]:
    """Yield notes on the effects of a change."""
    definitions = pair.definitions
    if definitions is None or not pair.is_changed or not pair.stays_live:
        return
    old, new = definitions
    if isinstance(new, Numbered) and not isinstance(new, AttributeGroup):
        said = new.reach(old)
        reach = pair.wording.said(said) if said else ""
        if reach:
            yield f"criteria: {reach}, compared with {base}"
    else:
        what = "becomes a new version" if isinstance(new, Numbered) else "changes in place"
        yield f"{what}, compared with {base}: {in_full(pair.wording.changes(old, new))}"
