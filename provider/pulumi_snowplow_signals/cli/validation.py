"""What is wrong with a program: every fault of every resource, with its place, and what nobody can tell before a deployment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pulumi_snowplow_signals.api.settings import misspelt_fault, misspelt_keys
from pulumi_snowplow_signals.cli.program import SECONDS, Declared, Place, Run, run_program
from pulumi_snowplow_signals.cli.project import Project, ProjectError, load_project
from pulumi_snowplow_signals.cli.revision import checked_out
from pulumi_snowplow_signals.fields.unknown import UNKNOWN, has_unknown
from pulumi_snowplow_signals.kinds.declared import parse_declared
from pulumi_snowplow_signals.kinds.intervention import Intervention
from pulumi_snowplow_signals.push.message import Message, PushHistory, refusal
from pulumi_snowplow_signals.push.parsing import parse_direct_inputs
from pulumi_snowplow_signals.versions.history import History
from pulumi_snowplow_signals.versions.plan import Prior, Proposal, Refusal
from pulumi_snowplow_signals.versions.versioning import Numbered
from pulumi_snowplow_signals.wording.wording import Wording

_SECRET: Final = "__secret"  # noqa: S105  # the name of an input
_SETTINGS: Final = "signals:"
_OF_A_PUSH: Final = ("name", "version", "attributes", "targets", "triggers")


@dataclass(frozen=True)
class Finding:
    """Something about a line of a program.

    Attributes:
        message: What it is, with the path of the input.
        resource: The resource; empty where it is about none.
        file: The file, empty where it is not known.
        line: The line; 0 where it is not known.
    """

    message: str
    resource: str = ""
    file: str = ""
    line: int = 0


@dataclass
class Validation:
    """What came of looking at a program.

    Attributes:
        faults: What a deployment would refuse.
        warnings: What it would warn of.
        not_checked: What nobody can tell before a deployment.
        notes: Whom changed rules reach beside another commit.
        checked: Resources that were looked at.
    """

    faults: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    not_checked: list[Finding] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)
    checked: int = 0


@dataclass(frozen=True)
class _Read:
    """A resource, read: what is wrong with it, what is doubtful, and what can be compared with another commit."""

    declared: Declared
    kind: str
    name: Any
    version: Any
    faults: Sequence[str]
    doubts: Sequence[str]
    wording: Wording
    definition: Intervention | None = None
    message: Message | None = None
    published: Any = True

    @property
    def key(self) -> tuple[str, str] | None:
        """What it is to Signals; None where its name is unknown."""
        return (self.kind, self.name) if isinstance(self.name, str) else None


def validate(
    directory: Path, stack: str | None = None, base: str | None = None, *, seconds: int = SECONDS
) -> Validation:
    """Return what is wrong with the program of a project.

    Args:
        directory: Where the project is.
        stack: The stack whose configuration counts.
        base: A commit: a definition that differs from the one there has to have another number.
        seconds: How long the program may take.

    Raises:
        ProjectError: The project cannot be run, or there is no such commit.
    """
    project = load_project(directory, stack)
    run = run_program(project, seconds)
    found = Validation()
    resources = [_read(declared) for declared in run.resources]
    found.checked = len(resources) + len(run.faults)
    found.faults += [
        _at(noted.place, fault, noted.resource) for noted in run.faults for fault in noted.faults
    ]
    found.faults += _settings_faults(project)
    for resource in resources:
        _judge(resource, found, explicit=project.config.get("signals:numbering") == "explicit")
    found.faults += _second_owners(resources)
    _note_gaps(run, found)
    if base is not None:
        _compare(resources, base, _at_base(base, project, stack, seconds), found)
    for findings in (found.faults, found.warnings, found.not_checked, found.notes):
        findings.sort(key=lambda each: (each.file, each.line, each.resource, each.message))
    return found


def _at(place: Place | None, message: str, resource: str = "") -> Finding:
    return Finding(message, resource, place.file, place.line) if place else Finding(message, resource)


def _read(declared: Declared) -> _Read:
    inputs = declared.known
    secret = tuple(inputs.get(_SECRET) or ())
    wording = Wording.of(secret)
    own = {name: value for name, value in inputs.items() if not name.startswith("__") and value is not None}
    name, version = own.get("name"), own.get("version")
    if "criteria" not in own and "targets" in own:
        sent: dict[str, Any] = {key: own[key] for key in _OF_A_PUSH if key in own}
        parsed, faults = parse_direct_inputs(sent, secret=secret)
        told = Wording.of(secret, ["targets"]).faults(
            faults
        )  # no fault repeats an id: they are personal data
        return _Read(
            declared, "direct", name, version, told, (), wording, message=parsed.message if parsed else None
        )
    read = parse_declared(Intervention, {key: value for key, value in own.items() if key != "rule"})
    definition = read.parsed.definition
    doubts = wording.doubts(definition.doubts()) if definition and not read.faults else []
    return _Read(
        declared, "rule", name, version, wording.faults(read.faults), doubts, wording,
        definition=None if read.faults else definition, published=own.get("published", True),
    )  # fmt: skip


def _judge(resource: _Read, found: Validation, *, explicit: bool) -> None:
    declared = resource.declared
    found.faults += [_at(declared.place, fault, declared.title) for fault in resource.faults]
    found.warnings += [_at(declared.place, doubt, declared.title) for doubt in resource.doubts]
    if explicit and resource.kind == "rule" and resource.version is None:
        said = "version: is missing; this stack numbers explicitly (signals:numbering): write version="
        found.faults.append(_at(declared.place, said, declared.title))
    unknown = sorted(name for name, value in declared.known.items() if has_unknown(value))
    if unknown:
        are = "is" if len(unknown) == 1 else "are"
        said = f"{', '.join(unknown)} {are} not known before a deployment"
        found.not_checked.append(_at(declared.place, said, declared.title))


def _second_owners(resources: Sequence[_Read]) -> Iterator[Finding]:
    """Find names that two resources declare. Constructors find those that are plain text."""
    first: dict[tuple[str, str], _Read] = {}
    for resource in resources:
        key = resource.key
        if key is not None and first.setdefault(key, resource) is not resource:
            other = first[key].declared
            where = f" ({_shown(other.place.file)}:{other.place.line})" if other.place else ""
            yield _at(
                resource.declared.place,
                f'name: {other.title}{where} is named "{resource.name}" in Signals as well. Declare it once, or give '
                "one of them another name.",
                resource.declared.title,
            )


def _settings_faults(project: Project) -> Iterator[Finding]:
    """Find misspelt settings. What is missing may be in the environment of the deployment."""
    own = {
        key.removeprefix(_SETTINGS): value
        for key, value in project.config.items()
        if key.startswith(_SETTINGS)
    }
    file = project.stack_file or project.root / "Pulumi.yaml"
    for key, meant in misspelt_keys(own).items():
        line = next(
            (i for i, text in enumerate(_lines_of(file), 1) if f"{_SETTINGS}{key}" in text),
            0,
        )
        yield Finding(misspelt_fault(key, meant), file=str(file), line=line)


def _lines_of(file: Path) -> list[str]:
    """Return the lines of a file; none where the program has deleted it."""
    try:
        return file.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return []


def _note_gaps(run: Run, found: Validation) -> None:
    """Note what the program did not get to. A program that fails for want of an engine is at no fault."""
    found.not_checked += [_at(each.place, each.reason) for each in run.not_checked]
    if run.calls:
        found.not_checked.append(
            Finding(f"what hangs on functions that only an engine can call: {', '.join(run.calls)}")
        )
    crash = run.crash
    if crash is None:
        return
    if crash.encrypted or crash.calls:
        why = (
            "a value of the configuration is encrypted"
            if crash.encrypted
            else f"nothing answers {', '.join(crash.calls)}"
        )
        found.not_checked.append(_at(crash.place, f"the program ended here, since {why}:\n{crash.text}"))
    else:
        found.faults.append(_at(crash.place, f"the program failed: {crash.text}"))
        found.not_checked.append(_at(crash.place, "whatever the program declares after this failure"))


def _compare(
    resources: Sequence[_Read], base: str, before: Mapping[tuple[str, str], _Read] | str, found: Validation
) -> None:
    """Apply the version rule to what differs from another commit, and say whom a changed rule reaches."""
    if isinstance(before, str):
        found.not_checked.append(Finding(f"nothing was compared with {base}: {before}"))
        return
    for resource in resources:
        old = before.get(resource.key) if resource.key else None
        if old is None or resource.faults:
            continue
        verdict = _version_fault(old, resource)
        declared = resource.declared
        if isinstance(verdict, _Undecided):
            found.not_checked.append(_at(declared.place, f"version: {verdict.why}", declared.title))
        elif verdict:
            found.faults.append(_at(declared.place, verdict, declared.title))
        reach = _reach(old, resource)
        if reach:
            found.notes.append(
                _at(declared.place, f"criteria: {reach}, compared with {base}", declared.title)
            )


def _at_base(
    base: str, project: Project, stack: str | None, seconds: int
) -> Mapping[tuple[str, str], _Read] | str:
    """Return what another commit declares, or why nothing is known of it."""
    with checked_out(base, project.root) as directory:
        try:
            # A virtual environment is in no commit.
            run = run_program(load_project(directory, stack, project.interpreter), seconds)
        except ProjectError as why:
            return str(why)
        if run.crash:
            return f"the program there failed: {run.crash.text}"
        read = [_read(declared) for declared in run.resources]
    return {resource.key: resource for resource in read if resource.key}


@dataclass(frozen=True)
class _Undecided:
    """Only the registry can tell."""

    why: str


def _version_fault(old: _Read, new: _Read) -> str | _Undecided | None:
    """Return why the number cannot stay as it is, None where nothing is in its way."""
    wording = Wording.of(old.wording.secret, new.wording.secret)
    if not (isinstance(old.version, (int, float)) and isinstance(new.version, (int, float))):
        is_unknown = UNKNOWN in (old.version, new.version)
        return _Undecided("is not known before a deployment") if is_unknown else None
    if old.message and new.message:
        history = PushHistory("", {old.message.version: old.message.digest})
        return (
            refusal(history, old.message, new.message, wording.secret) if old.version == new.version else None
        )
    if old.definition is None or new.definition is None:
        return None
    if new.version < old.version:
        return _Undecided(
            f"goes back from {int(old.version)} to {int(new.version)}; only the registry can tell whether it may"
        )
    if old.published is not True and new.version == old.version:
        return None  # a draft is edited in place
    number = int(old.version)
    history_of_rule = History("", {number: old.definition.digest}, number, frozenset({number}))
    prior = Prior(old.definition, number, published=True, history=history_of_rule)
    published = new.published is not False
    proposal = Proposal(new.definition, int(new.version), published)
    verdict = Numbered(Intervention.succession).plan("", prior, proposal, None)
    return wording.refusal(verdict) if isinstance(verdict, Refusal) else None


def _reach(old: _Read, new: _Read) -> str:
    """Return whom a rule reaches that is live in both; nothing where that is not known, or a secret."""
    if not (old.definition and new.definition and old.published is True and new.published is True):
        return ""
    said = new.definition.reach(old.definition)
    return Wording.of(old.wording.secret, new.wording.secret).said(said) if said else ""


def _shown(file: str) -> str:
    """Return a path as a person would write it from here."""
    path, here = Path(file), Path.cwd()
    return str(path.relative_to(here)) if here in path.parents else file
