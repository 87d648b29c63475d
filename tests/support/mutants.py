"""Mutants of the version rule: each a small change of its source that breaks a promise.

`(old text, new text, promise)`. The old text has to stand in the sources of the rule exactly once.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Final

from version_table import Rule

from pulumi_snowplow_signals import versions

_MODULES: Final = ("history", "case", "creation", "change", "versioning")
"""The modules of the rule, each after those that it imports."""

_SOURCES: Final = {
    name: Path(versions.__path__[0], f"{name}.py").read_text(encoding="utf-8") for name in _MODULES
}


@dataclass(frozen=True)
class Mutant:
    """One change of one of the modules."""

    old: str
    new: str
    promise: str


MUTANTS: Final = [
    # what everything is decided from
    Mutant("self.history.highest + 1", "max(self.history.released, default=0) + 1", "a number of a draft is not used again"),
    Mutant("history = History(registry).informed_by(found)", "history = History(registry)", "a creation remembers what was there"),
    Mutant("registry=registry).informed_by(found)", "registry=registry)", "a change knows what was found in the registry"),
    Mutant("looked = registered is not None", "looked = True", "where nobody looked, the stack's own record counts"),
    Mutant("proposal.explicit and proposal.version is None", "proposal.explicit", "a number that is written is taken"),
    Mutant("isinstance(verdict, Plan) and proposal.explicit and", "isinstance(verdict, Plan) and", "without explicit numbering, no number is asked for"),
    Mutant('"" if self.proposal.explicit else ", or leave version out', '", or leave version out', "where numbers are explicit, leaving it out is no way out"),
    Mutant("self.proposal.definition.is_stored_as(stored.definition)", "self.proposal.definition.equals(stored.definition)", "keys that the service filled in are no difference"),
    Mutant("if stored.live}", "}", "only what is live is withdrawn"),
    # what is remembered
    Mutant("        if self.proposal.published:\n            released[number]", "        if True:\n            released[number]", "a draft is not released"),
    Mutant("            released[number] = self.proposal.definition.digest", "            released.setdefault(number, self.proposal.definition.digest)", "a draft published by a lost answer is remembered as it is now"),
    Mutant("        gone = {deleted} if deleted is not None else set()", "        gone = set()", "a deleted draft is no longer ours"),
    Mutant("highest=max(self.history.highest, number)", "highest=number", "going back does not free the higher number"),
    Mutant("recorded=(self.history.recorded | {number}) - gone", "recorded=self.history.recorded - gone", "the number that is made is ours"),
    Mutant("taken_over=self.history.taken_over or taken_over", "taken_over=False", "what was taken over is remembered as such"),
    Mutant("            also_live=frozenset(),\n", "", "what was withdrawn is not live beside ours"),
    Mutant("self.history.retired | gone if n > number", "self.history.retired if n > number", "the number of a deleted draft is nobody else's"),
    Mutant("self.history.retired | gone if n > number", "self.history.retired | gone", "a number that is in use again is not retired"),
    # creation
    Mutant("number = given or 1", "number = 1", "the first number may be another"),
    Mutant("self.proposal.version, max(self.registered, default=None)", "self.proposal.version, min(self.registered, default=None)", "only the newest version is taken over"),
    Mutant("self.holds_proposal(newest) and given in (None, newest) and", "self.holds_proposal(newest) and", "another number does not take over"),
    Mutant("if self.holds_proposal(newest) and given in (None, newest) and", "if given in (None, newest) and", "another definition is not taken over as it is"),
    Mutant("return self._clash(newest) if not self.proposal.adopt else", "return", "a clash is refused without adopt"),
    Mutant("given is not None and given in self.registered:", "False:", "adopt refuses a number in use"),
    Mutant("number = given or self.following\n        return self.planned(number, Move.ADOPT", "number = self.following\n        return self.planned(number, Move.ADOPT", "adopt takes the number given"),
    Mutant("taken_over=bool(self.live()))", "taken_over=False)", "what is adopted is remembered as taken over"),
    Mutant("given is None or given in self.registered else given", "given is None else given", "a number in use is not proposed to adopt under"),
    Mutant("free != given and (given is not None or self.proposal.explicit)", "free != given and given is not None", "where numbers are explicit, adopt is proposed with one"),
    Mutant("self.succession.retires(live, number) if self.proposal.published else live & {number}", "self.succession.retires(live, number)", "what is not ours stays where a draft is taken over"),
    # a change: which case it is
    Mutant("if given in (None, recorded):", "if given is None:", "the recorded number given is like none given"),
    Mutant("if self.prior.definition.equals(self.proposal.definition):\n                return self._same()", "if False:\n                return self._same()", "nothing changed is nothing done"),
    Mutant("                if self._is_edited_elsewhere():\n                    return self._edited_elsewhere()\n                return self._plan(recorded", "                return self._plan(recorded", "a draft that somebody edited is not written over"),
    Mutant("if self._may_be_edited():", "if True:", "what was released is not edited"),
    Mutant("self._step(self._leftover() or self.following)", "self._step(self.following)", "what an interrupted run stored is carried on"),
    Mutant("        if given == recorded:\n            return self._number_is_taken()\n", "", "a released number is refused to a change"),
    # drafts
    Mutant("return self.is_draft and self._newer() is None", "return self.is_draft", "a draft below somebody's newer version is not edited"),
    Mutant("return self.is_draft and self._newer() is None", "return False", "a draft is edited in place"),
    Mutant("if self.is_draft or not self.prior.is_draft:", "if True:", "a draft whose publication was answered by nothing is what was wanted"),
    Mutant("return self.holds_proposal(self.prior.version) and not self", "return not self", "a draft that somebody published with another definition is not edited"),
    Mutant(" and not self.prior.definition.equals(stored.definition)", "", "a draft that somebody published as it was is not edited"),
    Mutant("            stored is None\n            or self.holds", "            self.holds", "where nobody looked, a draft counts as it was recorded"),
    Mutant("            or self.holds_proposal(number)\n            or self.prior", "            or self.prior", "a draft that somebody edited into what is wanted is ours"),
    Mutant("\n            or self.prior.definition.is_stored_as(stored.definition)", "", "a draft as it was recorded may be edited"),
    # a number that is given
    Mutant("if self.history.released.get(number) == self.proposal.definition.digest:", "if False:", "what was changed behind our back is told as such"),
    Mutant('"may have been published by now" if self.is_draft else "has been published"', '"has been published"', "a draft is not said to have been published"),
    Mutant("self.ways_out if newer is None else self._moved_on(newer)", "self.ways_out", "both ways out are told where somebody else moved on"),
    Mutant("        is_held = is_held or self.holds_proposal(given)\n", "", "a number of somebody else with this definition comes back"),
    Mutant("is_held = self.history.released.get(given) == self.proposal.definition.digest", "is_held = False", "a number comes back where nobody looked"),
    Mutant("given < newer or (given == newer and not is_held)", "given == newer and not is_held", "nobody goes back behind what somebody else published"),
    Mutant("given < newer or (given == newer and not is_held)", "given < newer", "somebody else's number is not free"),
    Mutant("(given == newer and not is_held)", "given == newer", "somebody else's number is taken over with its definition"),
    Mutant("        if is_held:\n            return self._held(given)\n", "", "a lower number brings its definition back"),
    Mutant("if given in self.history.released:", "if False:", "a released number is told to have been released"),
    Mutant('if given in self.registered else ""\n            return self.refuse(\n                f"version: {given} of {self.quoted} has been published with', 'if False else ""\n            return self.refuse(\n                f"version: {given} of {self.quoted} has been published with', "what is there is shown"),
    Mutant("if given < self.history.highest:", "if False:", "a number that was skipped is refused"),
    Mutant("given < self.history.highest", "given <= self.history.highest", "the number of a draft given up is free for us"),
    # the same definition
    Mutant("Move.PUBLISH if self.proposal.published else Move.WITHDRAW", "Move.PUBLISH", "a withdrawal is one"),
    Mutant("self.proposal.published and self.history.also_live:", "False:", "what is live beside ours is withdrawn"),
    Mutant("if move in _NEEDS_OURS and", "if", "what changed by now is withdrawn all the same"),
    Mutant("if move in _NEEDS_OURS and self._is_edited_elsewhere():", "if False:", "another definition is not published under our number"),
    Mutant("frozenset({Move.PUBLISH, Move.WITHDRAW_OTHERS, Move.STORE_AGAIN})", "frozenset({Move.PUBLISH, Move.STORE_AGAIN})", "where ours is another by now, it is published anew"),
    Mutant("        if self.is_draft:\n            return self._edited_elsewhere()\n", "", "a draft that somebody edited is not published"),
    Mutant('        if self.proposal.version is None:\n            return self._step(self.following)\n        return self.refuse(\n            f"version: {number} of', '        if True:\n            return self._step(self.following)\n        return self.refuse(\n            f"version: {number} of', "a number that is given is not passed over"),
    # steps and numbers that come back
    Mutant("self.prior.published and not self.proposal.published\n", "not self.proposal.published\n", "a draft beside nothing live is a new version"),
    Mutant("Move.DRAFT_BESIDE if beside else Move.NEW_VERSION", "Move.NEW_VERSION", "a draft beside a live version is told as such"),
    Mutant("back = number < self.prior.version", "back = True", "going forward asks for less than going back"),
    Mutant("if back and self.prior.version not in self.history.recorded:", "if False:", "nobody goes back from what is not ours"),
    Mutant("if self.looked and not self.holds_proposal(number):", "if False:", "what the registry no longer holds does not come back"),
    Mutant("if self.looked and not self.holds_proposal(number):", "if not self.holds_proposal(number):", "where nobody looked, the digest is enough"),
    Mutant("was_ours = back or number in self.history.recorded", "was_ours = True", "taking theirs over is no comeback"),
    Mutant("was_ours = back or number in self.history.recorded", "was_ours = back", "going forward to ours is a comeback"),
    Mutant("was_ours = back or number in self.history.recorded", "was_ours = number in self.history.recorded", "going back to theirs is a comeback"),
    # what others and interrupted runs left
    Mutant("newest > self.prior.version and newest not in self.history.recorded", "newest > self.prior.version", "a version of ours is no leftover"),
    Mutant("return newest if is_new and self.holds_proposal(newest) else None", "return newest if is_new else None", "a leftover has this very definition"),
    Mutant("newest = max(self.registered, default=0)", "newest = min(self.registered, default=0)", "a leftover is the newest"),
    Mutant("history.highest} - history.retired", "history.highest} - set()", "the number of a draft given up is not somebody's"),
    Mutant(" - history.released.keys()", "", "what an earlier look has found is not told again"),
    Mutant("newest > max(self.history.recorded | {self.prior.version}) else None", "newest > self.prior.version else None", "a number of ours is not somebody's"),
    # what goes
    Mutant("self.is_draft and self.prior.version != number and not", "self.prior.version != number and not", "a released version is not deleted"),
    Mutant("self.is_draft and self.prior.version != number and not", "self.is_draft and not", "a draft that stays is not deleted"),
    Mutant(" and not self._is_edited_elsewhere()\n        deleted", "\n        deleted", "a draft that somebody edited is not deleted"),
    Mutant("moved and self.prior.version in self.history.recorded else None", "moved else None", "a draft that is not ours is not deleted"),
    Mutant("after = self.history if move is Move.KEEP else", "after =", "keeping leaves what is remembered alone"),
    Mutant("replace(plan, newer=self._newer_to_tell())", "plan", "what is newer is told"),
    Mutant("        if move is Move.KEEP:\n            return ()\n", "", "keeping withdraws nothing"),
    Mutant("return (number,) if number in self._known_live() else ()", "return ()", "what is withdrawn is told"),
    Mutant("return (number,) if number in self._known_live() else ()", "return (number,)", "what is not live is not withdrawn"),
    Mutant("self.succession.retires(self._known_live(), number)", "self._known_live()", "what is published is not withdrawn"),
    Mutant("self.live() if self.looked else self.prior.live", "self.prior.live", "what the registry says goes before what the stack recorded"),
    Mutant("else self.prior.live", "else {self.prior.version} if self.prior.published else set()", "what a refresh found live is withdrawn where nobody looks"),
    Mutant("else self.prior.live", "else {*self.history.also_live, self.prior.version}", "what was withdrawn before is not withdrawn again"),
    # what the registry tells
    Mutant("if number not in self.released and (stored", "if (stored", "what is remembered of a number is not changed by what is found"),
    Mutant("(stored.live or number not in self.recorded)", "(number not in self.recorded)", "a draft of ours that is live was published"),
    Mutant("(stored.live or number not in self.recorded)", "stored.live", "what others have stored may have been published"),
    Mutant("(stored.live or number not in self.recorded)", "True", "a draft of ours is no released version"),
    Mutant("highest = max(self.highest, *registered, 0)", "highest = self.highest", "the highest number in the registry is known"),
    Mutant("highest = max(self.highest, *registered, 0)", "highest = max([*registered, 0])", "a number that was deleted stays used"),
    Mutant("released={**self.released, **found}", "released=self.released", "what is found counts as released"),
    # revivals
    Mutant("self._live_and_different() or not self._is_ours(newest)", "not self._is_ours(newest)", "what is live and different asks for consent"),
    Mutant("self._live_and_different() or not self._is_ours(newest)", "self._live_and_different()", "another owner asks for consent"),
    Mutant("any(not self.holds_proposal(number) for number in self.live())", "bool(self.live())", "the same definition under another number needs no consent"),
    Mutant("taken_over=bool(self.live()))", "taken_over=True)", "what was not live is not kept by a destroy"),
    Mutant("given in self.registered and not self.holds_proposal(given):", "given in self.registered:", "a withdrawn number comes back with its definition"),
    Mutant("given in self.registered and not self.holds_proposal(given):", "False:", "a taken number is refused to a revival"),
    Mutant("number = given or self.following\n        return self.planned(number, Move.REVIVE", "number = self.following\n        return self.planned(number, Move.REVIVE", "a revival takes the number given"),
    Mutant("return self.proposal.adopt or not (", "return self.proposal.adopt and not (", "a name of which nothing else is live is taken over without consent"),
    Mutant("return self.proposal.adopt or not (", "return not (", "adopt takes over beside what is live"),
    Mutant("(self.proposal.published and self._live_and_different())", "False", "what others have live is not withdrawn without consent"),
    Mutant("(self.proposal.published and self._live_and_different())", "self._live_and_different()", "a draft takes nothing from anybody"),
    Mutant("if self.holds_proposal(newest) and given in (None, newest):\n            others", "if False:\n            others", "an equal definition is taken over as it is"),
    # what was deleted elsewhere
    Mutant("elif self.is_draft and (self.history.gone or self._is_missed()):", "elif self.history.gone or self._is_missed():", "what was withdrawn and deleted is left alone"),
    Mutant("elif self.is_draft and (self.history.gone or self._is_missed()):", "elif False:", "a draft deleted elsewhere is stored again"),
    Mutant("            gone=False,\n", "", "what is stored again is no longer gone"),
    # what is told once
    Mutant("return None if is_old_news else newer", "return newer", "what was withdrawn is not told of again"),
    Mutant("stored is not None and not stored.live and newer", "stored is not None and newer", "what is live again is told of again"),
    Mutant("not stored.live and newer in self.prior.history.released", "not stored.live", "what is new is told of though it is not live"),
]  # fmt: skip


@contextmanager
def applied(mutant: Mutant) -> Iterator[Rule]:
    """Give copies of the rule's modules with the change in one of them. Raises AssertionError where it no longer fits."""
    places = [name for name, source in _SOURCES.items() for _ in range(source.count(mutant.old))]
    assert len(places) == 1, f"{mutant.old!r} stands in {places}: bring the mutant up to date"
    copies: dict[str, ModuleType] = {}
    try:
        for name in _MODULES:
            source = _SOURCES[name]
            if name == places[0]:
                source = source.replace(mutant.old, mutant.new)
            for copied in copies:
                source = source.replace(
                    f"from {versions.__name__}.{copied} import", f"from mutated_{copied} import"
                )
            copies[name] = _copied(name, source)
        yield Rule(copies["versioning"], copies["history"])
    finally:
        for module in copies.values():
            del sys.modules[module.__name__]


def _copied(name: str, source: str) -> ModuleType:
    module = ModuleType(f"mutated_{name}")
    sys.modules[module.__name__] = module  # a dataclass looks its module up there
    exec(compile(source, f"{name}.py (mutated)", "exec"), module.__dict__)
    return module
