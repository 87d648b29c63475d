"""`pulumi-signals validate`: every fault of a program with its line, without engine, network, credentials or state."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import venv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from warm import warm_python

from pulumi_snowplow_signals.cli import findings
from pulumi_snowplow_signals.cli.declarations import read_all
from pulumi_snowplow_signals.cli.findings import Finding, Validation
from pulumi_snowplow_signals.cli.program import Declared

HEAD = """\
import pulumi
from pulumi_snowplow_signals import DirectIntervention, RuleIntervention, attribute
own = {"owner": "t@example.com"}
cart = attribute("shop:cart")
"""
BEFORE = HEAD.count("\n")
PROJECT = "name: shop\nruntime: python\n"
IDS = '{"user_id": ["8f3d2a60-5f0e-4a7c-9d52-2f6f4d1c7b11"]}'


def write(directory: Path, program: str, **files: str) -> None:
    """Write a project; the program stands below `HEAD`."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in {"Pulumi.yaml": PROJECT, "__main__.py": HEAD + program, **files}.items():
        (directory / name).write_text(text)


def validate(
    directory: Path, *options: str, environment: Mapping[str, str] | None = None, is_warm: bool = True
) -> Any:
    """Run the command and return its JSON, its exit code included."""
    done = call(directory, "--format", "json", *options, environment=environment, is_warm=is_warm)
    assert done.returncode in (0, 1), done.stderr
    return {**json.loads(done.stdout), "code": done.returncode}


def call(
    directory: Path, *options: str, environment: Mapping[str, str] | None = None, is_warm: bool = True
) -> subprocess.CompletedProcess[str]:
    """Run the command as a person would. What is about processes runs in those of its own, which are not warm."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("SNOWPLOW_", "PULUMI_"))}
    python = warm_python() if is_warm else sys.executable
    return subprocess.run(
        [python, "-m", "pulumi_snowplow_signals.cli.main", "validate", *options],
        cwd=directory, capture_output=True, text=True, check=False, timeout=120, env={**own, **(environment or {})},
    )  # fmt: skip


def lines(found: list[dict[str, Any]]) -> list[tuple[str | None, int | None, str]]:
    """Return findings as file, line below `HEAD`, and the path that the message opens with."""
    return [
        (each["file"], each["line"] and each["line"] - (BEFORE if each["file"] == "__main__.py" else 0),
         each["message"].partition(":")[0])
        for each in found
    ]  # fmt: skip


def test_every_fault_of_every_resource(tmp_path: Path) -> None:
    """Neither a faulty constructor nor what was printed stops the rest; loops, components and other files are seen."""
    rules = (
        "from pulumi_snowplow_signals import RuleIntervention, attribute\n\n"
        "def declare(name, **inputs):\n"
        '    RuleIntervention(name, criteria=attribute("shop:cart") > 1, **inputs)\n'
    )
    program = """\
import rules
print("::error::this is the program's own")
RuleIntervention("a", owner="t", criteria={"attribute": "shop:cart", "operator": "=="})
RuleIntervention("b", owner=pulumi.Output.from_input("late"), criteria=cart > 1)
for i in range(2):
    rules.declare(f"c{i}", owner="t")
