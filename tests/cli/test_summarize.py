"""`pulumi-signals summarize`: what a preview does to visitors, told to a reviewer and to a gate."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt
from preview_documents import (
    SIGNED_SECRET,
    UNKNOWN,
    attribute_key,
    group,
    live_version,
    message,
    over,
    preview,
    read,
    rule,
    service,
    step,
    urn_of,
)
from warm import warm_python

from pulumi_snowplow_signals.cli.change import KINDS, Loss
from pulumi_snowplow_signals.cli.document import to_json
from pulumi_snowplow_signals.cli.main import main
from pulumi_snowplow_signals.cli.markdown import LONGEST, to_markdown
from pulumi_snowplow_signals.cli.preview import read_preview
from pulumi_snowplow_signals.cli.summary import Summary, build_summary
from pulumi_snowplow_signals.cli.text import to_text

FORMATS = {"markdown": to_markdown, "text": to_text, "json": to_json}


def summed(*steps: Any, **document: Any) -> Summary:
    """Sum up a preview of some steps."""
    return build_summary(read_preview(preview(*steps, **document)))


def history(*released: int, taken_over: bool = False) -> dict[str, Any]:
    """Return what a stack remembers of some numbers."""
    return {
        "released": dict.fromkeys(map(str, released), "d"),
        "highest": max(released, default=0),
        "taken_over": taken_over,
    }


DRAFT = {"published": False, "__signals": history()}

CASES = [
    pytest.param(step("create", None, rule()), "goes live", "none", {"publications"}, id="a new rule"),
    pytest.param(step("create", None, rule(**DRAFT)), "is stored as a draft", "none", set(), id="a new draft"),
    pytest.param(
        step("create", None, rule(version=2, __signals=history(1, 2))),
        "goes live under a name that was taken down before", "none", {"publications", "revivals"}, id="an old name",
    ),
    pytest.param(
        step("create", None, rule(version=2, __signals=history(1, 2, taken_over=True))),
        "replaces what others published", "none", {"adoptions"}, id="an adoption of another definition",
    ),
    pytest.param(
        step("create", None, rule(__signals=history(1, taken_over=True))),
        "is taken over from others", "none", {"adoptions"}, id="an adoption of the same",
    ),
    pytest.param(
        step("update", rule(), rule(version=2, value=80)),
        "goes live in place of the previous version", "none", {"narrower"}, id="a higher threshold",
    ),
    pytest.param(
        step("update", rule(), rule(version=2, value=70)),
        "goes live in place of the previous version", "none", {"broader"}, id="a lower threshold",
    ),
    pytest.param(
        step("update", rule(), rule(version=2, criteria=over(75, "shop:idle"))),
        "goes live in place of the previous version", "none", {"others"}, id="another attribute",
    ),
    pytest.param(
        step("update", rule(), rule(version=2, owner="other@example.com")),
        "goes live in place of the previous version", "none", set(), id="another owner",
    ),
    pytest.param(
        step("update", rule(), rule(version=2, criteria={"all": [over(80), over(-1e9)]})),
        "goes live in place of the previous version", "none", {"narrower"}, id="a part that never matters",
    ),
    pytest.param(
        step("update", rule(), rule(version=2, criteria={"all": [over(80), {"attribute": "shop:cart", "operator": "<", "value": 3}]})),
        "goes live in place of the previous version", "live", {"narrower", "withdrawals"}, id="a rule that can never be true",
    ),
    pytest.param(
        step("update", rule(), rule(version=2, criteria="[secret]", rule="[secret]")),
        "goes live in place of the previous version", "none", {"uncompared"}, id="a rule that becomes a secret",
    ),
    pytest.param(
        step("update", rule(), rule(version=2, criteria={"odd": 1})),
        "goes live in place of the previous version", "none", {"uncompared"}, id="criteria that cannot be read",
    ),
    pytest.param(
        step("update", rule(), rule(published=False)), "is withdrawn", "live", {"withdrawals"}, id="a withdrawal",
    ),
    pytest.param(
        step("update", rule(), rule(version=2, value=80, published=False)),
        "is stored as a draft, v1 stays live", "none", set(), id="a draft beside the live one",
    ),
    pytest.param(
        step("update", rule(published=False), rule()),
        "goes live again", "none", {"revivals", "publications"}, id="a withdrawn version again",
    ),
    pytest.param(
        step("update", rule(version=2, value=80, __signals=history(1, 2)), rule()),
        "goes live again", "none", {"revivals", "broader"}, id="a rollback",
    ),
    pytest.param(step("update", rule(**DRAFT), rule()), "goes live", "none", {"publications"}, id="a draft is published"),
    pytest.param(
        step("update", rule(**DRAFT), rule(value=80, **DRAFT)), "is updated as a draft", "none", set(), id="a changed draft",
    ),
    pytest.param(
        step("update", rule(), rule(on_destroy="retain")), "changes nothing for visitors", "none", set(), id="on_destroy alone",
    ),
    pytest.param(
        step("delete", rule()), "leaves the program and is withdrawn", "live", {"removals", "withdrawals"}, id="a removal",
    ),
    pytest.param(
        step("delete", rule(on_destroy="delete")),
        "leaves the program and is withdrawn and deleted", "live", {"removals", "withdrawals"}, id="a removal that deletes",
    ),
    pytest.param(
        step("delete", rule(on_destroy="retain")),
        "leaves the program and stays live, managed by no stack", "none", {"removals"}, id="a removal that retains",
    ),
    pytest.param(
        step("delete", rule(), retainOnDelete=True),
        "leaves the program and stays live, managed by no stack", "none", {"removals"}, id="retain_on_delete",
    ),
    pytest.param(step("delete", rule(**DRAFT)), "leaves the program", "draft", {"removals"}, id="a draft is removed"),
    pytest.param(
        step("replace", rule("old"), rule("new"), resource="r"),
        "takes another name; the old one is withdrawn", "live", {"replacements", "publications", "withdrawals"}, id="another name",
    ),
    pytest.param(
        step("replace", rule("old", on_destroy="retain"), rule("new"), resource="r"),
        "takes another name; the old one stays live, managed by no stack", "none", {"replacements", "publications"},
        id="another name, retained",
    ),
    pytest.param(
        step("replace", rule("old", **DRAFT), rule("new"), resource="r"),
        "takes the place of a draft", "draft", {"replacements", "publications"}, id="another name for a draft",
    ),
    pytest.param(
        step("replace", rule(), rule()), "is replaced in Pulumi's state and stays as it is", "none", {"replacements"}, id="--replace",
    ),
    pytest.param(
        step("update", rule(version=1), rule(version=UNKNOWN, published=UNKNOWN, value=80)),
        "goes live in place of the previous version", "none", {"narrower"}, id="a number that is not known yet",
    ),
    pytest.param(
        step("create", None, message(), kind="direct"), "is pushed at once, to all ids", "none", {"pushes"}, id="a push",
    ),
    pytest.param(
        step("update", message(), message(triggers=["again"]), kind="direct"),
        "is pushed again at once, to all ids", "none", {"pushes"}, id="a push again",
    ),
    pytest.param(
        step("update", message(), message(targets={"user_id": ["x"]}), kind="direct"),
        "is pushed at once, to the added ids only", "none", {"pushes"}, id="a push to more",
    ),
    pytest.param(
        step("update", message(targets="[secret]"), message(targets="[secret]"), kind="direct"),
        "may be pushed at once: secret and unknown values cannot be compared here", "none", {"pushes"},
        id="a push to what is secret",
    ),
    pytest.param(
        step("delete", message(), kind="direct"),
        "leaves the program; what was pushed stays pushed", "none", {"removals"}, id="a message is removed",
    ),
    pytest.param(step("create", None, group(), kind="group"), "goes live", "none", {"publications"}, id="a new group"),
    pytest.param(step("create", None, group(**DRAFT), kind="group"), "is stored as a draft", "none", set(), id="a draft of a group"),
    pytest.param(
        step("create", None, group(version=2, __signals=history(1, 2)), kind="group"),
        "goes live under a name that was taken down before", "none", {"publications", "revivals"}, id="an old name of a group",
    ),
    pytest.param(
        step("update", group(), group("value", "idle", version=2), kind="group"), "goes live beside v1", "none", set(),
        id="a new version of a group",
    ),
    pytest.param(
        step("update", group("value", "idle"), group("value", version=2), kind="group"), "goes live beside v1, without", "live",
        {"drops"}, id="a group that drops an attribute",
    ),
    pytest.param(
        step("update", group(), group("idle", version=2, published=False), kind="group"), "is stored as a draft, v1 stays live",
        "none", set(), id="a draft beside the live group",
    ),
    pytest.param(
        step("update", group(), group(published=False), kind="group"), "is withdrawn", "live", {"withdrawals"},
        id="a group is withdrawn",
    ),
    pytest.param(
        step("delete", group(), kind="group"), "leaves the program and is withdrawn, unless something still uses it", "live",
        {"removals", "withdrawals"}, id="a group is removed",
    ),
    pytest.param(step("delete", group(**DRAFT), kind="group"), "leaves the program", "draft", {"removals"}, id="a draft of a group goes"),
    pytest.param(
        step("replace", group(), group(name="cart"), kind="group", resource="r"),
        "takes another name; the old one is withdrawn, unless something still uses it", "live",
        {"replacements", "publications", "withdrawals"}, id="another name of a group",
    ),
    pytest.param(step("create", None, service(("basket", 1)), kind="service"), "goes live", "none", {"publications"}, id="a new service"),
    pytest.param(
        step("update", service(("basket", 1)), service(("basket", 2)), kind="service"), "is changed in place, live at once", "none",
        set(), id="a service follows its group",
    ),
    pytest.param(
        step("update", service(("basket", 1), ("shop", 1)), service(("basket", 1)), kind="service"),
        "is changed in place, live at once, without", "live", {"drops"}, id="a service drops a group",
    ),
    pytest.param(
        step("update", service(("basket", 1)), service(("basket", 1), published=False), kind="service"), "is withdrawn", "live",
        {"withdrawals"}, id="a service is withdrawn",
    ),
    pytest.param(
        step("update", service(("basket", 1)), service(("basket", 1), on_destroy="retain"), kind="service"),
        "changes nothing for visitors", "none", set(), id="on_destroy of a service alone",
    ),
    pytest.param(
        step("update", service(attribute_groups="[secret]"), service(attribute_groups="[secret]"), kind="service"),
        "may be changed in place: secret and unknown values cannot be compared here", "none", set(),
        id="a service of secret groups",
    ),
    pytest.param(
        step("delete", service(("basket", 1)), kind="service"), "leaves the program and is withdrawn", "live",
        {"removals", "withdrawals"}, id="a service is removed",
    ),
    pytest.param(
        step("create", None, attribute_key(__signals=history(taken_over=True)), kind="key"), "is taken over from others", "none", {"adoptions"},
        id="a key is taken over",
    ),
    pytest.param(
        step("update", attribute_key(), attribute_key(ttl="P1D"), kind="key"), "is changed in place, live at once", "none", set(), id="a changed key",
    ),
    pytest.param(
        step("delete", attribute_key(), kind="key"), "leaves the program and is withdrawn, unless something still uses it", "live",
        {"removals", "withdrawals"}, id="a key is removed",
    ),
    pytest.param(
        step("update", group("value", "idle"), group("value", version=2), kind="typed"), "goes live beside v1, without", "live",
        {"drops"}, id="a group of a class with a type of its own",
    ),
    pytest.param(
        step("update", {"name": "g", "ttl": 1, "__signals": {}}, {"name": "g", "ttl": 2, "__signals": {}}, kind="later"),
        "is changed:", "none", set(), id="a kind that this command does not know",
    ),
    pytest.param(
        step("delete", {"name": "g", "__signals": {}}, kind="later"), "is removed", "live", {"removals"}, id="such a kind is removed",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("taken", "event", "loss", "kinds"), CASES)
def test_what_a_step_does(taken: Any, event: str, loss: str, kinds: set[str]) -> None:
    """Each step is told by what it does to visitors, and meets the gates that it should."""
    (change,) = summed(taken).changes.changes
    assert (change.event, change.loss, change.kinds) == (event, Loss(loss), kinds)


def said_of_group(text: str, severity: str = "info", name: str = "basket") -> dict[str, str]:
    """Return a diagnostic of a group."""
    return {"urn": urn_of("group", name), "message": text, "severity": severity}


NEWER = step("update", group("value"), group("value", "idle", version=2), kind="group")
RETIRES = step("replace", live_version(1), live_version(2, 1), kind="child", resource="basket")
FELT = [
    said_of_group("basket v1 → v2 goes live: 1 change"),
    said_of_group('basket: v2 will be read by intervention "vip" v1'),
    said_of_group('basket: value (double → string) changes type for intervention "vip" v1', "warning"),
]


def test_what_others_feel_stands_with_their_group() -> None:
    """The child is a part of its group's row, and so are the remarks; they are told once, and the gates see them."""
    found = summed(NEWER, RETIRES, diagnostics=FELT)
    (change,) = found.changes.changes
    assert (change.kind, change.retires) == ("attribute group", (1,))
    assert change.afterwards == "v1 is withdrawn at the end, unless still in use"
    assert [(each.severity, each.text) for each in change.remarks] == [
        ("warning", 'value (double → string) changes type for intervention "vip" v1'),
        ("info", 'v2 will be read by intervention "vip" v1'),
    ]
    assert found.hits(["warnings"])
    for told in (to_markdown(found), to_text(found)):
        assert told.count("will be read by") == told.count("changes type") == 1
        assert "LiveVersion" not in told
    row = next(line for line in to_markdown(found).splitlines() if line.startswith("| `basket`"))
    assert row.startswith(
        "| `basket`<br>goes live beside v1; v1 is withdrawn at the end, unless still in use | `v1` → `v2` |"
    )
    assert "**warning:** `value (double → string)" in row
    assert "<details>" not in to_markdown(found)


