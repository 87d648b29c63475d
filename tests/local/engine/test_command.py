"""The engine's commands as a user meets them: what they print, refuse, survive and leave behind."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from engines import Local
from table import A, B, program, thing


@pytest.fixture
def engine(tmp_path: Path) -> Local:
    """A local engine with an empty world and no state."""
    return Local(tmp_path)


def up(engine: Local, wanted: dict, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Deploy a program without a plan."""
    engine.write(wanted)
    return engine.command("up", "--yes", "--skip-preview", *arguments)


def started(engine: Local, *arguments: str) -> subprocess.Popen[str]:
    """Start a command and leave it running."""
    return subprocess.Popen(
        [*engine.killable, *arguments],
        cwd=engine.project,
        env=engine.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def press_ctrl_c(running: subprocess.Popen[str]) -> None:
    """Do what a terminal does: interrupt every process of the command's group."""
    os.killpg(running.pid, signal.SIGINT)


def wait_for_call(engine: Local, call: str, name: str, times: int = 1) -> None:
    """Wait until the provider has been asked for this."""
    for _ in range(600):
        calls = engine.world / "calls"
        lines = calls.read_text().splitlines() if calls.exists() else []
        if sum(json.loads(line)[0] == call and f'"name": "{name}"' in line for line in lines) >= times:
            return
        time.sleep(0.05)
    raise AssertionError(f"{call} of {name} was never called")


def names(engine: Local) -> list[str]:
    """The names of the resources in the state."""
    return [record["urn"].split("::")[-1] for record in engine.state() if "pending" not in record]


def test_a_plan_shows_leaves(engine):
    """For each changed leaf its path, old and new; nothing of what did not change; a count at the end."""
    up(engine, program(thing("a", m={"x": 1, "same": "s"}), B))
    engine.write(program(thing("a", m={"x": 2, "same": "s"}), thing("c", v="text")))
    shown = engine.command("preview")
    title, *lines = shown.stdout.splitlines()
    assert title == "Previewing update (dev):"
    # What is independent of each other may come in any order.
    blocks = (
        "\n".join(lines)
        .replace("\n +", "\n\n +")
        .replace("\n -", "\n\n -")
        .replace("\n ~", "\n\n ~")
        .split("\n\n")
    )
    assert " ~ world:Thing a  update\n      ~ m.x: 1 => 2" in blocks
    assert ' + world:Thing c  create\n      + name: "c"\n      + serial: "first"\n      + v: "text"' in blocks
    assert " - world:Thing b  delete" in blocks
    assert blocks[-1].splitlines() == [
        "Resources:",
        "    + 1 to create",
        "    ~ 1 to update",
        "    - 1 to delete",
        "    1 unchanged",
    ]
    assert shown.returncode == 0


def test_every_fault_of_a_preview_is_told(engine):
    """Two resources that cannot be are both told of, their dependents are not, and the reason is the last line."""
    engine.write(
        program(thing("a", bad="first fault"), B, thing("c", bad="second fault"), thing("d", v=1)),
    )
    outcome = engine.preview()
    assert outcome.code == 1
    assert sorted(message.split(": ")[-1] for message in outcome.errors) == ["first fault", "second fault"]
    assert outcome.document["result"] == "failed"
    assert ("create", "d") in outcome.steps
    text = engine.command("preview")
    assert text.stderr.splitlines()[-1].startswith("error: ")
    # Each is told once, on standard error.
    for fault in ("first fault", "second fault"):
        assert (text.stdout.count(fault), text.stderr.count(fault)) == (0, 1)
    assert not (engine.project / ".signals").exists()


def test_a_warning_of_the_provider_is_a_warning(engine):
    """What a provider logs at the engine's address keeps its severity, what a program prints is information."""
    engine.write(program(thing("a", tell="look here")))
    diagnostics = engine.preview().document["diagnostics"]
    assert {"severity": "warning", "message": "look here"} in diagnostics


def test_up_plans_first(engine):
    """`up` does nothing where its plan fails, though the plan's other half would have worked."""
    engine.write(program(A, thing("b", bad="no")))
    done = engine.command("up", "--yes", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["result"] == "failed"
    assert engine.things() == {}


def test_nobody_to_ask(engine):
    """Where there is no terminal, a change needs --yes."""
    engine.write(program(A))
    done = engine.command("up")
    assert (done.returncode, engine.things()) == (1, {})
    assert "--yes must be given" in done.stderr


def test_secrets_need_a_passphrase(engine):
    """Without a passphrase a program with a secret is refused before anything is done, even without a plan."""
    del engine.environment["PULUMI_CONFIG_PASSPHRASE"]
    done = up(engine, program(A, thing("b", v="treasure", secret=["v"])))
    assert done.returncode == 1
    assert "PULUMI_CONFIG_PASSPHRASE" in done.stderr
    assert engine.things() == {}


def test_secrets_are_shown_nowhere(engine):
    """Neither the text, nor the JSON, nor a file of the state holds a secret in plain text."""
    engine.write(program(thing("a", v="treasure", secret=["v"])))
    told = [engine.command("preview").stdout, engine.command("up", "--yes", "--json").stdout]
    engine.write(program(thing("a", v="treasure2", secret=["v"])))
    told.append(engine.command("preview").stdout)
    told += [file.read_text() for file in (engine.project / ".signals" / "state" / "world").iterdir()]
    assert not any("treasure" in text for text in told)
    assert "~ v: [secret] => [secret]" in told[2]


def test_secrets_in_configuration_are_refused(engine):
    """A `secure:` value is refused with the sentence that says where credentials come from here."""
    (engine.project / "Pulumi.dev.yaml").write_text("config:\n  world:key:\n    secure: v1:abc\n")
    engine.write(program(A))
    done = engine.command("preview")
    assert done.returncode == 1
    assert "world:key is a secret" in done.stderr
    assert "environment variables" in done.stderr


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"custom_timeouts": {"create": "5m"}}, "`custom_timeouts`"),
        ({"version": "1.2.3"}, "`version`"),
        ({"import_": "x"}, "`import_`"),
        ({"hide_diffs": ["v"]}, "`hide_diffs`"),
        ({"plugin_download_url": "https://example.com"}, "`plugin_download_url`"),
    ],
    ids=lambda value: value if isinstance(value, str) else "the option",
)
def test_options_are_refused_by_name(engine, options, named):
    """An option that this engine does not know is refused, never passed over."""
    if "custom_timeouts" in options:
        source = (engine.project / "__main__.py").read_text()
        source = source.replace(
            "    return pulumi.ResourceOptions",
            "    given['custom_timeouts'] = pulumi.CustomTimeouts('5m')\n    return pulumi.ResourceOptions",
        )
        (engine.project / "__main__.py").write_text(source)
        options = {}
    engine.write(program(thing("a", options=options)))
    outcome = engine.preview()
    assert outcome.code == 1
    assert any(named in message for message in outcome.errors), outcome.text


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("pulumi.StackReference('other')", "stack references"),
        ("pulumi.runtime.register_resource_transform(lambda args: None)", "transforms"),
        ("pulumi.runtime.invoke('pkg:index:fn', {})", "functions of providers"),
        ("pulumi.require_pulumi_version('>=3.0.0')", "require_pulumi_version"),
        ("pulumi.CustomResource('aws:s3/bucket:Bucket', 'b')", "aws:s3/bucket:Bucket"),
        ("pulumi.ProviderResource('aws', 'p', {})", "explicit providers"),
        ("Thing('x', {'name': 'x', 'v': pulumi.StringAsset('text')})", "an asset"),
    ],
)
def test_features_are_refused_by_name(engine, line, named):
    """What the engine does not do it names."""
    with (engine.project / "__main__.py").open("a") as source:
        source.write(f"\n{line}\n")
    engine.write(program(A))
    outcome = engine.preview()
    assert outcome.code == 1
    assert any(named in message for message in outcome.errors), outcome.text


