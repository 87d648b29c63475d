"""What becomes of each value for each argument, in one file that a reviewer reads: `verdicts.txt`. To write it anew:

.venv/bin/python tests/inputs/snapshot.py
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, Literal, TypeAlias

from places import PLACES

HERE: Final = Path(__file__).parent
FILE: Final = HERE / "verdicts.txt"
_WIDTH: Final = 180
_GENERAL: Final = (
    (
        re.compile(
            r"^refused( by the provider)?: "
            r'(((Rule|Direct)Intervention|AttributeKey|(Stream|Batch|ExternalBatch)AttributeGroup|Service)( "\w+")?: )?'
        ),
        "refused: ",
    ),
    (re.compile(r"^refused: (all_of|none_of|attribute)\(.*?\): (?=that|not|an )"), r"refused: \1(<value>): "),
    (
        re.compile(r"^refused: .* is not the name of an attribute"),
        "refused: <value> is not the name of an attribute",
    ),
    (re.compile(r"(the logical name|…) is .*\. Write a string\.$"), r"\1 is <value>. Write a string."),
    (re.compile(r"(Add parentheses around each comparison): .*"), r"\1: <code>."),
    (
        re.compile(r"^refused: …: .* is not a valid value for a criterion"),
        "refused: …: <value> is not a valid value for a criterion",
    ),
    (re.compile(r'^refused: attribute\("account:plan"\)(\.\w+\(.*?\)| [=<>]+ .*?): '), "refused: …: "),
    (re.compile(r"^(refused: …)(?!:)[^ ]*: (that )?"), r"\1: "),
    (
        re.compile(r"\bis (true|false|null|-?\d[\d.e+-]*…?|[\"{\[].*[\"}\]…])(?=[;,] (?!is not))"),
        "is <value>",
    ),
    (re.compile(r"\bis \w+(?=\. Write (pulumi|an object|Inter|the name))"), "is <type>"),
    (re.compile(r"^(refused: …: )(list|dict|None)(?= is not a valid value)"), r"\1<value>"),
    (re.compile(r"\((\"|\[|\{|\d|-).*?\)(?=[:.])"), "(<value>)"),
)
_INTRODUCTION: Final = """\
What becomes of each value for each argument: every verdict once, and below it the arguments and the values that meet it. In a
sentence, … stands for the argument's path, <value> and <type> for the value that is shown; the resource, which begins it, is
left out. Written by tests/inputs/snapshot.py.
"""

Verdicts: TypeAlias = dict[str, dict[str, str]]
"""What becomes of each value, by argument and value."""


def judged(mode: Literal["plain", "secret"]) -> str:
    """Return the verdicts on values as they are, `plain`, or on the same in secret outputs, `secret`, as JSON."""
    command = [sys.executable, str(HERE / "judge.py"), mode]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr[-5000:]
    return done.stdout


def text_of(verdicts: Verdicts) -> str:
    """Return the file for verdicts by argument and value: each sentence once, with whom it meets."""
    met: dict[str, dict[str, list[str]]] = {}
    for place, told in verdicts.items():
        for value, verdict in told.items():
            met.setdefault(_general(place, verdict), {}).setdefault(place, []).append(value)
    blocks = [_INTRODUCTION]
    for verdict, values in sorted(met.items()):
        alike: dict[str, list[str]] = {}
        for place, names in values.items():
            alike.setdefault("; ".join(names), []).append(place)
        lines = [line for names, places in alike.items() for line in _wrapped(places, names)]
        blocks.append("".join(f"{line}\n" for line in (*verdict.splitlines(), *lines)))
    return "\n".join(blocks)


def _general(place: str, verdict: str) -> str:
    """Return a verdict with … for what tells the argument, and <value> for a value that is shown."""
    lines = []
    where = PLACES[place].where or place.rpartition(".")[2]
    for line in verdict.splitlines():
        general = _GENERAL[0][0].sub(_GENERAL[0][1], line)
        if general.startswith(f"refused: {where}"):
            general = f"refused: …{general.removeprefix(f'refused: {where}')}"
        for pattern, text in _GENERAL[1:]:
            general = pattern.sub(text, general)
        lines.append(general)
    return "\n".join(dict.fromkeys(lines))


def _wrapped(places: Iterable[str], values: str) -> Iterator[str]:
    yield from textwrap.wrap(
        f"{', '.join(places)}: {values}",
        _WIDTH,
        initial_indent="    ",
        subsequent_indent="        ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def main() -> None:
    """Write the file."""
    FILE.write_text(text_of(json.loads(judged("plain"))), encoding="utf-8")


if __name__ == "__main__":
    main()
