"""The state on disk: whole after any death, in Pulumi's form, never with a secret in plain text."""

from __future__ import annotations

import contextlib
import json
import resource

import pytest

from signals_local.engine.errors import Refused, StateError
from signals_local.engine.model import Home, Resource
from signals_local.engine.secrets import Crypter
from signals_local.engine.state import StackState
from signals_local.engine.stored import SecretsProvider
from signals_local.engine.values import Secret

A = Resource("urn:pulumi:dev::p::t::a", "t", custom=True, id="a", inputs={"v": 1.0}, outputs={"v": 1.0})
B = Resource("urn:pulumi:dev::p::t::b", "t", custom=True, id="b", dependencies=(A.urn,))


HOME = Home("dev", "p")


def load(directory, passphrase=None):
    """The stack's state as the next run finds it."""
    return StackState(directory, HOME, passphrase)


def place(directory):
    """The folder of the stack's files, made where it is missing."""
    folder = directory / "p"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def commit(state, *changes):
    """Apply changes as steps do: write them down, then apply them."""
    state.commit([list(change) for change in changes])


def urns(state):
    """Return the contents of a state, by name."""
    return [found.urn.rsplit("::", maxsplit=1)[-1] for found in state.snapshot().resources()]


def test_a_finished_run_is_one_file(tmp_path):
    """At the end of a run the deployment holds everything and the journal is gone."""
    state = load(tmp_path)
    state.begin()
    commit(state, ["put", "n1", A], ["put", "n2", B])
    state.finish()
    assert urns(load(tmp_path)) == ["a", "b"]
    assert not (place(tmp_path) / "dev.journal").exists()
    document = json.loads((place(tmp_path) / "dev.json").read_text())
    assert document["version"] == 3
    assert document["deployment"]["resources"][0]["inputs"] == {"v": 1}


def test_a_run_that_dies_loses_no_finished_step(tmp_path):
    """Without an end, the next run finds every committed step, and what was at work as a pending operation."""
    state = load(tmp_path)
    state.begin()
    commit(state, ["put", "n1", A])
    commit(state, ["begin", "o1", "creating", B])
    state.close()
    left = load(tmp_path)
    assert urns(left) == ["a"]
    assert [(kind, found.urn) for kind, found in left.snapshot().pending.values()] == [("creating", B.urn)]
    left.begin()
    left.finish()
    (operation,) = json.loads((place(tmp_path) / "dev.json").read_text())["deployment"]["pending_operations"]
    assert (operation["type"], operation["resource"]["urn"]) == ("creating", B.urn)


def test_every_cut_of_the_journal_is_a_state(tmp_path):
    """Wherever the journal was cut off by a death, what is left can be read and holds the steps before the cut."""
    state = load(tmp_path)
    state.begin()
    commit(state, ["put", "n1", A])
    commit(state, ["put", "n2", B])
    state.close()
    whole = (place(tmp_path) / "dev.journal").read_bytes()
    ends = [index + 1 for index, byte in enumerate(whole) if byte == ord("\n")]
    for cut in range(len(whole) + 1):
        (place(tmp_path) / "dev.journal").write_bytes(whole[:cut])
        assert urns(load(tmp_path)) == ["a", "b"][: max(0, sum(end <= cut for end in ends) - 1)]


def test_a_run_that_has_ended_takes_no_step(tmp_path):
    """What was still being looked into when a run ended is not begun: nothing would remember it."""
    state = load(tmp_path)
    state.begin()
    state.finish()
    with pytest.raises(StateError, match="the run has ended"):
        commit(state, ["begin", "o1", "creating", B])


def test_a_resource_is_a_line(tmp_path):
    """The deployment is one JSON document, none of its resources longer than a line, its secrets' salt included."""
    secret = Resource("urn:pulumi:dev::p::t::c", "t", custom=True, id="c", inputs={"s": Secret("x\ny")})
    state = load(tmp_path, "pass")
    for resources in ([], [A], [A, B, secret]):
        state.replace_with(resources, [("creating", resource) for resource in resources])
        text = (place(tmp_path) / "dev.json").read_text()
        assert [json.loads(line.rstrip(","))["id"] for line in text.splitlines()[1:-1]] == [
            resource.id for resource in resources
        ]
        left = load(tmp_path, "pass").snapshot()
        assert left.resources() == resources
        assert len(left.pending) == len(resources)


def test_a_journal_of_another_deployment_is_done_with(tmp_path):
    """A death between the writing of the deployment and the removal of the journal applies nothing twice."""
    state = load(tmp_path)
    state.begin()
    commit(state, ["put", "n1", A])
    journal = (place(tmp_path) / "dev.journal").read_bytes()
    state.finish()
    (place(tmp_path) / "dev.journal").write_bytes(journal)
    assert urns(load(tmp_path)) == ["a"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "it is not JSON"),
        ("[]", "it should be a mapping, not a list"),
        ('{"version": 2, "deployment": {}}', "version 3 is known here"),
        ('{"version": 3, "deployment": {"resources": [{"type": "t"}]}}', r"resources\[0\].urn is missing"),
    ],
)
def test_a_damaged_file_is_a_sentence(tmp_path, text, said):
    """A state that cannot be used is told of, and left as it is."""
    (place(tmp_path) / "dev.json").write_text(text)
    with pytest.raises(StateError, match=said):
        load(tmp_path)
    assert (place(tmp_path) / "dev.json").read_text() == text


def test_a_damaged_journal_names_its_line(tmp_path):
    """A line that is no JSON, with lines after it, is damage and not a cut."""
    state = load(tmp_path)
    state.begin()
    commit(state, ["put", "n1", A])
    state.close()
    with (place(tmp_path) / "dev.journal").open("ab") as journal:
        journal.write(b"damage\n{}\n")
    with pytest.raises(StateError, match="is damaged: line 3: it is not JSON"):
        load(tmp_path)


