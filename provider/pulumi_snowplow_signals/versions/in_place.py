"""The planner of kinds without version numbers, which changes objects in place."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from pulumi_snowplow_signals.fields.comparison import SAME_DOMAIN
from pulumi_snowplow_signals.versions.history import History, Registered, Stored
from pulumi_snowplow_signals.versions.plan import (
    CHANGES,
    D,
    Move,
    Plan,
    Prior,
    Proposal,
    Refusal,
    Store,
    Verdict,
    Withdraw,
    Write,
)

ONLY: Final = 1
"""The number that stands for an object without versions."""


class InPlace:
    """The planner of kinds without version numbers."""

    def plan(
        self,
        registry: str,
        prior: Prior[D] | None,
        proposal: Proposal[D],
        registered: Registered | None,
    ) -> Verdict:
        """Return the plan for a proposal, or a refusal; see `Planner`."""
        stored = (registered or {}).get(ONLY)
        if prior is not None:
            move = _choose_move(prior, proposal)
            if move in (Move.EDIT, Move.PUBLISH) and _is_edited_elsewhere(prior, proposal, stored):
                return _refuse_edited(prior, proposal, stored)
            return _make_plan(replace(prior.history, registry=registry), move, proposal, stored)
        history = History(registry)
        if stored is None:
            return _make_plan(history, Move.CREATE, proposal, stored)
        history = replace(history, taken_over=stored.live)
        if proposal.definition.is_stored_as(stored.definition):
            return _make_plan(history, Move.TAKE_OVER, proposal, stored)
        if not proposal.adopt and not _is_at_rest_and_ours(proposal, stored):
            return Refusal(
                f'name: "{proposal.definition.name}" is in the registry already: {CHANGES}. Add adopt=True to take it over, '
                "or choose another name.",
                ((stored.definition, proposal.definition),),
            )
        return _make_plan(history, Move.ADOPT if proposal.adopt else Move.REVIVE, proposal, stored)

    def retires(self, live: Collection[int], number: int) -> set[int]:  # noqa: ARG002  # there is but one
        """Return an empty set: no other version can be live."""
        return set()


def _is_at_rest_and_ours(proposal: Proposal[D], stored: Stored) -> bool:
    """Return whether the object is not live and has the same owner, as after a destroy."""
    owners = [getattr(definition, "owner", None) for definition in (stored.definition, proposal.definition)]
    is_ours = stored.definition is not None and SAME_DOMAIN.form(owners[0]) == SAME_DOMAIN.form(owners[1])
    return is_ours and not stored.live


def _choose_move(prior: Prior[D], proposal: Proposal[D]) -> Move:
    if not prior.definition.equals(proposal.definition):
        return Move.EDIT
    if prior.published != proposal.published:
        return Move.PUBLISH if proposal.published else Move.WITHDRAW
    return Move.STORE_AGAIN if prior.history.gone else Move.KEEP


def _is_edited_elsewhere(prior: Prior[D], proposal: Proposal[D], stored: Stored | None) -> bool:
    """Return whether the registry holds neither the recorded nor the proposed definition."""
    return not (
        stored is None
        or prior.definition.is_stored_as(stored.definition)
        or proposal.definition.is_stored_as(stored.definition)
    )


def _refuse_edited(prior: Prior[D], proposal: Proposal[D], stored: Stored | None) -> Refusal:
    definition = stored.definition if stored else None
    return Refusal(
        f'name: "{prior.definition.name}" is not what this stack recorded: it was edited outside this stack, or a deployment was '
        f"interrupted; to match the program: {CHANGES}. Run `pulumi up --refresh` to overwrite it.",
        ((definition, proposal.definition),),
    )


def _make_plan(history: History, move: Move, proposal: Proposal[D], stored: Stored | None) -> Plan:
    if move is Move.KEEP:
        return Plan(ONLY, move, history)
    is_there = (
        stored is not None
        and stored.live == proposal.published
        and proposal.definition.is_stored_as(stored.definition)
    )
    writes: list[Write] = [] if is_there else [Store(ONLY, proposal.published, stored)]
    if move is Move.WITHDRAW:
        writes = [Withdraw(ONLY)]
    elif writes and stored is not None and stored.live and not proposal.published:
        # Whether a withdrawal may edit an object is not documented.
        writes = [Withdraw(ONLY), Store(ONLY, published=False, over=replace(stored, live=False))]
    stops = stored is not None and stored.live and not proposal.published
    after = replace(history, recorded=frozenset({ONLY}), highest=ONLY, gone=False)
    return Plan(ONLY, move, after, tuple(writes), (ONLY,) if stops else ())