def test_how_long_an_older_version_stays_is_told_once() -> None:
    """Where the provider says who still uses it, its sentence stands for ours."""
    line = said_of_group(
        "basket: v1 is withdrawn at the end of this run, unless something still uses it. Now it is used by x"
    )
    text = to_markdown(summed(NEWER, RETIRES, diagnostics=[line]))
    assert text.count("is withdrawn at the end") == 1
    assert "Now it is used by x" in text


def test_the_versions_that_a_service_moves_between() -> None:
    """They are told by group; what else changes beside them."""
    before, after = (
        service(("a", 1), ("b", 1), ("c", 3)),
        service(("b", 2), ("c", 3), ("d", 1), description="x"),
    )
    (change,) = summed(step("update", before, after, kind="service")).changes.changes
    assert change.differences == ('description: "x" added', "a v1 removed", "b v1 → v2", "d v1 added")
    assert (change.event, change.fields) == ("is changed in place, live at once, without", ("a",))


def test_an_older_version_that_is_free_now() -> None:
    """Where the child alone is replaced, the group has a row for what is withdrawn, and meets no gate."""
    line = said_of_group("basket: v1 is withdrawn, since nothing uses it any more")
    found = summed(RETIRES, diagnostics=[line])
    (change,) = found.changes.changes
    assert (change.name, change.event, change.kinds) == ("basket", "v1 is withdrawn, no longer in use", set())
    assert change.type == "StreamAttributeGroup"
    assert list(found.tally()) == ["1 older version is due to go"]
    assert to_markdown(found).count("v1 is withdrawn") == 1