@contextlib.contextmanager
def full_disk(directory, *, room=40):
    """Leave this many bytes for the journal, and for any other file as many as the journal has then."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = (place(directory) / "dev.journal").stat().st_size + room
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_full_disk_spoils_nothing(tmp_path):
    """After a line that could not be written whole, nothing begins, and what was before can be read."""
    state = load(tmp_path)
    state.begin()
    commit(state, ["put", "n1", A])
    with full_disk(tmp_path):
        commit(state, ["put", "n2", B])
    with pytest.raises(StateError, match=r"cannot be written: File too large\. No further step was begun"):
        commit(state, ["begin", "o1", "creating", B])
    state.close()
    assert urns(load(tmp_path)) == ["a"]


def test_what_a_full_journal_lacks_is_in_the_state(tmp_path):
    """What a call did after the journal was full is kept, and written with the state."""
    state = load(tmp_path)
    state.begin()
    commit(state, ["begin", "o1", "creating", A])
    commit(state, ["begin", "o2", "creating", B])
    with full_disk(tmp_path):
        commit(state, ["put", "n1", A], ["end", "o1"])
        commit(state, ["put", "n2", B], ["end", "o2"])
    assert [found.id for _, found in state.at_work()] == ["a", "b"]
    state.finish()
    assert state.at_work() == []
    assert urns(load(tmp_path)) == ["a", "b"]
    assert load(tmp_path).snapshot().pending == {}


def test_what_neither_file_holds_is_named(tmp_path):
    """Where the state cannot be written either, the message names what was at work when the journal was full."""
    state = load(tmp_path)
    state.begin()
    commit(state, ["begin", "o1", "creating", A])
    with full_disk(tmp_path, room=-10):
        commit(state, ["put", "n1", A], ["end", "o1"])
        with pytest.raises(StateError, match="the run was creating a: whether that was done is not recorded"):
            state.finish()
    left = load(tmp_path).snapshot()
    assert [(kind, found.urn) for kind, found in left.pending.values()] == [("creating", A.urn)]


def test_secrets_are_kept_encrypted(tmp_path):
    """A secret is in neither file in plain text, and comes back with the passphrase."""
    hidden = Resource(A.urn, "t", custom=True, id="a", inputs={"s": Secret({"deep": "treasure"})})
    state = load(tmp_path, "pass")
    state.begin()
    commit(state, ["put", "n1", hidden])
    assert b"treasure" not in (place(tmp_path) / "dev.journal").read_bytes()
    # A first run that dies here has its salt nowhere but in the journal.
    assert load(tmp_path, "pass").snapshot().resources() == [hidden]
    with pytest.raises(StateError, match="is not the one"):
        load(tmp_path, "another")
    state.finish()
    assert b"treasure" not in (place(tmp_path) / "dev.json").read_bytes()
    assert load(tmp_path, "pass").snapshot().resources() == [hidden]
    with pytest.raises(StateError, match="is not the one"):
        load(tmp_path, "another")
    with pytest.raises(StateError, match="Set PULUMI_CONFIG_PASSPHRASE"):
        load(tmp_path)


def test_a_deep_tree_is_kept(tmp_path):
    """A rule of a hundred levels, two of JSON each, comes back from either file, as a secret as well."""
    tree = "leaf"
    for _ in range(100):
        tree = {"all": [tree]}
    deep = Resource(A.urn, "t", custom=True, id="a", inputs={"plain": tree, "secret": Secret(tree)})
    state = load(tmp_path, "pass")
    state.begin()
    commit(state, ["put", "n1", deep])
    state.close()
    assert load(tmp_path, "pass").snapshot().resources() == [deep]
    state = load(tmp_path, "pass")
    state.begin()
    state.finish()
    assert load(tmp_path, "pass").snapshot().resources() == [deep]


def test_what_pulumi_wrote_is_decrypted():
    """The form is Pulumi's own: salt and ciphertext as `pulumi` 3.260 wrote them."""
    salt = "v1:Hfs/o/5ul0Q=:v1:UOK3XOlK18XWiA+m:ap3RsoheZ2YyyBiRyphjs1ZHwWcgsA=="
    crypter = Crypter.for_deployment(SecretsProvider(type="passphrase", state={"salt": salt}), "pp")
    assert crypter.decrypt("v1:EZFowmEM5lx89Jd5:KSO7B8E+F2PqSKz8CFZzAj/pkbXS") == "sss"


@pytest.mark.parametrize(
    ("record", "named"),
    [
        ({"type": "pulumi:providers:aws"}, "explicit providers"),
        ({"type": "t", "resourceHooks": {"a": ["b"]}}, "resourceHooks"),
        ({"type": "t", "importID": "x"}, "importID"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_name(tmp_path, record, named):
    """An exported deployment with something that this engine would lose is refused, naming it."""
    deployment = {"version": 3, "deployment": {"resources": [{"urn": A.urn, "custom": True, **record}]}}
    (place(tmp_path) / "dev.json").write_text(json.dumps(deployment))
    with pytest.raises(Refused, match=named):
        load(tmp_path)


def test_a_secrets_provider_in_the_cloud_is_refused(tmp_path):
    """Secrets that only a service can decrypt are refused by the provider's name."""
    text = json.dumps({"version": 3, "deployment": {"secrets_providers": {"type": "service"}}})
    (place(tmp_path) / "dev.json").write_text(text)
    with pytest.raises(Refused, match="'service'"):
        load(tmp_path)
