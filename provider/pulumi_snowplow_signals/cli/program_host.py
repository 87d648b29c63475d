"""Runs a program without an engine, in its own process, and records what it declares. Started by `program`.

Pulumi's mocks stand in for the engine, in preview mode: outputs of other resources are unknown, as in a preview. A `gate` collects
the faults of constructors instead of ending the program. This module uses nothing from the extra `cli`, because the program's
environment need not have it.

The first argument names a JSON file with the settings; the report goes to another file.
"""

from __future__ import annotations

import asyncio
import faulthandler
import json
import logging
import os
import runpy
import sys
import threading
import traceback
import types
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pulumi
from pulumi.output import Unknown
from pulumi.runtime import mocks, rpc, settings

import pulumi_snowplow_signals
from pulumi_snowplow_signals.declaration import SignalsResource
from pulumi_snowplow_signals.fields.hidden_inputs import SECRET, URN
from pulumi_snowplow_signals.gate import Gate, use_gate

UNKNOWN_MARK: Final = {"__signals_unknown__": True}
"""The report's mark for a value that is not known before a deployment."""

_PACKAGE: Final = Path(pulumi_snowplow_signals.__file__).resolve().parent
_SDK: Final = Path(pulumi.__file__).resolve().parent
_MOST_DEPTH: Final = 3
_GRACE: Final = 10
"""Seconds that the command has to end this process before the process ends itself."""

Place = dict[str, Any]
"""File and line."""


class _Report:
    """What a program declares, and its faults."""

    def __init__(self) -> None:
        self.resources: list[dict[str, Any]] = []
        self.faults: list[dict[str, Any]] = []
        self.warnings: list[dict[str, Any]] = []
        self.not_checked: list[dict[str, Any]] = []
        self.calls: set[str] = set()
        self.crash: dict[str, Any] | None = None

    def to_json(self) -> str:
        """Return the report as JSON."""
        return json.dumps(
            {
                "resources": self.resources,
                "faults": self.faults,
                "warnings": self.warnings,
                "notChecked": self.not_checked,
                "calls": sorted(self.calls),
                "crash": self.crash,
            },
            default=str,
        )


class _Collector(Gate):
    """An open gate that records each fault with its place."""

    def __init__(self, report: _Report) -> None:
        super().__init__()
        self._report = report

    def note(self, resource: str, faults: Iterable[str]) -> None:
        """Record the faults of a resource."""
        place = _place_in(frame for frame, _ in traceback.walk_stack(None))
        said = [fault.removeprefix(f"{resource}: ") for fault in faults]
        self._report.faults.append({"place": place, "resource": resource, "faults": said})

    def warn(self, resource: str, reason: str) -> None:
        """Record a doubt about a resource."""
        place = _place_in(frame for frame, _ in traceback.walk_stack(None))
        self._report.warnings.append({"place": place, "resource": resource, "reason": reason})

    def behind(self, value: pulumi.Input[Any]) -> pulumi.Input[Any]:
        """Return the value."""
        return value

    def list_names(self, provider: type, name: Any) -> None:
        """Return nothing, since nobody looks for the names."""


class _Unanswered(mocks.Mocks):
    """An engine that knows nothing: no ids, no outputs, no results of functions."""

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:  # noqa: ARG002  # all alike
        return None, {}

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:  # noqa: ARG002
        return {}, []