def test_a_second_run_is_refused_with_the_first_ones_process(engine):
    """While a run is at work another is told who holds the stack; a preview is not held up."""
    engine.write(program(thing("slow", until="told")))
    first = started(engine, "up", "--yes", "--skip-preview")
    wait_for_call(engine, "create", "slow")
    second = engine.command("up", "--yes", "--skip-preview")
    assert second.returncode == 1
    assert f"(process {first.pid})" in second.stderr
    assert engine.preview().code == 0
    (engine.world / "told").touch()
    first.communicate(timeout=60)
    assert first.returncode == 0


def test_a_killed_run_is_continued(engine):
    """Killed in the middle, a run leaves its finished steps, a pending operation, no lock and no processes."""
    engine.write(program(A, thing("slow", slow=60, **{"from": {"source": "a"}})))
    killed = started(engine, "up", "--yes", "--skip-preview")
    wait_for_call(engine, "create", "slow")
    os.kill(killed.pid, signal.SIGKILL)
    killed.communicate(timeout=60)
    left = json.loads(engine.command("export").stdout)["deployment"]
    (operation,) = left["pending_operations"]
    assert (operation["type"], operation["resource"]["urn"].split("::")[-1]) == ("creating", "slow")
    assert names(engine) == ["a", "world-dev"]
    assert processes_of(engine) == []
    done = up(engine, program(A, thing("slow", v=1)))
    assert done.returncode == 0
    assert "interrupted while creating" in done.stdout
    assert names(engine) == ["a", "slow", "world-dev"]