def test_the_child_alone_is_nothing() -> None:
    """Made, removed or refreshed, it means nothing to anybody."""
    steps = [
        step("create", None, live_version(1), kind="child", resource="basket"),
        step("delete", live_version(1), kind="child", resource="basket"),
        step("refresh", live_version(1), {}, kind="child", resource="basket"),
    ]
    for taken in steps:
        assert (summed(taken).changes.changes, summed(taken).changes.drift) == ((), ())


def test_a_table_for_each_kind() -> None:
    """Interventions come first, since visitors meet them; each table has the columns of its kind."""
    found = summed(
        step("create", None, attribute_key(), kind="key"),
        step("create", None, group(), kind="group"),
        step("create", None, service(("basket", 1)), kind="service"),
        step("create", None, rule("a")),
        step("create", None, rule("b")),
    )
    text = to_markdown(found)
    assert "1 attribute key, 1 attribute group, 1 service and 2 rules go live" in text
    heads = [line.split(" | ")[0] for line in text.splitlines() if line.startswith("| ") and "`" not in line]
    assert heads[::2] == ["| intervention", "| attribute group", "| service", "| attribute key"]
    for words in ("computes value, kept for user_id", "serves basket v1", 'values of the column "account"'):
        assert words in text
        assert words in " ".join(to_text(found, width=400).split())


