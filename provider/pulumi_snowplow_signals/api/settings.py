"""The settings of a stack: its registry, its credentials, and its defaults.

Settings come from the stack's config (namespace `signals`) and from environment variables. The environment takes precedence
for the four credentials, the config for everything else: Pulumi configures `refresh` and `destroy` with the config that the
last `up` stored in state, so a rotated key can reach them only through the environment.

Importing this module reads nothing; `resolve` receives both sources.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, NoReturn, TypeAlias, cast

from pydantic import SecretStr

from pulumi_snowplow_signals.api.addresses import LOOPBACK, normalise_address, registry_of
from pulumi_snowplow_signals.errors import ConfigurationError
from pulumi_snowplow_signals.fields.faults import suggestion
from pulumi_snowplow_signals.fields.text import quoted

Review = Literal["remote", "local"]
Numbering = Literal["automatic", "explicit"]
OnDestroy = Literal["unpublish", "delete", "retain"]

DEFAULT_CONSOLE_URL: Final = "https://console.snowplowanalytics.com"
"""Where the official client exchanges its credentials (`snowplow_signals.api_client`, 0.4.10)."""

DEFAULT_RETRY_SECONDS: Final = 50.0
"""An interrupted `pulumi up` waits for the calls in flight, so retries have to end within a minute."""

MOST_RETRY_SECONDS: Final = 600.0

_LONGEST_SHOWN: Final = 20
"""The longest invalid value that an error repeats. A longer one may be a key that was set under another name."""


class _NeverStored:
    """Keeps credentials out of pickles: Pulumi pickles whatever a dynamic provider holds into the stack's state."""

    def __reduce__(self) -> NoReturn:
        raise TypeError("credentials are never pickled: they would end up on a disk")


@dataclass(frozen=True)
class ConsoleCredentials(_NeverStored):
    """An API key of the Snowplow Console, which is exchanged for a token."""

    console_url: str
    organization_id: str
    api_key_id: str
    api_key: SecretStr
    advice: str = field(default="", compare=False)
    """Where the credentials came from and how to change them, for a user whose credentials are refused."""


@dataclass(frozen=True)
class SandboxToken(_NeverStored):
    """The fixed token of a Signals sandbox."""

    token: SecretStr
    advice: str = field(default="", compare=False)


Credentials: TypeAlias = ConsoleCredentials | SandboxToken


@dataclass(frozen=True)
class SignalsSettings:
    """The valid settings of a stack. Equal settings may share a client."""

    api_url: str
    """`scheme://host[:port]`, normalised."""
    credentials: Credentials
    review: Review = "remote"
    numbering: Numbering = "automatic"
    on_destroy: OnDestroy | None = None
    """None means: unpublish what the resource created, retain what it took over."""
    adopt: bool = False
    moved_from: str | None = None
    """The former address of the registry, which older resources of the stack still record; spelt as `registry` is."""
    retry_seconds: float = DEFAULT_RETRY_SECONDS
    """How long a request is retried before the run fails, in seconds; 0 turns retries off."""

    @property
    def registry(self) -> str:
        """The registry as state records it: its address, or "loopback" for any address of this machine."""
        return registry_of(self.api_url)


@dataclass(frozen=True)
class _Setting:
    key: str
    variable: str | None = None
    example: str = ""
    secret: bool = False
    environment_wins: bool = False

    @property
    def ways_to_set(self) -> str:
        value = (
            "--secret signals:" + self.key if self.secret else f"signals:{self.key} {self.example}".rstrip()
        )
        way = f"`pulumi config set {value}`"
        return f"{way} or the environment variable {self.variable}" if self.variable else way


_API_URL = _Setting("apiUrl", "SNOWPLOW_SIGNALS_API_URL", "https://<id>.signals.snowplowanalytics.com")
_CONSOLE_URL = _Setting("consoleUrl", "SNOWPLOW_CONSOLE_HOST", DEFAULT_CONSOLE_URL)
_ORGANIZATION_ID = _Setting("organizationId", "SNOWPLOW_CONSOLE_ORG_ID", "<id>", environment_wins=True)
_API_KEY_ID = _Setting("apiKeyId", "SNOWPLOW_CONSOLE_API_KEY_ID", "<id>", environment_wins=True)
_API_KEY = _Setting("apiKey", "SNOWPLOW_CONSOLE_API_KEY", secret=True, environment_wins=True)
_SANDBOX_TOKEN = _Setting(
    "sandboxToken", "SNOWPLOW_SIGNALS_SANDBOX_TOKEN", secret=True, environment_wins=True
)
_ALLOW_HTTP = _Setting("allowHttp", "SNOWPLOW_SIGNALS_ALLOW_HTTP", "true")
_REVIEW = _Setting("review", "SNOWPLOW_SIGNALS_REVIEW")
_NUMBERING = _Setting("numbering")
_ON_DESTROY = _Setting("onDestroy")
_ADOPT = _Setting("adopt")
_MOVED_FROM = _Setting("movedFrom")
_RETRY_SECONDS = _Setting("retrySeconds", "SNOWPLOW_SIGNALS_RETRY_SECONDS")

