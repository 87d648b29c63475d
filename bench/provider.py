"""Measures what rules cost beside resources that do nothing, and prints each figure beside its limit.

Usage: python bench/provider.py [--rounds N] [--rules N] [--engine local|pulumi]

With the real engine, `pulumi`, on PATH, it deploys with that: the limits of ratios are about it. Whoever is compared takes
turns, round by round, and medians are printed, so that whatever else the machine does meets both. Nothing is asserted. Beside
each ratio of times on the clock stands that of processor times, of all processes that a command starts: on a busy machine
the first says little.

The sources are compiled first, as pip does for whoever installs them: without, each process would compile them anew where
PYTHONDONTWRITEBYTECODE is set.
"""

from __future__ import annotations

import argparse
import compileall
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx

import pulumi_snowplow_signals
from signals_local.emulator import Emulator

PROGRAM = Path(__file__).parent / "program"
LATENCY = 0.05
AT_ONCE = 4
"""So many calls Pulumi has a dynamic provider answer at once."""

LIMITS: Mapping[str, float] = {"create": 1.15, "no change": 1.10, "change": 1.15, "refresh": 1.12}
"""How many times as long as resources that do nothing."""


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rules", type=int, default=100)
    parser.add_argument("--engine", choices=("local", "pulumi"))
    options = parser.parse_args()
    engine = options.engine or ("pulumi" if shutil.which("pulumi") else "local")
    _compile()
    _alone(options.rounds)
    with tempfile.TemporaryDirectory() as directory, _emulator() as (emulator, process):
        _beside_nothing(Path(directory), engine, emulator, process, options)
        _at_a_distance(Path(directory), engine, emulator, options)
    if engine == "local":
        _say(
            "left out: the real engine, `pulumi`, is not on PATH; the limits of ratios and of latency are about it"
        )
    return 0


def _compile() -> None:
    for place in (Path(pulumi_snowplow_signals.__file__).parent, PROGRAM):
        compileall.compile_dir(place, quiet=1)


# Without an engine

_DECLARE = """
import os, time, runpy, pulumi
os.environ.update(COUNT="{count}", VALUE="75", KIND={kind!r})
os.environ.update(SNOWPLOW_SIGNALS_API_URL="http://127.0.0.1:1", SNOWPLOW_SIGNALS_SANDBOX_TOKEN="t")
class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args): return args.name, args.inputs
    def call(self, args): return {{}}
class Engine:
    # No MockMonitor itself: beside one, resources compute what a deployment would answer.
    def __init__(self, answers): self._answers = answers
    def __getattr__(self, name): return getattr(self._answers, name)
pulumi.runtime.set_mocks(Mocks(), project="bench", stack="dev")
pulumi.runtime.settings.SETTINGS.monitor = Engine(pulumi.runtime.settings.get_monitor())
import {module}
@pulumi.runtime.test
def declare():
    runpy.run_path({program!r})
started = time.process_time()
declare()
print(time.process_time() - started)
"""
_REVIEWED = """
import time, httpx, json
from pulumi_snowplow_signals.api.client import SignalsClient
from pulumi_snowplow_signals.api.settings import resolve
from pulumi_snowplow_signals.lifecycle.lifecycle import INTERVENTIONS
from pulumi_snowplow_signals.lifecycle.run import Run
def news(number, value):
    criteria = {"all": [{"attribute": "shopping:cart_value", "operator": ">", "value": value + number},
                        {"attribute": "shopping:visits", "operator": ">=", "value": 3}]}
    return {"name": f"rule_{number}", "owner": "team@example.com", "criteria": criteria, "rule": "",
            "target_attribute_keys": ["domain_userid"], "__urn": f"urn:pulumi:dev::bench::rule::rule_{number}"}
stored = [{**{name: value for name, value in news(number, 75).items() if name not in ("rule", "__urn")},
           "target_attribute_keys": [{"name": "domain_userid"}], "version": 1, "is_published": True} for number in range(1000)]
group = {"name": "shopping", "version": 1, "is_published": True, "attribute_key": {"name": "domain_userid"},
         "attributes": [{"name": "cart_value", "type": "double"}, {"name": "visits", "type": "int32"}]}
answers = {"interventions": stored, "attribute_groups": [group], "attribute_keys": [{"name": "domain_userid"}]}
def answer(request):
    kind = request.url.path.rstrip("/").rpartition("/")[2]
    return httpx.Response(200, json=answers[kind]) if kind in answers else httpx.Response(404, json={"detail": "none"})
settings = resolve({"apiUrl": "http://127.0.0.1:1", "sandboxToken": "t", "review": "local"}.get, {})
local = Run(settings, lambda: None, lambda *_: None)
olds = [INTERVENTIONS.check(local, {}, news(number, 75)).inputs for number in range(1000)]
settings = resolve({"apiUrl": "http://127.0.0.1:1", "sandboxToken": "t"}.get, {})
said = []
run = Run(settings, lambda: SignalsClient(settings, transport=httpx.MockTransport(answer)), lambda *remarks: said.extend(remarks))
started = time.process_time()
for number, old in enumerate(olds):
    checked = INTERVENTIONS.check(run, old, news(number, 80))
    assert not checked.faults, checked.faults
    assert INTERVENTIONS.diff(old, checked.inputs).changes
print(time.process_time() - started)
assert not any(remark.severity == "warning" for remark in said), said[:3]
"""
_PROVIDE = """
import time
from pulumi.dynamic import Config, ConfigureRequest
from pulumi_snowplow_signals.dynamic import RuleInterventionProvider
provider = RuleInterventionProvider()
given = {"signals:apiUrl": "http://127.0.0.1:1", "signals:sandboxToken": "t", "signals:review": "local"}
provider.configure(ConfigureRequest(Config(given, "bench")))
def news(number, value):
    criteria = {"all": [{"attribute": "shopping:cart_value", "operator": ">", "value": value + number},
                        {"attribute": "shopping:visits", "operator": ">=", "value": 3.0}]}
    return {"name": f"rule_{number}", "owner": "team@example.com", "criteria": criteria, "rule": "",
            "target_attribute_keys": ["domain_userid"], "__urn": f"urn:pulumi:dev::bench::rule::rule_{number}"}
olds = [provider.check({}, news(number, 75.0)).inputs for number in range(1000)]
started = time.process_time()
for number, old in enumerate(olds):
    checked = provider.check(old, news(number, 80.0))
    assert not checked.failures, checked.failures
    assert provider.diff(old["name"], old, checked.inputs).changes
print(time.process_time() - started)
"""


