"""An outcome against what a stage promises: every difference in a sentence, none left out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from harness.model import Fragment, Live, Stage
from harness.outcome import Message, Outcome

# What an engine says by itself once something has failed.
_ENGINES_OWN = (
    "update failed",
    "preview failed",
    "refresh failed",
    "destroy failed",
    "an unhandled error occurred: program exited with non-zero exit code: 1",
)
_OUR_FRAME = re.compile(r'File "[^"]*pulumi_snowplow_signals[^"]*", line')
_TAKEN_DOWN = re.compile(r"\b(is|are) (WITHDRAWN|DELETED), ")
_WRITES = ("POST", "PUT", "DELETE")


def differences(
    stage: Stage, outcome: Outcome, requests: Sequence[Mapping[str, Any]], *, reports_all: bool
) -> Iterator[str]:
    """Yield how an outcome differs from what the stage promises.

    Args:
        stage: What was promised.
        outcome: What happened.
        requests: The requests that reached the registry, as the emulator tells them.
        reports_all: Whether the engine tells the faults of all resources, and not only those of one.
    """
    meant_to_fail = bool(stage.refused or stage.fails_with)
    if outcome.succeeded == meant_to_fail:
        yield "the command was to fail" if meant_to_fail else "the command failed"
    yield from _missing("text", stage.shows, [outcome.text])
    if _OUR_FRAME.search(outcome.text):
        yield "a frame of ours is shown to the user"
    if not stage.shows:
        yield from _messages(stage, outcome, reports_all=reports_all)
        yield from _steps(stage, outcome)
    yield from _requests(stage, requests)


def _messages(stage: Stage, outcome: Outcome, *, reports_all: bool) -> Iterator[str]:
    yield from _missing("message", stage.says, [found.text for found in outcome.of("info", "info#err")])
    yield from _missing("message", stage.mentions, _named(outcome.messages))
    if stage.refused:
        yield from _refusals(stage.refused, outcome, reports_all=reports_all)
    if stage.fails_with:
        yield from _failures(stage.fails_with, outcome, reports_all=reports_all)
    if stage.refused or stage.fails_with:
        return  # how much else was said before the engine stopped is chance
    if stage.warns is not None:
        operations = outcome.operations
        told = [found for found in outcome.of("warning") if not _goes_with(found, operations.get(found.name))]
        yield from _warnings(stage.warns, _named(told))
    yield from (f"unexpected error: {found.text}" for found in outcome.of("error"))


def _goes_with(found: Message, operation: str | None) -> bool:
    """Return whether a warning says no more than the operation: that what its resource made goes down with it."""
    return operation in ("delete", "replace") and _TAKEN_DOWN.search(found.text) is not None


def _warnings(expected: Sequence[Fragment], warnings: Sequence[str]) -> Iterator[str]:
    yield from _missing("warning", expected, warnings)
    yield from _unexpected("warning", expected, warnings)
    if len(warnings) > len(expected):
        yield f"{len(warnings)} warnings instead of {len(expected)}"


def _failures(expected: Sequence[Fragment], outcome: Outcome, *, reports_all: bool) -> Iterator[str]:
    missing = list(_missing("error", expected, _named(_own_errors(outcome.of("error")))))
    if reports_all or len(missing) == len(expected):
        yield from missing


def _refusals(
    expected: Mapping[str, Sequence[Fragment]], outcome: Outcome, *, reports_all: bool
) -> Iterator[str]:
    told: dict[str, list[str]] = {}
    for found in _own_errors(outcome.of("error")):
        told.setdefault(found.name, []).append(found.text)
    for name in expected if reports_all else expected.keys() & told.keys():
        yield from _missing(f"error of {name or 'the program'}", expected[name], told.get(name, ()))
    if not expected.keys() & told.keys():
        yield f"no error about any of {', '.join(expected)}"
    for name, errors in told.items():
        yield from _unexpected(f"error of {name or 'the program'}", expected.get(name, ()), errors)


def _named(messages: Iterable[Message]) -> list[str]:
    """Return messages with the name of the resource that each stands at, if it stands at one."""
    return [f"{found.name}: {found.text}".removeprefix(": ") for found in messages]


def _own_errors(errors: Collection[Message]) -> Iterator[Message]:
    yield from (found for found in errors if found.text.removeprefix("error: ") not in _ENGINES_OWN)


def _steps(stage: Stage, outcome: Outcome) -> Iterator[str]:
    is_judged = stage.steps is not None and not (stage.refused or stage.fails_with)
    if is_judged and outcome.operations != stage.steps:
        yield f"steps: {outcome.operations} instead of {stage.steps}"
    for name, expected in stage.inputs.items():
        changed = next(
            (
                step.changed_inputs()
                for step in outcome.steps
                if step.name == name and step.operation != "same"
            ),
            {},
        )
        if changed != expected:
            yield f"inputs of {name}: {changed} instead of {dict(expected)}"


def _requests(stage: Stage, requests: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    written = [f"{each['method']} {each['path']}" for each in requests if each["method"] in _WRITES]
    if stage.writes is not None and len(written) != stage.writes:
        yield f"{len(written)} writes instead of {stage.writes}: {', '.join(written)}"
    counted = dict(Counter(_kind(each) for each in requests))
    if stage.requests is not None and counted != stage.requests:
        yield f"requests: {counted} instead of {dict(stage.requests)}"


def _kind(request: Mapping[str, Any]) -> str:
    """Return method and path with names as `*`, such as `PUT interventions/*/versions/1`."""
    path = str(request["path"]).removeprefix("/api/v1/registry/")
    return f"{request['method']} {re.sub('(?<=interventions/)[^/]+', '*', path)}"


def _missing(what: str, fragments: Sequence[Fragment], texts: Sequence[str]) -> Iterator[str]:
    for fragment in fragments:
        if not any(_holds(text, fragment) for text in texts):
            yield f"no {what} says {fragment!r}"


def _unexpected(what: str, fragments: Sequence[Fragment], texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        if not any(_holds(text, fragment) for fragment in fragments):
            yield f"unexpected {what}: {text}"


def _holds(text: str, fragment: Fragment) -> bool:
    words = (fragment,) if isinstance(fragment, str) else fragment
    return all(word in text for word in words)


def registered(history: Mapping[str, Any]) -> dict[str, Live]:
    """Return what the registry holds: for each name its versions, and whether each is live."""
    found: dict[str, dict[int, bool]] = {}
    for version in history["versions"]:
        if version["exists"]:
            found.setdefault(version["name"], {})[version["version"]] = version["is_published"]
    return dict(found)
