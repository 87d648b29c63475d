"""The one driver in process: the state of a stack, and the calls that bring it to what a program declares.

Whole deployments take seconds, nearly all of them spent in starting processes. What only the order and the number of calls
can show is tried here, in milliseconds.

The order of the calls and what each of them is given were seen with a real engine (3.260). check sees the inputs of the last
deployment; diff, update and delete see its outputs. A replacement is checked a second time without any inputs, a forced one
only so. What is gone is deleted last, the last declared first. A call that fails leaves no trace in the state. The local
engine keeps the same order, but it has no forced replacements, checks nothing ahead of the first change, and makes the calls
that depend on nothing in an order of its own: a run that is cut at its third request has to be the same run each time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar

import httpx

from pulumi_snowplow_signals.api.client import SignalsClient
from pulumi_snowplow_signals.api.settings import resolve
from pulumi_snowplow_signals.bridge import Calls
from pulumi_snowplow_signals.errors import Incomplete, SignalsError
from pulumi_snowplow_signals.fields.remarks import Remark
from pulumi_snowplow_signals.lifecycle.lifecycle import INTERVENTIONS
from pulumi_snowplow_signals.lifecycle.run import Run

Action = Literal["create", "replace", "update", "same", "delete"]
Say = Callable[[Remark], object]
T = TypeVar("T")


class CheckFailed(Exception):  # noqa: N818  # it reads as what happened
    """A check refused the resource `key`; the text is all that it said."""

    def __init__(self, key: str, faults: Iterable[object]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.key = key


@dataclass(frozen=True)
class Declared:
    """A resource of a program.

    Attributes:
        inputs: What the program sends. A function is given the outputs of what was declared before, by key.
        calls: The lifecycle of its kind.
        replaced: Whether a replacement is forced.
        delete_first: Whether `delete_before_replace` is set.
        alias: The key that it had before, if an alias says so.
    """

    inputs: Mapping[str, Any]
    calls: Calls = INTERVENTIONS
    replaced: bool = False
    delete_first: bool = False
    alias: str | None = None


Program = Mapping[str, Declared]
"""Resources in the order in which they are registered, by what identifies each: a URN, or any other text."""


@dataclass(eq=False)
class Recorded:
    """A resource as the state holds it.

    Attributes:
        declared: What the program said when it was last deployed.
        doomed: Whether it is the old half of a replacement.
        tainted: Whether the next deployment has to replace it.
        known: What somebody who watches the stack notes of it, by number. Engines keep no such thing.
    """

    key: str
    declared: Declared
    id: str
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    doomed: bool = False
    tainted: bool = False
    known: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """What a deployment does to one resource."""

    action: Action
    key: str
    declared: Declared
    old: Recorded | None
    inputs: Mapping[str, Any]


@dataclass
class Driver:
    """The state of a stack, and the commands. Each takes the memory of the provider process that it works in.

    What the calls of the provider raise goes through, and what was done before stays done.
    """

    resources: list[Recorded] = field(default_factory=list)

    def preview(self, run: Run, program: Program, *, refresh: bool = False) -> list[Step]:
        """Return what a deployment would do to each resource, deletions last. Raise CheckFailed."""
        resources = self.resources
        if refresh:
            resources = [found for each in resources if (found := _refreshed(run, each)) is not None]
        outputs: dict[str, Mapping[str, Any]] = {}
        steps = []
        for key, declared in program.items():
            steps.append(_plan(run, key, declared, resources, outputs))
            outputs[key] = steps[-1].inputs
        kept = {id(step.old) for step in steps}
        return steps + [
            Step("delete", each.key, each.declared, each, {}) for each in resources if id(each) not in kept
        ]

    def up(  # noqa: PLR0913  # the ways in which an engine may go about it
        self,
        run: Run,
        program: Program,
        *,
        refresh: bool = False,
        checks_first: bool = False,
        at_once: int = 1,
        deletes: bool = True,
        continues_on_error: bool = False,
    ) -> dict[str, Action]:
        """Deploy a program, and return the operations on what changed. Raise CheckFailed.

        Args:
            run: The memory of the provider process.
            program: What is to be there.
            refresh: Whether every resource is read first.
            checks_first: Whether every resource is checked before the first is changed: then none may need another's outputs.
            at_once: How many calls that change something are made at the same time, after such checks.
            deletes: Whether the run comes to its deletions.
            continues_on_error: Whether it comes to them after a failure, too, which is raised then.
        """
        if refresh:
            self.refresh(run)
        steps: list[Step] = []
        failures: list[Incomplete] = []
        try:
            if checks_first:
                steps = [_plan(run, key, each, self.resources, {}) for key, each in program.items()]
                _for_each(steps, lambda step: self._take(run, step), at_once)
            else:
                outputs: dict[str, Mapping[str, Any]] = {}
                for key, declared in program.items():
                    steps.append(_plan(run, key, declared, self.resources, outputs))
                    outputs[key] = self._take(run, steps[-1]).outputs
        except Incomplete as failure:
            if not continues_on_error:
                raise
            failures.append(failure)
        finally:
            self._put_in_order([step.key for step in steps])
        gone = [each for each in self.resources if each.doomed or each.key not in program]
        if deletes:
            self._delete_all(run, gone, at_once)
        if failures:
            raise failures[0]
        done: dict[str, Action] = {step.key: step.action for step in steps if step.action != "same"}
        return done | {each.key: "delete" for each in gone if not each.doomed}

    def refresh(self, run: Run) -> dict[str, Action]:
        """Read every resource, keep what is found, and return what changed."""
        changed: dict[str, Action] = {}
        for old in list(self.resources):
            found = _refreshed(run, old)
            if found is None:
                self.resources.remove(old)
                self.forget(old)
                changed[old.key] = "delete"
            else:
                self.resources[self.resources.index(old)] = found
                if found.outputs != old.outputs:
                    changed[old.key] = "update"
        return changed

    def destroy(self, run: Run, *, at_once: int = 1) -> None:
        """Destroy everything. An engine calls no check then."""
        self._delete_all(run, list(self.resources), at_once)

    def copy(self) -> Driver:
        """Return a stack that goes on by itself."""
        return Driver([replace(each, known=dict(each.known)) for each in self.resources])

    def told(self) -> str:
        """Return the state as text: equal stacks go on equally."""
        return json.dumps(
            [(each.key, each.id, each.inputs, each.outputs, each.doomed) for each in self.resources],
            sort_keys=True,
        )

    def carry_out(self, step: Step, record: Recorded, call: Callable[[], T]) -> T:
        """Create or update a record. A subclass that watches the calls overrides it."""
        return call()

    def take_down(self, record: Recorded, call: Callable[[], None]) -> None:
        """Delete a record. A subclass that watches the calls overrides it."""
        call()

    def forget(self, record: Recorded) -> None:
        """Learn that a refresh has dropped a record."""

    def _take(self, run: Run, step: Step) -> Recorded:
        old, calls = step.old, step.declared.calls
        if old is None or step.action == "replace":
            return self._create(run, step)
        if step.action == "update":
            prior = handed_over(old.outputs)
            old.outputs = kept(self.carry_out(step, old, lambda: calls.update(run, prior, step.inputs)))
        old.key, old.declared, old.inputs = step.key, step.declared, kept(step.inputs)
        return old

    def _create(self, run: Run, step: Step) -> Recorded:
        if step.old is not None and step.declared.delete_first:
            self._delete(run, step.old)
        made = Recorded(step.key, step.declared, "", kept(step.inputs), {})
        made.id, outputs = self.carry_out(step, made, lambda: step.declared.calls.create(run, step.inputs))
        made.outputs = kept(outputs)
        if step.old is not None:
            step.old.doomed = True
        self.resources.append(made)
        return made

    def _put_in_order(self, keys: list[str]) -> None:
        """Put what a program has declared first, in its order: so nothing ever stands before what it depends on."""
        places = {key: place for place, key in enumerate(keys)}
        last = len(places)
        self.resources.sort(key=lambda each: last if each.doomed else places.get(each.key, last))

    def _delete_all(self, run: Run, gone: list[Recorded], at_once: int) -> None:
        _for_each(gone[::-1], lambda each: self._delete(run, each), at_once)

    def _delete(self, run: Run, old: Recorded) -> None:
        self.take_down(old, lambda: old.declared.calls.delete(run, old.id, handed_over(old.outputs)))
        self.resources.remove(old)


def _plan(
    run: Run,
    key: str,
    declared: Declared,
    resources: list[Recorded],
    outputs: Mapping[str, Mapping[str, Any]],
) -> Step:
    old = _find(resources, key) or _find(resources, declared.alias)
    given = {name: each(outputs) if callable(each) else each for name, each in declared.inputs.items()}
    if old is None or declared.replaced or old.tainted:
        action: Action = "create" if old is None else "replace"
        return Step(action, key, declared, old, _checked(run, key, declared, {}, given))
    inputs = _checked(run, key, declared, old.inputs, given)
    difference = declared.calls.diff(handed_over(old.outputs), inputs)
    if difference.replaces:
        return Step("replace", key, declared, old, _checked(run, key, declared, {}, given))
    return Step("update" if difference.changes else "same", key, declared, old, inputs)


def _find(resources: Iterable[Recorded], key: str | None) -> Recorded | None:
    return next((each for each in resources if each.key == key and not each.doomed), None)


def _checked(
    run: Run, key: str, declared: Declared, prior: Mapping[str, Any], given: Mapping[str, Any]
) -> dict[str, Any]:
    try:
        checked = declared.calls.check(run, handed_over(prior), handed_over(given))
    except SignalsError as error:
        raise CheckFailed(key, [error]) from error
    if checked.faults:
        raise CheckFailed(key, checked.faults)
    return handed_over(checked.inputs)


def _refreshed(run: Run, old: Recorded) -> Recorded | None:
    found: Mapping[str, Any] | None = old.declared.calls.read(run, old.id, handed_over(old.outputs))
    if found is None:
        return None
    outputs_only = old.declared.calls.outputs_only
    inputs = {name: value for name, value in found.items() if name not in outputs_only}
    return replace(old, inputs=kept(inputs), outputs=kept(found))


def _for_each(items: list[T], call: Callable[[T], object], at_once: int) -> None:
    if at_once == 1:
        for item in items:
            call(item)
        return
    with ThreadPoolExecutor(at_once) as threads:
        list(threads.map(call, items))


def kept(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as a state file holds them. Raise TypeError for what is no JSON."""
    return dict(json.loads(json.dumps(values)))


def handed_over(value: Any) -> Any:
    """Return values as they reach a lifecycle: whole numbers as ints, no nulls, keys sorted and not as they are written."""
    if isinstance(value, Mapping):
        return {key: handed_over(value[key]) for key in sorted(value) if value[key] is not None}
    if isinstance(value, (list, tuple)):
        return [handed_over(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


@contextmanager
def process(
    config: Mapping[str, str], say: Say, transport: httpx.BaseTransport | None = None
) -> Iterator[Run]:
    """Lend the memory of a new provider process, which waits for no second attempt.

    Args:
        config: The settings of the stack; an empty one counts as not set.
        say: Takes its remarks.
        transport: What carries its requests; closed with it.
    """
    given = {"retrySeconds": "0", **config}
    settings = resolve({name: value for name, value in given.items() if value}.get, {})
    with SignalsClient(settings, transport=transport) as client:
        yield Run(settings, lambda: client, say)
