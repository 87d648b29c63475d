"""Mutants of the version rule: each a small change of one function that breaks a promise.

A mutant names its function and the expression or statement in it, which has to stand there exactly once, however it is
laid out. So neither another order of functions nor another layout of lines, nor a new line beside it, makes it stale.
"""

from __future__ import annotations

import ast
import copy
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

_TREES: Final = {
    name: ast.parse(Path(versions.__path__[0], f"{name}.py").read_text(encoding="utf-8")) for name in _MODULES
}


@dataclass(frozen=True)
class Mutant:
    """One change of one of the modules.

    Attributes:
        module: The module.
        function: The function, by its qualified name; empty for the module itself.
        old: An expression or a statement in it.
        new: What stands there instead; nothing, if the statement is taken out.
        promise: What it breaks.
    """

    module: str
    function: str
    old: str
    new: str
    promise: str


MUTANTS: Final = [
    Mutant("case", "Case.following", "self.history.highest", "max(self.history.released, default=0)", "a number of a draft is not used again"),
    Mutant("versioning", "Numbered.plan", "History(registry).informed_by(found)", "History(registry)", "a creation remembers what was there"),
    Mutant("versioning", "Numbered.plan", "replace(prior.history, registry=registry).informed_by(found)", "replace(prior.history, registry=registry)", "a change knows what was found in the registry"),
    Mutant("versioning", "Numbered.plan", "registered is not None", "True", "where nobody looked, the stack's own record counts"),
    Mutant("versioning", "Numbered.plan", "isinstance(verdict, Plan) and proposal.explicit and (proposal.version is None)", "isinstance(verdict, Plan) and proposal.explicit", "a number that is written is taken"),
    Mutant("versioning", "Numbered.plan", "isinstance(verdict, Plan) and proposal.explicit and (proposal.version is None)", "isinstance(verdict, Plan) and proposal.version is None", "without explicit numbering, no number is asked for"),
    Mutant("case", "Case.ways_out", "'' if self.proposal.explicit else ', or leave version out to have it numbered'", "', or leave version out to have it numbered'", "where numbers are explicit, leaving it out is no way out"),
    Mutant("case", "Case.holds_proposal", "self.proposal.definition.is_stored_as", "self.proposal.definition.equals", "keys that the service filled in are no difference"),
    Mutant("history", "live_of", "{number for number, stored in registered.items() if stored.live}", "{number for number, stored in registered.items()}", "only what is live is withdrawn"),
    Mutant("case", "Case.history_after", "self.proposal.published", "True", "a draft is not released"),
    Mutant("case", "Case.history_after", "released[number] = self.proposal.definition.digest", "released.setdefault(number, self.proposal.definition.digest)", "a draft published by a lost answer is remembered as it is now"),
    Mutant("case", "Case.history_after", "{deleted} if deleted is not None else set()", "set()", "a deleted draft is no longer ours"),
    Mutant("case", "Case.history_after", "max(self.history.highest, number)", "number", "going back does not free the higher number"),
    Mutant("case", "Case.history_after", "self.history.recorded | {number}", "self.history.recorded", "the number that is made is ours"),
    Mutant("case", "Case.history_after", "self.history.taken_over or taken_over", "False", "what was taken over is remembered as such"),
    Mutant("case", "Case.history_after", "replace(self.history, released=released, highest=max(self.history.highest, number), recorded=(self.history.recorded | {number}) - gone, taken_over=self.history.taken_over or taken_over, also_live=frozenset(), retired=frozenset((n for n in self.history.retired | gone if n > number)), gone=False)", "replace(self.history, released=released, highest=max(self.history.highest, number), recorded=(self.history.recorded | {number}) - gone, taken_over=self.history.taken_over or taken_over, retired=frozenset((n for n in self.history.retired | gone if n > number)), gone=False)", "what was withdrawn is not live beside ours"),
    Mutant("case", "Case.history_after", "self.history.retired | gone", "self.history.retired", "the number of a deleted draft is nobody else's"),
    Mutant("case", "Case.history_after", "(n for n in self.history.retired | gone if n > number)", "(n for n in self.history.retired | gone)", "a number that is in use again is not retired"),
    Mutant("creation", "Creation.decide", "given or 1", "1", "the first number may be another"),
    Mutant("creation", "Creation.decide", "max", "min", "only the newest version is taken over"),
    Mutant("creation", "Creation.decide", "self.holds_proposal(newest) and given in (None, newest) and self._may_take_over(newest)", "self.holds_proposal(newest) and self._may_take_over(newest)", "another number does not take over"),
    Mutant("creation", "Creation.decide", "self.holds_proposal(newest) and given in (None, newest) and self._may_take_over(newest)", "given in (None, newest) and self._may_take_over(newest)", "another definition is not taken over as it is"),
    Mutant("creation", "Creation.decide", "self._refuse_clash(newest) if not self.proposal.adopt else self._adopt(given)", "self._adopt(given)", "a clash is refused without adopt"),
    Mutant("creation", "Creation._adopt", "given is not None and given in self.registered", "False", "adopt refuses a number in use"),
    Mutant("creation", "Creation._adopt", "given or self.following", "self.following", "adopt takes the number given"),
    Mutant("creation", "Creation._build_history", "bool(self.live())", "False", "what is adopted is remembered as taken over"),
    Mutant("creation", "Creation._refuse_clash", "given is None or given in self.registered", "given is None", "a number in use is not proposed to adopt under"),
    Mutant("creation", "Creation._refuse_clash", "given is not None or self.proposal.explicit", "given is not None", "where numbers are explicit, adopt is proposed with one"),
    Mutant("creation", "Creation._find_withdrawn", "self.succession.retires(live, number) if self.proposal.published else live & {number}", "self.succession.retires(live, number)", "what is not ours stays where a draft is taken over"),
    Mutant("change", "Change.decide", "given in (None, recorded)", "given is None", "the recorded number given is like none given"),
    Mutant("change", "Change.decide", "self.prior.definition.equals(self.proposal.definition)", "False", "nothing changed is nothing done"),
    Mutant("change", "Change.decide", "if self._is_edited_elsewhere():\n    return self._refuse_edited()", "", "a draft that somebody edited is not written over"),
    Mutant("change", "Change.decide", "self._may_be_edited()", "True", "what was released is not edited"),
    Mutant("change", "Change.decide", "self._find_leftover() or self.following", "self.following", "what an interrupted run stored is carried on"),
    Mutant("change", "Change.decide", "if given == recorded:\n    return self._refuse_taken()", "", "a released number is refused to a change"),
    Mutant("change", "Change._may_be_edited", "self.is_draft and self._find_newer() is None", "self.is_draft", "a draft below somebody's newer version is not edited"),
    Mutant("change", "Change._may_be_edited", "self.is_draft and self._find_newer() is None", "False", "a draft is edited in place"),
    Mutant("change", "Change._may_be_edited", "self.is_draft or not self.prior.is_draft", "True", "a draft whose publication was answered by nothing is what was wanted"),
    Mutant("change", "Change._may_be_edited", "self.holds_proposal(self.prior.version) and (not self.prior.definition.equals(stored.definition))", "not self.prior.definition.equals(stored.definition)", "a draft that somebody published with another definition is not edited"),
    Mutant("change", "Change._may_be_edited", "self.holds_proposal(self.prior.version) and (not self.prior.definition.equals(stored.definition))", "self.holds_proposal(self.prior.version)", "a draft that somebody published as it was is not edited"),
    Mutant("change", "Change._is_edited_elsewhere", "stored is None or self.holds_proposal(number) or self.prior.definition.is_stored_as(stored.definition)", "self.holds_proposal(number) or self.prior.definition.is_stored_as(stored.definition)", "where nobody looked, a draft counts as it was recorded"),
    Mutant("change", "Change._is_edited_elsewhere", "stored is None or self.holds_proposal(number) or self.prior.definition.is_stored_as(stored.definition)", "stored is None or self.prior.definition.is_stored_as(stored.definition)", "a draft that somebody edited into what is wanted is ours"),
    Mutant("change", "Change._is_edited_elsewhere", "stored is None or self.holds_proposal(number) or self.prior.definition.is_stored_as(stored.definition)", "stored is None or self.holds_proposal(number)", "a draft as it was recorded may be edited"),
    Mutant("change", "Change._refuse_taken", "self.history.released.get(number) == self.proposal.definition.digest", "False", "what was changed behind our back is told as such"),
    Mutant("change", "Change._refuse_taken", "'may have been published by now' if self.is_draft else 'has been published'", "'has been published'", "a draft is not said to have been published"),
    Mutant("change", "Change._refuse_taken", "self.ways_out if newer is None else self._describe_newer(newer)", "self.ways_out", "both ways out are told where somebody else moved on"),
    Mutant("change", "Change._decide_given", "is_held = is_held or self.holds_proposal(given)", "", "a number of somebody else with this definition comes back"),
    Mutant("change", "Change._decide_given", "self.history.released.get(given) == self.proposal.definition.digest", "False", "a number comes back where nobody looked"),
    Mutant("change", "Change._decide_given", "given < newer or (given == newer and (not is_held))", "given == newer and (not is_held)", "nobody goes back behind what somebody else published"),
    Mutant("change", "Change._decide_given", "given < newer or (given == newer and (not is_held))", "given < newer", "somebody else's number is not free"),
    Mutant("change", "Change._decide_given", "given == newer and (not is_held)", "given == newer", "somebody else's number is taken over with its definition"),
    Mutant("change", "Change._decide_given", "if is_held:\n    return self._decide_held(given)", "", "a lower number brings its definition back"),
    Mutant("change", "Change._decide_given", "given in self.history.released", "False", "a released number is told to have been released"),
    Mutant("change", "Change._decide_given", "given in self.registered", "False", "what is there is shown"),
    Mutant("change", "Change._decide_given", "given < self.history.highest", "False", "a number that was skipped is refused"),
    Mutant("change", "Change._decide_given", "given < self.history.highest", "given <= self.history.highest", "the number of a draft given up is free for us"),
    Mutant("change", "Change._decide_same", "Move.PUBLISH if self.proposal.published else Move.WITHDRAW", "Move.PUBLISH", "a withdrawal is one"),
    Mutant("change", "Change._decide_same", "self.proposal.published and self.history.also_live", "False", "what is live beside ours is withdrawn"),
    Mutant("change", "Change._decide_same", "move in _NEEDS_OURS and self._is_edited_elsewhere()", "self._is_edited_elsewhere()", "what changed by now is withdrawn all the same"),
    Mutant("change", "Change._decide_same", "move in _NEEDS_OURS and self._is_edited_elsewhere()", "False", "another definition is not published under our number"),
    Mutant("change", "", "{Move.PUBLISH, Move.WITHDRAW_OTHERS, Move.STORE_AGAIN}", "{Move.PUBLISH, Move.STORE_AGAIN}", "where ours is another by now, it is published anew"),
    Mutant("change", "Change._decide_replaced", "if self.is_draft:\n    return self._refuse_edited()", "", "a draft that somebody edited is not published"),
    Mutant("change", "Change._decide_replaced", "self.proposal.version is None", "True", "a number that is given is not passed over"),
    Mutant("change", "Change._step", "self.prior.published and (not self.proposal.published)", "not self.proposal.published", "a draft beside nothing live is a new version"),
    Mutant("change", "Change._step", "Move.DRAFT_BESIDE if beside else Move.NEW_VERSION", "Move.NEW_VERSION", "a draft beside a live version is told as such"),
    Mutant("change", "Change._decide_held", "number < self.prior.version", "True", "going forward asks for less than going back"),
    Mutant("change", "Change._decide_held", "back and self.prior.version not in self.history.recorded", "False", "nobody goes back from what is not ours"),
    Mutant("change", "Change._decide_held", "self.looked and (not self.holds_proposal(number))", "False", "what the registry no longer holds does not come back"),
    Mutant("change", "Change._decide_held", "self.looked and (not self.holds_proposal(number))", "not self.holds_proposal(number)", "where nobody looked, the digest is enough"),
    Mutant("change", "Change._decide_held", "back or number in self.history.recorded", "True", "taking theirs over is no comeback"),
    Mutant("change", "Change._decide_held", "back or number in self.history.recorded", "back", "going forward to ours is a comeback"),
    Mutant("change", "Change._decide_held", "back or number in self.history.recorded", "number in self.history.recorded", "going back to theirs is a comeback"),
    Mutant("change", "Change._find_leftover", "newest > self.prior.version and newest not in self.history.recorded", "newest > self.prior.version", "a version of ours is no leftover"),
    Mutant("change", "Change._find_leftover", "is_new and self.holds_proposal(newest)", "is_new", "a leftover has this very definition"),
    Mutant("change", "Change._find_leftover", "max", "min", "a leftover is the newest"),
    Mutant("change", "Change._find_newer", "history.retired", "set()", "the number of a draft given up is not somebody's"),
    Mutant("change", "Change._find_newer", "{history.highest} - history.retired - history.released.keys()", "{history.highest} - history.retired", "what an earlier look has found is not told again"),
    Mutant("change", "Change._find_newer", "max(self.history.recorded | {self.prior.version})", "self.prior.version", "a number of ours is not somebody's"),
    Mutant("change", "Change._plan", "self.is_draft and self.prior.version != number and (not self._is_edited_elsewhere())", "self.prior.version != number and (not self._is_edited_elsewhere())", "a released version is not deleted"),
    Mutant("change", "Change._plan", "self.is_draft and self.prior.version != number and (not self._is_edited_elsewhere())", "self.is_draft and (not self._is_edited_elsewhere())", "a draft that stays is not deleted"),
    Mutant("change", "Change._plan", "self.is_draft and self.prior.version != number and (not self._is_edited_elsewhere())", "self.is_draft and self.prior.version != number", "a draft that somebody edited is not deleted"),
    Mutant("change", "Change._plan", "moved and self.prior.version in self.history.recorded", "moved", "a draft that is not ours is not deleted"),
    Mutant("change", "Change._plan", "self.history if move is Move.KEEP else self.history_after(number, deleted)", "self.history_after(number, deleted)", "keeping leaves what is remembered alone"),
    Mutant("change", "Change._plan", "replace(plan, newer=self._find_newer_to_report())", "plan", "what is newer is told"),
    Mutant("change", "Change._find_withdrawn", "if move is Move.KEEP:\n    return ()", "", "keeping withdraws nothing"),
    Mutant("change", "Change._find_withdrawn", "(number,) if number in self._known_live() else ()", "()", "what is withdrawn is told"),
    Mutant("change", "Change._find_withdrawn", "(number,) if number in self._known_live() else ()", "(number,)", "what is not live is not withdrawn"),
    Mutant("change", "Change._find_withdrawn", "self.succession.retires(self._known_live(), number)", "self._known_live()", "what is published is not withdrawn"),
    Mutant("change", "Change._known_live", "self.live() if self.looked else self.prior.live", "self.prior.live", "what the registry says goes before what the stack recorded"),
    Mutant("change", "Change._known_live", "self.prior.live", "{self.prior.version} if self.prior.published else set()", "what a refresh found live is withdrawn where nobody looks"),
    Mutant("change", "Change._known_live", "self.prior.live", "{*self.history.also_live, self.prior.version}", "what was withdrawn before is not withdrawn again"),
    Mutant("history", "History.informed_by", "number not in self.released and (stored.live or number not in self.recorded)", "stored.live or number not in self.recorded", "what is remembered of a number is not changed by what is found"),
    Mutant("history", "History.informed_by", "stored.live or number not in self.recorded", "number not in self.recorded", "a draft of ours that is live was published"),
    Mutant("history", "History.informed_by", "stored.live or number not in self.recorded", "stored.live", "what others have stored may have been published"),
    Mutant("history", "History.informed_by", "stored.live or number not in self.recorded", "True", "a draft of ours is no released version"),
    Mutant("history", "History.informed_by", "max(self.highest, *registered, 0)", "self.highest", "the highest number in the registry is known"),
    Mutant("history", "History.informed_by", "max(self.highest, *registered, 0)", "max([*registered, 0])", "a number that was deleted stays used"),
    Mutant("history", "History.informed_by", "{**self.released, **found}", "self.released", "what is found counts as released"),
    Mutant("creation", "Creation._needs_consent", "self._live_and_different() or not self._is_ours(newest)", "not self._is_ours(newest)", "what is live and different asks for consent"),
    Mutant("creation", "Creation._needs_consent", "self._live_and_different() or not self._is_ours(newest)", "self._live_and_different()", "another owner asks for consent"),
    Mutant("creation", "Creation._live_and_different", "any((not self.holds_proposal(number) for number in self.live()))", "bool(self.live())", "the same definition under another number needs no consent"),
    Mutant("creation", "Creation._build_history", "bool(self.live())", "True", "what was not live is not kept by a destroy"),
    Mutant("creation", "Creation._revive", "given is not None and given in self.registered and (not self.holds_proposal(given))", "given is not None and given in self.registered", "a withdrawn number comes back with its definition"),
    Mutant("creation", "Creation._revive", "given is not None and given in self.registered and (not self.holds_proposal(given))", "given is not None and False", "a taken number is refused to a revival"),
    Mutant("creation", "Creation._revive", "given or self.following", "self.following", "a revival takes the number given"),
    Mutant("creation", "Creation._may_take_over", "self.proposal.adopt or not (self.proposal.published and self._replaces_another(newest))", "self.proposal.adopt and (not (self.proposal.published and self._replaces_another(newest)))", "a name of which nothing else is live is taken over without consent"),
    Mutant("creation", "Creation._may_take_over", "self.proposal.adopt or not (self.proposal.published and self._replaces_another(newest))", "not (self.proposal.published and self._replaces_another(newest))", "adopt takes over beside what is live"),
    Mutant("creation", "Creation._may_take_over", "self.proposal.published and self._replaces_another(newest)", "False", "what others have live is not withdrawn without consent"),
    Mutant("creation", "Creation._may_take_over", "self.proposal.published and self._replaces_another(newest)", "self._replaces_another(newest)", "a draft takes nothing from anybody"),
    Mutant("creation", "Creation._refuse_clash", "self.holds_proposal(newest) and given in (None, newest)", "False", "an equal definition is taken over as it is"),
    Mutant("change", "Change._decide_same", "self.is_draft and (self.history.gone or self._is_missed())", "self.history.gone or self._is_missed()", "what was withdrawn and deleted is left alone"),
    Mutant("change", "Change._decide_same", "self.is_draft and (self.history.gone or self._is_missed())", "False", "a draft deleted elsewhere is stored again"),
    Mutant("case", "Case.history_after", "replace(self.history, released=released, highest=max(self.history.highest, number), recorded=(self.history.recorded | {number}) - gone, taken_over=self.history.taken_over or taken_over, also_live=frozenset(), retired=frozenset((n for n in self.history.retired | gone if n > number)), gone=False)", "replace(self.history, released=released, highest=max(self.history.highest, number), recorded=(self.history.recorded | {number}) - gone, taken_over=self.history.taken_over or taken_over, also_live=frozenset(), retired=frozenset((n for n in self.history.retired | gone if n > number)))", "what is stored again is no longer gone"),
    Mutant("change", "Change._find_newer_to_report", "None if is_old_news else newer", "newer", "what was withdrawn is not told of again"),
    Mutant("change", "Change._find_newer_to_report", "stored is not None and (not stored.live) and (newer in self.prior.history.released)", "stored is not None and newer in self.prior.history.released", "what is live again is told of again"),
    Mutant("change", "Change._find_newer_to_report", "stored is not None and (not stored.live) and (newer in self.prior.history.released)", "stored is not None and (not stored.live)", "what is new is told of though it is not live"),
]  # fmt: skip


