"""Validates a program: every fault of every resource, with its place, and what cannot be known before a deployment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from pulumi_snowplow_signals.api.settings import misspelt_fault, misspelt_keys
from pulumi_snowplow_signals.cli.base_comparison import compare
from pulumi_snowplow_signals.cli.declarations import Declaration, read_all
from pulumi_snowplow_signals.cli.findings import Finding, Validation
from pulumi_snowplow_signals.cli.program import SECONDS, Run, run_program
from pulumi_snowplow_signals.cli.project import Project, ProjectError, load_project
from pulumi_snowplow_signals.cli.revision import check_out
from pulumi_snowplow_signals.kinds.definition import Numbered

_SETTINGS: Final = "signals:"


def validate(
    directory: Path, stack: str | None = None, base: str | None = None, *, seconds: int = SECONDS
) -> Validation:
    """Return the findings about a project's program.

    Args:
        directory: The project's directory, or one below it.
        stack: The stack whose configuration to use.
        base: A commit to compare with: a definition that differs from it needs another version number.
        seconds: How long the program may take.

    Raises:
        ProjectError: The project cannot be run, or there is no such commit.
    """
    project = load_project(directory, stack)
    run = run_program(project, seconds)
    found = Validation()
    resources, unknown = read_all(run.resources)
    found.checked = len(resources) + len(run.faults)
    found.faults += [
        Finding.at(noted.place, fault, noted.resource) for noted in run.faults for fault in noted.faults
    ]
    found.warnings += [Finding.at(each.place, each.reason, each.resource) for each in run.warnings]
    reason = "this release of pulumi-signals does not know this kind of resource. Install the release that the program uses"
    found.not_checked += [Finding.at(each.place, reason, each.title) for each in unknown]
    found.faults += _find_settings_faults(project)
    for resource in resources:
        _judge(resource, found, explicit=project.config.get("signals:numbering") == "explicit")
    found.faults += _find_second_owners(resources)
    _note_gaps(run, found)
    if base is not None:
        before = _read_base(base, project, stack, seconds)
        if isinstance(before, str):
            found.not_checked.append(Finding(f"nothing was compared with {base}: {before}"))
        else:
            compare(resources, base, before, found)
    for findings in (found.faults, found.warnings, found.not_checked, found.notes):
        findings.sort(key=lambda each: (each.file, each.line, each.resource, each.message))
    return found


def _judge(resource: Declaration, found: Validation, *, explicit: bool) -> None:
    place, title = resource.declared.place, resource.title
    found.faults += [Finding.at(place, fault, title) for fault in resource.faults]
    found.warnings += [Finding.at(place, doubt, title) for doubt in resource.doubts]
    has_numbers = resource.kind is not None and issubclass(resource.kind, Numbered)
    if explicit and has_numbers and resource.version is None:
        said = "version: is missing; this stack requires explicit versions (signals:numbering). Set version="
        found.faults.append(Finding.at(place, said, title))
    unknown = resource.unknown
    if unknown:
        are = "is" if len(unknown) == 1 else "are"
        said = f"{', '.join(unknown)} {are} not known before a deployment"
        found.not_checked.append(Finding.at(place, said, title))


def _find_second_owners(resources: Sequence[Declaration]) -> Iterator[Finding]:
    """Find names that two resources declare. Constructors already find those that are plain strings."""
    first: dict[tuple[str, str], Declaration] = {}
    # By place, since the order in which names from outputs become known changes from run to run.
    for resource in sorted(resources, key=_get_place):
        key = resource.key
        if key is not None and first.setdefault(key, resource) is not resource:
            other = first[key].declared
            where = f" ({_shorten(other.place.file)}:{other.place.line})" if other.place else ""
            yield Finding.at(
                resource.declared.place,
                f'name: {other.title}{where} is also named "{resource.name}" in Signals. Declare it once, or give '
                "one of them another name.",
                resource.title,
            )


def _get_place(resource: Declaration) -> tuple[str, int]:
    place = resource.declared.place
    return (place.file, place.line) if place else ("", 0)


def _find_settings_faults(project: Project) -> Iterator[Finding]:
    """Find misspelt settings. Missing ones are not reported: the deployment's environment may set them."""
    own = {
        key.removeprefix(_SETTINGS): value
        for key, value in project.config.items()
        if key.startswith(_SETTINGS)
    }
    file = project.stack_file or project.root / "Pulumi.yaml"
    for key, meant in misspelt_keys(own).items():
        line = next(
            (i for i, text in enumerate(_read_lines(file), 1) if f"{_SETTINGS}{key}" in text),
            0,
        )
        yield Finding(misspelt_fault(key, meant), file=str(file), line=line)


def _read_lines(file: Path) -> list[str]:
    """Return the lines of a file; none if the program has deleted it."""
    try:
        return file.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return []


def _note_gaps(run: Run, found: Validation) -> None:
    """Record what was not checked. If a program fails only because there is no engine, that is not a fault."""
    found.not_checked += [Finding.at(each.place, each.reason) for each in run.not_checked]
    if run.calls:
        found.not_checked.append(
            Finding(f"what depends on functions that only an engine can call: {', '.join(run.calls)}")
        )
    crash = run.crash
    if crash is None:
        return
    if crash.encrypted or crash.calls:
        why = (
            "a value of the configuration is encrypted"
            if crash.encrypted
            else f"only an engine can call {', '.join(crash.calls)}"
        )
        found.not_checked.append(
            Finding.at(crash.place, f"the program ended here, because {why}:\n{crash.text}")
        )
    else:
        found.faults.append(Finding.at(crash.place, f"the program failed: {crash.text}"))
        found.not_checked.append(
            Finding.at(crash.place, "everything that the program declares after this failure")
        )


def _read_base(
    base: str, project: Project, stack: str | None, seconds: int
) -> Mapping[tuple[str, str], Declaration] | str:
    """Return what another commit declares, or why that is not known."""
    with check_out(base, project.root) as directory:
        try:
            # Commits do not contain the virtual environment, so use the project's.
            run = run_program(load_project(directory, stack, project.interpreter), seconds)
        except ProjectError as why:
            return str(why)
        if run.crash:
            return f"the program there failed: {run.crash.text}"
        read, _ = read_all(run.resources)
    return {resource.key: resource for resource in read if resource.key}


def _shorten(file: str) -> str:
    """Return a path relative to the current directory, if it is below it."""
    path, here = Path(file), Path.cwd()
    return str(path.relative_to(here)) if here in path.parents else file
