"""What `pulumi-signals export` takes and refuses, and how its programs look."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from command_line import Evaluator, run, settings_of
from registry_shapes import Version, fill

from pulumi_snowplow_signals.api.client import SignalsClient
from pulumi_snowplow_signals.api.settings import resolve
from pulumi_snowplow_signals.cli.export.code import write_literal
from pulumi_snowplow_signals.cli.export.selection import Wanted, select_all
from pulumi_snowplow_signals.kinds.intervention import Intervention
from pulumi_snowplow_signals.lifecycle.run import Run
from signals_local.emulator import Emulator

_RULES = ("--kind", "intervention")
_CART = {"attribute": "shop:a", "operator": ">", "value": 75}
_IDLE = {"attribute": "shop:b", "operator": ">=", "value": 15}


def _rule(owner: str = "marketing@company.com", **fields: Any) -> dict[str, Any]:
    return {"owner": owner, "criteria": {"all": [_CART, _IDLE]}, **fields}


_PROGRAM = '''\
"""The interventions of URL.

Each is taken over as it is: the first deployment writes nothing to the registry.
Because of `on_destroy="retain"`, an intervention that is removed from this program
stays as it is. Change it to "unpublish" to withdraw it instead.
"""

from pulumi_snowplow_signals import RuleIntervention, attribute, domain_userid, none_of

MARKETING = "marketing@company.com"

# Version 2 is newer and not live: a draft, or withdrawn. It is left alone, and its
# number stays used.
RuleIntervention(
    name="ahead",
    owner=MARKETING,
    criteria=(attribute("shop:a") > 75) & (attribute("shop:b") >= 15),
    version=1,
    on_destroy="retain",
)

RuleIntervention(
    name="draft",
    owner="crm@company.com",
    description="For spring",
    criteria=~(attribute("shop:a") > 75)
    | none_of(attribute("shop:a") > 75, attribute("shop:b") >= 15),
    payload_attribute_groups=[{"name": "shop", "version": 1}],
    published=False,
    on_destroy="retain",
)

RuleIntervention(
    name="live",
    owner=MARKETING,
    criteria=(attribute("shop:a") > 75) & (attribute("shop:b") >= 15),
    target_attribute_keys=[domain_userid],
    on_destroy="retain",
)

# Left out, because a program cannot take them over unchanged:
# - two: versions 1 and 2 are live at once. A resource keeps one version live, so its
#   first deployment would withdraw the others. Withdraw those you do not need, and
#   export again
'''


def test_a_program_as_a_person_would_write_it(emulator: Emulator, tmp_path: Path) -> None:
    """Expressions, a constant for the owner of several rules, comments for what is left alone and left out."""
    criteria = {"any": [{"none": [_CART]}, {"none": [_CART, _IDLE]}]}
    draft = _rule(
        "crm@company.com",
        description="For spring",
        criteria=criteria,
        payload_attribute_groups=[{"name": "shop", "version": 1}],
    )
    registry = {
        "live": [Version(1, "live", _rule(target_attribute_keys=[{"name": "domain_userid"}]))],
        "draft": [Version(1, "draft", draft)],
        "ahead": [Version(1, "live", _rule()), Version(2, "draft", _rule(description="next"))],
        "two": [Version(1, "live", _rule()), Version(2, "live", _rule(description="another"))],
    }
    fill(emulator, registry)
    result = run(emulator, "export", *_RULES, "--output", str(tmp_path / "program"))
    assert result.code == 1
    assert (tmp_path / "program" / "interventions.py").read_text() == _PROGRAM.replace("URL", emulator.url)
    assert sorted(file.name for file in (tmp_path / "program").iterdir()) == [
        "Pulumi.yaml",
        "__main__.py",
        "interventions.py",
    ]


def test_what_is_named_twice(emulator: Emulator, evaluator: Evaluator, tmp_path: Path) -> None:
    """A key and a group that the registry holds twice are written once."""
    twice = _rule(
        target_attribute_keys=[{"name": "user_id"}] * 2,
        payload_attribute_groups=[{"name": "shop", "version": 1}] * 2,
    )
    fill(emulator, {"a": [Version(1, "live", twice)]})
    run(emulator, "export", *_RULES, "--output", str(tmp_path / "program"))
    declared = evaluator.declared_by(tmp_path / "program")["a"]
    assert declared["target_attribute_keys"] == ["user_id"]
    assert declared["payload_attribute_groups"] == [{"name": "shop", "version": 1.0}]


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (("--name", "a"), {"a"}),
        (("--name", "a", "--name", "c"), {"a", "c"}),
        (("--owner", "crm@COMPANY.com"), {"b"}),
        (("--owner", "crm@company.com", "--owner", "growth@company.com"), {"b", "c"}),
        (("--name", "a", "--name", "b", "--owner", "crm@company.com"), {"b"}),
        ((), {"a", "b", "c"}),
    ],
)
def test_by_name_and_by_owner(
    emulator: Emulator, evaluator: Evaluator, options: tuple[str, ...], names: set[str], tmp_path: Path
) -> None:
    """Only what is asked for is exported."""
    owners = {"a": "marketing@company.com", "b": "crm@company.com", "c": "growth@company.com"}
    fill(emulator, {name: [Version(1, "live", _rule(owner))] for name, owner in owners.items()})
    output = tmp_path / "program"
    assert run(emulator, "export", *_RULES, "--output", str(output), *options).code == 0
    assert evaluator.declared_by(output).keys() == names


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--name", "nope"), 'The registry has no intervention "nope".'),
        (("--owner", "nobody@company.com"), "The registry has no such intervention, so nothing was written."),
        (("--style", "prose"), "Invalid value for '--style'"),
    ],
)
def test_what_is_not_there(emulator: Emulator, options: tuple[str, ...], reason: str, tmp_path: Path) -> None:
    """It is told, and no directory is made."""
    fill(emulator, {"a": [Version(1, "live", _rule())]})
    output = tmp_path / "program"
    result = run(emulator, "export", *_RULES, "--output", str(output), *options)
    assert result.code == 2
    assert reason in result.err
    assert not output.exists()


def test_a_directory_that_is_not_empty(emulator: Emulator, tmp_path: Path) -> None:
    """It is refused before anything is asked, and left as it is."""
    (tmp_path / "notes.txt").write_text("mine")
    mark = emulator.mark()
    result = run(emulator, "export", *_RULES, "--output", str(tmp_path))
    assert (result.code, [file.name for file in tmp_path.iterdir()]) == (2, ["notes.txt"])
    assert "is not empty. Name another directory with --output." in result.err
    assert emulator.requests(since=mark) == []


@pytest.mark.parametrize(
    ("stored", "reason"),
    [
        ({"owner": "team"}, "version 1: owner:"),
        ({"criteria": {"all": []}}, 'has an empty "all"'),
        ({"criteria": {**_CART, "operator": "between"}}, "criteria.operator"),
        ({"criteria": {**_CART, "value": 2**53 + 1}}, "a whole number beyond 2^53"),
        ({"description": "\ud800"}, "a form that this release cannot read"),
        ({"criteria": {"sequence": [_CART]}}, "a form that this release cannot read"),
        ({"criteria": {**_CART, "attribute": "nowhere:a"}}, 'there is no attribute group "nowhere"'),
    ],
)
def test_why_something_is_left_out(emulator: Emulator, stored: dict[str, Any], reason: str) -> None:
    """What the registry holds and no program may declare is left out, with the reason."""
    body = {"name": "odd", "version": 1, "is_published": True, **_rule(), **stored}
    emulator.fail(method="GET", path="*/interventions/", status=200, body=json.dumps([body]))
    settings = resolve({"apiUrl": emulator.url, "sandboxToken": emulator.token, "retrySeconds": "0"}.get, {})
    with SignalsClient(settings) as client:
        taken, left_out = select_all(
            Run(settings, lambda: client, lambda _remark: None), Wanted(kinds=(Intervention,))
        )
    assert taken == []
    assert reason in left_out[0].reason


@pytest.mark.parametrize(
    "text",
    [
        "",
        "'",
        '"',
        "\\",
        "\\'",
        '\\"',
        "'\"",
        '""\'',
        "{x}",
        "\n",
        "\u202e",
        "é",
        "\\N{BULLET}",
        '"""',
        "'''",
    ],
)
def test_a_text_is_itself(text: str) -> None:
    """A literal has the value of the text, on one line, in the quotes that ruff chooses."""
    code = f"{write_literal([text, {'a': text}])}\n"
    assert eval(code) == [text, {"a": text}]
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "-", "--stdin-filename", "a.py"]
    assert subprocess.run(command, input=code, capture_output=True, text=True, check=True).stdout == code