def _alone(rounds: int) -> None:
    ours, resource_alone, parsing, library, pulumis = _medians(
        rounds,
        [
            lambda: _processor_time_of("import pulumi, pulumi_snowplow_signals"),
            lambda: _processor_time_of(_ONE_RESOURCE),
            lambda: _processor_time_of(_ONE_RESOURCE + _JUDGED),
            lambda: _processor_time_of(f"import pulumi; {_ONE_MODEL}"),
            lambda: _processor_time_of("import pulumi"),
        ],
    )
    _tell("`import pulumi_snowplow_signals`, times `import pulumi`", ours / pulumis, 1.1)
    _tell("the same with the names of a rule", resource_alone / pulumis, None)
    _tell(
        f"the same with the first declaration ({library / pulumis:.2f} is pydantic with one model of one field)",
        parsing / pulumis, 1.3,
    )  # fmt: skip

    def declare(kind: str, module: str, count: int) -> Callable[[], float]:
        program = str(PROGRAM / "__main__.py")
        return lambda: _python(_DECLARE.format(kind=kind, module=module, program=program, count=count))

    rules, rule, nothing, none = _medians(
        rounds,
        [
            declare(kind, module, count)
            for kind, module in (("rules", "pulumi_snowplow_signals"), ("nothing", "nothing"))
            for count in (101, 1)
        ],
    )
    beside = rules - rule - (nothing - none)
    _tell("100 more rules in the program beside plain resources, seconds of processor time", beside, 0.05)
    changed, reviewed = _medians(rounds, [lambda: _python(_PROVIDE), lambda: _python(_REVIEWED)])
    _tell("check, diff and remarks of 1,000 changed rules, seconds of processor time", changed, 2.0)
    _tell("the same, reviewed against a registry that holds them", reviewed, 2.0)


_ONE_RESOURCE = "import pulumi; from pulumi_snowplow_signals import RuleIntervention, attribute"
_JUDGED = """
criteria = {"attribute": "shopping:cart_value", "operator": ">", "value": 75}
assert not [*RuleIntervention._shape.faults({"name": "rule", "owner": "team@example.com", "criteria": criteria})]
"""
_ONE_MODEL = "from pydantic import create_model; create_model('A', x=(int, 1))()"


