"""Links of the README, of docs/ and of examples lead somewhere, and every page is near."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted(ROOT.glob("examples/*/README.md")),
]


@cache
def _tokens(page: Path) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(page.read_text(encoding="utf-8"))


def _links(page: Path) -> Iterator[str]:
    for token in _tokens(page):
        for part in token.children or ():
            found = part.attrGet("href") or part.attrGet("src")
            if found:
                yield str(found)


@cache
def _anchors(page: Path) -> frozenset[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    tokens = _tokens(page)
    titles = [tokens[i + 1].content for i, token in enumerate(tokens) if token.type == "heading_open"]
    return frozenset(re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles)


def _is_inside(link: str) -> bool:
    return not link.startswith(("https:", "http:", "mailto:"))


def _target(page: Path, link: str) -> Path:
    path = link.partition("#")[0]
    return (page.parent / path).resolve() if path else page


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    """The file is there, and the heading that an anchor names."""
    broken = []
    for link in filter(_is_inside, _links(page)):
        target, anchor = _target(page, link), link.partition("#")[2]
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            broken.append(link)
    assert broken == []


def test_every_page_is_two_clicks_away() -> None:
    """From the README each page of docs/ is reached by two links at most."""
    near = {README}
    for _ in range(2):
        found = {
            _target(page, link)
            for page in near
            if page.suffix == ".md"
            for link in _links(page)
            if _is_inside(link)
        }
        near |= {page for page in found if page.is_file()}
    assert {page.name for page in (ROOT / "docs").glob("*.md") if page not in near} == set()


def test_no_page_names_a_file_that_is_gone() -> None:
    """Whatever looks like a file of docs/ in the code's own comments is one."""
    sources = [
        *ROOT.glob("provider/**/*.py"),
        *ROOT.glob("tests/**/*.py"),
        *ROOT.glob("scripts/*.py"),
        README,
    ]
    named = {
        name
        for file in sources
        for name in re.findall(r"docs/([a-z-]+\.md)", file.read_text(encoding="utf-8"))
    }
    assert {name for name in named if not (ROOT / "docs" / name).exists()} == set()
