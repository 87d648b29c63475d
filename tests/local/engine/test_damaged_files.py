"""Files that are damaged, foreign or odd: one sentence, and nothing is touched."""

from __future__ import annotations

import copy
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals_local import cli
from signals_local.engine.config import load_project
from signals_local.engine.errors import EngineError
from signals_local.engine.model import Home
from signals_local.engine.state import StackState

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e"
SALT = "v1:Hfs/o/5ul0Q=:v1:UOK3XOlK18XWiA+m:ap3RsoheZ2YyyBiRyphjs1ZHwWcgsA=="
HOME = Home("dev", "p")
A, B = "urn:pulumi:dev::p::t::a", "urn:pulumi:dev::p::t::b"
RESOURCE = {
    "urn": B,
    "custom": True,
    "type": "pulumi-python:dynamic:Resource",
    "id": "b",
    "inputs": {
        "__provider": "x",
        "v": 1,
        "m": {"x": [True, "text"]},
        "s": {SIGNATURE: SECRET, "plaintext": '"hidden"'},
    },
    "outputs": {"__provider": "x", "v": 1.5, "r": {SIGNATURE: REFERENCE, "urn": A, "id": "a"}},
    "parent": A,
    "dependencies": [A],
    "propertyDependencies": {"v": [A]},
    "ignoreChanges": ["v"],
    "aliases": ["urn:pulumi:dev::p::t::old"],
    "created": "2026-01-01T00:00:00Z",
}
DOCUMENT = {
    "version": 3,
    "deployment": {
        "manifest": {"time": "2026-01-01T00:00:00Z", "magic": "", "version": ""},
        "secrets_providers": {"type": "passphrase", "state": {"salt": SALT}},
        "resources": [{"urn": A, "type": "t"}, RESOURCE],
        "pending_operations": [{"type": "creating", "resource": {"urn": B, "type": "t"}}],
    },
}
JOURNAL = [
    {"base": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"changes": [["put", "n1", RESOURCE], ["begin", "o1", "creating", {"urn": A, "type": "t"}]]},
    {"changes": [["end", "o1"], ["put", "b0", {"urn": A, "type": "t"}]]},
    {"changes": [["keep", "n2", "b0"], ["drop", "n1"]]},
]


def resource(**fields):
    """A deployment of one resource with these fields, `None` taking one out."""
    record = {key: value for key, value in {**RESOURCE, **fields}.items() if value is not ...}
    return {"version": 3, "deployment": {"resources": [record]}}


def deployment(**fields):
    """A deployment with these fields."""
    return {"version": 3, "deployment": fields}


def value(found):
    """A deployment of one resource with this value as an input."""
    return resource(inputs={"__provider": "x", "v": found})