@contextmanager
def applied(mutant: Mutant) -> Iterator[Rule]:
    """Yield copies of the rule's modules with the change in one of them. Raise AssertionError if it no longer fits."""
    copies: dict[str, ModuleType] = {}
    try:
        for name in _MODULES:
            tree = copy.deepcopy(_TREES[name])
            if name == mutant.module:
                _change(tree, mutant)
            for node in ast.walk(tree):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
                    f"{versions.__name__}."
                ):
                    imported = str(node.module).rpartition(".")[2]
                    node.module = f"mutated_{imported}" if imported in copies else node.module
            copies[name] = _copied(name, tree)
        yield Rule(copies["versioning"], copies["history"])
    finally:
        for module in copies.values():
            del sys.modules[module.__name__]


def _change(tree: ast.Module, mutant: Mutant) -> None:
    changer = _Changer(mutant)
    place = _find(tree, mutant.function)
    changer.generic_visit(place)
    assert changer.changed == 1, (
        f"{mutant.old!r} stands {changer.changed} times in {mutant.module}.{mutant.function}: bring the mutant up to date"
    )
    ast.fix_missing_locations(tree)


def _find(tree: ast.Module, function: str) -> ast.AST:
    place: ast.AST = tree
    for name in filter(None, function.split(".")):
        found = [each for each in ast.iter_child_nodes(place) if getattr(each, "name", None) == name]
        assert len(found) == 1, f"there is no {function}: bring its mutants up to date"
        place = found[0]
    return place


class _Changer(ast.NodeTransformer):
    """Replaces what is equal to the old text, and counts."""

    def __init__(self, mutant: Mutant) -> None:
        self._old = ast.dump(_parsed(mutant.old))
        self._new = mutant.new
        self.changed = 0

    def visit(self, node: ast.AST) -> ast.AST | None:
        if ast.dump(node) != self._old:
            return self.generic_visit(node)
        self.changed += 1
        new = _parsed(self._new) if self._new else ast.Pass()
        return ast.Expr(new) if isinstance(node, ast.stmt) and isinstance(new, ast.expr) else new


def _parsed(text: str) -> ast.AST:
    (statement,) = ast.parse(text).body
    return statement.value if isinstance(statement, ast.Expr) else statement


def _copied(name: str, tree: ast.Module) -> ModuleType:
    module = ModuleType(f"mutated_{name}")
    sys.modules[module.__name__] = module  # a dataclass looks its module up there
    exec(compile(tree, f"{name}.py (mutated)", "exec"), module.__dict__)
    return module