def _processor_time_of(program: str) -> float:
    before = _children()
    subprocess.run([sys.executable, "-c", program], check=True)
    return _children() - before


def _python(program: str) -> float:
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(PROGRAM)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr[-3000:])
    return float(done.stdout.split()[-1])


# With an engine


class Taken(NamedTuple):
    """What a command took: seconds on the clock, and of processor time in all of its processes."""

    seconds: float
    processor: float


class Project:
    """A program of one kind, and a stack of its own."""

    def __init__(self, directory: Path, engine: str, kind: str, emulator: Emulator, rules: int) -> None:
        self._directory = directory
        shutil.copytree(PROGRAM, directory, ignore=shutil.ignore_patterns("__pycache__"))
        self._command = (
            ["pulumi", "--non-interactive"]
            if engine == "pulumi"
            else [sys.executable, "-m", "signals_local.cli"]
        )
        backend = directory / "backend"
        backend.mkdir()
        self._environment = {
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("PULUMI_", "SNOWPLOW_"))
            },
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PULUMI_HOME": str(directory / "home"),
            "PULUMI_BACKEND_URL": backend.as_uri(),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_CONFIG_PASSPHRASE": "for-the-bench",
            "SNOWPLOW_SIGNALS_API_URL": emulator.url,
            "SNOWPLOW_SIGNALS_SANDBOX_TOKEN": emulator.token,
            "KIND": kind,
            "COUNT": str(rules),
            "VALUE": "75",
        }
        if engine == "pulumi":
            self._call("stack", "init", "dev")

    def take(self, command: str, value: int) -> Taken:
        """Carry out a command; return what it took."""
        self._environment["VALUE"] = str(value)
        options = [] if command == "preview" else ["--yes", "--skip-preview"]
        started, before = time.monotonic(), _children()
        self._call(command, *options)
        return Taken(time.monotonic() - started, _children() - before)

    def _call(self, *arguments: str) -> None:
        done = subprocess.run(
            [*self._command, *arguments],
            cwd=self._directory,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"{' '.join(arguments)}: {done.stdout[-3000:]}")


_COMMANDS: Mapping[str, tuple[str, int]] = {
    "create": ("up", 75), "no change": ("preview", 75), "change": ("up", 80), "refresh": ("refresh", 80),
}  # fmt: skip


def _beside_nothing(
    directory: Path, engine: str, emulator: Emulator, process: int, options: argparse.Namespace
) -> None:
    taken: dict[tuple[str, str], list[Taken]] = {}
    served: dict[str, list[float]] = {}
    for number in range(options.rounds):
        _empty(emulator)
        projects = {
            kind: Project(directory / f"{kind}-{number}", engine, kind, emulator, options.rules)
            for kind in ("rules", "nothing")
        }
        for what, (command, value) in _COMMANDS.items():
            for kind, project in projects.items():
                before = _processor_time(process)
                taken.setdefault((what, kind), []).append(project.take(command, value))
                if kind == "rules":
                    served.setdefault(what, []).append(_processor_time(process) - before)
    for what, limit in LIMITS.items():
        (ours, ours_cpu), (nothing, nothing_cpu) = (
            map(statistics.median, zip(*taken[what, kind], strict=True)) for kind in ("rules", "nothing")
        )
        emulated = statistics.median(served[what])
        _tell(
            f"{what}, {options.rules} rules on the {engine} engine, times resources that do nothing"
            f" ({ours:.2f} s and {nothing:.2f} s; the emulator's processor time is {emulated:.2f} s)",
            ours / nothing,
            limit if engine == "pulumi" else None,
        )
        _tell(f"… in processor time ({ours_cpu:.2f} s and {nothing_cpu:.2f} s)", ours_cpu / nothing_cpu, None)