NOT_A_STATE = {
    "null": None,
    "a number": 5,
    "text": "state",
    "a boolean": True,
    "a list": [],
    "an empty mapping": {},
    "no deployment": {"version": 3},
    "deployment: null": {"version": 3, "deployment": None},
    "deployment: a list": {"version": 3, "deployment": []},
    "deployment: text": {"version": 3, "deployment": "x"},
    "no version": {"deployment": {}},
    "version: text": {"version": "3", "deployment": {}},
    "version: a boolean": {"version": True, "deployment": {}},
    "version: 4": {"version": 4, "deployment": {}},
    "resources: a mapping": deployment(resources={}),
    "resources: text": deployment(resources="x"),
    "resources: false": deployment(resources=False),
    "resources: [null]": deployment(resources=[None]),
    "resources: [5]": deployment(resources=[5]),
    "resources: [[]]": deployment(resources=[[]]),
    "resources: [{}]": deployment(resources=[{}]),
    "urn: left out": resource(urn=...),
    "urn: a number": resource(urn=5),
    "urn: text": resource(urn="b"),
    "urn: of another project": resource(urn="urn:pulumi:dev::other::t::b"),
    "urn: of another stack": resource(urn="urn:pulumi:prod::p::t::b"),
    "urn: twice": deployment(resources=[{"urn": A, "type": "t"}, {"urn": A, "type": "t"}]),
    "type: left out": resource(type=...),
    "type: empty": resource(type=""),
    "type: a list": resource(type=["t"]),
    "custom: 1": resource(custom=1),
    "id: a number": resource(id=7),
    "parent: text": resource(parent="a"),
    "protect: text": resource(protect="yes"),
    "dependencies: 5": resource(dependencies=5),
    "dependencies: text": resource(dependencies=A),
    "dependencies: [null]": resource(dependencies=[None]),
    "dependencies: [5]": resource(dependencies=[5]),
    "propertyDependencies: a list": resource(propertyDependencies=[A]),
    "propertyDependencies: of text": resource(propertyDependencies={"v": A}),
    "aliases: of numbers": resource(aliases=[1]),
    "ignoreChanges: a mapping": resource(ignoreChanges={}),
    "inputs: a list": resource(inputs=[1]),
    "outputs: text": resource(outputs="x"),
    "inputs: without a provider": resource(inputs={"v": 1}),
    "outputs: without a provider": resource(outputs={"v": 1}),
    "outputs: with a provider that is a mapping": resource(outputs={"__provider": {}}),
    "a secret without ciphertext": value({SIGNATURE: SECRET}),
    "a secret with a number": value({SIGNATURE: SECRET, "ciphertext": 5}),
    "a secret that is not JSON": value({SIGNATURE: SECRET, "plaintext": "{"}),
    "a secret that goes too deep": value({SIGNATURE: SECRET, "plaintext": "[" * 100_000}),
    "a secret that nothing encrypted": value({SIGNATURE: SECRET, "ciphertext": "v1:x"}),
    "a reference without a URN": value({SIGNATURE: REFERENCE}),
    "an unknown kind of value": value({SIGNATURE: "x"}),
    "a signature that is a list": value({SIGNATURE: []}),
    "a number beyond a double": value(10**400),
    "explicit provider": resource(type="pulumi:providers:aws"),
    "hooks": resource(resourceHooks={"a": ["b"]}),
    "pending_operations: a mapping": deployment(pending_operations={}),
    "pending_operations: [null]": deployment(pending_operations=[None]),
    "pending_operations: without a resource": deployment(pending_operations=[{"type": "creating"}]),
    "pending_operations: without a type": deployment(
        pending_operations=[{"resource": {"urn": A, "type": "t"}}]
    ),
    "secrets_providers: text": deployment(secrets_providers="passphrase"),
    "secrets_providers: of the service": deployment(secrets_providers={"type": "service", "state": {}}),
    "secrets_providers: without a salt": deployment(secrets_providers={"type": "passphrase"}),
    "secrets_providers: a salt of text": deployment(
        secrets_providers={"type": "passphrase", "state": {"salt": "a:b:c:d:e"}}
    ),
}
NOT_JSON = {
    "nothing": b"",
    "a zero": b"\0",
    "a half": json.dumps(DOCUMENT).encode()[:300],
    "UTF-16": json.dumps(DOCUMENT).encode("utf-16"),
    "bytes": bytes(range(256)),
    "half a character": b'{"version": 3, "deployment": {"resources": [{"urn": "\\ud800"}]}}',
    "very deep": b"[" * 100_000,
    "not a number": json.dumps(value(float("nan"))).encode(),
    "infinity": b'{"version": 3, "deployment": {"resources": [{"urn": "%s", "type": "t", "inputs": {"v": 1e999}}]}}'
    % A.encode(),
    "a huge number": b'{"version": 3, "deployment": {"resources": [{"v": %s}]}}' % (b"9" * 5_000),
    "YAML": b"version: 3\ndeployment: {}\n",
}
STATES = {**{name: json.dumps(found).encode() for name, found in NOT_A_STATE.items()}, **NOT_JSON}

