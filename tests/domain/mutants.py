"""Mutants of the version rule: each a small change of its source that breaks a promise.

`(module, old text, new text, promise)`. The old text has to stand in the source exactly once.
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

from pulumi_snowplow_signals.versions import history, versioning

_SOURCES: Final = {
    module.__name__.rpartition(".")[2]: Path(str(module.__file__)).read_text(encoding="utf-8")
    for module in (versioning, history)
}


@dataclass(frozen=True)
class Mutant:
    """One change of one of the two modules."""

    module: str
    old: str
    new: str
    promise: str


def _of_versioning(old: str, new: str, promise: str) -> Mutant:
    return Mutant("versioning", old, new, promise)


def _of_history(old: str, new: str, promise: str) -> Mutant:
    return Mutant("history", old, new, promise)


MUTANTS: Final = [
    # what everything is decided from
    _of_versioning("self.history.highest + 1", "max(self.history.released, default=0) + 1", "a number of a draft is not used again"),
    _of_versioning("History(registry).informed_by(found), proposal, found", "History(registry), proposal, found", "a creation remembers what was there"),
    _of_versioning("registry=registry).informed_by(found)", "registry=registry)", "a change knows what was found in the registry"),
    _of_versioning("proposal.after(prior)", "proposal", "what was a secret stays one"),
    _of_versioning("looked = registered is not None", "looked = True", "where nobody looked, the stack's own record counts"),
    _of_versioning("proposal.explicit and proposal.version is None", "proposal.explicit", "a number that is written is taken"),
    _of_versioning("isinstance(verdict, Decision) and proposal.explicit and", "isinstance(verdict, Decision) and", "without explicit numbering, no number is asked for"),
    _of_versioning('"" if self.proposal.explicit else ", or leave version out', '", or leave version out', "where numbers are explicit, leaving it out is no way out"),
    _of_versioning("self.proposal.definition.is_stored_as(stored.definition)", "self.proposal.definition.equals(stored.definition)", "keys that the service filled in are no difference"),
    _of_versioning("if stored.live}", "}", "only what is live is withdrawn"),
    # what is remembered
    _of_versioning("        if self.proposal.published:\n            released[number]", "        if True:\n            released[number]", "a draft is not released"),
    _of_versioning("            released[number] = self.proposal.definition.digest", "            released.setdefault(number, self.proposal.definition.digest)", "a draft published by a lost answer is remembered as it is now"),
    _of_versioning("        gone = {deleted} if deleted is not None else set()", "        gone = set()", "a deleted draft is no longer ours"),
    _of_versioning("highest=max(self.history.highest, number)", "highest=number", "going back does not free the higher number"),
    _of_versioning("recorded=(self.history.recorded | {number}) - gone", "recorded=self.history.recorded - gone", "the number that is made is ours"),
    _of_versioning("taken_over=self.history.taken_over or taken_over", "taken_over=False", "what was taken over is remembered as such"),
    _of_versioning("            also_live=frozenset(),\n", "", "what was withdrawn is not live beside ours"),
    _of_versioning("self.history.retired | gone if n > number", "self.history.retired if n > number", "the number of a deleted draft is nobody else's"),
    _of_versioning("self.history.retired | gone if n > number", "self.history.retired | gone", "a number that is in use again is not retired"),
    # creation
    _of_versioning("number = given or 1", "number = 1", "the first number may be another"),
    _of_versioning("newest = max(self.registered)\n        if self.holds", "newest = min(self.registered)\n        if self.holds", "only the newest version is taken over"),
    _of_versioning("self.holds_proposal(newest) and given in (None, newest)", "self.holds_proposal(newest)", "another number does not take over"),
    _of_versioning("if self.holds_proposal(newest) and given in (None, newest)", "if given in (None, newest)", "another definition is not taken over as it is"),
    _of_versioning("        if not self.proposal.adopt:\n            return self._clash(newest)\n", "", "a clash is refused without adopt"),
    _of_versioning("given is not None and given in self.registered:", "False:", "adopt refuses a number in use"),
    _of_versioning("number = given or self.following", "number = self.following", "adopt takes the number given"),
    _of_versioning("after = self.history_after(number, taken_over=True)", "after = self.history_after(number)", "what is adopted is remembered as taken over"),
    _of_versioning("given is None or given in self.registered else given", "given is None else given", "a number in use is not proposed to adopt under"),
    _of_versioning("free != given and (given is not None or self.proposal.explicit)", "free != given and given is not None", "where numbers are explicit, adopt is proposed with one"),
    _of_versioning('to take it over as it is." if self.holds_proposal(newest) else ""', 'to take it over as it is."', "only an equal definition can be taken over as it is"),
    _of_versioning(".live and not self.proposal.adopt", ".live", "adopt withdraws what is live beside"),
    _of_versioning("self.registered[newest].live and not", "not", "what becomes live withdraws the others"),
    _of_versioning("() if self.proposal.published and is_left", "() if is_left", "taken over as a draft, what is live is withdrawn"),
    _of_versioning("self.live() - {number} if self.proposal.published else self.live() & {number}", "self.live() - {number}", "what is not ours stays where a draft is taken over"),
    # a change: which case it is
    _of_versioning("if given in (None, recorded):", "if given is None:", "the recorded number given is like none given"),
    _of_versioning("if self.prior.definition.equals(self.proposal.definition):\n                return self._same()", "if False:\n                return self._same()", "nothing changed is nothing done"),
    _of_versioning("                if self._is_edited_elsewhere():\n                    return self._edited_elsewhere()\n                return self._decision(recorded", "                return self._decision(recorded", "a draft that somebody edited is not written over"),
    _of_versioning("if self._may_be_edited():", "if True:", "what was released is not edited"),
    _of_versioning("self._step(self._leftover() or self.following)", "self._step(self.following)", "what an interrupted run stored is carried on"),
    _of_versioning("        if given == recorded:\n            return self._number_is_taken()\n", "", "a released number is refused to a change"),
    # drafts
    _of_versioning("return self.is_draft and self._newer() is None", "return self.is_draft", "a draft below somebody's newer version is not edited"),
    _of_versioning("return self.is_draft and self._newer() is None", "return False", "a draft is edited in place"),
    _of_versioning("if self.is_draft or not self.prior.is_draft:", "if True:", "a draft whose publication was answered by nothing is what was wanted"),
    _of_versioning("return self.holds_proposal(self.prior.version) and not self", "return not self", "a draft that somebody published with another definition is not edited"),
    _of_versioning(" and not self.prior.definition.equals(stored.definition)", "", "a draft that somebody published as it was is not edited"),
    _of_versioning("            stored is None\n            or self.holds", "            self.holds", "where nobody looked, a draft counts as it was recorded"),
    _of_versioning("            or self.holds_proposal(number)\n            or self.prior", "            or self.prior", "a draft that somebody edited into what is wanted is ours"),
    _of_versioning("\n            or self.prior.definition.is_stored_as(stored.definition)", "", "a draft as it was recorded may be edited"),
    # a number that is given
    _of_versioning("if self.history.released.get(number) == self.proposal.definition.digest:", "if False:", "what was changed behind our back is told as such"),
    _of_versioning('"may have been published by now" if self.is_draft else "has been published"', '"has been published"', "a draft is not said to have been published"),
    _of_versioning("self.ways_out if newer is None else self._moved_on(newer)", "self.ways_out", "both ways out are told where somebody else moved on"),
    _of_versioning("        is_held = is_held or self.holds_proposal(given)\n", "", "a number of somebody else with this definition comes back"),
    _of_versioning("is_held = self.history.released.get(given) == self.proposal.definition.digest", "is_held = False", "a number comes back where nobody looked"),
    _of_versioning("given < newer or (given == newer and not is_held)", "given == newer and not is_held", "nobody goes back behind what somebody else published"),
    _of_versioning("given < newer or (given == newer and not is_held)", "given < newer", "somebody else's number is not free"),
    _of_versioning("(given == newer and not is_held)", "given == newer", "somebody else's number is taken over with its definition"),
    _of_versioning("        if is_held:\n            return self._held(given)\n", "", "a lower number brings its definition back"),
    _of_versioning("if given in self.history.released:", "if False:", "a released number is told to have been released"),
    _of_versioning('if given in self.registered else ""\n            return Refusal(\n                f"version: {given} of {self.quoted} has been published with', 'if False else ""\n            return Refusal(\n                f"version: {given} of {self.quoted} has been published with', "what is there is shown"),
    _of_versioning("if given < self.history.highest:", "if False:", "a number that was skipped is refused"),
    _of_versioning("given < self.history.highest", "given <= self.history.highest", "the number of a draft given up is free for us"),
    # the same definition
    _of_versioning("Move.PUBLISH if self.proposal.published else Move.WITHDRAW", "Move.PUBLISH", "a withdrawal is one"),
    _of_versioning("self.proposal.published and self.history.also_live:", "False:", "what is live beside ours is withdrawn"),
    _of_versioning("if move in (Move.PUBLISH, Move.WITHDRAW_OTHERS) and", "if", "what changed by now is withdrawn all the same"),
    _of_versioning("if move in (Move.PUBLISH, Move.WITHDRAW_OTHERS) and self._is_edited_elsewhere():", "if False:", "another definition is not published under our number"),
    _of_versioning("(Move.PUBLISH, Move.WITHDRAW_OTHERS) and self", "(Move.PUBLISH,) and self", "where ours is another by now, it is published anew"),
    _of_versioning("        if self.is_draft:\n            return self._edited_elsewhere()\n", "", "a draft that somebody edited is not published"),
    _of_versioning('        if self.proposal.version is None:\n            return self._step(self.following)\n        return Refusal(\n            f"version: {number} of', '        if True:\n            return self._step(self.following)\n        return Refusal(\n            f"version: {number} of', "a number that is given is not passed over"),
    # steps and numbers that come back
    _of_versioning("self.prior.published and not self.proposal.published\n", "not self.proposal.published\n", "a draft beside nothing live is a new version"),
    _of_versioning("Move.DRAFT_BESIDE if beside else Move.NEW_VERSION", "Move.NEW_VERSION", "a draft beside a live version is told as such"),
    _of_versioning("back = number < self.prior.version", "back = True", "going forward asks for less than going back"),
    _of_versioning("if back and self.prior.version not in self.history.recorded:", "if False:", "nobody goes back from what is not ours"),
    _of_versioning("if self.looked and not self.holds_proposal(number):", "if False:", "what the registry no longer holds does not come back"),
    _of_versioning("if self.looked and not self.holds_proposal(number):", "if not self.holds_proposal(number):", "where nobody looked, the digest is enough"),
    _of_versioning("was_ours = back or number in self.history.recorded", "was_ours = True", "taking theirs over is no comeback"),
    _of_versioning("was_ours = back or number in self.history.recorded", "was_ours = back", "going forward to ours is a comeback"),
    _of_versioning("was_ours = back or number in self.history.recorded", "was_ours = number in self.history.recorded", "going back to theirs is a comeback"),
    # what others and interrupted runs left
    _of_versioning("newest > self.prior.version and newest not in self.history.recorded", "newest > self.prior.version", "a version of ours is no leftover"),
    _of_versioning("return newest if is_new and self.holds_proposal(newest) else None", "return newest if is_new else None", "a leftover has this very definition"),
    _of_versioning("newest = max(self.registered, default=0)", "newest = min(self.registered, default=0)", "a leftover is the newest"),
    _of_versioning("history.highest} - history.retired", "history.highest} - set()", "the number of a draft given up is not somebody's"),
    _of_versioning(" - history.released.keys()", "", "what an earlier look has found is not told again"),
    _of_versioning("newest > max(self.history.recorded | {self.prior.version}) else None", "newest > self.prior.version else None", "a number of ours is not somebody's"),
    # what goes
    _of_versioning("self.is_draft and self.prior.version != number and not", "self.prior.version != number and not", "a released version is not deleted"),
    _of_versioning("self.is_draft and self.prior.version != number and not", "self.is_draft and not", "a draft that stays is not deleted"),
    _of_versioning(" and not self._is_edited_elsewhere()\n        deleted", "\n        deleted", "a draft that somebody edited is not deleted"),
    _of_versioning("moved and self.prior.version in self.history.recorded else None", "moved else None", "a draft that is not ours is not deleted"),
    _of_versioning("after = self.history if move is Move.KEEP else", "after =", "keeping leaves what is remembered alone"),
    _of_versioning("deleted, self._newer())", "deleted)", "what is newer is told"),
    _of_versioning("        if move is Move.KEEP:\n            return ()\n", "", "keeping withdraws nothing"),
    _of_versioning("return (number,) if number in self._known_live() else ()", "return ()", "what is withdrawn is told"),
    _of_versioning("return (number,) if number in self._known_live() else ()", "return (number,)", "what is not live is not withdrawn"),
    _of_versioning("self._known_live() - {number}", "self._known_live()", "what is published is not withdrawn"),
    _of_versioning("        if self.looked:\n            return self.live()\n", "", "what the registry says goes before what the stack recorded"),
    _of_versioning("{*self.history.also_live, *([self", "{*([self", "what a refresh found live is withdrawn where nobody looks"),
    _of_versioning("*([self.prior.version] if self.prior.published else [])}", "self.prior.version}", "what was withdrawn before is not withdrawn again"),
    # what the registry tells
    _of_history("if number not in self.released and (stored", "if (stored", "what is remembered of a number is not changed by what is found"),
    _of_history("(stored.live or number not in self.recorded)", "(number not in self.recorded)", "a draft of ours that is live was published"),
    _of_history("(stored.live or number not in self.recorded)", "stored.live", "what others have stored may have been published"),
    _of_history("(stored.live or number not in self.recorded)", "True", "a draft of ours is no released version"),
    _of_history("highest = max(self.highest, *registered, 0)", "highest = self.highest", "the highest number in the registry is known"),
    _of_history("highest = max(self.highest, *registered, 0)", "highest = max([*registered, 0])", "a number that was deleted stays used"),
    _of_history("released={**self.released, **found}", "released=self.released", "what is found counts as released"),
]  # fmt: skip


@contextmanager
def applied(mutant: Mutant) -> Iterator[Rule]:
    """Give copies of the rule's modules with the change in one of them. Raises AssertionError where it no longer fits."""
    found = _SOURCES[mutant.module].count(mutant.old)
    assert found == 1, (
        f"{mutant.old!r} stands {found} times in {mutant.module}.py: bring the mutant up to date"
    )
    sources = {**_SOURCES, mutant.module: _SOURCES[mutant.module].replace(mutant.old, mutant.new)}
    with _copied("history", sources) as copied_history:
        imports = f"from {history.__name__} import"
        sources["versioning"] = sources["versioning"].replace(
            imports, f"from {copied_history.__name__} import"
        )
        with _copied("versioning", sources) as copied_versioning:
            yield Rule(copied_versioning, copied_history)


@contextmanager
def _copied(name: str, sources: dict[str, str]) -> Iterator[ModuleType]:
    module = ModuleType(f"mutated_{name}")
    sys.modules[module.__name__] = module  # a dataclass looks its module up there
    try:
        exec(compile(sources[name], f"{name}.py (mutated)", "exec"), module.__dict__)
        yield module
    finally:
        del sys.modules[module.__name__]
