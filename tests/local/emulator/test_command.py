"""`signals-local api`: one line with an address, a clean end, and a reason where it cannot start."""

import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest

from signals_local.cli import main
from signals_local.emulator import Emulator, serve
from signals_local.emulator.assumptions import switches

ASSUMPTIONS = Path(__file__).parents[3] / "docs" / "assumptions.md"


def test_the_line_tells_where_and_with_which_token(command):
    """The line comes once it answers, with its address and the token that it takes when none is given."""
    process = command()
    assert process.line == f"Signals API emulator at {process.url} (token local, in memory)\n"
    with Emulator(process.url) as emulator:
        assert emulator.history()["versions"] == []


def test_a_token_that_was_given_is_not_printed(command):
    """A secret on the command line is bad enough; the output does not repeat it."""
    process = command("--token", "s3cret")
    assert "s3cret" not in process.line
    with Emulator(process.url, token="s3cret") as emulator:
        assert emulator.publish_key("basket_id")["is_published"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_it_stops_cleanly_with_a_stream_open(command, number):
    """A signal ends it with exit code 0 and no complaint, though a subscriber still listens."""
    process = command()
    target = {"domain_userid": "8c9104e1-53ea-4d9d-a2dd-d5a6d0e2e1f0"}
    opened, ended = threading.Event(), threading.Event()

    def listen():
        with httpx.stream("GET", f"{process.url}/api/v1/interventions", params=target, timeout=30) as stream:
            for _ in stream.iter_raw():
                opened.set()
        ended.set()

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    assert opened.wait(20)
    assert process.end(number) == (0, "")
    assert ended.wait(20)
    listener.join()


def test_options_reach_the_emulator(command, tmp_path):
    """Seed, assumptions, credentials and lifetime are those of the command line."""
    seed = tmp_path / "attributes.yaml"
    seed.write_text("attribute_keys: [basket_id]\n", encoding="utf-8")
    process = command(
        "--seed", seed, "--assume", "post-status=200", "--assume", "previous=blocks",
        "--org-id", "org", "--api-key-id", "id", "--api-key", "key", "--token-lifetime", "7",
    )  # fmt: skip
    with httpx.Client(base_url=process.url, trust_env=False) as client:
        assumed = client.get("/local/assumptions").json()
        token = client.get(
            "/api/msc/v1/organizations/org/credentials/v3/token",
            headers={"X-API-Key-Id": "id", "X-API-Key": "key"},
        ).json()["accessToken"]
        key = client.get(
            "/api/v1/registry/attribute_keys/basket_id", headers={"Authorization": f"Bearer {token}"}
        )
    assert (assumed["post-status"], assumed["previous"], assumed["list"]) == ("200", "blocks", "all")
    assert key.json()["is_published"] is True


@pytest.mark.parametrize(
    ("options", "says"),
    [
        pytest.param(["--assume", "lists=all"], "there is no assumption 'lists'; there are answers, ", id="an unknown assumption"),
        pytest.param(["--assume", "list=some"], "'list' is 'all' or 'newest' or 'published', not 'some'", id="an unknown value"),
        pytest.param(["--assume", "list"], "--assume takes NAME=VALUE, not 'list'", id="no value"),
        pytest.param(["--seed", "nowhere.yaml"], "nowhere.yaml: cannot be read", id="no seed file"),
        pytest.param(["--assume", "list=all", "--assume", "list=newest"], "--assume gives 'list' twice", id="two answers"),
        pytest.param(["--token", ""], "--token must not be empty", id="no token"),
        pytest.param(["--token", "two words"], "--token must consist of visible ASCII characters, without spaces", id="a token of two words"),
        pytest.param(["--token", "tökén"], "--token must consist of visible ASCII", id="a token that no header takes"),
        pytest.param(["--token", "a" * 5000], "--token String should have at most 4096 characters", id="a token without end"),
        pytest.param(["--token-lifetime", "-1"], "--token-lifetime must be greater than or equal to 1, not -1", id="a lifetime before now"),
        pytest.param(["--token-lifetime", "0"], "--token-lifetime must be greater than or equal to 1, not 0", id="no lifetime"),
        pytest.param(["--token-lifetime", "9" * 30], "--token-lifetime must be less than or equal to 316224000", id="a lifetime without end"),
        pytest.param(["--port", "-1"], "--port must be greater than or equal to 0, not -1", id="a port below all"),
        pytest.param(["--port", "65536"], "--port must be less than or equal to 65535, not 65536", id="a port beyond all"),
        pytest.param(["--org-id", ""], "--org-id must not be empty", id="no organization"),
        pytest.param(["--org-id", "a/b"], "--org-id must not contain any of / ? # %, not 'a/b'", id="an organization that is a path"),
        pytest.param(["--api-key-id", "a\nb"], "--api-key-id must consist of visible", id="a key's id with a line break"),
        pytest.param(["--api-key", ""], "--api-key must not be empty", id="no key"),
        pytest.param(["--db", ""], "--db must name a file, or be :memory:", id="no name of a file"),
        pytest.param(["--db", "a\0b"], "--db must name a file, or be :memory:", id="a file's name with a NUL"),
        pytest.param(["--seed", "a\0b"], "cannot be read", id="a seed's name with a NUL"),
        pytest.param(["--seed", "/"], "cannot be read", id="a seed that is a folder"),
        pytest.param(["--db", "/nowhere/signals.db"], "cannot open the database file /nowhere/signals.db", id="no folder"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_in_a_line(capsys, options, says):
    """A wrong option ends it with exit code 1 and one line that says what is wrong, and no traceback."""
    assert main(["api", "--port", "0", *options]) == 1
    complaint = capsys.readouterr().err
    assert says in complaint
    assert complaint.count("\n") == 1


@pytest.mark.parametrize("option", ["--token", "--api-key"])
def test_a_secret_that_is_refused_is_not_repeated(capsys, option):
    """A token with a slip in it is still most of a token."""
    assert main(["api", "--port", "0", option, "s3cret with a space"]) == 1
    assert "s3cret" not in capsys.readouterr().err


def test_a_port_in_use_is_told(capsys):
    """The line names the port and the way out."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["api", "--port", str(port)]) == 1
    complaint = capsys.readouterr().err
    assert f"127.0.0.1:{port}" in complaint
    assert "Give another --port, or 0 for a free one" in complaint


def test_only_loopback_hears_it():
    """It binds 127.0.0.1 alone: whoever is on the network can't reach it."""
    with serve() as emulator:
        assert emulator.url.startswith("http://127.0.0.1:")


def test_the_engines_commands_do_not_pay_for_it():
    """Declaring the options imports no web framework."""
    script = (
        "import sys; from signals_local import cli; cli._parser(); "
        "print(sorted({'fastapi', 'uvicorn', 'pydantic', 'yaml', 'jwt', 'sqlite3', 'httpx'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_help_and_documentation_name_every_assumption_and_value(capsys):
    """The one table of switches is what `--help` prints and what docs/assumptions.md explains."""
    with pytest.raises(SystemExit):
        main(["api", "--help"])
    printed, documented = capsys.readouterr().out, ASSUMPTIONS.read_text(encoding="utf-8")
    for switch in switches():
        assert f"{switch.name}={'|'.join(switch.values)}" in printed
        assert f"### `{switch.name}`" in documented
        section = documented.split(f"### `{switch.name}`")[1].split("\n### ")[0]
        for value in switch.values:
            assert f"`{value}`" in section
        assert "Test:" in section