HEADER = json.dumps(JOURNAL[0]).encode()
JOURNALS = {
    "junk": b"junk",
    "a line of junk": b"junk\n",
    "bytes": bytes(range(256)),
    "another header": b"{}\n",
    "a header of numbers": b'{"base": 5}\n',
    "a header that is no digest": b'{"base": "x"}\n',
    "a header that is a list": b"[]\n",
    "an empty first line": b"\n" + HEADER + b"\n",
    "a deployment": json.dumps(DOCUMENT, indent=1).encode(),
    **{
        f"a line with {name}": HEADER + b"\n" + line + b"\n"
        for name, line in {
            "nothing": b"",
            "junk": b"junk",
            "null": b"null",
            "a list": b"[]",
            "no changes": b"{}",
            "changes: 5": b'{"changes": 5}',
            "changes: [null]": b'{"changes": [null]}',
            "changes: [[]]": b'{"changes": [[]]}',
            "an unknown change": b'{"changes": [["explode", "n1"]]}',
            "a change of numbers": b'{"changes": [[1, 2]]}',
            "a change that is too long": b'{"changes": [["drop", "n1", "n2"]]}',
            "a put without a resource": b'{"changes": [["put", "n1"]]}',
            "a put of null": b'{"changes": [["put", "n1", null]]}',
            "a put under a number": b'{"changes": [["put", 1, {"urn": "%s", "type": "t"}]]}' % A.encode(),
            "a put under another key": b'{"changes": [["put", "x", {"urn": "%s", "type": "t"}]]}'
            % A.encode(),
            "a put of another project": b'{"changes": [["put", "n1", {"urn": "urn:pulumi:dev::q::t::a", "type": "t"}]]}',
            "a keep of what is not there": b'{"changes": [["keep", "n1", "b7"]]}',
            "a begin without a resource": b'{"changes": [["begin", "o1", "creating"]]}',
            "an end of nothing named": b'{"changes": [["end"]]}',
        }.items()
    },
}