def processes_of(engine: Local) -> list[str]:
    """Processes that still run in the engine's project; waits a while for them to end."""
    found: list[str] = []
    for _ in range(100):
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):  # It has ended in the meantime.
                if (process / "cwd").readlink() == engine.project:
                    found.append((process / "cmdline").read_text())
        if not found:
            break
        time.sleep(0.05)
    return found


def test_a_run_that_is_stopped_finishes_what_is_at_work(engine):
    """Ctrl-C lets the step at work end, begins no other, says what was done, and exits with 1."""
    engine.write(program(thing("slow", slow=3), thing("next", **{"from": {"source": "slow"}})))
    stopped = started(engine, "up", "--yes", "--skip-preview")
    wait_for_call(engine, "create", "slow")
    press_ctrl_c(stopped)
    _, said = stopped.communicate(timeout=60)
    assert stopped.returncode == 1
    assert said.splitlines()[-1].startswith("error: stopped; 2 steps were done")
    assert names(engine) == ["slow", "world-dev"]
    assert "pending_operations" not in json.loads(engine.command("export").stdout)["deployment"]


def test_a_run_that_is_stopped_checks_nothing_more(engine):
    """A resource that waits for its check when Ctrl-C comes is not checked, so nothing is said of it."""
    engine.write(program(*(thing(name, slow_check=2) for name in "abcdef")))
    stopped = started(engine, "up", "--yes", "--skip-preview", "--parallel", "1")
    calls = engine.world / "calls"
    while not calls.exists() or '["check"' not in calls.read_text():
        time.sleep(0.05)
    press_ctrl_c(stopped)
    _, said = stopped.communicate(timeout=60)
    assert said.splitlines()[-1].startswith("error: stopped; 1 steps were done")
    assert calls.read_text().count('["check"') == 1


@pytest.mark.parametrize("presses", ["one after the other", "in quick succession"])
def test_a_second_ctrl_c_ends_everything_at_once(engine, presses):
    """Where a call does not end, the second names what may have been done, and leaves nothing but what was finished."""
    engine.write(program(A, *(thing(name, slow=600, **{"from": {"source": "a"}}) for name in ("b", "c"))))
    stopped = started(engine, "up", "--yes", "--skip-preview")
    for name in ("b", "c"):
        wait_for_call(engine, "create", name)
    press_ctrl_c(stopped)
    if presses == "one after the other":
        assert stopped.stderr.readline().startswith("stopping: ")
    asked = time.monotonic()
    while stopped.poll() is None:
        press_ctrl_c(stopped)
        time.sleep(0.01)
    assert time.monotonic() - asked < 5
    assert stopped.returncode == 1
    said = stopped.communicate()[1].splitlines()[-1]
    assert said.startswith("error: stopped at once while creating ")
    assert "creating b" in said
    assert "creating c" in said
    assert "pending_operations" in said
    assert processes_of(engine) == []
    left = json.loads(engine.command("export").stdout)["deployment"]["pending_operations"]
    assert {(found["type"], found["resource"]["urn"].split("::")[-1]) for found in left} == {
        ("creating", "b"),
        ("creating", "c"),
    }
    assert names(engine) == ["a", "world-dev"]
    done = up(engine, program(A, thing("b", v=1), thing("c", v=1)))
    assert done.returncode == 0
    assert done.stdout.count("interrupted while creating") == 2
    assert set(engine.things()) == {"a-1", "b-1", "c-1"}