def test_losses_are_in_the_order_of_who_feels_them() -> None:
    """Visitors first, then readers; what is live before drafts; each kind by its name, since two kinds may share one."""
    found = summed(
        step("delete", attribute_key(name="same"), kind="key"),
        step("delete", group(name="same"), kind="group"),
        step("delete", group(name="draft", **DRAFT), kind="group"),
        step("delete", service(("same", 1), name="same"), kind="service"),
        step("delete", rule("same")),
    )
    assert [(change.kind, change.loss) for change in found.losses] == [
        ("intervention", Loss.LIVE),
        ("service", Loss.LIVE),
        ("attribute group", Loss.LIVE),
        ("attribute key", Loss.LIVE),
        ("attribute group", Loss.DRAFT),
    ]
    text = to_markdown(found)
    for words in (
        "- **live**: `same` `v1`",
        "- **live**: service `same`",
        "- **live**: attribute group `same` `v1`",
        "- draft: attribute group `draft`",
    ):
        assert words in text
    assert (
        "1 live attribute key stops; 1 live attribute group stops; 1 live service stops; 1 live rule stops; 1 draft goes"
        in text
    )


def test_names_are_of_their_kinds() -> None:
    """A rule that goes is gone, also where a group of its name is new; a group of another sort stays where it is declared."""
    found = summed(step("delete", rule("basket")), step("create", None, group(), kind="group"))
    assert [change.name for change in found.losses] == ["basket"]
    moved = summed(
        step("delete", group(), kind="group", resource="before"),
        step("create", None, group(), kind="typed", resource="after"),
    )
    assert moved.losses == ()


def test_a_service_that_was_there_before() -> None:
    """Of what has no numbers the record does not tell that its name was taken down; the provider's line does."""
    line = {
        "urn": urn_of("service", "checkout"),
        "message": "checkout goes live under a name that already exists: serves basket v1",
        "severity": "warning",
    }
    taken = step("create", None, service(("basket", 1)), kind="service")
    assert summed(taken, diagnostics=[line]).hits(["revivals"]) == {"revivals": ["checkout"]}


def test_parts_of_a_replacement_are_one() -> None:
    """However an engine lists a replacement, it is told once."""
    parts = [
        step("create-replacement", rule("old"), rule("new"), resource="r"),
        step("replace", rule("old"), rule("new"), resource="r"),
        step("delete-replaced", rule("old"), resource="r"),
    ]
    expected = summed(parts[1]).changes
    for order in (parts, parts[::-1]):
        assert summed(*order).changes == expected


def test_another_logical_name_takes_nothing_away() -> None:
    """A rule that another resource of the program declares from now on stays live."""
    found = summed(step("delete", rule(), resource="before"), step("create", None, rule(), resource="after"))
    assert found.losses == ()
    assert "withdrawals" not in found.hits([*KINDS])


def test_drift() -> None:
    """What a refresh found is told apart from what the program changes."""
    found = summed(
        step("refresh", rule(), rule(published=False)),
        step("refresh", rule("b"), rule("b", owner="x@example.com")),
        step("refresh", rule("c"), rule("c")),
        step("update", rule(published=False), rule()),
    )
    assert [(change.name, change.event, change.fields) for change in found.changes.drift] == [
        ("offer", "is no longer live:", ("published",)),
        ("b", "differs:", ("owner",)),
    ]
    assert len(found.changes.changes) == 1
    assert found.hits(["drift"]) == {"drift": ["offer", "b"]}