def test_settings_that_are_missing(emulator: Emulator, tmp_path: Path) -> None:
    """They are named with the ways to set them, in no traceback."""
    result = run(
        emulator, "export", *_RULES, "--output", str(tmp_path / "p"), SNOWPLOW_SIGNALS_SANDBOX_TOKEN=""
    )
    assert result.code == 2
    assert "SNOWPLOW_CONSOLE_API_KEY" in result.err


@pytest.mark.skipif(shutil.which("pulumi") is None, reason="the real engine, `pulumi`, is not on PATH")
def test_settings_of_a_stack(emulator: Emulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`--stack` takes them from the stack's config, secrets too, and shows none."""
    fill(emulator, {"a": [Version(1, "live", _rule())]})
    project = tmp_path / "project"
    project.mkdir()
    (project / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    for name, value in {
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_BACKEND_URL": tmp_path.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "for-tests",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(project)
    for arguments in (
        ("stack", "init", "dev"),
        ("config", "set", "signals:apiUrl", emulator.url),
        ("config", "set", "--secret", "signals:sandboxToken", emulator.token),
    ):
        subprocess.run(["pulumi", "--non-interactive", *arguments], check=True, capture_output=True)
    nothing = dict.fromkeys(settings_of(emulator), "")
    listed = run(emulator, "list", "--json", *_RULES, "--stack", "dev", **nothing)
    assert [each["name"] for each in json.loads(listed.out)] == ["a"], listed.err
    missing = run(emulator, "list", "--stack", "nope", **nothing)
    assert missing.code == 2
    assert "`pulumi config --stack nope` failed" in missing.err


def test_a_stack_without_pulumi(emulator: Emulator, tmp_path: Path) -> None:
    """Where there is no `pulumi`, it says what to do instead."""
    result = run(emulator, "list", "--stack", "dev", PATH=os.fspath(tmp_path))
    assert result.code == 2
    assert "set the environment variables instead" in result.err
