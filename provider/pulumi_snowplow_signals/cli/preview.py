"""The parts used here of the document that `pulumi preview --json` prints. The local engine prints the same.

Seen with engine 3.260: `steps` with `oldState` and `newState`, each with `inputs`; `changeSummary`, which also counts the
unchanged resources that `steps` leaves out; `diagnostics`, some of which belong to a resource. A failed preview prints all of this
too, with an error among the diagnostics. `detailedDiff` is null for dynamic resources.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

_EVENTS: Final = re.compile(r'\s*\{"sequence":')
_COLOURS: Final = re.compile(r"<\{%.*?%\}>|\x1b\[[0-9;]*m")
_LABEL: Final = re.compile(r"(?:error|warning|info): ")
_PROBLEM: Final = re.compile(r"^\S+ resource '.*?' has a problem: ")


class PreviewError(Exception):
    """The input is not the JSON of a preview. The message says what it is instead."""


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class State(_Read):
    """A resource before or after a step."""

    type: str = ""
    inputs: dict[str, Any] = Field(default_factory=dict)
    outputs: dict[str, Any] = Field(default_factory=dict)
    retain_on_delete: bool = Field(default=False, alias="retainOnDelete")


class Step(_Read):
    """What a deployment would do to a resource."""

    op: str
    urn: str
    old: State | None = Field(default=None, alias="oldState")
    new: State | None = Field(default=None, alias="newState")

    @property
    def type(self) -> str:
        """The resource's type: the last type in its URN, which begins with the types of its parents."""
        state = self.new or self.old
        _, _, rest = self.urn.partition("::")
        _, _, types_and_name = rest.partition("::")
        return (state.type if state else "") or types_and_name.partition("::")[0].rpartition("$")[2]


class Diagnostic(_Read):
    """A message of an engine or a provider."""

    severity: str = "info"
    message: str = ""
    urn: str = ""

    @property
    def text(self) -> str:
        """The message without terminal codes, and without a prefix that repeats the resource."""
        text = _LABEL.sub("", _COLOURS.sub("", self.message).strip(), count=1)
        return _PROBLEM.sub("", text)


class Preview(_Read):
    """A preview."""

    steps: tuple[Step, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    summary: dict[str, int] = Field(default_factory=dict, alias="changeSummary")
    result: str = ""

    @property
    def failed(self) -> bool:
        """Whether the preview failed, and so does not show everything that a deployment would do."""
        return self.result == "failed" or any(found.severity == "error" for found in self.diagnostics)


def name_in(urn: str) -> str:
    """Return the logical name of a resource."""
    return urn.split("::", 3)[-1]


def _decode(given: bytes) -> str:
    try:
        return given.decode(json.detect_encoding(given)).removeprefix("\ufeff")
    except UnicodeDecodeError:
        raise PreviewError(
            "this is not text. Pass the output of `pulumi preview --json`, as a file or on standard input"
        ) from None


def read_preview(given: str | bytes) -> Preview:
    """Parse the output of `pulumi preview --json`. Raise PreviewError if it is something else.

    Args:
        given: The document, in UTF-8 or, as PowerShell writes files, in UTF-16.
    """
    text = given if isinstance(given, str) else _decode(given)
    if not text.strip():
        raise PreviewError(
            "the input is empty. Pass the output of `pulumi preview --json`, as a file or on standard input. If that is "
            "empty, the preview failed before it started, and its standard error says why"
        )
    if _EVENTS.match(text):
        raise PreviewError(
            "this is a stream of events. Run `pulumi preview --json` without PULUMI_ENABLE_STREAMING_JSON_PREVIEW"
        )
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as why:
        raise PreviewError(
            f"this is not JSON: {why}. Pass the standard output of `pulumi preview --json`, without its standard error"
        ) from None
    if not isinstance(document, dict) or not {"steps", "changeSummary", "diagnostics"} & document.keys():
        raise PreviewError(
            "this JSON is not a preview: it has no steps, changeSummary or diagnostics. Pass the output of "
            "`pulumi preview --json`"
        )
    known = {key: value for key, value in document.items() if value is not None}
    try:
        return Preview.model_validate(known)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        path = ".".join(map(str, first["loc"]))
        raise PreviewError(f"this is not a preview in Pulumi's format: {path}: {first['msg']}") from None