class _Monitor:
    """Records what is registered, and responds as Pulumi's mocks do.

    It is not a `MockMonitor` itself: with one, resources send what a deployment would return (`mocked`), not what is declared.
    """

    def __init__(self, report: _Report) -> None:
        self._report, self._answers = report, mocks.MockMonitor(_Unanswered())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._answers, name)

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802  # the protocol's name
        answer = self._answers.RegisterResource(request)  # type: ignore[no-untyped-call]
        declared = _class_of(request.type) if URN in request.object.fields else None
        if declared is not None:
            self._note(request, declared)
            # As in a preview, outputs that are not computed have the value that the program set.
            for name in request.object.fields.keys() - declared._shape.computed.keys():  # noqa: SLF001  # our own
                answer.object.fields[name].CopyFrom(request.object.fields[name])
        return answer

    def Invoke(self, request: Any) -> Any:  # noqa: N802  # the protocol's name
        self._report.calls.add(request.tok)
        return self._answers.Invoke(request)  # type: ignore[no-untyped-call]

    def _note(self, request: Any, declared: type[SignalsResource]) -> None:
        inputs, _ = rpc.deserialize_properties_unwrap_secrets(request.object, keep_unknowns=True)
        own = {
            name: _to_plain(value)
            for name, value in inputs.items()
            if name == SECRET or not name.startswith("__")
        }
        self._report.resources.append(
            {
                "type": request.type.rpartition(":")[2],
                "kind": next(base.__name__ for base in declared.__mro__ if "_shape" in vars(base)),
                "name": request.name,
                "inputs": own,
                "place": self._place(request.stackTrace.frames),
            }
        )

    @staticmethod
    def _place(frames: Iterable[Any]) -> Place | None:
        for frame in frames:
            file = Path(url2pathname(urlsplit(frame.pc.uri).path))
            if not _is_below(file, _PACKAGE):
                return {"file": str(file), "line": frame.pc.line}
        return None


def _is_below(file: Path, directory: Path) -> bool:
    return directory in file.parents


def _place_in(frames: Iterable[types.FrameType]) -> Place | None:
    for frame in frames:
        file = Path(frame.f_code.co_filename)
        if not (_is_below(file, _PACKAGE) or _is_below(file, _SDK)):
            return {"file": str(file), "line": frame.f_lineno}
    return None


def _to_plain(value: Any) -> Any:
    """Return a value as JSON, with a mark for what is unknown."""
    if isinstance(value, Unknown):
        return UNKNOWN_MARK
    if isinstance(value, dict):
        return {key: _to_plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_to_plain(item) for item in value]
    return value


def _watch_applies() -> list[tuple[Place | None, list[bool]]]:
    """Watch the functions passed to `apply` that declare resources of this package.

    Returns:
        The place of each, and a list that is not empty once the function was called.
    """
    apply = pulumi.Output.apply
    watched: list[tuple[Place | None, list[bool]]] = []

    def watching(
        output: pulumi.Output[Any],
        func: Callable[..., Any],
        run_with_unknowns: bool = False,  # noqa: FBT001, FBT002  # the SDK's signature
    ) -> pulumi.Output[Any]:
        if not _declares(func):
            return apply(output, func, run_with_unknowns)
        called: list[bool] = []
        watched.append((_place_in(frame for frame, _ in traceback.walk_stack(None)), called))

        def noting(value: Any) -> Any:
            called.append(True)
            return func(value)

        return apply(output, noting, run_with_unknowns)

    pulumi.Output.apply = watching  # type: ignore[method-assign,assignment]  # this process runs nothing else
    return watched


def _declares(function: Callable[..., Any]) -> bool:
    classes = {each.__name__ for each in _subclasses(SignalsResource)}
    return any(name in classes for name in _names_in(function, _MOST_DEPTH))


def _names_in(function: Any, depth: int) -> Iterator[str]:
    """Yield the names that a function, or one that it calls, uses."""
    code = getattr(function, "__code__", None)
    if code is None or depth == 0:
        return
    stack = [code]
    while stack:
        found = stack.pop()
        stack += [constant for constant in found.co_consts if isinstance(constant, types.CodeType)]
        for name in found.co_names:
            yield name
            yield from _names_in(function.__globals__.get(name), depth - 1)


def _class_of(type_: str) -> type[SignalsResource] | None:
    """Return the class of a declared resource; None for another provider's resource, or for a child of ours."""
    token = type_.partition(":")[2]
    found = (each for each in _subclasses(SignalsResource) if hasattr(each, "_shape"))
    return next((each for each in found if each._resource_type_name == token), None)  # noqa: SLF001  # our own


