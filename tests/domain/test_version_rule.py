"""The version rule, held to its table and to the promise that the table is about."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from generated import definitions, respelled
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from thorough import examples
from version_table import DEFINITIONS, REGISTRY, TABLE, Row, expected_of, verdict_on

from pulumi_snowplow_signals.kinds.intervention import Intervention
from pulumi_snowplow_signals.kinds.succession import OneLive
from pulumi_snowplow_signals.versions.history import History, Stored
from pulumi_snowplow_signals.versions.plan import Move, Plan, Prior, Proposal, Refusal
from pulumi_snowplow_signals.versions.versioning import Numbered

PLANNER = Numbered(OneLive())


@pytest.mark.parametrize("row", TABLE, ids=[row.promise for row in TABLE])
def test_table(row: Row) -> None:
    """What becomes of a case, and what the stack remembers of it, is what the table says."""
    assert verdict_on(row) == expected_of(row)


@pytest.mark.parametrize("row", TABLE, ids=[row.promise for row in TABLE])
def test_what_is_remembered_of_a_number_never_changes(row: Row) -> None:
    """A number keeps the digest of what was released under it, and is never forgotten."""
    expected = expected_of(row)
    if "history" in expected and row.recorded is not None:
        before = row.recorded.released.split()
        released = History.from_wire(expected["history"]).released
        assert {n: DEFINITIONS[letter].digest for n, letter in map(_number_and_letter, before)}.items() <= (
            released.items()
        )


def _number_and_letter(entry: str) -> tuple[int, str]:
    return int(entry[:-1]), entry[-1]


def _recorded(definition: Intervention, number: int) -> Prior:
    released = {number: definition.digest}
    return Prior(
        definition, number, published=True, history=History(REGISTRY, released, number, frozenset({number}))
    )


def test_what_others_stored_in_the_place_of_a_deleted_draft_is_left_alone() -> None:
    """A draft of ours that is gone is stored again, but never over what somebody else has put there since."""
    history = History(REGISTRY, highest=1, recorded=frozenset({1}), gone=True)
    prior = Prior(DEFINITIONS["A"], 1, published=False, history=history)
    theirs = {1: Stored(DEFINITIONS["B"], live=False)}
    verdict = PLANNER.plan(REGISTRY, prior, Proposal(DEFINITIONS["A"], None, published=False), theirs)
    assert isinstance(verdict, Refusal)
    assert "set version=2" in verdict.reason


def test_what_is_recorded_as_live_and_is_not_is_published_where_somebody_looks() -> None:
    """Nothing of the program has changed, so that only a look at the registry can tell."""
    found = {1: Stored(DEFINITIONS["A"], live=False)}
    verdict = PLANNER.plan(
        REGISTRY, _recorded(DEFINITIONS["A"], 1), Proposal(DEFINITIONS["A"], None, published=True), found
    )
    assert isinstance(verdict, Plan)
    assert (verdict.version, verdict.move) == (1, Move.PUBLISH)


def test_a_draft_that_is_not_there_is_stored_again_where_somebody_looks() -> None:
    """No refresh has said so: the versions that were found do."""
    history = History(REGISTRY, highest=1, recorded=frozenset({1}))
    prior = Prior(DEFINITIONS["A"], 1, published=False, history=history)
    verdict = PLANNER.plan(REGISTRY, prior, Proposal(DEFINITIONS["A"], None, published=False), {})
    assert isinstance(verdict, Plan)
    assert (verdict.version, verdict.move) == (1, Move.STORE_AGAIN)


@given(definition=definitions(), data=st.data(), number=st.integers(1, 9))
def test_equal_definitions_never_ask_for_a_number(
    definition: Intervention, data: st.DataObject, number: int
) -> None:
    """However a definition is spelt the second time, its number is kept and nothing is written."""
    again = data.draw(respelled(definition))
    for given_number in (None, number):
        verdict = PLANNER.plan(
            REGISTRY, _recorded(definition, number), Proposal(again, given_number, published=True), None
        )
        assert isinstance(verdict, Plan)
        assert (verdict.version, verdict.move) == (number, Move.KEEP)


@given(one=definitions(), other=definitions(), number=st.integers(1, 9))
def test_different_definitions_always_ask_for_a_number(
    one: Intervention, other: Intervention, number: int
) -> None:
    """A released number is refused to another definition, which gets a higher one where none is given."""
    assume(not one.equals(other))
    other = other.model_copy(update={"name": one.name})
    assume(not one.equals(other))
    prior = _recorded(one, number)
    assert isinstance(PLANNER.plan(REGISTRY, prior, Proposal(other, number, published=True), None), Refusal)
    verdict = PLANNER.plan(REGISTRY, prior, Proposal(other, None, published=True), None)
    assert isinstance(verdict, Plan)
    assert (verdict.version, verdict.move) == (number + 1, Move.NEW_VERSION)


@dataclass(frozen=True)
class Step:
    """One deployment: what the program wants, and what happens around it."""

    letter: str
    version: int | None
    published: bool
    adopt: bool
    looks: bool
    by_others: tuple[str, int, str] | None
    is_interrupted: bool
    is_refreshed: bool


@dataclass
class World:
    """A registry, what was ever published in it, and a stack."""

    held: dict[int, tuple[str, bool]] = field(default_factory=dict)
    published: dict[int, str] = field(default_factory=dict)
    prior: Prior | None = None

    @property
    def live(self) -> set[int]:
        return {number for number, (_, live) in self.held.items() if live}

    def write(self, number: int, letter: str, *, live: bool) -> None:
        if live:
            assert self.published.setdefault(number, letter) == letter, (
                f"{number} was {self.published[number]}"
            )
        self.held[number] = (letter, live)

    def let_others_act(self, what: str, number: int, letter: str) -> None:
        """Let somebody else act as the service allows: what was published once keeps its definition with them, too.

        Nobody withdraws what the stack takes for its draft: the service cannot tell the two apart.
        """
        is_draft = self.prior is not None and self.prior.version == number and self.prior.is_draft
        if what == "publish" and self.published.get(number, letter) == letter and number not in self.live:
            self.write(number, letter, live=True)
        elif what == "draft" and number not in self.held and number not in self.published:
            self.write(number, letter, live=False)
        elif what == "withdraw" and number in self.held and not is_draft:
            self.held[number] = (self.held[number][0], False)

    def deploy(self, step: Step) -> None:
        definition = DEFINITIONS[step.letter]
        registered = {n: Stored(DEFINITIONS[letter], live) for n, (letter, live) in self.held.items()}
        proposal = Proposal(definition, step.version, step.published, step.adopt)
        verdict = PLANNER.plan(REGISTRY, self.prior, proposal, registered if step.looks else None)
        if isinstance(verdict, Refusal) or self._is_refused_by_the_write(step, verdict):
            return
        if verdict.move is not Move.KEEP:
            before = self.live - {verdict.version}
            if verdict.move is Move.WITHDRAW:
                self.let_others_act("withdraw", verdict.version, "")
            else:
                self.write(verdict.version, step.letter, live=step.published)
            if step.published and (step.adopt or verdict.move is not Move.TAKE_OVER or verdict.withdrawn):
                assert not step.looks or set(verdict.withdrawn) == before
                for number in before:
                    self.held[number] = (self.held[number][0], False)
            if verdict.deleted is not None and self.prior is not None:
                letter, live = self.held.get(verdict.deleted, ("", False))
                if letter and not live and DEFINITIONS[letter].equals(self.prior.definition):
                    del self.held[verdict.deleted]
        if not step.is_interrupted:
            self.prior = Prior(definition, verdict.version, step.published, verdict.history)

    def _is_refused_by_the_write(self, step: Step, verdict: Plan) -> bool:
        """Look before writing, as the lifecycle does; nothing is refused there of which the preview could have known."""
        if verdict.version in self.held and verdict.version not in verdict.history.released:
            _, live = self.held[verdict.version]
            if live or self.prior is None or verdict.version not in self.prior.history.recorded:
                assert not step.looks, f"{verdict} would make a draft of what may have been published"
                return True
        letter, live = self.held.get(verdict.version, (step.letter, False))
        if letter == step.letter or verdict.move in (Move.KEEP, Move.WITHDRAW):
            return False
        is_our_draft = (
            self.prior is not None and self.prior.is_draft and self.prior.version == verdict.version
        )
        if is_our_draft and not live and self.prior and DEFINITIONS[letter].equals(self.prior.definition):
            newest = max(self.held)
            is_topmost = newest <= verdict.version or newest in self.prior.history.recorded
            assert is_topmost or not step.looks, f"{verdict} would edit below {newest}"
            return not is_topmost
        assert not step.looks, f"{verdict} would write over {letter}"
        return True

    def refresh(self) -> None:
        """Raise the highest number to what is there, as a refresh does."""
        if self.prior is not None:
            kept = self.prior.history
            self.prior = replace(self.prior, history=replace(kept, highest=max(kept.highest, *self.held, 0)))


letters = st.sampled_from("ABC")
small_numbers = st.integers(1, 5)
acts = st.tuples(st.sampled_from(["publish", "draft", "withdraw"]), small_numbers, letters)
steps = st.builds(
    Step,
    letter=letters,
    version=st.none() | small_numbers,
    published=st.booleans() | st.just(value=True),
    adopt=st.booleans(),
    looks=st.booleans() | st.just(value=True),
    by_others=st.none() | acts,
    is_interrupted=st.sampled_from([False, False, True]),
    is_refreshed=st.booleans(),
)


@settings(max_examples=examples(300))
@given(st.lists(steps, min_size=2, max_size=8))
def test_a_published_number_never_changes_its_definition(history_of_a_stack: list[Step]) -> None:
    """Whatever is deployed, by whom, and wherever a run is cut off; and what a preview allows, the write carries out."""
    world = World()
    for step in history_of_a_stack:
        if step.by_others:
            world.let_others_act(*step.by_others)
        if step.is_refreshed:
            world.refresh()
        world.deploy(step)