PROJECTS = {
    "nothing": b"",
    "text": b"x",
    "a list": b"- a",
    "bytes": b"\xff\xfe\x00",
    "a zero": b"name: p\0",
    "a bracket": b"name: [",
    "no name": b"runtime: python",
    "name: a number": b"name: 5\nruntime: python",
    "name: a date": b"name: 2024-01-01\nruntime: python",
    "name: a path": b"name: ../p\nruntime: python",
    "name: dots": b"name: ..\nruntime: python",
    "name: too long": b"name: " + b"p" * 101 + b"\nruntime: python",
    "no runtime": b"name: p",
    "runtime: a number": b"name: p\nruntime: 5",
    "runtime: a list": b"name: p\nruntime: [python]",
    "runtime: without a name": b"name: p\nruntime: {}",
    "runtime: another": b"name: p\nruntime: nodejs",
    "options: text": b"name: p\nruntime: {name: python, options: x}",
    "virtualenv: a number": b"name: p\nruntime: {name: python, options: {virtualenv: 5}}",
    "virtualenv: nowhere": b"name: p\nruntime: {name: python, options: {virtualenv: nowhere}}",
    "main: a number": b"name: p\nruntime: python\nmain: 5",
    "main: nowhere": b"name: p\nruntime: python\nmain: nowhere",
    "main: half a character": b'name: p\nruntime: python\nmain: "\\ud800"',
    "stackConfigDir: a mapping": b"name: p\nruntime: python\nstackConfigDir: {}",
    "config: a list": b"name: p\nruntime: python\nconfig: [a]",
}
CONFIGURATIONS = {
    "text": b"x",
    "a list": b"- a",
    "config: a list": b"config: [a]",
    "config: text": b"config: x",
    "a key that is a number": b"config:\n  5: x",
    "a key that is a fraction": b"config:\n  1.5: x",
    "a key that is a date": b"config:\n  2024-01-01: x",
    "a key that is a boolean": b"config:\n  true: x",
    "a key that is nothing": b"config:\n  ~: x",
    "a key that is a list": b"config:\n  ? [a]\n  : x",
    "a key further down that is a number": b"config:\n  p:a: {5: x}",
    "a key that appears twice": b"config:\n  p:a: 1\n  p:a: 2",
    "a value that is a date": b"config:\n  p:a: 2024-01-01",
    "a date that is none": b"config:\n  p:a: 2024-99-99",
    "a list that holds itself": b"config:\n  p:a: &x [*x]",
    "a mapping that holds itself": b"config:\n  p:a: &x {b: *x}",
    "aliases that explode": b"a: &a [x,x,x,x,x,x,x,x]\n"
    + b"".join(b"%c: &%c [%s]\n" % (n, n, b",".join([b"*%c" % (n - 1)] * 8)) for n in range(98, 106))
    + b"config: {p: *i}",
    "an alias of nothing": b"config:\n  p:a: *x",
    "a tag of Python": b"config:\n  p:a: !!python/name:os.system",
    "binary": b"config:\n  p:a: !!binary aGVsbG8=",
    "a set": b"config:\n  p:a: !!set {x}",
    "a number that is none": b"config:\n  p:a: !!int ''",
    "a huge number": b"config:\n  p:a: " + b"9" * 5_000,
    "not a number": b"config:\n  p:a: .nan",
    "very deep": b"config:\n  p:a: " + b"[" * 5_000,
    "half a character": b'config:\n  p:a: "\\ud800"',
    "half a character in a key": b'config:\n  "p:\\ud800": a',
    "a zero": b'config:\n  p:a: "\\0"',
    "bytes": b"config: \xff\xfe",
    "a tab": b"config:\n\tp:a: x",
    "a secret": b"config:\n  p:a: {secure: v1:abc}",
    "a secret further down": b"config:\n  p:a: [{b: {secure: v1:abc}}]",
    "environment": b"environment: [x]",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project without a program to speak of, and with an empty folder for the files of its stacks."""
    (tmp_path / "Pulumi.yaml").write_text("name: p\nruntime: python\n")
    (tmp_path / "__main__.py").touch()
    (tmp_path / ".signals" / "state" / "p").mkdir(parents=True, mode=0o700)
    return tmp_path


@pytest.fixture(autouse=True)
def _passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "pp")


def contents(directory: Path) -> dict[str, bytes]:
    """Return every file below a directory."""
    return {
        str(file.relative_to(directory)): file.read_bytes() for file in directory.rglob("*") if file.is_file()
    }


def assert_refused(project: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command: it fails with one sentence, and no file is another or gone. Return the sentence."""
    before = contents(project)
    assert cli.main([arguments[0], "--cwd", str(project), *arguments[1:]]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    (line,) = shown.err.splitlines()
    assert line.startswith("error: ")
    assert len(line) < 700
    assert {name: text for name, text in contents(project).items() if not name.endswith(".lock")} == before
    return line


@pytest.mark.parametrize("text", STATES.values(), ids=STATES)
def test_a_file_that_is_no_state(project, capsys, text):
    """A damaged or foreign state is one sentence, and is left as it is; importing it changes nothing either."""
    (project / "given.json").write_bytes(text)
    assert_refused(project, capsys, "import", str(project / "given.json"))
    (project / ".signals" / "state" / "p" / "dev.json").write_bytes(text)
    assert_refused(project, capsys, "export")


@pytest.mark.parametrize("text", JOURNALS.values(), ids=JOURNALS)
def test_a_file_that_is_no_journal(project, capsys, text):
    """A damaged or foreign journal is one sentence, and is left as it is."""
    (project / ".signals" / "state" / "p" / "dev.journal").write_bytes(text)
    assert_refused(project, capsys, "export")


@pytest.mark.parametrize(
    "command", [("preview",), ("up", "--yes"), ("refresh", "--yes"), ("destroy", "--yes")]
)
@pytest.mark.parametrize("file", ["dev.json", "dev.journal"])
def test_every_command_refuses_a_damaged_file(project, capfd, command, file):
    """Whatever is to be done, nothing is done on top of damage."""
    (project / ".signals" / "state" / "p" / file).write_text('{"version": 3}\n')
    before = contents(project)
    assert cli.main([*command, "--cwd", str(project)]) == 1
    assert f"{file} is damaged: " in capfd.readouterr().err.splitlines()[-1]
    assert {name: text for name, text in contents(project).items() if not name.endswith(".lock")} == before


@pytest.mark.parametrize("text", PROJECTS.values(), ids=PROJECTS)
def test_a_project_file_that_cannot_be_followed(project, capsys, text):
    """A damaged or foreign Pulumi.yaml is one sentence."""
    (project / "Pulumi.yaml").write_bytes(text)
    assert_refused(project, capsys, "preview")


@pytest.mark.parametrize("text", CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_a_configuration_that_cannot_be_followed(project, capsys, text):
    """A damaged or foreign Pulumi.<stack>.yaml is one sentence."""
    (project / "Pulumi.dev.yaml").write_bytes(text)
    assert_refused(project, capsys, "preview")


@pytest.mark.parametrize("number", ["2147483648", "1000", "0", "-1", "1.5", "x", "", "9" * 5_000, "²"])
def test_how_much_at_once_has_a_limit(project, capsys, number):
    """`--parallel` takes what there can be threads for."""
    with pytest.raises(SystemExit, match="2"):
        cli.main(["preview", "--cwd", str(project), f"--parallel={number}"])
    assert "is not a whole number from 1 to 999" in capsys.readouterr().err


@pytest.mark.parametrize("stack", ["", "..", ".", "a/b", "a b", "x" * 101, "ä"])
def test_a_stack_is_named_in_letters(project, capsys, stack):
    """A stack's name becomes the name of a file, so it can lead nowhere else."""
    assert "cannot be the name of a stack" in assert_refused(project, capsys, "preview", "--stack", stack)


def test_configuration_is_read_as_pulumi_reads_it(project):
    """Words, numbers and nothing become the text that Pulumi 3.260 was seen to hand to a program."""
    (project / "Pulumi.dev.yaml").write_text(
        "config:\n  p:a: yes\n  p:b: true\n  p:c: 1.0\n  p:d: ~\n  p:e: [1.0, yes, true, ~]\n  p:f: 1.5\n"
    )
    assert load_project(project, "dev").config == {
        "p:a": "yes", "p:b": "true", "p:c": "1", "p:d": "", "p:e": '[1,"yes",true,null]', "p:f": "1.5",
    }  # fmt: skip


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.just(10**400)
    | st.just(SIGNATURE),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([SIGNATURE, "urn", "type", "id", "a"]) | st.text(max_size=3), inner, max_size=3
        )
    ),
    max_leaves=6,
)


