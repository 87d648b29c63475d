"""What a lifecycle is: a name, and stages that follow each other in one stack and one registry."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from harness.outsider import Outsider

Command = Literal["preview", "up", "refresh", "destroy"]

Live = Mapping[int, bool]
"""The versions of a name that the registry holds, and whether each is live."""

Fragment = str | tuple[str, ...]
"""What a text holds: these words, or each of several, in any order."""


@dataclass(frozen=True)
class Stage:
    """A program, a command, and what has to come of it.

    Args:
        program: The text of the program, without its imports (see `programs.PRELUDE`); None keeps the last stage's.
        command: What the engine is told to do. Only `preview` plans; the others go to work at once.
        options: More options of the command.
        before: What somebody else does to the registry first.
        config: The stack's config from here on, keys without their namespace `signals`.
        environment: Environment variables of this stage.
        steps: The operation on each resource that changes, by logical name. A replacement is "replace".
        inputs: For a resource that changes, the old and the new value of each input that changes: all of them, hidden
            ones excepted. Only the resources named here are looked at.
        says: Fragments of the messages that are no warnings.
        warns: Fragments of warnings. There is exactly one warning for each; that a resource that is deleted or replaced
            takes down what it made is not counted. None does not look at warnings. In these,
            `mentions` and `fails_with`, the name of the resource that a message stands at counts as part of it.
        mentions: Fragments of messages, whatever their severity.
        refused: Fragments of errors by logical name, "" for the program as a whole; the command must fail with them and
            with no other. The real engine stops at the first resource that has any.
        fails_with: Fragments of errors, whichever resource they stand at. The command must fail. The real engine may
            report only one of several.
        shows: Fragments of the text that a person gets; the stage is then run for its text alone, which has no steps.
        hides: What no message, no text and no file that is left may hold.
        writes: How many requests changed the registry, or tried to.
        requests: How many requests there were, by method and path, such as `{"GET interventions/": 1}`; a name stands as
            `*` in it.
        registry: What the registry then holds, all of it.
        engines: The engines that this stage is for. A command that one of them lacks is no stage of its.
    """

    program: str | None = None
    command: Command = "up"
    options: Sequence[str] = ()
    before: Callable[[Outsider], object] | None = None
    config: Mapping[str, str] | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    steps: Mapping[str, str] | None = field(default_factory=dict)
    inputs: Mapping[str, Mapping[str, tuple[Any, Any]]] = field(default_factory=dict)
    says: Sequence[Fragment] = ()
    warns: Sequence[Fragment] | None = ()
    mentions: Sequence[Fragment] = ()
    refused: Mapping[str, Sequence[Fragment]] = field(default_factory=dict)
    fails_with: Sequence[Fragment] = ()
    shows: Sequence[str] = ()
    hides: Sequence[str] = ()
    writes: int | None = None
    requests: Mapping[str, int] | None = None
    registry: Mapping[str, Live] | None = None
    engines: Collection[str] = ("local", "pulumi")


@dataclass(frozen=True)
class Lifecycle:
    """Stages in one stack and one registry, from nothing.

    Args:
        promise: What is held here, as a sentence: the test's name.
        stages: What happens, in order.
        meant_down: Names that are meant to be without a live version for a while, so that a gap is no fault.
        engines: The engines that this lifecycle is for; `why_not` says why it is not for the others.
    """

    promise: str
    stages: Sequence[Stage]
    meant_down: Collection[str] = ()
    engines: Collection[str] = ("local", "pulumi")
    why_not: str = ""