def test_a_second_ctrl_c_while_deleting(engine):
    """A deletion that does not end is named as well; what was deleted before it stays deleted."""
    up(engine, program(thing("slow", slow_delete=600), thing("a", **{"from": {"source": "slow"}})))
    stopped = started(engine, "destroy", "--yes", "--skip-preview")
    wait_for_call(engine, "delete", "slow")
    press_ctrl_c(stopped)
    stopped.stderr.readline()
    press_ctrl_c(stopped)
    said = stopped.communicate(timeout=10)[1]
    assert said.startswith("error: stopped at once while deleting slow: ")
    assert processes_of(engine) == []
    assert names(engine) == ["slow", "world-dev"]


@pytest.mark.parametrize("command", [("preview",), ("up", "--yes")], ids=lambda command: command[0])
@pytest.mark.parametrize("hanging", ["the program", "the provider"])
@pytest.mark.parametrize("presses", [1, 2])
def test_a_plan_that_never_ends_can_be_stopped(engine, command, hanging, presses):
    """Ctrl-C ends a plan whose program or provider waits for nothing of ours, and says that nothing was done."""
    engine.write(program(A, thing("hanging", slow_check=600)) if hanging == "the provider" else program(A))
    if hanging == "the program":
        with (engine.project / "__main__.py").open("a") as source:
            source.write("\nimport time\n(Path(os.environ['WORLD']) / 'waiting').touch()\ntime.sleep(600)\n")
    stopped = started(engine, *command, "--json")
    if hanging == "the provider":
        wait_for_call(engine, "check", "hanging")
    while hanging == "the program" and not (engine.world / "waiting").exists():
        time.sleep(0.05)
    press_ctrl_c(stopped)
    if presses == 1:
        told, said = stopped.communicate(timeout=60)
        assert json.loads(told)["result"] == "cancelled"
        assert [each for each in json.loads(told)["diagnostics"] if each["severity"] == "error"] == []
        assert said.splitlines()[-1] == "error: stopped while planning; nothing was done"
    else:
        stopped.stderr.readline()
        press_ctrl_c(stopped)
        assert (
            stopped.communicate(timeout=10)[1] == "error: stopped at once while planning; nothing was done\n"
        )
    assert stopped.returncode == 1
    assert processes_of(engine) == []
    assert engine.things() == {}


def test_ctrl_c_at_any_moment(engine):
    """Whenever it comes, the run ends with a sentence, without processes, and the state is that of the world."""
    in_the_middle = 0
    for moment in range(0, 16, 2):
        chain = [thing(f"t0m{moment}", slow=0.15)]
        for number in range(1, 6):
            source = {"source": f"t{number - 1}m{moment}"}
            chain.append(thing(f"t{number}m{moment}", slow=0.15, **{"from": source}))
        engine.write(program(*chain))
        stopped = started(engine, "up", "--yes", "--skip-preview")
        stopped.stdout.readline()
        time.sleep(moment / 10)
        press_ctrl_c(stopped)
        _, said = stopped.communicate(timeout=60)
        made = sum(f"m{moment}-" in found for found in engine.things())
        in_the_middle += 0 < made < len(chain)
        if stopped.returncode == 1:
            assert said.splitlines()[-1].startswith("error: stopped")
        else:
            # It came too late: everything was done and told.
            assert made == len(chain)
        assert processes_of(engine) == []
        assert set(names(engine)) - {"world-dev"} == {found.split("-")[0] for found in engine.things()}
    assert in_the_middle