def test_drift_as_the_real_engine_prints_it() -> None:
    """The real engine prints a refresh as it begins; the step after it shows what was found."""
    found = summed(
        step("refresh", rule(), rule()),
        step("update", rule(published=False), rule()),
        step("refresh", rule("b"), rule("b")),
        step("create", None, rule("b")),
        step("refresh", rule("c"), rule("c")),
    )
    assert [(change.name, change.event) for change in found.changes.drift] == [
        ("b", "is gone"),
        ("offer", "is no longer live:"),
    ]


def test_other_providers_are_counted_only() -> None:
    """Of other providers' resources nothing but a count is told."""
    found = summed(
        step("create", None, {"password": "canary"}, kind="other", resource="canary"),
        step("same", {"a": 1}, {"a": 1}, kind="other", resource="still"),
        step("update", {"a": 1}, {"a": 2}, kind="other", resource="more"),
        same=7,
    )
    assert found.changes.others == {"create": 1, "update": 1}
    assert found.changes.unchanged == 7
    assert all("canary" not in told(found) for told in FORMATS.values())


def test_what_the_provider_knows_of_types_counts() -> None:
    """Where its line says whom a rule reaches, the table and the gates say the same."""
    line = "offer v1 → v2 goes live, v1 is withdrawn: shop:cart > 75 → >= 76; sent to x; reaches the same visitors\n  was: y"
    whole = {"attribute": "shop:cart", "operator": ">=", "value": 76}
    change = step("update", rule(), rule(version=2, criteria=whole))
    assert summed(change).changes.changes[0].kinds == {"narrower"}
    said = [{"urn": urn_of("rule", "offer"), "message": line, "severity": "info"}]
    (found,) = summed(change, diagnostics=said).changes.changes
    assert (found.reach, found.kinds) == ("reaches the same visitors", set())
    assert "`offer v1 → v2 goes live" in to_markdown(summed(change, diagnostics=said))
    assert "\\n" not in to_markdown(summed(change, diagnostics=said))


@pytest.mark.parametrize("number", [1_000_001, 1_000_001.0, 10**400])
def test_a_number_is_told_to_its_last_digit(number: Any) -> None:
    """No number is rounded, however long it is."""
    (found,) = summed(step("update", rule(), rule(version=number))).changes.changes
    assert found.version.now == f"v{int(number)}"


ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_file_of_any_shell(encoding: str) -> None:
    """PowerShell writes UTF-16, and some editors a mark before UTF-8."""
    assert read_preview(preview(step("create", None, rule())).encode(encoding)).steps[0].op == "create"


BYTES = [
    pytest.param(b"\x89PNG\r\n\x1a\n\xff\xfe", "is not text", id="a picture"),
    pytest.param(preview(step("create", None, rule())).encode()[:-40], "is not JSON", id="cut off"),
    pytest.param(preview(step("create", None, rule(criteria="C"))).replace('"C"', '{"not":' * 480 + "1" + "}" * 480).encode(), "nested too deeply", id="deep criteria"),
    pytest.param(b'{"version": 3, "deployment": {"resources": []}}', "is not a preview", id="an exported stack"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "sentence"), BYTES)
def test_bytes_that_are_no_preview(given: bytes, sentence: str, tmp_path: Path) -> None:
    """Whatever they are, there is a sentence, no traceback, and 2."""
    file = tmp_path / "preview.json"
    file.write_bytes(given)
    done = command("summarize", str(file))
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_nobody_reads_on(tmp_path: Path) -> None:
    """Where a pipe closes early, or the disk is full, there is no traceback."""
    file = tmp_path / "preview.json"
    file.write_text(preview(*(step("create", None, rule(f"r{i}")) for i in range(2_000))))
    call = f"{sys.executable} -m pulumi_snowplow_signals.cli.main summarize --format json {file}"
    for pipeline in (f"{call} | head -1", f"{call} > /dev/full"):
        done = subprocess.run(["sh", "-c", pipeline], capture_output=True, text=True, check=False, timeout=60)
        assert "Traceback" not in done.stderr
        assert "Exception" not in done.stderr


ERROR = {
    "urn": urn_of("rule", "bad"),
    "message": "<{%reset%}>error: pulumi-python:dynamic/signals:RuleIntervention resource 'bad' has a problem: owner: is \"t\"\n",
    "severity": "error",
}


def test_a_failed_preview() -> None:
    """A failed preview says so, and shows its errors without the tracebacks of Pulumi's own."""
    noise = {"message": "Traceback (most recent call last):\n", "severity": "info#err"}
    found = summed(diagnostics=[noise, ERROR, ERROR])
    assert found.failed
    assert found.hits(["failures"]) == {"failures": ["the preview failed"]}
    for told in FORMATS.values():
        text = told(found)
        assert "Traceback" not in text
        assert text.count("owner: is ") == 1
        assert "has a problem" not in text
    assert "**The preview failed.**" in to_markdown(found)


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_preview_gives_the_same_bytes(form: str) -> None:
    """The order in which an engine lists steps, messages and inputs decides nothing."""
    steps: list[Any] = [
        {**case.values[0], "urn": f"{case.values[0]['urn']}{i}"} for i, case in enumerate(CASES)
    ]
    said = [
        {"urn": urn_of("rule", str(i % 3)), "message": f"m{i}", "severity": s}
        for i in range(6)
        for s in ("warning", "info")
    ]
    expected = FORMATS[form](summed(*steps, diagnostics=said))
    for seed in range(5):
        dice = random.Random(seed)
        shuffled = [
            {key: each[key] for key in dice.sample([*each], len(each))}
            for each in dice.sample(steps, len(steps))
        ]
        assert FORMATS[form](summed(*shuffled, diagnostics=dice.sample(said, len(said)))) == expected