class Team(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("demo:index:Team", name)
        RuleIntervention(f"{name}_d", **own, criteria=cart > 1, version=0, opts=pulumi.ResourceOptions(parent=self))
Team("team")
DirectIntervention("e", version=1, targets={"domain_sessionid": ["no-uuid"]})
RuleIntervention("f", **own, criteria=cart > 1)
RuleIntervention("g", name="f", **own, criteria=cart > 1)
RuleIntervention("h", name=pulumi.Output.from_input("f"), **own, criteria=cart > 1)
"""
    write(tmp_path, program, **{"rules.py": rules})
    found = validate(tmp_path)
    assert found["code"] == 1
    assert lines(found["faults"]) == [
        ("__main__.py", 3, "criteria.operator"),
        ("__main__.py", 3, "owner"),
        ("__main__.py", 4, "owner"),
        ("__main__.py", 10, "version"),
        ("__main__.py", 12, "targets.domain_sessionid[0]"),
        ("__main__.py", 14, 'RuleIntervention "g" and RuleIntervention "f" are both named "f" in Signals. Declare it once, or rename one of them.'),
        ("__main__.py", 15, "name"),
        ("rules.py", 4, "owner"),
        ("rules.py", 4, "owner"),
    ]  # fmt: skip
    assert found["checked"] == 9


def test_a_program_without_faults(tmp_path: Path) -> None:
    """Stack references, secrets, other providers, `pulumi.run`, exports and missing credentials are no faults."""
    program = """\
from pulumi.dynamic import Resource, ResourceProvider
class Other(Resource):
    given: pulumi.Output
    def __init__(self, name):
        super().__init__(ResourceProvider(), name, {"given": None})
other = Other("other")
RuleIntervention("a", **own, criteria=cart > 1, description=pulumi.Output.secret("x"))
pulumi.StackReference("org/network/prod")
pulumi.export("a", other.given)
async def later():
    RuleIntervention("b", **own, criteria=cart > 2)
    return {"c": 1}
pulumi.run(later)
"""
    write(tmp_path, program)
    found = validate(tmp_path)
    assert (found["code"], found["faults"], found["warnings"], found["notChecked"]) == (0, [], [], [])
    assert found["checked"] == 2


def test_what_cannot_be_checked_is_no_fault(tmp_path: Path) -> None:
    """What hangs on an unknown is listed with its line."""
    program = """\
ref = pulumi.StackReference("org/network/prod")
RuleIntervention("a", owner=ref.get_output("owner"), criteria=cart > 1)
def declare(owner):
    RuleIntervention("b", owner=owner, criteria=cart > 1)
ref.get_output("owner").apply(declare)
ref.get_output("owner").apply(lambda owner: declare(owner))
ref.get_output("owner").apply(lambda owner: owner.upper())
pulumi.Output.from_input("t@example.com").apply(declare)
"""
    write(tmp_path, program)
    found = validate(tmp_path)
    assert found["code"] == 0
    assert lines(found["notChecked"]) == [
        ("__main__.py", 2, "owner is not known before a deployment"),
        ("__main__.py", 5, "what is declared in an apply on an output that is not known yet"),
        ("__main__.py", 6, "what is declared in an apply on an output that is not known yet"),
    ]
    assert found["checked"] == 2


def test_a_call_that_only_an_engine_answers(tmp_path: Path) -> None:
    """A program that fails for want of an engine is at no fault; what it got to is checked."""
    program = """\
RuleIntervention("a", owner="t", criteria=cart > 1)
found = pulumi.runtime.invoke("aws:index:getRegion", {}).value
RuleIntervention("b", owner=found["owner"], criteria=cart > 1)
"""
    write(tmp_path, program)
    found = validate(tmp_path)
    assert lines(found["faults"]) == [("__main__.py", 1, "owner")]
    assert any("aws:index:getRegion" in each["message"] for each in found["notChecked"])
    assert any(each["line"] == BEFORE + 3 for each in found["notChecked"])


CONFIGURED = """\
config = pulumi.Config()
RuleIntervention("a", owner=config.require("owner"), criteria=cart > config.require_int("over"))
RuleIntervention("b", **own, description=config.get_secret("hidden"), criteria=cart > 1)
"""
SETTINGS = "name: shop\nruntime: python\nconfig:\n  owner: t@example.com\n  over:\n    default: 5\n"


def test_configuration(tmp_path: Path) -> None:
    """The defaults of the project and the values of the stack count; what is encrypted is unknown."""
    prod = (
        "config:\n  shop:owner: prod\n  shop:hidden:\n    secure: AAABAcanary\n  signals:onDestory: delete\n"
    )
    write(tmp_path, CONFIGURED, **{"Pulumi.yaml": SETTINGS, "Pulumi.prod.yaml": prod})
    assert validate(tmp_path)["faults"] == []
    found = validate(tmp_path, "--stack", "prod")
    assert lines(found["faults"]) == [
        ("Pulumi.prod.yaml", 5, "signals"),
        ("__main__.py", 2, "owner"),
    ]
    assert 'is "prod"' in found["faults"][1]["message"]
    assert lines(found["notChecked"]) == [("__main__.py", 3, "description is not known before a deployment")]
    assert "canary" not in json.dumps(found)


def test_a_number_that_is_encrypted(tmp_path: Path) -> None:
    """A program that fails on an encrypted value is not checked from there on, and at no fault."""
    prod = "config:\n  shop:over:\n    secure: AAABAcanary\n"
    write(tmp_path, CONFIGURED, **{"Pulumi.yaml": SETTINGS, "Pulumi.prod.yaml": prod})
    found = validate(tmp_path, "--stack", "prod")
    assert (found["code"], found["faults"]) == (0, [])
    assert "a value of the configuration is encrypted" in found["notChecked"][0]["message"]
    assert found["notChecked"][0]["line"] == BEFORE + 2


def test_explicit_numbering(tmp_path: Path) -> None:
    """Where the stack numbers explicitly, a missing number is a fault."""
    settings = f"{PROJECT}config:\n  signals:numbering: explicit\n"
    write(tmp_path, 'RuleIntervention("a", **own, criteria=cart > 1)\n', **{"Pulumi.yaml": settings})
    assert lines(validate(tmp_path)["faults"]) == [("__main__.py", 1, "version")]


def test_warnings_do_not_fail(tmp_path: Path) -> None:
    """What is doubtful is a warning, and the exit code stays 0."""
    write(tmp_path, 'RuleIntervention("a", **own, criteria=(cart > 5) & (cart > 3))\n')
    found = validate(tmp_path)
    assert found["code"] == 0
    assert lines(found["warnings"]) == [("__main__.py", 1, "criteria.all[1]")]


CRASHES = [
    pytest.param(
        "def f():\n    return 1 / 0\nf()\n", 2, "ZeroDivisionError: division by zero", id="an exception"
    ),
    pytest.param("raise SystemExit(3)\n", 1, "SystemExit: 3", id="an exit"),
    pytest.param("raise pulumi.RunError('no such team')\n", 1, "no such team", id="a RunError"),
    pytest.param("pulumi.Config().require('owner')\n", 1, "owner", id="a missing value"),
    pytest.param("input()\n", 1, "EOFError", id="nobody to ask"),
    pytest.param("import os; os.chdir('/'); 1 / 0\n", 1, "ZeroDivisionError", id="another directory"),
    pytest.param(
        "import os; os.remove('__main__.py'); os.remove('Pulumi.yaml'); 1 / 0\n",
        1,
        "ZeroDivisionError",
        id="deleted files",
    ),
    pytest.param("raise KeyboardInterrupt\n", 1, "KeyboardInterrupt", id="an interrupt"),
]


@pytest.mark.parametrize(("program", "line", "text"), CRASHES)
def test_a_program_that_fails(program: str, line: int, text: str, tmp_path: Path) -> None:
    """A program's own failure is shown by its own frames, beside the faults found so far."""
    write(tmp_path, 'RuleIntervention("a", owner="t", criteria=cart > 1)\n' + program)
    found = validate(tmp_path)
    assert lines(found["faults"]) == [
        ("__main__.py", 1, "owner"),
        ("__main__.py", line + 1, "the program failed"),
    ]
    assert text in found["faults"][1]["message"]
    assert "program_host" not in found["faults"][1]["message"]
    assert "runpy" not in found["faults"][1]["message"]
    assert lines(found["notChecked"]) == [
        ("__main__.py", line + 1, "everything that the program declares after this failure")
    ]


SYNTAX = [
    pytest.param({"__main__.py": "a = (\n"}, ("__main__.py", 1), id="the program"),
    pytest.param(
        {"__main__.py": "import rules\n", "rules.py": "\n\ndef f(:\n"}, ("rules.py", 3), id="another file"
    ),
    pytest.param({"__main__.py": "a = 1\r\nb = (\r\n"}, ("__main__.py", 2), id="Windows' lines"),
]


@pytest.mark.parametrize(("files", "place"), SYNTAX)
def test_a_program_that_is_no_python(files: dict[str, str], place: tuple[str, int], tmp_path: Path) -> None:
    """The line is that of the error, and no frame of ours is shown."""
    for name, text in {"Pulumi.yaml": PROJECT, **files}.items():
        (tmp_path / name).write_bytes(text.encode())
    (found,) = validate(tmp_path)["faults"]
    assert (found["file"], found["line"]) == place
    assert "SyntaxError" in found["message"]
    assert "program_host" not in found["message"]


def test_what_a_program_leaves_running_keeps_nobody(tmp_path: Path) -> None:
    """A child that holds the output, much output, and a fork that goes on are no reason to wait."""
    program = """\
import os, subprocess, sys
subprocess.Popen(["sleep", "60"])
sys.stderr.write("x" * 5_000_000)
print("y" * 5_000_000)
if os.fork() == 0:
    os._exit(0)
RuleIntervention("a", owner="t", criteria=cart > 1)
"""
    write(tmp_path, program)
    started = time.monotonic()
    assert lines(validate(tmp_path, is_warm=False)["faults"]) == [("__main__.py", 7, "owner")]
    assert time.monotonic() - started < 50


def test_a_program_without_an_end(tmp_path: Path) -> None:
    """It is ended, and the line where it was is told."""
    write(tmp_path, "import time\nwhile True:\n    time.sleep(0.1)\n")
    done = call(tmp_path, "--timeout", "3", is_warm=False)
    assert done.returncode == 2
    assert "did not end within 3 seconds; it is at " in done.stderr
    assert re.search(rf"__main__\.py:{BEFORE + 2}|__main__\.py:{BEFORE + 3}", done.stderr)


def test_another_environment_without_the_package(tmp_path: Path) -> None:
    """There is a sentence with what to install where."""
    venv.create(tmp_path / "venv", with_pip=False)
    write(
        tmp_path, "", **{"Pulumi.yaml": "name: shop\nruntime: {name: python, options: {virtualenv: venv}}\n"}
    )
    done = call(tmp_path)
    assert done.returncode == 2
    assert "does not have pulumi-snowplow-signals" in done.stderr
    assert "-m pip install" in done.stderr


def test_where_the_command_is_run_from_is_nothing_to_the_program(tmp_path: Path) -> None:
    """Modules beside the caller are not the program's, and a link to the project is the project."""
    write(
        tmp_path / "infra", 'RuleIntervention("a", owner="t", criteria=cart > 1)\nimport beside_the_caller\n'
    )
    (tmp_path / "beside_the_caller.py").write_text("")
    (tmp_path / "link").symlink_to("infra")
    found = validate(tmp_path, "--cwd", "link")["faults"]
    assert [(each["file"], each["line"] - BEFORE) for each in found] == [
        ("infra/__main__.py", 1),
        ("infra/__main__.py", 2),
    ]
    assert "No module named 'beside_the_caller'" in found[1]["message"]


def test_the_line_is_the_first_outside_the_package(tmp_path: Path) -> None:
    """Of helpers it is the line that calls the constructor; in comprehensions and coroutines, too."""
    program = """\
import asyncio
found = [
    RuleIntervention(name, owner="t", criteria=cart > 1)
    for name in "ab"
]
def helper(name):
    return RuleIntervention(
        name,
        owner="t",
        criteria=cart > 1,
    )
helper("c")
async def later(name):
    await asyncio.sleep(0)
    RuleIntervention(name, owner=pulumi.Output.from_input("t"), criteria=cart > 1)
pulumi.Output.from_input("e").apply(lambda name: helper(name))
async def program():
    await later("d")
pulumi.run(program)
"""
    write(tmp_path, program)
    found = validate(tmp_path)
    assert [line for _, line, _ in lines(found["faults"])] == [3, 3, 7, 7, 15]


NO_PROJECTS = [
    pytest.param({}, (), "there is no Pulumi.yaml", id="no project"),
    pytest.param({"Pulumi.yaml": "name: x\nruntime: nodejs\n"}, (), 'the runtime is "nodejs"', id="another language"),
    pytest.param({"Pulumi.yaml": "name: x\nruntime: python\n"}, (), "there is no program at", id="no program"),
    pytest.param({"Pulumi.yaml": "name: [\n"}, (), "line 2", id="no YAML"),
    pytest.param({"Pulumi.yaml": "runtime: python\n"}, (), "name: Field required", id="no name"),
    pytest.param(
        {"Pulumi.yaml": PROJECT, "__main__.py": "", "Pulumi.dev.yaml": ""}, ("--stack", "prod"),
        "there is no Pulumi.prod.yaml", id="no such stack",
    ),
    pytest.param({"Pulumi.yaml": PROJECT, "__main__.py": "import os\nos._exit(7)\n"}, (), "exit code 7", id="a process that is gone"),
    pytest.param({"Pulumi.yaml": PROJECT, "__main__.py": ""}, ("--base", "main"), "--base: git", id="no repository"),
    pytest.param(
        {"Pulumi.yaml": "name: x\nruntime:\n  name: python\n  options:\n    virtualenv: venv\n", "__main__.py": ""}, (),
        "the virtual environment venv", id="no environment",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("files", "options", "sentence"), NO_PROJECTS)
def test_what_cannot_be_run(
    files: dict[str, str], options: tuple[str, ...], sentence: str, tmp_path: Path
) -> None:
    """Where nothing can be run there is a sentence and exit code 2."""
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    done = call(tmp_path, *options)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def git(directory: Path, *arguments: str) -> str:
    """Run git as somebody."""
    who = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        ["git", *who, *arguments], cwd=directory, capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository whose project stands in a folder, with one commit."""
    write(
        tmp_path / "infra",
        """\
RuleIntervention("numbered", **own, criteria=cart > 1)
RuleIntervention("live", **own, criteria=cart > 1, version=3)
RuleIntervention("draft", **own, criteria=cart > 1, version=1, published=False)
RuleIntervention("same", **own, criteria=(cart > 1) & (cart < 9), version=1)
RuleIntervention("back", **own, criteria=cart > 1, version=3)
RuleIntervention("hidden", **own, criteria=pulumi.Output.secret({"attribute": "shop:a", "operator": "=", "value": "canary1"}), version=1)
DirectIntervention("push", version=1, attributes={"a": "b"}, targets=IDS)
RuleIntervention("gone", **own, criteria=cart > 1, version=1)
""".replace("IDS", IDS),
    )
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "first")
    return tmp_path


CHANGED = """\
RuleIntervention("numbered", **own, criteria=cart > 2)
RuleIntervention("live", **own, criteria=cart > 2, version=3)
RuleIntervention("draft", **own, criteria=cart > 2, version=1, published=False)
RuleIntervention("same", **own, criteria=(cart < 9.0) & (cart > 1), version=1)
RuleIntervention("back", **own, criteria=cart > 2, version=2)
RuleIntervention("hidden", **own, criteria=pulumi.Output.secret({"attribute": "shop:a", "operator": "=", "value": "canary2"}), version=1)
DirectIntervention("push", version=1, attributes={"a": "c"}, targets=IDS)
RuleIntervention("new", **own, criteria=cart > 2, version=1)
""".replace("IDS", IDS)


def test_a_forgotten_increment(repository: Path) -> None:
    """What differs from the base needs another number; a draft, an equal spelling and an automatic number do not."""
    write(repository / "infra", CHANGED)
    found = validate(repository, "--cwd", "infra", "--base", "HEAD")
    at = [(each["file"], each["line"] - BEFORE, each["message"]) for each in found["faults"]]
    assert [(file, line) for file, line, _ in at] == [("infra/__main__.py", line) for line in (2, 6, 7)]
    assert at[0][2] == (
        'version: criteria.value changed (1 → 2), but version is still 3. Version 3 of "live" has been published and '
        "cannot change. Set version=4, or leave version out to have it numbered."
    )
    assert "canary" not in json.dumps(found)
    assert lines(found["notChecked"]) == [("infra/__main__.py", BEFORE + 5, "version")]
    write(repository / "infra", CHANGED.replace("version=3", "version=4").replace("version=1", "version=2"))
    assert validate(repository, "--cwd", "infra", "--base", "HEAD")["faults"] == []


def test_whom_changed_rules_reach(repository: Path) -> None:
    """Beside another commit, a rule that is live in both is told by whom it reaches; a secret one is not."""
    write(repository / "infra", CHANGED.replace("version=3", "version=4").replace("version=1", "version=2"))
    found = validate(repository, "--cwd", "infra", "--base", "HEAD")
    notes = [(each["line"] - BEFORE, each["message"]) for each in found["notes"]]
    assert (1, "criteria: reaches fewer visitors, compared with HEAD") in notes
    assert [line for line, _ in notes] == [1, 2, 5]
    assert validate(repository, "--cwd", "infra")["notes"] == []


KINDS = """\
from pulumi_snowplow_signals import *
event = Event(vendor="com.example", name="cart", version="1-0-0")
def last(name, type="double"):
    path = EventProperty(vendor="com.example", name="cart", major_version=1, path=name)
    return Attribute(name=name, type=type, aggregation="last", events=[event], property=path)
def held(path="id"):
    return EntityProperty(vendor="com.example", name="account", major_version=1, path=path)
"""


def of_kinds(program: str) -> str:
    """Return a program that declares more than rules."""
    return KINDS + program


def told(found: list[dict[str, Any]]) -> list[tuple[int, str]]:
    """Return findings as the line below `HEAD` and `KINDS`, and what is said of the resource."""
    above = BEFORE + KINDS.count("\n")
    return [(each["line"] - above, f"{each['resource']}: {each['message']}") for each in found]


def test_every_kind_is_what_its_class_is(tmp_path: Path) -> None:
    """Whatever a class of the program's own is called, and however it is typed: each is judged as its kind, and counted once."""
    program = """\
account = AttributeKey("account", property=held())
class Team(StreamAttributeGroup, module="team", name="Group"):
    pass
basket = Team("basket", **own, attribute_key=account, attributes=[last("value")])
table = BatchSource(name="t", timestamp_field="ts", database="d", schema="s", table="t")
ExternalBatchAttributeGroup("table", **own, attribute_key="user_id", fields=[Field(name="x", type="double")], batch_source=table,
    backfill_since_tstamp="2026-01-01T00:00:00Z")
BatchAttributeGroup("batch", **own, attribute_key="user_id", attributes=[last("x")])
Service("checkout", **own, attribute_groups=[basket])
RuleIntervention("vip", **own, criteria=basket["value"] > 75, payload_attribute_groups=[basket], target_attribute_keys=[account])
DirectIntervention("push", version=1, attributes={"a": "b"}, targets=IDS)
RuleIntervention("named", **own, criteria=cart > 1, description=basket.name)
""".replace("IDS", IDS)
    write(tmp_path, of_kinds(program))
    found = validate(tmp_path)
    assert (found["faults"], found["warnings"], found["notChecked"]) == ([], [], [])
    assert (found["code"], found["checked"]) == (0, 8)


def test_faults_and_doubts_of_every_kind(tmp_path: Path) -> None:
    """What a value shows once it has come is told like what plain text shows, each by its own kind."""
    program = """\
late = pulumi.Output.from_input
AttributeKey("account", property=held(), ttl=late("soon"))
AttributeKey("odd")
StreamAttributeGroup("basket", owner=late("t"), attribute_key="user_id", attributes=[last("value")])
Service("checkout", **own, attribute_groups=late([]))
ExternalBatchAttributeGroup("table", **own, attribute_key="user_id", batch_source={"name": "t", "timestamp_field": "ts",
    "database": "d", "schema": "s", "table": "t"}, fields=late([{"name": "x", "type": "text"}]))
StreamAttributeGroup("plain", **own, attribute_key="user_id", attributes=[last("x", "text")], online=True)
Service("later", **own, attribute_groups=[{"name": "b", "version": pulumi.StackReference("a/b/c").get_output("v")}])
"""
    write(tmp_path, of_kinds(program))
    found = validate(tmp_path)
    assert [(line, text.partition(": is ")[0].partition(": has ")[0]) for line, text in told(found["faults"])] == [
        (2, 'AttributeKey "account": ttl'),
        (4, 'StreamAttributeGroup "basket": owner'),
        (5, 'Service "checkout": attribute_groups'),
        (6, 'ExternalBatchAttributeGroup "table": fields[0].type'),
        (8, 'StreamAttributeGroup "plain": attributes[0].type'),
    ]  # fmt: skip
    assert [(line, text[:40]) for line, text in told(found["warnings"])] == [
        (3, 'AttributeKey "odd": has neither property'),
        (8, 'StreamAttributeGroup "plain": online no '),
    ]
    assert told(found["notChecked"]) == [
        (9, 'Service "later": attribute_groups is not known before a deployment')
    ]


def test_the_sorts_of_groups_share_their_names(tmp_path: Path) -> None:
    """A second group of one name is a fault whatever its sort; a key and a service of that name are none."""
    program = """\
late = pulumi.Output.from_input
StreamAttributeGroup("a", name=late("basket"), **own, attribute_key="user_id", attributes=[last("value")])
BatchAttributeGroup("b", name=late("basket"), **own, attribute_key="user_id", attributes=[last("value")])
AttributeKey("basket", property=held())
Service("c", name=late("basket"), **own, attribute_groups=[{"name": "x", "version": 1}])
"""
    write(tmp_path, of_kinds(program))
    (found,) = told(validate(tmp_path)["faults"])
    assert found[0] == 3
    assert 'BatchAttributeGroup "b": name: StreamAttributeGroup "a"' in found[1]
    assert 'is also named "basket" in Signals' in found[1]


def test_what_a_program_declares_counts_as_there(tmp_path: Path) -> None:
    """Types, attributes and keys of its groups are those that rules and services are held to; what it lacks is nobody's."""
    program = """\
RuleIntervention("early", **own, criteria=attribute("basket:value") > 75)
basket = StreamAttributeGroup("basket", **own, attribute_key=AttributeKey("account", property=held()), attributes=[last("value"), last("n", "int32")])
RuleIntervention("typed", **own, criteria=basket["value"] > "75")
RuleIntervention("lacking", **own, criteria=attribute("basket:valeu") > 75)
RuleIntervention("hidden", **own, criteria=pulumi.Output.secret({"attribute": "basket:canary", "operator": ">", "value": 1}))
RuleIntervention("whole", **own, criteria=(basket["n"] > 1) & (basket["n"] < 2))
RuleIntervention("others", **own, criteria=attribute("theirs:value") > "75")
other = StreamAttributeGroup("other", **own, attribute_key="user_id", attributes=[last("value")])
Service("both", **own, attribute_groups=[basket, other])
Service("draft", **own, published=False, attribute_groups=[basket, other])
"""
    write(tmp_path, of_kinds(program))
    found = validate(tmp_path)
    warnings = dict(told(found["warnings"]))
    assert [*warnings] == [2, 3, 4, 5, 6]
    assert 'declare "basket" before RuleIntervention "early"' in warnings[2]
    assert "basket:value is of type double" in warnings[3]
    assert 'has no attribute "valeu". Did you mean "value"?' in warnings[4]
    assert "hidden because it is a secret" in warnings[5]
    assert "can never be true" in warnings[6] or "never fires" in warnings[6]
    assert "canary" not in json.dumps(found)
    assert [line for line, _ in told(found["faults"])] == [9, 9]
    assert (
        "the same attribute key; here basket is on account, other is on user_id"
        in found["faults"][0]["message"]
    )
    assert 'both have an attribute "value"' in found["faults"][1]["message"]


def test_explicit_numbering_is_of_what_has_numbers(tmp_path: Path) -> None:
    """Where the stack numbers explicitly, a group needs a number; keys and services have none."""
    program = """\
basket = StreamAttributeGroup("basket", **own, attribute_key=AttributeKey("account", property=held()), attributes=[last("value")])
Service("s", **own, attribute_groups=[basket])
"""
    settings = PROJECT + "config:\n  signals:numbering: explicit\n"
    write(tmp_path, of_kinds(program), **{"Pulumi.yaml": settings})
    (found,) = told(validate(tmp_path)["faults"])
    assert found[0] == 1
    assert "version: is missing; this stack requires explicit versions" in found[1]


DEPLOYED = """\
account = AttributeKey("account", property=held())
basket = StreamAttributeGroup("basket", **own, attribute_key=account, attributes=[last("value")])
fixed = StreamAttributeGroup("fixed", version=3, **own, attribute_key="user_id", attributes=[last("value")])
Service("checkout", **own, attribute_groups=[basket])
RuleIntervention("vip", **own, version=1, criteria=basket["value"] > 75, payload_attribute_groups=[basket])
"""


@pytest.fixture
def deployed(tmp_path: Path) -> Path:
    """A repository whose one commit declares every sort of resource."""
    write(tmp_path, of_kinds(DEPLOYED))
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "first")
    return tmp_path


COMPARED = [
    pytest.param({}, [], [], id="nothing"),
    pytest.param(
        {'3, **own, attribute_key="user_id", attributes=[last("value")]': '3, **own, attribute_key="user_id", attributes=[last("x")]'},
        [(3, 'version is still 3. Version 3 of "fixed" has been published and cannot change. Set version=4')], [], id="a group's number",
    ),
    pytest.param(
        {"version=3": "version=2"}, [(3, "version: ")], [], id="a lower number of a group",
    ),
    pytest.param(
        {'account, attributes=[last("value")]': 'account, attributes=[last("value"), last("idle")]'},
        [(5, "version: the new version of basket changes the definition")],
        [(2, 'becomes a new version, compared with HEAD: attributes: "idle" (double, last) added')], id="a payload that moves",
    ),
    pytest.param(
        {"held()": 'held(), description="x"', "own, attribute_groups=[basket]": "own, attribute_groups=[fixed]"},
        [],
        [(1, 'changes in place, compared with HEAD: description: "x" added'), (4, "changes in place, compared with HEAD: attribute_groups")],
        id="what changes in place",
    ),
    pytest.param(
        {"held()": 'held("other")'},
        [(1, 'property: cannot change while the attribute key is used by attribute group "basket"')], [], id="a key in use",
    ),
    pytest.param(
        {"held()": "held(), published=False"},
        [(1, 'published: is false, but the attribute key is used by attribute group "basket"')], [], id="a key in use is withdrawn",
    ),
    pytest.param(
        {"basket = StreamAttributeGroup(": "basket = StreamAttributeGroup(published=False, resource_name="},
        [(2, 'published: is false, but the attribute group is used by intervention "vip", service "checkout"')], [],
        id="a group in use is withdrawn",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "faults", "notes"), COMPARED)
def test_what_becomes_of_every_kind(
    changes: dict[str, str], faults: list[tuple[int, str]], notes: list[tuple[int, str]], deployed: Path
) -> None:
    """A group has the version rule; keys and services change in place; what others use neither changes nor goes."""
    program = DEPLOYED
    for old, new in changes.items():
        assert old in program
        program = program.replace(old, new)
    write(deployed, of_kinds(program))
    found = validate(deployed, "--base", "HEAD")
    for expected, given in ((faults, told(found["faults"])), (notes, told(found["notes"]))):
        assert [line for line, _ in given] == [line for line, _ in expected]
        assert all(text in said for (_, text), (_, said) in zip(expected, given, strict=True)), given
    assert found["notChecked"] == []


def test_a_group_of_another_sort(deployed: Path) -> None:
    """A number that was that of another sort of group is for the registry to judge, and is no fault here."""
    program = DEPLOYED.replace("fixed = StreamAttributeGroup(", "fixed = BatchAttributeGroup(")
    write(deployed, of_kinds(program))
    found = validate(deployed, "--base", "HEAD")
    assert found["faults"] == []
    ((line, text),) = told(found["notChecked"])
    assert (line, text.partition(";")[0]) == (
        3,
        'BatchAttributeGroup "fixed": version: belonged to StreamAttributeGroup "fixed"',
    )


def test_a_kind_of_a_later_release() -> None:
    """What the program's own release knows and this one does not is told apart, and judged as nothing."""
    later = Declared(type="Later", kind="Later", name="x", inputs={"criteria": 1})
    assert read_all([later]) == ([], [later])


def test_the_example_has_no_fault(tmp_path: Path) -> None:
    """The program that declares every kind of resource is whole: nothing of it is left for a deployment to find out."""
    example = Path(__file__).parents[2] / "examples" / "05_attributes"
    done = call(tmp_path, "--cwd", str(example))
    assert done.stdout == "0 faults, 0 warnings, 6 resources checked, 0 not checked\n"


def test_what_a_repository_has_beside_commits(repository: Path) -> None:
    """Neither a virtual environment, nor hooks, nor git's own variables, nor a worktree left by a kill are in the way."""
    settings = "name: shop\nruntime: {name: python, options: {virtualenv: venv}}\n"
    (repository / "infra" / "Pulumi.yaml").write_text(settings)
    (repository / ".gitignore").write_text("venv\n")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "with an environment")
    write(repository / "infra", CHANGED, **{"Pulumi.yaml": settings})
    (repository / "infra" / "venv").symlink_to(sys.prefix)
    hook = repository / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {repository}/hooked\n")
    hook.chmod(0o755)
    left = repository.parent / "left" / "base"
    git(repository, "worktree", "add", "--detach", "--quiet", str(left), "HEAD")
    (repository / "hooked").unlink()
    inside = {"GIT_DIR": str(repository / ".git"), "GIT_INDEX_FILE": str(repository / ".git" / "index")}
    found = validate(repository, "--cwd", "infra", "--base", "HEAD", environment=inside)
    assert len(found["faults"]) == 3
    assert not (repository / "hooked").exists()


