"""One line for each resource that changes, for the diagnostics of a preview: what a visitor will get, and what no longer.

`cart_abandonment_discount v2 → v3 goes live, v2 is withdrawn: shopping:cart_value > 75 → > 80; sent to domain_userid`
"""

from __future__ import annotations

from collections.abc import Sequence

from pulumi_snowplow_signals.fields.changes import in_brief, in_full
from pulumi_snowplow_signals.fields.remarks import Remark
from pulumi_snowplow_signals.kinds.definition import Definition
from pulumi_snowplow_signals.versions.history import Registered
from pulumi_snowplow_signals.versions.proposal import Prior, Proposal
from pulumi_snowplow_signals.versions.versioning import Decision, Move


def announce(
    prior: Prior | None, proposal: Proposal, decision: Decision, registered: Registered | None
) -> tuple[Remark, ...]:
    """Say what a decision means, in a line for the change itself and one for each thing that a reviewer should stop at."""
    proposal = proposal.after(prior)
    remarks: list[Remark] = []
    if decision.move is not Move.KEEP:
        stops = (
            decision.move in (Move.WITHDRAW, Move.WITHDRAW_OTHERS, Move.ADOPT)
            or decision.deleted is not None
            or decision.version in decision.withdrawn
        )
        line = _line(prior, proposal, decision, registered)
        remarks.append(Remark("warning" if stops else "info", line))
    if decision.move is Move.ADOPT and registered:
        remarks.append(Remark("warning", _adoption(proposal, registered)))
    if decision.newer not in (None, decision.version) and prior is not None:
        remarks.append(Remark("warning", _moved_on(prior, proposal, decision, registered)))
    if decision.move is Move.TAKE_OVER and proposal.published:
        beside = _staying(prior, decision, registered)
        if beside:
            remarks.append(
                Remark(
                    "warning",
                    f"{proposal.definition.name}: {_numbers(beside)} {_is(beside)} live beside v{decision.version}; "
                    "the next change of this resource withdraws what is live beside it",
                )
            )
    return tuple(remarks)


def _line(prior: Prior | None, proposal: Proposal, decision: Decision, registered: Registered | None) -> str:
    name, number = proposal.definition.name, decision.version
    stepped = prior is not None and prior.version != number
    numbers = f"{name} v{prior.version} → v{number}" if prior is not None and stepped else f"{name} v{number}"
    staying = [] if proposal.published else _staying(prior, decision, registered)
    events = [_event(proposal, decision, registered)]
    others = [n for n in decision.withdrawn if n != number]
    if others:
        events.append(f"{_numbers(others)} {_is(others)} withdrawn")
    if decision.deleted is not None:
        events.append(f"the draft v{decision.deleted} is deleted")
    if staying:
        events.append(f"{_numbers(staying)} {'stays' if len(staying) == 1 else 'stay'} live")
    elif number in decision.withdrawn:
        events.append("nothing of it reaches visitors any more")
    if prior is None and number != 1 and decision.move is Move.CREATE:
        events.append(f"the first number is {number}")
    return f"{numbers} {', '.join(events)}: {_content(prior, proposal)}; {_receivers(proposal, decision, registered)}"


def _event(proposal: Proposal, decision: Decision, registered: Registered | None) -> str:
    if decision.move is Move.WITHDRAW:
        return "is WITHDRAWN"
    if decision.move is Move.TAKE_OVER:
        return f"is in the registry already with this definition and is taken over, {_fate(proposal, decision, registered)}"
    if decision.move is Move.WITHDRAW_OTHERS:
        return "stays live"
    if decision.move is Move.REPUBLISH:
        return "goes live again" if proposal.published else "comes back as a draft"
    if proposal.published:
        return "goes live, taking over what others made" if decision.move is Move.ADOPT else "goes live"
    return "is changed as a draft" if decision.move is Move.EDIT_DRAFT else "is stored as a draft"


def _fate(proposal: Proposal, decision: Decision, registered: Registered | None) -> str:
    """Say what becomes of a version that is taken over."""
    stored = (registered or {}).get(decision.version)
    is_live = stored is not None and stored.live
    if proposal.published:
        return "live" if is_live else "live from now on"
    return "WITHDRAWN" if is_live else "kept as a draft"


def _staying(prior: Prior | None, decision: Decision, registered: Registered | None) -> list[int]:
    """Give the other versions known to be live that stay so."""
    if registered is not None:
        live = {number for number, stored in registered.items() if stored.live}
    elif prior is not None:
        live = {*prior.history.also_live, *([prior.version] if prior.published else [])}
    else:
        live = set()
    return sorted(live - {decision.version, *decision.withdrawn})


def _content(prior: Prior | None, proposal: Proposal) -> str:
    if prior is not None:
        changes = in_brief(proposal.definition.changes_from(prior.definition, secret=proposal.secret))
        if changes:
            return changes
    return proposal.definition.content_in_words(proposal.secret)


def _receivers(proposal: Proposal, decision: Decision, registered: Registered | None) -> str:
    stored = (registered or {}).get(decision.version)
    taken_over = stored.definition if stored and decision.move is Move.TAKE_OVER else None
    return proposal.definition.recipients_in_words(taken_over, proposal.secret)


def _adoption(proposal: Proposal, registered: Registered) -> str:
    newest = max(registered)
    return (
        f"{proposal.definition.name}: against v{newest} in the registry: "
        f"{_against(registered[newest].definition, proposal)}"
    )


def _moved_on(prior: Prior, proposal: Proposal, decision: Decision, registered: Registered | None) -> str:
    newer = decision.newer
    fate = "is withdrawn by this change" if newer in decision.withdrawn else "stays as it is"
    stored = None if newer is None else (registered or {}).get(newer)
    shown = f". Against it, the program: {_against(stored.definition, proposal)}" if stored else ""
    return (
        f"{proposal.definition.name}: somebody else put v{newer} into the registry, while this stack recorded "
        f"v{prior.version}; v{newer} {fate}{shown}"
    )


def _against(stored: Definition | None, proposal: Proposal) -> str:
    if stored is None:
        return "in a form that this release cannot read"
    changes = proposal.definition.changes_from(stored, secret=proposal.secret)
    return in_full(changes) or "the same definition"


def _numbers(numbers: Sequence[int]) -> str:
    return ", ".join(f"v{number}" for number in sorted(numbers))


def _is(numbers: Sequence[int]) -> str:
    return "is" if len(numbers) == 1 else "are"