SECRET_INPUTS = [
    pytest.param({"criteria": "[secret]", "rule": "canary"}, id="as an engine masks it"),
    pytest.param({"criteria": SIGNED_SECRET, "rule": SIGNED_SECRET}, id="as a state holds it"),
    pytest.param({"criteria": over("canary"), "rule": "canary", "__secret": ["criteria"]}, id="in plain text, named as a secret"),
    pytest.param({"criteria": over(SIGNED_SECRET), "rule": "canary"}, id="inside the criteria"),
    pytest.param({"target_attribute_keys": ["canary"], "__secret": ["target_attribute_keys"]}, id="recipients"),
    pytest.param({"payload_attribute_groups": [{"name": "canary", "version": 1}], "__secret": ["payload_attribute_groups"]}, id="payload"),
    pytest.param({"version": 4711, "__secret": ["version"]}, id="version"),
]  # fmt: skip


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("inputs", SECRET_INPUTS)
def test_secrets_are_never_shown(inputs: dict[str, Any], form: str) -> None:
    """Whatever way a secret stands in the document, no format shows it."""
    secret = rule(**inputs)
    for taken in (
        step("create", None, secret),
        step("update", rule(), secret),
        step("delete", secret),
        step("refresh", rule(), secret),
    ):
        text = FORMATS[form](summed(taken))
        assert "canary" not in text
        assert "4711" not in text
        assert SIGNED_SECRET["ciphertext"] not in text


SECRETS_OF_KINDS = [
    pytest.param("group", group("canary", __secret=["attributes"]), group("value"), id="attributes"),
    pytest.param("group", group(attributes="[secret]"), group("value"), id="attributes, as an engine masks them"),
    pytest.param("group", group(description="canary", __secret=["description"]), group("value"), id="a description"),
    pytest.param("group", group(attribute_key="canary", __secret=["attribute_key"]), group("value"), id="an attribute key"),
    pytest.param("service", service(("canary", 1), __secret=["attribute_groups"]), service(("x", 1)), id="pins"),
    pytest.param("key", attribute_key(external_column="canary", __secret=["external_column"]), attribute_key(), id="a column"),
]  # fmt: skip


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(("kind", "secret", "plain"), SECRETS_OF_KINDS)
def test_secrets_of_every_kind_are_never_shown(
    kind: str, secret: dict[str, Any], plain: dict[str, Any], form: str
) -> None:
    """A secret of a group, a service or a key is in no word, also where it was none before or is none any more."""
    for taken in (
        step("create", None, secret, kind=kind),
        step("update", plain, {**secret, "version": 2}, kind=kind),
        step("update", secret, {**plain, "version": 2}, kind=kind),
        step("delete", secret, kind=kind),
        step("refresh", secret, plain, kind=kind),
    ):
        assert "canary" not in FORMATS[form](summed(taken))


@pytest.mark.parametrize("form", FORMATS)
def test_secret_ids_are_never_shown(form: str) -> None:
    """The ids of a direct intervention are personal data: they are counted, and not even that if they are secret."""
    secret = message(
        targets={"domain_sessionid": ["canary"]},
        attributes={"a": "canary"},
        __secret=["targets", "attributes"],
    )
    plain = message(targets={"domain_sessionid": ["canary"]})
    for inputs in (secret, plain):
        assert "canary" not in FORMATS[form](summed(step("create", None, inputs, kind="direct")))