_CONSOLE = (_ORGANIZATION_ID, _API_KEY_ID, _API_KEY)
_ALL: Final = {
    setting.key: setting
    for setting in (
        _API_URL,
        *_CONSOLE,
        _CONSOLE_URL,
        _SANDBOX_TOKEN,
        _REVIEW,
        _NUMBERING,
        _ON_DESTROY,
        _ADOPT,
        _MOVED_FROM,
        _ALLOW_HTTP,
        _RETRY_SECONDS,
    )
}
_NEAR: Final = 0.85


def misspelt_keys(keys: Iterable[str]) -> dict[str, str]:
    """Return the setting that each misspelt key stands for, such as `onDestroy` for `onDestory` or `on_destroy`."""
    meant = {_normalise(key): key for key in _ALL}
    found = {
        key: difflib.get_close_matches(_normalise(key), meant, n=1, cutoff=_NEAR)
        for key in keys
        if key not in _ALL
    }
    return {key: meant[near[0]] for key, near in found.items() if near}


def misspelt_fault(key: str, meant: str) -> str:
    """Return the fault of a misspelt key."""
    return (
        f"signals:{key} is not a setting. Did you mean signals:{meant}? "
        f"Remove it with `pulumi config rm signals:{key}`, and set the right one with {_ALL[meant].ways_to_set}."
    )


def unknown_keys(keys: Iterable[str]) -> list[str]:
    """Return a warning for each key that is neither a setting nor a misspelt one."""
    keys = list(keys)
    misspelt = misspelt_keys(keys)
    return [
        f"signals:{key} is not a setting and has no effect. Settings are {', '.join(_ALL)}. "
        f"Remove it with `pulumi config rm signals:{key}`."
        for key in keys
        if key not in _ALL and key not in misspelt
    ]


def readable_credentials(keys: Iterable[str]) -> list[str]:
    """Return a warning for each secret setting among the keys that are in plain text in the stack's configuration."""
    return [
        f"signals:{key} is in plain text in the stack's configuration. Encrypt it with "
        f"`pulumi config set --secret signals:{key}`, or set the environment variable {_ALL[key].variable} instead."
        for key in keys
        if key in _ALL and _ALL[key].secret
    ]


def _normalise(key: str) -> str:
    return re.sub(r"[^a-z0-9]", "", key.lower())


def resolve(config: Callable[[str], str | None], environ: Mapping[str, str]) -> SignalsSettings:
    """Return the settings of a stack.

    Args:
        config: Returns the stack's value for a key of the namespace `signals`, such as `apiUrl`, or None.
        environ: The environment variables. An empty value counts as not set, in both sources.

    Raises:
        ConfigurationError: Settings are missing or invalid. It holds every fault, with the command or variable that fixes it.
    """
    source = _Source(config, environ)
    allow_http = source.switch(_ALLOW_HTTP)
    api_url = source.address(_API_URL, allow_http=allow_http)
    if source.find(_API_URL) is None:
        source.missing(_API_URL)
    console_url = source.address(_CONSOLE_URL, allow_http=allow_http) or DEFAULT_CONSOLE_URL
    credentials = _read_credentials(source, console_url)
    review = source.choice(_REVIEW, "remote", "local") or "remote"
    numbering = source.choice(_NUMBERING, "automatic", "explicit") or "automatic"
    on_destroy = source.choice(_ON_DESTROY, "unpublish", "delete", "retain")
    adopt = source.switch(_ADOPT)
    moved_from = source.registry(_MOVED_FROM)
    retry_seconds = source.seconds(_RETRY_SECONDS, DEFAULT_RETRY_SECONDS)
    if source.faults or api_url is None or credentials is None:
        raise ConfigurationError(*source.faults)
    return SignalsSettings(
        api_url=api_url,
        credentials=credentials,
        review=cast("Review", review),
        numbering=cast("Numbering", numbering),
        on_destroy=cast("OnDestroy | None", on_destroy),
        adopt=adopt,
        moved_from=moved_from,
        retry_seconds=retry_seconds,
    )


def _read_credentials(source: _Source, console_url: str) -> Credentials | None:
    """Return the credentials. A stack has exactly one kind of them."""
    token = source.credential(_SANDBOX_TOKEN)
    console = {setting: source.credential(setting) for setting in _CONSOLE}
    given = [setting for setting, value in console.items() if value is not None]
    if token is not None and given:
        source.faults.append(
            f"Both a sandbox token ({source.origin(_SANDBOX_TOKEN)}) and Console credentials "
            f"({', '.join(source.origin(setting) for setting in given)}) are set. Keep one kind and remove the other: "
            "from config with `pulumi config rm`, from the environment with `unset`."
        )
        return None
    if token is not None:
        return SandboxToken(token=SecretStr(token), advice=_build_advice(source, (_SANDBOX_TOKEN,)))
    if not given:
        source.faults.append(
            "There are no credentials. For a Snowplow account: "
            + "; ".join(setting.ways_to_set for setting in _CONSOLE)
            + f". For a sandbox or a local emulator: {_SANDBOX_TOKEN.ways_to_set}."
        )
        return None
    for setting in _CONSOLE:
        if setting not in given:
            source.missing(setting)
    organization_id, api_key_id, api_key = console.values()
    if organization_id and not re.fullmatch(r"[A-Za-z0-9-]+", organization_id):
        source.fault(_ORGANIZATION_ID, "is not a valid organization ID: use letters, digits and hyphens")
    if not (organization_id and api_key_id and api_key):
        return None
    return ConsoleCredentials(
        console_url=console_url,
        organization_id=organization_id,
        api_key_id=api_key_id,
        api_key=SecretStr(api_key),
        advice=_build_advice(source, _CONSOLE),
    )