def test_the_other_commit_leaves_nothing(repository: Path) -> None:
    """Neither success nor a failing program at the base leaves a worktree behind, nor touches the working tree."""
    write(repository / "infra", "1 / 0\n")
    git(repository, "commit", "--quiet", "--all", "--message", "broken")
    write(repository / "infra", CHANGED)
    before = git(repository, "status", "--porcelain")
    for base in ("HEAD", "HEAD~1"):
        validate(repository, "--cwd", "infra", "--base", base)
    assert git(repository, "status", "--porcelain") == before
    assert git(repository, "worktree", "list").count("\n") == 1
    found = validate(repository, "--cwd", "infra", "--base", "HEAD")
    assert (
        "nothing was compared with HEAD"
        in found["notChecked"][-1]["message"] + found["notChecked"][0]["message"]
    )
    missing = call(repository, "--cwd", "infra", "--base", "nowhere")
    assert missing.returncode == 2
    assert 'there is no commit "nowhere"' in missing.stderr


def test_neither_network_nor_state_nor_credentials(tmp_path: Path) -> None:
    """Nothing is asked of anybody: no socket is opened, and nothing is written beside the program."""
    program = """\
import socket
def refuse(*_args, **_options):
    raise AssertionError("a connection")
socket.socket.connect = refuse
RuleIntervention("a", **own, criteria=cart > 1)
"""
    write(tmp_path, program)
    before = sorted(tmp_path.rglob("*"))
    assert validate(tmp_path)["faults"] == []
    assert sorted(tmp_path.rglob("*")) == before