def test_a_program_edited_within_a_second_is_the_edited_one(engine):
    """Nothing is kept of a program: not beside it, where its secrets would be, and not in place of what it is by now."""
    del engine.environment["PYTHONDONTWRITEBYTECODE"]
    file = engine.project / "__main__.py"
    text = file.read_text()
    engine.write(program(A))
    for said in ("first", "other"):
        file.write_text(f"{text}\npulumi.export('said', '{said}')\n")
        os.utime(file, (1, 1))
        assert f'said: "{said}"' in engine.command("preview", check=True).stdout
    assert not (engine.project / "__pycache__" / f"__main__.{sys.implementation.cache_tag}.pyc").exists()


def test_a_replacement_is_not_begun_after_ctrl_c(engine):
    """While the provider is asked about it for the second time, it has not begun, and what it would replace stays."""
    up(engine, program(thing("a", key=1)))
    engine.calls()
    engine.write(program(thing("a", key=2, slow_check=2)))
    stopped = started(engine, "up", "--yes", "--skip-preview")
    wait_for_call(engine, "check", "a", times=2)
    press_ctrl_c(stopped)
    assert stopped.communicate(timeout=60)[1].splitlines()[-1].startswith("error: stopped; 0 steps were done")
    assert set(engine.things()) == {"a-1"}
    assert names(engine) == ["a", "world-dev"]


DIES = """
import threading, time
calls = Path(os.environ["WORLD"]) / "calls"
def die():
    while not calls.exists() or '["{call}"' not in calls.read_text():
        time.sleep(0.05)
    os.kill(os.getpid(), 9)
threading.Thread(target=die).start()
"""


@pytest.mark.parametrize(
    ("call", "slow", "kept"),
    [("create", "slow", ["slow", "world-dev"]), ("check", "slow_check", ["world-dev"])],
)
def test_a_program_that_is_killed_loses_no_step(engine, call, slow, kept):
    """What a program asked for before it was killed is finished and kept; what was being looked into is not begun."""
    engine.write(program(thing("slow", **{slow: 2})))
    with (engine.project / "__main__.py").open("a") as source:
        source.write(DIES.replace("{call}", call))
    done = engine.command("up", "--yes", "--skip-preview")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "error: the program ended with exit code -9"
    assert "Channel closed" not in done.stdout
    assert names(engine) == kept
    assert len(engine.things()) == len(kept) - 1


def test_a_program_that_does_not_wait_is_told_so(engine):
    """One that ends well while its resources are being registered has not ended well, and nothing is deleted for it."""
    up(engine, program(A))
    engine.write(program(thing("slow", slow=2)))
    engine.calls()
    with (engine.project / "__main__.py").open("a") as source:
        source.write(DIES.replace("{call}", "create").replace("os.kill(os.getpid(), 9)", "os._exit(0)"))
    done = engine.command("up", "--yes", "--skip-preview")
    assert done.returncode == 1
    assert "the program ended without waiting for 1 of its resources" in done.stderr
    assert set(names(engine)) == {"a", "slow", "world-dev"}


def test_a_provider_that_dies_fails_its_step(engine):
    """A provider's process that ends during a call is a failure of that call, told as one, and nothing is pending."""
    done = up(engine, program(thing("a", die=True)))
    assert done.returncode == 1
    assert "the provider process ended" in done.stderr
    assert "pending_operations" not in json.loads(engine.command("export").stdout)["deployment"]


def created(engine: Local) -> list[str]:
    """The names of what the provider was asked to create, in that order."""
    calls = [json.loads(line) for line in (engine.world / "calls").read_text().splitlines()]
    return [properties["name"] for call, properties, *_ in calls if call == "create"]


def test_nothing_is_sent_after_a_failure(engine):
    """Of a hundred that wait for a slot, none is sent once one has failed; those in progress end, and are in the state."""
    failing = thing("t50", fail="create")
    engine.write(program(*(failing if n == 50 else thing(f"t{n}", slow=0.1) for n in range(100))))
    done = engine.command("up", "--yes", "--skip-preview", "--parallel", "4")
    assert done.returncode == 1
    assert "create fails as asked" in done.stderr
    asked = created(engine)
    assert len(asked) - 1 - asked.index("t50") <= 3
    assert {found.split("-")[0] for found in engine.things()} == set(names(engine)) - {"world-dev"}
    assert "pending_operations" not in json.loads(engine.command("export").stdout)["deployment"]