def _build_advice(source: _Source, settings: tuple[_Setting, ...]) -> str:
    """Return the advice for a user whose credentials are refused: where they came from, and what to do."""
    used = ", ".join(source.origin(setting) for setting in settings)
    secret = settings[-1]
    return (
        f"They came from {used}. Check them; set a new one with {secret.ways_to_set}, which takes precedence. "
        "`pulumi refresh` and `pulumi destroy` run with the config of the last `up`: "
        f"after a rotation, set the environment variable{'s' if len(settings) > 1 else ''} or add `--run-program`."
    )


class _Source:
    """Looks up each setting in config and environment, and collects the faults."""

    def __init__(self, config: Callable[[str], str | None], environ: Mapping[str, str]) -> None:
        self._config = config
        self._environ = environ
        self.faults: list[str] = []

    def find(self, setting: _Setting) -> str | None:
        return self._look_up(setting)[0]

    def origin(self, setting: _Setting) -> str:
        """Return where the setting's value came from."""
        return self._look_up(setting)[1]

    def _look_up(self, setting: _Setting) -> tuple[str | None, str]:
        in_config = (self._config(setting.key) or "").strip()
        in_environment = (self._environ.get(setting.variable or "") or "").strip()
        if in_environment and (setting.environment_wins or not in_config):
            return in_environment, f"the environment variable {setting.variable}"
        return in_config or None, f"signals:{setting.key}"

    def fault(self, setting: _Setting, reason: str, hint: str = "") -> None:
        origin = self.origin(setting)
        self.faults.append(
            f"{origin[0].upper() if origin.startswith('the ') else origin[0]}{origin[1:]} {reason}.{hint}"
        )

    def missing(self, setting: _Setting) -> None:
        self.faults.append(f"signals:{setting.key} is missing: set it with {setting.ways_to_set}.")

    def credential(self, setting: _Setting) -> str | None:
        value = self.find(setting)
        # A header cannot carry anything else, and the HTTP library's error would quote it.
        if value is not None and not re.fullmatch(r"[\x21-\x7e]+", value):
            self.fault(setting, "contains a space, a line break or a non-ASCII character: copy it again")
        return value

    def address(self, setting: _Setting, *, allow_http: bool) -> str | None:
        value = self.find(setting)
        if value is None:
            return None
        try:
            return normalise_address(value, allow_http=allow_http)
        except ValueError as wrong:
            self.fault(setting, str(wrong))
            return None

    def registry(self, setting: _Setting) -> str | None:
        """Return a registry as state records it; "loopback" is allowed, since our messages show it."""
        if self.find(setting) == LOOPBACK:
            return LOOPBACK
        address = self.address(setting, allow_http=True)  # nothing is sent there
        return None if address is None else registry_of(address)

    def choice(self, setting: _Setting, *allowed: str) -> str | None:
        value = self.find(setting)
        if value is not None and value not in allowed:
            words = " or ".join(f'"{word}"' for word in allowed)
            self.not_allowed(setting, f"use {words}", allowed)
        return value

    def switch(self, setting: _Setting) -> bool:
        value = (self.find(setting) or "false").lower()
        if value not in {"true", "false"}:
            self.not_allowed(setting, "use true or false", ("true", "false"))
        return value == "true"

    def seconds(self, setting: _Setting, default: float) -> float:
        value = self.find(setting)
        if value is None:
            return default
        # Python also accepts non-ASCII digits, 1_0 and 1e1, which nobody means.
        seconds = float(value) if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", value) else math.inf
        if seconds > MOST_RETRY_SECONDS:
            self.not_allowed(
                setting, f"use a number of seconds from 0 to {MOST_RETRY_SECONDS:.0f}, such as 7.5"
            )
        return seconds

    def not_allowed(self, setting: _Setting, rule: str, words: Collection[str] = ()) -> None:
        """Note that a value is not allowed, and suggest a similar one that is."""
        value = self.find(setting) or ""
        near = suggestion(value, words) if len(value) <= _LONGEST_SHOWN else ""
        self.fault(setting, f"is {self._shown(value)}: {rule}", near)

    def _shown(self, value: str) -> str:
        """Return a value in quotes, unless it may be a credential that was set under another name."""
        if len(value) > _LONGEST_SHOWN or value in map(self.find, (*_CONSOLE, _SANDBOX_TOKEN)):
            return f"a value of {len(value)} characters"
        return quoted(value)