HOSTILE = [
    "**bold** _it_ ~~no~~",
    "<img src=x onerror=alert(1)><script>alert(1)</script>",
    "a | b || c \\| d \\\\| e",
    "line\nbreak\r\n\n# Heading\n- item\n```\nfence",
    "@octocat and team @org/team",
    "#1 org/repo#2 GH-3 0123456789abcdef0123456789abcdef01234567",
    "[link](https://evil.example) https://evil.example www.evil.example a@evil.example",
    "![image](https://evil.example/x.png)",
    ":tada: :+1:",
    "\u202eevil\u202c \u2066x\u2069 \u200b\ufeff",
    "`tick` ``two`` ``` three",
    "`",
    "``",
    " ` ",
    "\\`\\",
    "</details></summary><!-- --> -->",
    "&lt;b&gt; &#124; &amp;",
    "\x1b[31mred\x07\x00",
    "\ud800",
    " ",
    "| --- | --- |",
    "x" * 5_000,
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_stays_text(hostile: str) -> None:
    """Whatever names, rules and messages hold: no markup, no link, no image, no HTML but ours, no more cells or lines."""
    inputs = {
        "rule": hostile,
        "target_attribute_keys": [hostile],
        "payload_attribute_groups": [{"name": hostile, "version": hostile}],
    }
    tame = {
        **inputs,
        "rule": "r",
        "target_attribute_keys": ["k"],
        "payload_attribute_groups": [{"name": "g", "version": "1"}],
    }
    before = {**tame, "rule": "s", "target_attribute_keys": ["l"], "payload_attribute_groups": []}
    texts = {}
    for key, given, name in (("hostile", inputs, hostile), ("tame", tame, "n")):
        said = [
            {"urn": urn_of("rule", name), "message": f"m{name}", "severity": s}
            for s in ("error", "warning", "info")
        ]
        odd = {"name": name, name: 1, "__signals": {}}
        texts[key] = to_markdown(
            summed(
                step("create", None, rule(name, **given)),
                step(
                    "update",
                    rule("b", **before),
                    rule(name, version=2, value=80, **given),
                    resource=name + "2",
                ),
                step("delete", rule(name + "gone", **given)),
                step("update", odd, {**odd, name: 2}, resource=name + "3", kind="later"),
                *_others(name),
                step("refresh", rule("d", **before), rule("d", **given), resource=name + "4"),
                diagnostics=said,
            )
        )
    assert _shape(texts["hostile"]) == _shape(texts["tame"])
    assert all(char == "\n" or char.isprintable() for char in texts["hostile"])


def _others(name: str) -> list[dict[str, Any]]:
    """Return steps of a group, a service and a key whose words are a name of anybody's."""
    older = group(read(name), read("x"), name=name + "g", version=1, owner="a")
    newer = group(read("x"), name=name + "g", version=2, owner=name)
    return [
        step("update", older, newer, kind="group", resource=name + "g"),
        step("create", None, service((name, 1), name=name), kind="service", resource=name + "s"),
        step("delete", service((name, 1), name=name + "t"), kind="service", resource=name + "t"),
        step("create", None, attribute_key(name=name, external_column=name), kind="key", resource=name + "k"),
    ]


def _shape(text: str) -> list[str]:
    """Return what a Markdown parser makes of a text, without the texts themselves."""
    text = re.sub(r"<!-- pulumi-signals \S+ -->", "<!-- -->", text)
    parser = MarkdownIt("commonmark", {"html": True, "linkify": False}).enable(["table", "strikethrough"])
    shape: list[str] = []
    for token in parser.parse(text):
        if token.type != "inline":
            shape.append(f"{token.type} {token.content if token.type == 'html_block' else ''}")
            continue
        previous = ""
        for child in token.children or ():
            kind = child.type + (child.content if child.type == "html_inline" else "")
            # A pipe stands between two spans; ours stand apart by more than that.
            if child.type == "text" and set(child.content) == {"|"}:
                continue
            # Lines of a message stand below each other; the break is ours, and would be harmless from others.
            if child.type == "html_inline" and child.content == "<br>":
                continue
            if kind != previous or child.type != "code_inline":
                shape.append(kind)
            previous = kind
    return shape


@pytest.mark.parametrize("hostile", [text for text in HOSTILE if text.strip()])
def test_hostile_text_can_still_be_read(hostile: str) -> None:
    """In the rendered page a name reads as it is written, but for what cannot be seen."""
    found = summed(step("create", None, rule(hostile)))
    rendered = MarkdownIt("commonmark").enable("table").render(to_markdown(found))
    cell = re.search(r"<tbody>\s*<tr>\s*<td>(.*?)<br>", rendered, re.DOTALL)
    assert cell
    shown = re.sub(r"</?code>", "", cell[1])
    for entity, char in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        shown = shown.replace(entity, char)
    visible = "".join(char for char in hostile if char.isprintable())[:600]
    assert re.sub(r"\\[nr]|\\u[0-9a-f]{4}|… \(\d+ characters\)| ", "", shown) == visible.replace(" ", "")


def test_a_comment_is_never_too_long() -> None:
    """A thousand changes fit, what matters least is left out, and that is said."""
    steps = [step("update", rule(f"r{i}"), rule(f"r{i}", version=2, rule="x" * 300)) for i in range(1_000)]
    losses = [step("delete", rule(f"gone{i}")) for i in range(50)]
    said = [{"urn": urn_of("rule", f"r{i}"), "message": "w" * 200, "severity": "info"} for i in range(1_000)]
    text = to_markdown(summed(*steps, *losses, diagnostics=[*said, ERROR]))
    assert len(text) <= LONGEST
    assert all(f"`gone{i}`" in text for i in range(50))
    assert "owner: is " in text
    assert re.search(r"… and \d+ more, left out", text)
    MarkdownIt("commonmark").enable("table").render(text)


def test_even_too_many_losses_fit() -> None:
    """However much is taken away, and however many errors there are, a comment can be posted."""
    losses = [step("delete", rule(f"gone{i}", rule="x" * 600)) for i in range(2_000)]
    errors = [{**ERROR, "message": f"{i}" + "e" * 3_000} for i in range(500)]
    assert len(to_markdown(summed(*losses, diagnostics=errors))) <= LONGEST


NO_PREVIEWS = [
    pytest.param("", "the input is empty", id="nothing"),
    pytest.param("error: no stack selected", "this is not JSON", id="text"),
    pytest.param("[" * 100_000, "this is not JSON", id="nested too deep"),
    pytest.param("[]", "this JSON is not a preview", id="a list"),
    pytest.param('{"version": 3}', "this JSON is not a preview", id="another document"),
    pytest.param('{"steps": [{"op": 1}]}', "this is not a preview in Pulumi's format: steps.0.op", id="a damaged step"),
    pytest.param('{"steps": 5}', "this is not a preview in Pulumi's format: steps", id="damaged steps"),
    pytest.param('{"sequence":0,"preludeEvent":{}}\n{"sequence":1}', "PULUMI_ENABLE_STREAMING_JSON_PREVIEW", id="events"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "sentence"), NO_PREVIEWS)
def test_what_is_no_preview_is_refused(
    text: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Wrong input ends with 2 and a sentence."""
    file = tmp_path / "preview.json"
    file.write_text(text)
    assert main(["summarize", str(file)]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert sentence in told.err
    assert "Traceback" not in told.err


def test_odd_but_readable_documents() -> None:
    """Nulls, missing states and names that are no text are no reason to end."""
    odd = [
        step("update", rule(None, version=None, criteria=5), rule(7, version="x", __signals=5)),
        step("create", None, rule(target_attribute_keys=[{"name": 5}, None], payload_attribute_groups=["x"])),
        step("delete", message(targets=["x"], attributes=5), kind="direct"),
        {"op": "update", "urn": "odd"},
        {"op": "create", "urn": "odd", "newState": {"inputs": {"__signals": "[secret]", "criteria": 1}}},
    ]
    for told in FORMATS.values():
        assert told(summed(*odd))
    assert build_summary(read_preview('{"steps": null, "changeSummary": null}')).changes.changes == ()


def command(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run the command as a person would."""
    return subprocess.run(
        [warm_python(), "-m", "pulumi_snowplow_signals.cli.main", *arguments],
        input=given, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_gates() -> None:
    """A gate that is met ends with 1 and says by what; one that is not ends with 0; an unknown one with 2."""
    given = preview(step("delete", rule()), step("update", rule("b"), rule("b", version=2, value=70)))
    met = command("summarize", "--fail-on", "withdrawals,broader", "--fail-on", "pushes", given=given)
    assert (met.returncode, met.stderr) == (1, "--fail-on withdrawals: offer\n--fail-on broader: b\n")
    assert "#### Taken away from visitors" in met.stdout
    assert command("summarize", "--fail-on", "pushes,narrower", given=given).returncode == 0
    wrong = command("summarize", "--fail-on", "withdrawls", given=given)
    assert wrong.returncode == 2
    assert '"withdrawls" is not one of withdrawals, drops, removals' in wrong.stderr
    assert 'Did you mean "withdrawals"?' in wrong.stderr


@pytest.mark.parametrize("kind", KINDS)
def test_every_gate_can_be_met(kind: str) -> None:
    """No kind of gate is one that nothing meets."""
    everything = [case.values[0] for case in CASES]
    drift = step("refresh", rule(), rule(published=False))
    warning = {"message": "w", "severity": "warning"}
    assert any(summed(taken, drift, diagnostics=[ERROR, warning]).hits([kind]) for taken in everything)


def test_without_the_extra_the_command_says_what_to_install(tmp_path: Path) -> None:
    """Where click is missing there is a sentence instead of a traceback."""
    (tmp_path / "click.py").write_text("raise ModuleNotFoundError(name='click')")
    done = subprocess.run(
        [sys.executable, "-m", "pulumi_snowplow_signals.cli.main", "summarize"],
        capture_output=True, text=True, check=False, env={"PYTHONPATH": str(tmp_path)}, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == (
        "pulumi-signals needs the package 'click', which is not installed. Run: pip install 'pulumi-snowplow-signals[cli]'\n"
    )


def test_the_shape_of_the_json_stays() -> None:
    """Others read the JSON: its keys are part of what this package promises."""
    document = json.loads(to_json(summed(step("update", rule(), rule(version=2, value=80)), same=3)))
    assert document == {
        "format": 1,
        "stack": "shop/prod",
        "failed": False,
        "kinds": {"narrower": ["offer"]},
        "changes": [
            {
                "name": "offer",
                "oldName": "offer",
                "urn": urn_of("rule", "offer"),
                "type": "RuleIntervention",
                "event": "goes live in place of the previous version",
                "fields": [],
                "takenAway": "none",
                "kinds": ["narrower"],
                "version": {"was": "v1", "now": "v2"},
                "rule": {"was": "shop:cart > 75", "now": "shop:cart > 80"},
                "sentTo": {
                    "was": "the keys of its attribute groups",
                    "now": "the keys of its attribute groups",
                },
                "carries": {"was": "nothing else", "now": "nothing else"},
                "reach": "reaches fewer visitors",
                "kind": "intervention",
                "content": {"was": "", "now": ""},
                "differences": [],
                "retires": [],
                "remarks": [],
            }
        ],
        "drift": [],
        "unchanged": 3,
        "otherProviders": {},
        "messages": [],
    }
