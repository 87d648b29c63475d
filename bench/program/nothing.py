"""A dynamic provider that does nothing, with the inputs and the log lines of a rule: what Pulumi itself costs."""

from __future__ import annotations

from typing import Any

from pulumi.dynamic import (
    CheckResult,
    CreateResult,
    DiffResult,
    ReadResult,
    Resource,
    ResourceProvider,
    UpdateResult,
)


class Nothing(ResourceProvider):
    """Keeps its inputs, and says a line for each change."""

    serialize_as_secret_always = False

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        if _olds.get("criteria") != news["criteria"]:
            self._say(news)
        return CheckResult({**news, "rule": str(news["criteria"])}, [])

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        return DiffResult(changes=_olds["criteria"] != _news["criteria"])

    def create(self, props: dict[str, Any]) -> CreateResult:
        return CreateResult(props["name"], props)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        return ReadResult(id_, {**props}, {**props})

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        return UpdateResult(_news)

    @staticmethod
    def _say(news: dict[str, Any]) -> None:
        # The line is sent as the rules' are; what is compared is all the rest.
        from pulumi_snowplow_signals.engine_log import say
        from pulumi_snowplow_signals.fields.remarks import Remark

        say(
            Remark(
                "info",
                f"{news['name']} v1 goes live: {news['criteria']}; sent to domain_userid",
                news["__urn"],
            )
        )


class NothingAtAll(Resource, module="bench", name="NothingAtAll"):
    """A resource of that provider."""

    def __init__(self, name: str, inputs: dict[str, Any]) -> None:
        super().__init__(Nothing(), name, inputs)