def test_nothing_is_sent_after_ctrl_c(engine):
    """Of a hundred that wait for a slot, none is sent once the run is being stopped."""
    engine.write(program(*(thing(f"t{n}", slow=0.5) for n in range(100))))
    stopped = started(engine, "up", "--yes", "--skip-preview", "--parallel", "4")
    while not engine.things():
        time.sleep(0.02)
    press_ctrl_c(stopped)
    assert stopped.stderr.readline().startswith("stopping: ")
    asked = created(engine)
    said = stopped.communicate(timeout=60)[1].splitlines()[-1]
    # Four may have begun just before.
    assert len(created(engine)) <= len(asked) + 4
    made = {found.split("-")[0] for found in engine.things()}
    assert made == set(created(engine)) == set(names(engine)) - {"world-dev"}
    # The stack itself is a step.
    assert said == f"error: stopped; {len(made) + 1} steps were done and are in the state"


def on_a_full_disk(engine: Local, room: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command where no file of the engine, nor of what it starts, takes more bytes than this."""
    limited = (
        f"import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room}));"
        "sys.argv[0] = 'signals-local'; runpy.run_module('signals_local.cli', run_name='__main__')"
    )
    return subprocess.run(
        [engine.killable[0], "-c", limited, *arguments],
        cwd=engine.project,
        env=engine.environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_full_disk_keeps_what_was_done(engine):
    """Where the journal cannot be written any more, the run stops with a sentence, and the next one goes on."""
    chain = [thing("t0", text="x" * 400)]
    chain += [
        thing(f"t{number}", text="x" * 400, **{"from": {"source": f"t{number - 1}"}})
        for number in range(1, 12)
    ]
    wanted = program(*chain)
    engine.write(wanted)
    full = on_a_full_disk(engine, 12000, "up", "--yes", "--skip-preview")
    assert full.returncode == 1
    assert "cannot be written" in full.stderr.splitlines()[-1]
    assert "Traceback" not in full.stderr + full.stdout
    kept = set(names(engine)) - {"world-dev"}
    assert kept
    assert kept == {thing_.rsplit("-", 1)[0] for thing_ in engine.things()}
    assert up(engine, wanted).returncode == 0
    assert len(names(engine)) == 13


def test_nothing_is_sent_that_a_full_disk_does_not_record(engine):
    """Of a hundred that wait for a slot, only those are sent whose beginning is in the journal, and the state holds them."""
    engine.write(program(*(thing(f"t{n}", text="x" * 400, slow=0.05) for n in range(100))))
    full = on_a_full_disk(engine, 80_000, "up", "--yes", "--skip-preview", "--parallel", "8")
    assert full.returncode == 1
    (said,) = [line for line in full.stderr.splitlines() if "cannot be written" in line]
    assert said.endswith("File too large. No further step was begun")
    made = {found.split("-")[0] for found in engine.things()}
    assert 0 < len(made) < 100
    assert made == set(created(engine)) == set(names(engine)) - {"world-dev"}
    assert "pending_operations" not in json.loads(engine.command("export").stdout)["deployment"]


def test_a_disk_without_room_for_the_state_names_what_is_not_recorded(engine):
    """Where neither the journal nor the state can be written, the message names what was in progress, as does the next run."""
    # The state has to be larger than the journal: components that do not change take hardly any room in a journal.
    groups = [{"name": f"group-{n}", "kind": "group"} for n in range(200)]
    assert up(engine, program(*groups)).returncode == 0
    wanted = program(*groups, *(thing(f"t{n}", slow=0.05) for n in range(100)))
    engine.write(wanted)
    full = on_a_full_disk(engine, 30_000, "up", "--yes", "--skip-preview", "--parallel", "4")
    assert full.returncode == 1
    (said,) = full.stderr.splitlines()
    assert re.search(r"dev\.json cannot be written: .*dev\.journal holds every step until", said)
    left = json.loads(engine.command("export").stdout)["deployment"]["pending_operations"]
    pending = {operation["resource"]["urn"].split("::")[-1] for operation in left}
    assert set(re.findall(r"creating (t\d+)", said)) == pending
    recorded = {name for name in names(engine) if name.startswith("t")}
    made = {found.split("-")[0] for found in engine.things()}
    assert recorded
    assert recorded | pending == made == set(created(engine))
    done = up(engine, wanted)
    assert done.returncode == 0
    assert done.stdout.count("interrupted while creating") == len(pending)


def test_state_goes_out_and_in(engine, tmp_path):
    """An exported state, imported elsewhere, shows no change; that of another project is refused."""
    up(engine, program(A, thing("s", v="hidden", secret=["v"])))
    exported = engine.command("export").stdout
    other = Local(tmp_path / "other")
    other.write(program(A, thing("s", v="hidden", secret=["v"])))
    (tmp_path / "state.json").write_text(exported)
    assert other.command("import", str(tmp_path / "state.json")).returncode == 0
    assert other.preview().steps == []
    (tmp_path / "state.json").write_text(exported.replace("::world::", "::else::"))
    refused = other.command("import", str(tmp_path / "state.json"))
    assert refused.returncode == 1
    assert "of another stack or project" in refused.stderr


def test_a_broken_program_shows_its_own_lines(engine):
    """A traceback begins at the program, not in the engine, and is told once."""
    (engine.project / "__main__.py").write_text("def f():\n    raise KeyError('here')\nf()\n")
    outcome = engine.preview()
    (message,) = outcome.errors
    assert "KeyError: 'here'" in message
    assert "signals_local" not in message


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("Pulumi.yaml", "name: [", "cannot be read, line 1"),
        ("Pulumi.yaml", "runtime: python", "name is missing"),
        ("Pulumi.yaml", "name: p\nruntime: nodejs", "'nodejs'"),
        ("Pulumi.yaml", "name: p\nruntime: python\nmain: nowhere", "there is no program at"),
        (
            "Pulumi.yaml",
            "name: p\nruntime: {name: python, options: {virtualenv: nowhere}}",
            "virtual environment 'nowhere'",
        ),
        ("Pulumi.dev.yaml", "environment: [x]", "environments"),
    ],
)
def test_project_files_that_cannot_be_followed(engine, file, text, said):
    """A fault in a file is a sentence that names it."""
    (engine.project / file).write_text(text)
    done = engine.command("preview")
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_colours_only_for_those_who_want_them(engine):
    """On a terminal there are colours, unless NO_COLOR is set; in a pipe there are none."""
    engine.write(program(A))
    assert "\x1b[" not in engine.command("preview").stdout
    assert "\x1b[1;32m" in on_a_terminal(engine)
    engine.environment["NO_COLOR"] = "1"
    assert "\x1b[1;32m" not in on_a_terminal(engine)


def on_a_terminal(engine: Local) -> str:
    """Return what a preview writes to a terminal."""
    leader, follower = os.openpty()
    shown = subprocess.Popen(
        [*engine.killable, "preview"],
        cwd=engine.project,
        env=engine.environment | {"TERM": "xterm"},
        stdout=follower,
    )
    os.close(follower)
    text = b""
    try:
        while piece := os.read(leader, 4096):
            text += piece
    except OSError:  # How Linux says that the other side is closed.
        pass
    os.close(leader)
    shown.wait(60)
    return text.decode()


@pytest.mark.parametrize("command", [("preview",), ("preview", "--json"), ("export",), ("up", "--yes")])
def test_output_that_nobody_takes(engine, command):
    """A full disk behind standard output, or a closed pipe, is a sentence, and nothing is begun after it."""
    up(engine, program(A))
    engine.write(program(A, B))
    for redirected in ('"$@" > /dev/full', '("$@"; echo "code $?" >&2) | true'):
        done = subprocess.run(
            ["sh", "-c", redirected, "sh", *engine.killable, *command],
            cwd=engine.project,
            env=engine.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        said = done.stderr.removesuffix("code 1\n")
        assert re.fullmatch(r"error: standard output cannot be written: [A-Z][a-z ]+\n", said), done.stderr
    assert list(engine.things()) == ["a-1"]
