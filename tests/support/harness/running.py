"""Takes a lifecycle through an engine, stage by stage, against an emulator of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import closing
from pathlib import Path

from registries import emptied

from harness.engines import Engine
from harness.judgement import differences, registered
from harness.leftovers import files_below
from harness.model import Lifecycle, Stage
from harness.outcome import Outcome
from harness.outsider import Outsider
from harness.settings import settings_of
from signals_local.emulator import Emulator

TOKEN = "the-token-that-no-file-may-hold"
_MOST_SHOWN = 3000


def carry_out(
    lifecycle: Lifecycle,
    engine: type[Engine],
    directory: Path,
    *,
    assume: Mapping[str, str] | None = None,
    gaps_allowed: bool = False,
) -> None:
    """Take a lifecycle through an engine. Raise AssertionError that names every promise that was not kept.

    Args:
        lifecycle: What happens, and what has to come of it.
        engine: Which engine.
        directory: An empty one, for the project and all else.
        assume: What the emulator assumes of the service.
        gaps_allowed: Whether, under what is assumed, nothing can avoid a moment without a live version.
    """
    with emptied(token=TOKEN, assume=assume) as emulator, closing(Outsider(emulator)) as outsider:
        _prepare(emulator)
        project = engine(directory, settings_of(emulator))
        for number, stage in enumerate(lifecycle.stages, start=1):
            if engine.name not in stage.engines:
                continue
            outcome, faults = _take(stage, project, emulator, outsider)
            _demand(f"stage {number} ({stage.command}) of {lifecycle.promise!r}", faults, outcome)
        broken = emulator.broken_promises(meant_down=lifecycle.meant_down)
        if gaps_allowed:
            broken = [promise for promise in broken if "had no live version" not in promise]
        _demand(f"the registry's history of {lifecycle.promise!r}", broken, outcome)


def _prepare(emulator: Emulator) -> None:
    emulator.publish_key("account_id")
    emulator.publish_group(
        "shopping", {"cart_value": "double", "visits": "int32", "country": "string", "member": "bool"}
    )
    emulator.publish_group("reading", {"last_page": "string"}, key="domain_sessionid")
    emulator.publish_group(
        "reading", {"last_page": "string", "pages": "int32"}, version=2, key="domain_sessionid"
    )
    emulator.publish_group("upcoming", {"score": "double"}, is_published=False)


def _take(stage: Stage, project: Engine, emulator: Emulator, outsider: Outsider) -> tuple[Outcome, list[str]]:
    if stage.before is not None:
        stage.before(outsider)
    if stage.program is not None:
        project.write(stage.program)
    if stage.config is not None:
        project.configure(stage.config)
    mark = emulator.mark()
    carry = project.show if stage.shows else project.run
    outcome = carry(stage.command, *stage.options, environment=stage.environment)
    requests = emulator.requests(since=mark)
    faults = list(differences(stage, outcome, requests, reports_all=project.name == "local"))
    holds = registered(emulator.history())
    if stage.registry is not None and holds != stage.registry:
        faults.append(f"the registry holds {holds} instead of {dict(stage.registry)}")
    faults += _leaks((*stage.hides, TOKEN), outcome, project.directory)
    return outcome, faults


def _leaks(hidden: Collection[str], outcome: Outcome, directory: Path) -> Iterator[str]:
    for text in hidden:
        if text in outcome.text:
            yield f"{text!r} is shown"
        for file, content in files_below(directory):
            if file.name != "__main__.py" and text.encode() in content:
                yield f"{text!r} is in {file.relative_to(directory)}"


def _demand(where: str, faults: list[str], outcome: Outcome) -> None:
    if faults:
        listed = "\n".join(f"- {fault}" for fault in faults)
        raise AssertionError(f"{where}:\n{listed}\n\n{_told(outcome)}")


def _told(outcome: Outcome) -> str:
    """Return what the engine said; all that it printed where that cannot be read."""
    told = [f"{found.severity} {found.name}: {found.text}" for found in outcome.messages]
    return "\n".join(told if told or outcome.steps else [outcome.text])[-_MOST_SHOWN:]
