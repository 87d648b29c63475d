"""Read every resource of a stack, and update the state to what was found."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from signals_local.engine.errors import EngineError
from signals_local.engine.model import Resource
from signals_local.engine.report import Report
from signals_local.engine.steps import Steps
from signals_local.engine.targets import Targets


def refresh(steps: Steps, report: Report, targets: Targets) -> None:
    """Read every targeted resource. Resources that are gone leave the state, together with references to them."""

    def one(resource: Resource) -> None:
        try:
            steps.refresh(resource)
        except EngineError as fault:
            report.blame(fault, resource.urn)

    for text in targets.unmatched(steps.known_urns()):
        report.say("error", f"--target {text}: there is no such resource in the stack")
    chosen = [found for found in steps.olds() if targets.includes(found)]
    with ThreadPoolExecutor(max_workers=8, thread_name_prefix="refresh") as pool:
        list(pool.map(one, chosen))
    steps.forget_references()