def _at_a_distance(directory: Path, engine: str, emulator: Emulator, options: argparse.Namespace) -> None:
    """Create at 50 ms a request, beside the official client's `publish` of the same rules."""
    requests = {True: 0, False: 0}

    def in_use() -> float:
        """Where the registry's list shows a draft, and so that a name which it lacks is free."""
        return ours(drafts=True)

    def ours(*, drafts: bool = False) -> float:
        project = Project(directory / f"far-{time.monotonic_ns()}", engine, "rules", emulator, options.rules)
        _empty(emulator)
        if drafts:
            _draft(emulator)
        mark = emulator.mark()
        emulator.fail(latency=LATENCY, count=None)
        seconds = project.take("up", 75).seconds
        requests[drafts] = len(emulator.requests(since=mark))
        return seconds

    def nothing() -> float:
        project = Project(
            directory / f"none-{time.monotonic_ns()}", engine, "nothing", emulator, options.rules
        )
        return project.take("up", 75).seconds

    def official() -> float:
        _empty(emulator)
        emulator.fail(latency=LATENCY, count=None)
        return _python(_PUBLISH.format(url=emulator.url, token=emulator.token, rules=options.rules))

    try:
        import snowplow_signals  # noqa: F401
    except ImportError:
        _say("left out: the official client, which asks for Python 3.11, is not installed")
        taken, known, idle = _medians(options.rounds, [ours, in_use, nothing])
    else:
        taken, known, idle, published = _medians(options.rounds, [ours, in_use, nothing, official])
        _tell(
            f"the official client's publish at 50 ms, times ours ({published:.2f} s and {taken:.2f} s)",
            published / taken, 1.7, at_least=True,
        )  # fmt: skip
    # Pulumi checks one resource at a time, so that looks by name wait for each other; creations do not.
    for what, seconds, asked in (
        ("", taken, requests[False]),
        (" where the list shows a draft", known, requests[True]),
    ):
        bound = idle + 1.4 * asked * LATENCY / AT_ONCE
        _tell(
            f"create at 50 ms{what}, {asked} requests, seconds; {idle:.2f} of them Pulumi's own",
            seconds,
            bound if engine == "pulumi" else None,
        )


_PUBLISH = """
import time
from snowplow_signals import InterventionCriteriaAll, InterventionCriterion, LinkAttributeKey, RuleIntervention, SignalsSandbox
signals = SignalsSandbox(api_url={url!r}, sandbox_token={token!r})
rules = [RuleIntervention(
    name=f"rule_{{number}}", version=1, owner="team@example.com", target_attribute_keys=[LinkAttributeKey(name="domain_userid")],
    criteria=InterventionCriteriaAll(all=[
        InterventionCriterion(attribute="shopping:cart_value", operator=">", value=75.0 + number),
        InterventionCriterion(attribute="shopping:visits", operator=">=", value=3),
    ])) for number in range({rules})]
started = time.monotonic()
signals.publish(rules)
print(time.monotonic() - started)
"""


@contextmanager
def _emulator() -> Iterator[tuple[Emulator, int]]:
    """Run an emulator in a process of its own, so that its time can be told apart."""
    with subprocess.Popen(
        [sys.executable, "-m", "signals_local.cli", "api", "--port", "0"], stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None  # noqa: S101  # it was asked for
        url = next(word for word in running.stdout.readline().split() if word.startswith("http://"))
        try:
            with Emulator(url.rstrip("/.,")) as emulator:
                yield emulator, running.pid
        finally:
            running.terminate()


def _empty(emulator: Emulator) -> None:
    emulator.reset()
    emulator.publish_group("shopping", {"cart_value": "double", "visits": "int32"})


def _draft(emulator: Emulator) -> None:
    body = {
        "name": "draft", "version": 1, "owner": "team@example.com", "is_published": False,
        "target_attribute_keys": [{"name": "domain_userid"}],
        "criteria": {"attribute": "shopping:visits", "operator": ">", "value": 1},
    }  # fmt: skip
    httpx.post(
        f"{emulator.url}/api/v1/registry/interventions/",
        json=body,
        headers={"Authorization": f"Bearer {emulator.token}"},
    ).raise_for_status()


def _processor_time(process: int) -> float:
    """Return the seconds of processor time that a process has had; NaN where the system does not tell."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _children() -> float:
    """Return the seconds of processor time of all processes that have ended and been waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _medians(rounds: int, measured: Sequence[Callable[[], float]]) -> list[float]:
    taken = [[measure() for measure in measured] for _ in range(rounds)]
    return [statistics.median(each) for each in zip(*taken, strict=True)]


def _tell(what: str, figure: float, limit: float | None, *, at_least: bool = False) -> None:
    if limit is None:
        _say(f"{figure:8.2f}                 {what}")
        return
    held = figure >= limit if at_least else figure <= limit
    _say(f"{figure:8.2f}  {'at least' if at_least else 'limit'} {limit:5.2f} {'  ' if held else '! '} {what}")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
