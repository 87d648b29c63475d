"""The lines of the diagnostics about direct interventions: what is pushed to how many ids, and which were not served.

They have the forms of `wording.lines`:

`greeting v1 will be pushed at once to 3 ids; cannot be undone: title "Hi"; sent to domain_sessionid`

A push cannot be undone, so the line is a warning. It counts ids and never shows them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pulumi_snowplow_signals.fields.remarks import Remark
from pulumi_snowplow_signals.fields.text import key_in_path, quoted_in_brief
from pulumi_snowplow_signals.fields.unknown import Unknown, has_unknown
from pulumi_snowplow_signals.kinds.definition import Said
from pulumi_snowplow_signals.push.delivery import Fate
from pulumi_snowplow_signals.push.message import Message
from pulumi_snowplow_signals.push.parsing import DirectInputs
from pulumi_snowplow_signals.push.targets import Targets, count, exclude, members
from pulumi_snowplow_signals.wording.wording import Wording

_FATES_IN_WORDS: Final[Mapping[Fate, str]] = {
    "served": "served",
    "unconfirmed": "unconfirmed: the push was sent, and no response says whether it was delivered",
    "undelivered": "not delivered: nobody is subscribed",
    "failed": "not served",
}

_MOST_ATTRIBUTES: Final = 4


@dataclass(frozen=True)
class Pushed:
    """What the stack recorded: a message and the targets that it was pushed to."""

    message: Message
    targets: Targets


def announce_push(prior: Pushed | None, proposed: DirectInputs, wording: Wording) -> Remark | None:
    """Return the remark about a push: what, and to how many ids. Return None if nothing is pushed."""
    title, message = _build_title(prior, proposed), proposed.message
    known, is_open = _select_known(proposed.targets), has_unknown(proposed.targets)
    everyone = _describe_count(known, is_open=is_open)
    parts = [_describe_attributes(proposed, wording), _describe_keys(known, wording)]
    if prior is None:
        return _announce_pushed(f"{title} will be pushed at once to {everyone}", *parts)
    if message is None:
        return _announce_pushed(
            f"{title} may be pushed at once to {everyone}, depending on what is not known yet", *parts
        )
    changed = prior.message.changed_inputs(message)
    if changed:
        why = f"{' and '.join(changed)} changed"
        return _announce_pushed(f"{title} will be pushed at once to {everyone}", why, *parts)
    return _announce_targets(title, prior.targets, proposed, wording)


def announce_end(message: Message, successor: str | None = None) -> Remark:
    """Return the remark about a deleted resource, which changes nothing for those who received the message."""
    why = f"; {successor} takes its place" if successor else ""
    return Remark(
        "info",
        f"{message.name} v{message.version} is removed from the stack; what was pushed cannot be recalled{why}",
    )


def announce_delivery(message: Message, pushed: Iterable[tuple[Targets, Fate]], reason: str) -> Remark | None:
    """Return the remark about ids that were not served, and how to push again; None if all were served.

    Args:
        message: What was pushed.
        pushed: The targets of each request, and its outcome.
        reason: Why a response is missing or a request failed; empty otherwise.
    """
    counted: Counter[Fate] = Counter()
    for targets, fate in pushed:
        counted[fate] += count(targets)
    if counted.keys() <= {"served"}:
        return None
    by_fate = "; ".join(
        f"{_describe_ids(counted[fate])} {words}" for fate, words in _FATES_IN_WORDS.items() if counted[fate]
    )
    because = f" ({reason})" if reason else ""
    return Remark(
        "warning",
        f"{message.name} v{message.version}: {by_fate}{because}. Later runs do not retry it. "
        f"To push to all ids again, {_suggest_retry(message)}",
    )


def _announce_targets(
    title: str, recorded: Targets, proposed: DirectInputs, wording: Wording
) -> Remark | None:
    known, is_open = _select_known(proposed.targets), has_unknown(proposed.targets)
    added = exclude(known, members(recorded))
    if added or is_open:
        parts = [_describe_attributes(proposed, wording), _describe_keys(added, wording)]
        them = _describe_count(added, is_open=is_open)
        return _announce_pushed(f"{title} will be pushed at once to {them}", "added to targets", *parts)
    removed = count(exclude(recorded, members(known)))
    if removed:
        return Remark("info", f"{title}: {_describe_ids(removed)} removed from targets; nothing is pushed")
    return None


def _announce_pushed(event: str, *parts: str) -> Remark:
    details = "; ".join(filter(None, parts))
    return Remark("warning", f"{event}; cannot be undone{f': {details}' if details else ''}")


def _describe_attributes(proposed: DirectInputs, wording: Wording) -> str:
    """Return the attributes in words: `title "Hi", text "…"`."""
    if isinstance(proposed.attributes, Unknown):
        return "attributes that are not known yet"
    shown = [
        f"{key_in_path(name)} {'not known yet' if isinstance(text, Unknown) else quoted_in_brief(text)}"
        for name, text in proposed.attributes.items()
    ]
    rest = len(shown) - _MOST_ATTRIBUTES
    words = ", ".join(shown[:_MOST_ATTRIBUTES]) + (f" and {rest} more" if rest > 0 else "")
    return wording.said(Said(("attributes",), words, "attributes hidden (secret)")) if shown else ""


def _describe_keys(known: Targets, wording: Wording) -> str:
    """Return the attribute keys of the known ids in words."""
    words = f"sent to {', '.join(map(key_in_path, known))}"
    return wording.said(Said(("targets",), words, "recipients hidden (secret)")) if known else ""


def _build_title(prior: Pushed | None, proposed: DirectInputs) -> str:
    name = "a direct intervention" if isinstance(proposed.name, Unknown) else proposed.name
    if isinstance(proposed.version, Unknown):
        return name
    if prior is not None and prior.message.version != proposed.version:
        return f"{name} v{prior.message.version} → v{proposed.version}"
    return f"{name} v{proposed.version}"


def _suggest_retry(message: Message) -> str:
    """Return the line to write. It does not repeat `triggers`, which may hold a secret or an id."""
    if not message.triggers:
        return 'write triggers=["again"].'
    return f'add an item to triggers: triggers=[..., "again {len(message.triggers) + 1}"].'


def _describe_count(known: Targets, *, is_open: bool) -> str:
    if not is_open:
        return _describe_ids(count(known))
    return (
        f"{_describe_ids(count(known))} and others that are not known yet"
        if known
        else "ids that are not known yet"
    )


def _describe_ids(number: int) -> str:
    return "1 id" if number == 1 else f"{number} ids"


def _select_known(
    targets: Mapping[str, Sequence[str | Unknown] | Unknown] | Unknown,
) -> dict[str, list[str]]:
    if isinstance(targets, Unknown):
        return {}
    known = {
        key: [] if isinstance(ids, Unknown) else [one for one in ids if not isinstance(one, Unknown)]
        for key, ids in targets.items()
    }
    return {key: ids for key, ids in known.items() if ids}