def test_the_line_of_a_fault(tmp_path: Path) -> None:
    """A fault is printed where an editor finds it."""
    write(tmp_path / "infra", 'RuleIntervention("a", owner="t", criteria=cart > 1)\n')
    done = call(tmp_path, "--cwd", "infra")
    first, last = done.stdout.splitlines()
    assert first.startswith(f'infra/__main__.py:{BEFORE + 1}: RuleIntervention "a": owner: is "t"')
    assert last == "1 fault, 0 warnings, 1 resource checked, 0 not checked"


HOSTILE = Finding("m\r\n::set-output name=x::%25", "r\u202e::", "a,b:c\n%.py", 3)


def test_workflow_commands_are_escaped() -> None:
    """No text ends the line of a workflow command, or adds a property to it."""
    (first, last) = findings.to_github(Validation(faults=[HOSTILE])).splitlines()
    assert first.startswith("::error file=")
    assert "a%2Cb%3Ac%0A%25.py,line=3::" in first
    assert first.endswith("m%0A::set-output name=x::%2525")
    assert last.startswith("1 fault")


def test_hostile_text_stays_on_its_lines() -> None:
    """In text, what cannot be seen is escaped, and a further line is indented."""
    text = findings.to_text(Validation(faults=[HOSTILE]))
    assert all(line.isprintable() for line in text.splitlines())
    assert [line for line in text.splitlines() if not line.startswith("  ")][1:] == [
        "1 fault, 0 warnings, 0 resources checked, 0 not checked"
    ]
