"""The previews that pages of docs/ show of their own programs, made by the local engine.

A scene takes the first program of a page, or another one, to a new registry. It may deploy it first and then change a line.
"""

from __future__ import annotations

import re
import tempfile
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness import LocalEngine, settings_of
from page_validation import text_of_validation
from registries import emptied

DOCS: Final = Path(__file__).parents[2] / "docs"


@dataclass(frozen=True)
class PagePreview:
    """A preview of a page's program.

    Attributes:
        page: The page.
        program: Which of its programs, from 0.
        was: A line of the program, or a part of one, that changes after a first deployment; empty to preview the first.
        now: What it becomes.
    """

    page: str
    program: int = 0
    was: str = ""
    now: str = ""

    def text(self) -> str:
        """Return what the page has to show: the preview, of new resources the diagnostics alone."""
        program = programs_of((DOCS / self.page).read_text(encoding="utf-8"))[self.program]
        assert self.was in program, f"{self.page} has no {self.was!r}"
        with emptied() as emulator, tempfile.TemporaryDirectory() as directory:
            project = LocalEngine(Path(directory), settings_of(emulator))
            if not self.was:
                return _diagnostics(_preview(project, program))
            _write(project, program)
            done = project.show("up", "--parallel", "1", environment={})
            assert done.succeeded, done.text
            return _cut(_preview(project, program.replace(self.was, self.now, 1)))


def programs_of(page: str) -> list[str]:
    """Return the programs that a page shows."""
    return re.findall(r"^```python\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)


def _preview(project: LocalEngine, program: str) -> str:
    _write(project, program)
    return project.show("preview", "--parallel", "1", environment={}).text


def _write(project: LocalEngine, program: str) -> None:
    (project.project / "__main__.py").write_text(program, encoding="utf-8")


def _diagnostics(text: str) -> str:
    """Return the lines below `Diagnostics:`, by resource: resources that do not depend on each other come in any order."""
    found = re.search(r"^Diagnostics:\n(.*?)\n\n", text, re.DOTALL | re.MULTILINE)
    assert found, text
    lines = [line.removeprefix("  ") for line in found[1].splitlines()]
    return "\n".join(sorted(lines, key=lambda line: line.split()[1].rstrip(":")))


def _cut(text: str) -> str:
    """Return a preview without its first line and its counts; of a failed one, the errors."""
    errors = re.findall(r"^error: .*$", text, re.MULTILINE)
    if errors:
        return "\n".join(errors)
    shown = re.sub(r"\A[^\n]*\n|\n\nResources:.*\Z", "", text, flags=re.DOTALL).rstrip()
    steps, heading, _ = shown.partition("\nDiagnostics:\n")
    return f"{steps}{heading}{textwrap.indent(_diagnostics(text), '  ')}" if heading else steps


PAGE_PREVIEWS: Final[Mapping[str, Callable[[], str]]] = {
    "push-new": PagePreview("direct-intervention.md").text,
    "push-changed": PagePreview("direct-intervention.md", was="ten minutes", now="an hour").text,
    "push-again": PagePreview("direct-intervention.md", was="version=1,", now='version=1,\n    triggers=["again"],').text,
    "key-new": PagePreview("attribute-key.md").text,
    "key-changed": PagePreview("attribute-key.md", was="days=90", now="days=365").text,
    "group-new": PagePreview("attribute-groups.md").text,
    "group-changed": PagePreview("attribute-groups.md", was='name="carts", type="int32"', now='name="carts", type="int64"').text,
    "group-in-use": PagePreview(
        "attribute-groups.md", was="    attribute_key=account,", now="    attribute_key=account,\n    published=False,"
    ).text,
    "validate-attributes": text_of_validation,
    "table-new": PagePreview("attribute-groups.md", program=2).text,
    "service-new": PagePreview("service.md").text,
    "service-changed": PagePreview("service.md", was='type="double"', now='type="float"').text,
}  # fmt: skip