def places(found, place=()):
    """Yield every place in a document."""
    yield place
    if isinstance(found, dict | list):
        for key, inner in found.items() if isinstance(found, dict) else enumerate(found):
            yield from places(inner, (*place, key))


@st.composite
def altered(draw, document):
    """A document in which one to three values are others or gone."""
    found = [copy.deepcopy(document)]
    for _ in range(draw(st.integers(1, 3))):
        where = draw(st.sampled_from([place for place in places(found) if place]))
        holder = found
        for key in where[:-1]:
            holder = holder[key]
        if where[1:] and draw(st.booleans()):
            del holder[where[-1]]
        else:
            holder[where[-1]] = draw(json_values)
    return found[0]


@st.composite
def bitten(draw, text):
    """A text out of which something was cut, and into which something was put."""
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, len(text)))
    return text[:start] + draw(st.binary(max_size=8)) + text[end:]


def assert_sentence(fault):
    """Hold that a fault is told in one line, and not a long one."""
    assert "\n" not in str(fault)
    assert len(str(fault)) < 1_000


def use(directory, state, journal):
    """Load a state from these files; what loads can be exported and is what it says."""
    folder = directory / "p"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, text in (("dev.json", state), ("dev.journal", journal)):
        (folder / name).unlink(missing_ok=True)
        if text is not None:
            (folder / name).write_bytes(text)
    try:
        loaded = StackState(directory, HOME, "pp")
    except EngineError as fault:
        assert_sentence(fault)
    else:
        json.dumps(loaded.export(show_secrets=True), allow_nan=False)
        assert all(found.urn.startswith("urn:pulumi:dev::p::") for found in loaded.snapshot().resources())
    assert {
        name: text for name, text in (("dev.json", state), ("dev.journal", journal)) if text is not None
    } == {file.name: file.read_bytes() for file in folder.iterdir()}


