"""The child of an attribute group that represents its live version and retires older ones once their users have moved.

A new version of a group is an update in place, since services and payloads still pin the previous one. Pulumi updates them
after the group and makes no further call to the group. But it deletes the old half of a replacement at the very end of a run.
So the group has a child that is replaced when the version changes, and whose delete withdraws the previous version. It sends
nothing else. Seen on Pulumi 3.260, also with a protected group, and in the run after one that died before the delete.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from pulumi_snowplow_signals.api.models import D
from pulumi_snowplow_signals.errors import ApiError, Incomplete, Rejected
from pulumi_snowplow_signals.fields.hidden_inputs import HISTORY, URN
from pulumi_snowplow_signals.fields.remarks import Remark
from pulumi_snowplow_signals.fields.unknown import UNKNOWN, has_unknown
from pulumi_snowplow_signals.kinds.attribute_group import AttributeGroup
from pulumi_snowplow_signals.lifecycle.check import Checked
from pulumi_snowplow_signals.lifecycle.lifecycle import Difference
from pulumi_snowplow_signals.lifecycle.lists import Lists
from pulumi_snowplow_signals.lifecycle.program import Succession
from pulumi_snowplow_signals.lifecycle.run import Run
from pulumi_snowplow_signals.lifecycle.users import describe_users, find_users
from pulumi_snowplow_signals.wording.wording import Wording

RETIRES: Final = "__retires"
"""The hidden input that names the older versions to withdraw in this run."""
_AGAIN: Final = "Run `pulumi up` again: it resumes where it stopped."


@dataclass(frozen=True)
class LiveVersions:
    """The lifecycle of the child. Its inputs are the name and the version of its group."""

    outputs_only: ClassVar[frozenset[str]] = frozenset()

    def check(self, run: Run, prior_inputs: Mapping[str, Any], inputs: Mapping[str, Any]) -> Checked:  # noqa: ARG002  # the engine has the history
        """Return the inputs, with the older versions to withdraw in this run."""
        group, version = inputs.get("group"), inputs.get("version")
        succession = run.program.succession(AttributeGroup.label, group) if isinstance(group, str) else None
        retires: Any = UNKNOWN if has_unknown([group, version]) else []
        if succession is not None:
            retires = sorted(succession.due)
        computed = {RETIRES: retires, HISTORY: {"registry": run.settings.registry}}
        return Checked({**inputs, **computed})

    def diff(self, prior: Mapping[str, Any], proposed: Mapping[str, Any]) -> Difference:
        """Return a replacement if there is something to retire, so that the engine deletes the old half last."""
        replaces = [name for name in ("group", "version") if prior.get(name) != proposed.get(name)]
        if proposed.get(RETIRES):
            replaces.append(RETIRES)
        changes = bool(replaces) or prior.get(HISTORY) != proposed.get(HISTORY)
        return Difference(changes, tuple(replaces))

    def create(self, run: Run, inputs: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:  # noqa: ARG002  # nothing is sent
        """Return the id and the outputs; send nothing."""
        return str(inputs["group"]), dict(inputs)

    def read(self, run: Run, name: str, recorded: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002  # there is nothing to ask for
        """Return the recorded outputs."""
        return dict(recorded)

    def update(self, run: Run, prior: Mapping[str, Any], proposed: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002  # nothing is sent
        """Return the outputs; send nothing."""
        return dict(proposed)

    def delete(self, run: Run, name: str, recorded: Mapping[str, Any]) -> None:
        """Withdraw the older versions of the group that nothing uses any more.

        Do so only if the program of this run declares the group. If not, the group's own delete takes care of them.

        Raises:
            UserFault: The stack's records are about another registry.
            Incomplete: The service failed or refused; the next run resumes.
        """
        succession = run.program.succession(AttributeGroup.label, name)
        if succession is None:
            return
        history = recorded.get(HISTORY)
        if isinstance(history, Mapping):
            run.check_address(str(history.get("registry")), name)
        urn = recorded.get(URN)
        # A child of an older version is deleted because it was replaced, so every older version may be due.
        is_current = recorded.get("version") == succession.version
        numbers = sorted(succession.due if is_current else succession.older)
        try:
            for remark in _retire_all(run, name, succession, numbers):
                run.say(Remark(remark.severity, remark.text, urn if isinstance(urn, str) else None))
        except ApiError as failure:
            raise Incomplete(run.explain(failure, Wording.of().failure(failure), _AGAIN)) from None


def _retire_all(run: Run, name: str, succession: Succession, numbers: Sequence[int]) -> Iterator[Remark]:
    """Withdraw versions of a group. Yield the remarks that check has not shown. Raise ApiError."""
    if numbers and succession.published and not _is_live(run.late_lists(), name, succession.version):
        # `--continue-on-error` deletes old halves after a failure, here that of the version that replaces these.
        older = " and ".join(f"v{number}" for number in numbers)
        text = f"{name}: v{succession.version} is not live, so {older} will be withdrawn by a later run"
        yield Remark("warning", text)
        return
    for number in numbers:
        remark = retire(run, AttributeGroup, name, number)
        is_told = succession.is_announced and number in succession.due
        if remark.severity == "warning" or not is_told:
            yield remark


def _is_live(lists: Lists, name: str, number: int) -> bool:
    """Return whether a version of a group is live. Fetch the version if the list does not say. Raise ApiError."""
    shown = {each.version: each.is_published for each in lists.groups() if each.name == name}
    if shown.get(number) is None:
        stored = lists.ask(AttributeGroup, name, number)
        return stored is not None and bool(stored.is_published)
    return bool(shown[number])


def retire(run: Run, kind: type[D], name: str, number: int) -> Remark:
    """Withdraw a version unless something uses it now. Return the remark to show. Raise ApiError."""
    users = find_users(run.late_lists(), kind.label, name, number, drafts=True)
    if users:
        return Remark(
            "warning",
            f"{name}: v{number} stays live, since it is used by {describe_users(users)}. The next run that finds no users withdraws it",
        )
    try:
        run.registry(kind).withdraw(name, number)
    except Rejected as refused:
        # Used by something that this run cannot see: not every registry may list its services.
        return Remark(
            "warning",
            f"{name}: v{number} stays live: {Wording.of().failure(refused)}. A later run tries again",
        )
    return Remark("info", f"{name}: v{number} is withdrawn, since nothing uses it any more")