def _subclasses(kind: type[Any]) -> Iterator[type[Any]]:
    for each in kind.__subclasses__():
        yield each
        yield from _subclasses(each)


def _describe_crash(fault: BaseException, program: Path, report: _Report) -> dict[str, Any]:
    """Return the exception that ended the program, with the program's own frames, and whether a missing engine may be the cause."""
    frames = traceback.extract_tb(fault.__traceback__)
    directory = program if program.is_dir() else program.parent
    own = [
        i
        for i, frame in enumerate(frames)
        if frame.filename[0] != "<"
        and _is_below(Path(frame.filename).resolve(), directory)  # "<frozen runpy>" is not a file
    ]
    place = {"file": frames[own[-1]].filename, "line": frames[own[-1]].lineno} if own else None
    if isinstance(fault, SyntaxError) and fault.filename:
        place = {"file": fault.filename, "line": fault.lineno or 0}  # the file never ran, so it has no frame
    shown = frames[own[0] :] if own else [] if place else frames
    text = str(fault)
    if isinstance(fault, pulumi.RunError):
        lines = [text]
    else:
        lines = ["Traceback (most recent call last):"] if shown else []
        lines += "".join(traceback.format_list(shown)).splitlines()
        lines += "".join(traceback.format_exception_only(type(fault), fault)).splitlines()
    return {
        "text": "\n".join(lines).replace(rpc.UNKNOWN, "[encrypted]"),
        "place": place,
        "encrypted": rpc.UNKNOWN in text,
        "calls": sorted(report.calls),
    }


async def _run(main: str, report: _Report) -> None:
    use_gate(_Collector(report))
    runpy.run_path(main, run_name="__main__")


def run(given: dict[str, Any], report: _Report) -> None:
    """Run the program, and record the result."""
    program = Path(given["program"])
    directory = program if program.is_dir() else program.parent
    os.chdir(directory)
    sys.argv = [str(program)]
    sys.path.insert(0, str(directory))
    logging.getLogger("asyncio").setLevel(
        logging.CRITICAL
    )  # futures that nobody awaits, as Pulumi's own host does
    encrypted = dict.fromkeys(given["encrypted"], rpc.UNKNOWN)
    # Before the mocks, which create their own stack resource: its outputs belong to the loop that they find.
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    mocks.set_mocks(
        _Unanswered(),
        project=given["project"],
        stack=given["stack"],
        preview=True,
        monitor=_Monitor(report),  # type: ignore[arg-type]  # it has the same methods
        organization="organization",
    )
    settings.SETTINGS.root_directory = given["root"]
    pulumi.runtime.set_all_config({**given["config"], **encrypted}, given["encrypted"])
    settings.set_root_resource(None)  # type: ignore[arg-type]  # drop the mocks' own, or there would be two
    watched = _watch_applies()
    main = str(program / "__main__.py") if program.is_dir() else str(program)
    try:
        loop.run_until_complete(pulumi.runtime.run_in_stack(lambda: _run(main, report)))
    except SystemExit as fault:
        if fault.code not in (None, 0):
            report.crash = _describe_crash(fault, program, report)
    except BaseException as fault:  # noqa: BLE001  # the author sees whatever the program raises
        report.crash = _describe_crash(fault, program, report)
    reason = "what is declared in an apply on an output that is not known yet"
    report.not_checked += [{"place": place, "reason": reason} for place, called in watched if not called]


def _end_later(seconds: float) -> None:
    """End this process after some seconds, in case the command that would have ended it was killed."""
    watch = threading.Timer(seconds, os._exit, (1,))
    watch.daemon = True
    watch.start()


def main() -> None:
    """Read the settings, run the program, write the report."""
    given = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    # If the program does not end, `program` reads from standard error where it is.
    faulthandler.dump_traceback_later(given["seconds"])
    _end_later(given["seconds"] + _GRACE)
    report = _Report()
    run(given, report)
    Path(given["report"]).write_text(report.to_json(), encoding="utf-8")
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # the program's own threads must not keep the process alive


if __name__ == "__main__":
    main()