def test_the_whole_files_can_be_used(tmp_path):
    """What the generated cases damage is whole before: otherwise they would show nothing."""
    use(tmp_path, json.dumps(DOCUMENT).encode(), None)
    lines = b"\n".join(json.dumps(line).encode() for line in JOURNAL) + b"\n"
    use(tmp_path, None, lines)
    state = StackState(tmp_path, HOME, "pp")
    assert [found.urn for found in state.snapshot().resources()] == [A]


@given(altered(DOCUMENT))
def test_any_state_with_other_values(tmp_path_factory, document):
    """Whatever stands in place of a value, loading ends in a state or in a sentence."""
    use(tmp_path_factory.getbasetemp() / "values", json.dumps(document).encode(), None)


@given(bitten(json.dumps(DOCUMENT).encode()) | st.binary(max_size=40))
def test_any_state_with_other_bytes(tmp_path_factory, text):
    """Whatever the bytes are, loading ends in a state or in a sentence."""
    use(tmp_path_factory.getbasetemp() / "bytes", text, None)


@given(altered(JOURNAL))
def test_any_journal_with_other_values(tmp_path_factory, lines):
    """Whatever stands in a journal, loading ends in a state or in a sentence."""
    lines = lines if isinstance(lines, list) else [lines]
    text = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    use(tmp_path_factory.getbasetemp() / "journal", None, text)


@given(bitten(b"\n".join(json.dumps(line).encode() for line in JOURNAL) + b"\n") | st.binary(max_size=40))
def test_any_journal_with_other_bytes(tmp_path_factory, text):
    """Whatever the bytes of a journal are, loading ends in a state or in a sentence."""
    use(tmp_path_factory.getbasetemp() / "journal bytes", None, text)


YAML = b"""name: p
runtime: {name: python, options: {virtualenv: ""}}
main: .
stackConfigDir: .
config:
  p:a: {value: &x [1, 2.5, "text", yes, 2024-01-01]}
  p:b: {default: *x}
"""


def configure(directory, project, stack):
    """Load a project from these files."""
    directory.mkdir(exist_ok=True)
    (directory / "__main__.py").touch()
    (directory / "Pulumi.yaml").write_bytes(project)
    (directory / "Pulumi.dev.yaml").write_bytes(stack)
    try:
        config = load_project(directory, "dev").config
    except EngineError as fault:
        assert_sentence(fault)
    else:
        assert all(isinstance(text, str) and text.encode() is not None for text in config.values())


@given(bitten(YAML) | st.binary(max_size=40), st.booleans())
def test_any_project_file(tmp_path_factory, text, is_project):
    """Whatever is in one of the two files, loading ends in a project or in a sentence."""
    directory = tmp_path_factory.getbasetemp() / "configuration"
    configure(directory, *((text, b"") if is_project else (b"name: p\nruntime: python\n", text)))


@given(
    altered(
        {
            "name": "p",
            "runtime": {"name": "python", "options": {}},
            "main": ".",
            "config": {"p:a": {"value": 1}},
        }
    ),
    altered({"config": {"p:a": [1, {"b": "c"}], "p:b": None}, "environment": []}),
)
def test_any_project_with_other_values(tmp_path_factory, project, stack):
    """Whatever stands in place of a value in either file, loading ends in a project or in a sentence."""
    directory = tmp_path_factory.getbasetemp() / "configuration"
    configure(directory, json.dumps(project).encode(), json.dumps(stack).encode())


def test_a_passphrase_need_not_be_unicode(project, capsys, monkeypatch):
    """Its bytes are taken as they are; a file that is no text is a sentence."""
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", os.fsdecode(b"\xff"))
    (project / ".signals" / "state" / "p" / "dev.json").write_text(
        json.dumps(
            {
                **DOCUMENT,
                "deployment": {
                    **DOCUMENT["deployment"],
                    **value({SIGNATURE: SECRET, "ciphertext": "v1:AAAA:AAAA"})["deployment"],
                },
            }
        )
    )
    assert "is not the one" in assert_refused(project, capsys, "export")
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE")
    (project / "passphrase").write_bytes(b"\xff")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE_FILE", str(project / "passphrase"))
    assert "is not UTF-8 text" in assert_refused(project, capsys, "export")
