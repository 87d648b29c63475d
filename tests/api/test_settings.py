"""Settings: which place wins, which values are taken, and what a user is told about the others."""

import pickle

import pytest

from pulumi_snowplow_signals.api import settings as settings_module
from pulumi_snowplow_signals.api.settings import (
    DEFAULT_CONSOLE_URL,
    DEFAULT_RETRY_SECONDS,
    ConsoleCredentials,
    SandboxToken,
    resolve,
)
from pulumi_snowplow_signals.errors import ConfigurationError, UserFault

URL = {"apiUrl": "https://demo.signals.example.com"}
SANDBOX = {**URL, "sandboxToken": "token-in-config"}
CONSOLE = {**URL, "organizationId": "org-in-config", "apiKeyId": "id-in-config", "apiKey": "key-in-config"}
CONSOLE_ENVIRONMENT = {
    "SNOWPLOW_CONSOLE_ORG_ID": "org-in-env",
    "SNOWPLOW_CONSOLE_API_KEY_ID": "id-in-env",
    "SNOWPLOW_CONSOLE_API_KEY": "key-in-env",
}


def faults_of(config, environ=()):
    with pytest.raises(ConfigurationError) as refused:
        resolve(config.get, dict(environ))
    return refused.value.faults


def test_defaults():
    """With an address and a token, everything else has the documented default."""
    settings = resolve(SANDBOX.get, {})
    assert (settings.review, settings.numbering, settings.on_destroy) == ("remote", "automatic", None)
    assert (settings.adopt, settings.moved_from) == (False, None)
    assert settings.retry_seconds == DEFAULT_RETRY_SECONDS


def test_every_setting_is_read():
    """No setting that the module declares is left out of what is resolved."""
    known = {
        each.key for each in vars(settings_module).values() if isinstance(each, settings_module._Setting)
    }
    asked = set()
    resolve(lambda key: asked.add(key) or SANDBOX.get(key), {})
    assert asked == known


def test_everything_from_config():
    """A stack's config can say it all."""
    settings = resolve(
        {
            **CONSOLE,
            "consoleUrl": "https://next.console.example.com/",
            "review": "local",
            "numbering": "explicit",
            "onDestroy": "retain",
            "adopt": "true",
            "movedFrom": "https://OLD.example.com/",
            "retrySeconds": "0",
        }.get,
        {},
    )
    assert isinstance(settings.credentials, ConsoleCredentials)
    assert settings.credentials.console_url == "https://next.console.example.com"
    assert settings.credentials.organization_id == "org-in-config"
    assert settings.credentials.api_key_id == "id-in-config"
    assert settings.credentials.api_key.get_secret_value() == "key-in-config"
    assert (settings.review, settings.numbering, settings.on_destroy) == ("local", "explicit", "retain")
    assert (settings.adopt, settings.moved_from, settings.retry_seconds) == (
        True,
        "https://old.example.com",
        0.0,
    )


def test_everything_from_the_environment():
    """A stack without config runs from the environment."""
    environ = {
        **CONSOLE_ENVIRONMENT,
        "SNOWPLOW_SIGNALS_API_URL": "http://signals.internal",
        "SNOWPLOW_SIGNALS_ALLOW_HTTP": "True",
        "SNOWPLOW_CONSOLE_HOST": "https://other.console.example.com",
        "SNOWPLOW_SIGNALS_REVIEW": "local",
        "SNOWPLOW_SIGNALS_RETRY_SECONDS": "2.5",
    }
    settings = resolve({}.get, environ)
    assert settings.api_url == "http://signals.internal"
    assert isinstance(settings.credentials, ConsoleCredentials)
    assert settings.credentials.console_url == "https://other.console.example.com"
    assert settings.credentials.api_key.get_secret_value() == "key-in-env"
    assert (settings.review, settings.retry_seconds) == ("local", 2.5)


def test_credentials_in_the_environment_win():
    """A rotated key reaches refresh and destroy, which run with the config of the last up."""
    credentials = resolve(CONSOLE.get, CONSOLE_ENVIRONMENT).credentials
    assert isinstance(credentials, ConsoleCredentials)
    assert credentials.organization_id == "org-in-env"
    assert credentials.api_key_id == "id-in-env"
    assert credentials.api_key.get_secret_value() == "key-in-env"


def test_a_sandbox_token_in_the_environment_wins():
    """The sandbox token is a credential like the others."""
    credentials = resolve(SANDBOX.get, {"SNOWPLOW_SIGNALS_SANDBOX_TOKEN": "token-in-env"}).credentials
    assert isinstance(credentials, SandboxToken)
    assert credentials.token.get_secret_value() == "token-in-env"


def test_config_wins_for_the_rest():
    """A variable left over in a shell does not turn a stack to another registry."""
    environ = {"SNOWPLOW_SIGNALS_API_URL": "https://left.over", "SNOWPLOW_SIGNALS_REVIEW": "local"}
    settings = resolve({**SANDBOX, "review": "remote"}.get, environ)
    assert (settings.api_url, settings.review) == (URL["apiUrl"], "remote")


def test_empty_is_absent():
    """An empty value, as continuous integration sets for a secret it lacks, hides no value of the other place."""
    environ = {"SNOWPLOW_SIGNALS_SANDBOX_TOKEN": "", "SNOWPLOW_SIGNALS_API_URL": URL["apiUrl"]}
    settings = resolve({"apiUrl": " ", "sandboxToken": "token\n"}.get, environ)
    assert settings.api_url == URL["apiUrl"]
    assert isinstance(settings.credentials, SandboxToken)
    assert settings.credentials.token.get_secret_value() == "token"


def test_nothing_set():
    """Whoever starts with nothing is told every command at once."""
    faults = faults_of({})
    assert len(faults) == 2
    assert "`pulumi config set signals:apiUrl https://" in faults[0]
    assert "SNOWPLOW_SIGNALS_API_URL" in faults[0]
    for words in (
        "`pulumi config set signals:organizationId <id>`",
        "`pulumi config set signals:apiKeyId <id>`",
        "`pulumi config set --secret signals:apiKey`",
        "`pulumi config set --secret signals:sandboxToken`",
        "SNOWPLOW_CONSOLE_ORG_ID",
        "SNOWPLOW_CONSOLE_API_KEY_ID",
        "SNOWPLOW_CONSOLE_API_KEY",
        "SNOWPLOW_SIGNALS_SANDBOX_TOKEN",
    ):
        assert words in faults[1]


@pytest.mark.parametrize(
    ("config", "environ", "said"),
    [
        pytest.param(
            {**URL, "organizationId": "o", "apiKeyId": "i"},
            {},
            [
                (
                    "signals:apiKey is missing: set it with `pulumi config set --secret signals:apiKey` or the "
                    "environment variable SNOWPLOW_CONSOLE_API_KEY."
                )
            ],
            id="an API key is missing",
        ),
        pytest.param(
            {**URL, "apiKey": "k"},
            {},
            ["signals:organizationId is missing", "signals:apiKeyId is missing"],
            id="only an API key",
        ),
        pytest.param(
            SANDBOX,
            {"SNOWPLOW_CONSOLE_API_KEY": "k"},
            [
                (
                    "Both a sandbox token (signals:sandboxToken) and Console credentials (the environment variable "
                    "SNOWPLOW_CONSOLE_API_KEY)"
                )
            ],
            id="both kinds of credentials",
        ),
        pytest.param(
            {**CONSOLE, "organizationId": "../other"},
            {},
            ["signals:organizationId is not a valid organization ID"],
            id="an organization id that would change the path",
        ),
        pytest.param(
            {**URL, "sandboxToken": "Bearer hunter2"},
            {},
            ["signals:sandboxToken contains a space"],
            id="a token with a blank",
        ),
        pytest.param(
            URL,
            {"SNOWPLOW_SIGNALS_SANDBOX_TOKEN": "huntér2"},
            [
                (
                    "The environment variable SNOWPLOW_SIGNALS_SANDBOX_TOKEN contains a space, a line break or a "
                    "non-ASCII character"
                )
            ],
            id="a token with an accent",
        ),
        pytest.param(
            {**SANDBOX, "review": "none"},
            {},
            ['signals:review is "none": use "remote" or "local".'],
            id="an unknown review",
        ),
        pytest.param(
            SANDBOX,
            {"SNOWPLOW_SIGNALS_REVIEW": "off"},
            ['The environment variable SNOWPLOW_SIGNALS_REVIEW is "off"'],
            id="an unknown review in the environment",
        ),
        pytest.param(
            {**SANDBOX, "numbering": "auto"},
            {},
            ['signals:numbering is "auto": use "automatic" or "explicit".'],
            id="an unknown numbering",
        ),
        pytest.param(
            {**SANDBOX, "onDestroy": "keep"},
            {},
            ['signals:onDestroy is "keep": use "unpublish" or "delete" or "retain".'],
            id="an unknown onDestroy",
        ),
        pytest.param(
            {**SANDBOX, "adopt": "yes"},
            {},
            ['signals:adopt is "yes": use true or false.'],
            id="adopt that is no bool",
        ),
        pytest.param(
            {**SANDBOX, "retrySeconds": "nan"},
            {},
            ["a number of seconds from 0 to 600"],
            id="seconds that are none",
        ),
        pytest.param(
            {**SANDBOX, "retrySeconds": "soon"},
            {},
            ["a number of seconds from 0 to 600"],
            id="seconds in words",
        ),
        pytest.param(
            {**SANDBOX, "movedFrom": "prod"},
            {},
            ["signals:movedFrom is not a valid URL"],
            id="movedFrom a name",
        ),
        pytest.param(
            {**SANDBOX, "apiUrl": "http://example.com"},
            {},
            ["signals:apiUrl would send credentials unencrypted"],
            id="plain http to the API",
        ),
        pytest.param(
            {**CONSOLE, "consoleUrl": "http://example.com"},
            {},
            ["signals:consoleUrl would send credentials unencrypted"],
            id="plain http to the Console",
        ),
        pytest.param(
            {"apiUrl": "nowhere", "review": "none", "adopt": "yes"},
            {},
            ["signals:apiUrl is not a valid URL", "no credentials", "signals:review", "signals:adopt"],
            id="several faults at once",
        ),
    ],
)
def test_faults(config, environ, said):
    """Each fault names its setting, what is allowed, and is told together with all others."""
    faults = faults_of(config, environ)
    assert len(faults) == len(said)
    for fault, words in zip(faults, said, strict=True):
        assert words in fault
        assert "hunt" not in fault


def test_faults_are_the_users():
    """A fault in settings is the user's to mend and reads as lines of text."""
    with pytest.raises(UserFault) as refused:
        resolve({}.get, {})
    assert len(str(refused.value).splitlines()) == 2


@pytest.mark.parametrize("config", [SANDBOX, CONSOLE], ids=["sandbox", "console"])
def test_secrets_are_masked_and_never_pickled(config):
    """Settings can be printed without giving a secret away, and refuse to be written into state."""
    settings = resolve(config.get, {})
    for secret in ("token-in-config", "key-in-config"):
        assert secret not in f"{settings!r} {settings} {settings.credentials!r}"
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(settings)


def test_equal_settings_are_one_key():
    """Two providers of one stack share a client, wherever its settings came from."""
    by_config = resolve({**URL, "sandboxToken": "t"}.get, {})
    by_environment = resolve(URL.get, {"SNOWPLOW_SIGNALS_SANDBOX_TOKEN": "t"})
    other = resolve({**URL, "sandboxToken": "u"}.get, {})
    assert len({by_config, by_environment, other}) == 2


def test_advice_names_the_source():
    """Whoever's credentials are refused learns where they came from and what refresh and destroy use."""
    environ = {"SNOWPLOW_CONSOLE_API_KEY": "k"}
    advice = resolve(CONSOLE.get, environ).credentials.advice
    assert (
        "signals:organizationId, signals:apiKeyId, the environment variable SNOWPLOW_CONSOLE_API_KEY"
        in advice
    )
    assert "`pulumi config set --secret signals:apiKey`" in advice
    assert "--run-program" in advice


def test_console_by_default():
    """Credentials are exchanged where the official client exchanges them."""
    credentials = resolve(CONSOLE.get, {}).credentials
    assert isinstance(credentials, ConsoleCredentials)
    assert credentials.console_url == DEFAULT_CONSOLE_URL


@pytest.mark.parametrize(
    ("written", "recorded"),
    [("loopback", "loopback"), ("http://localhost:1234/", "loopback"), ("http://a.b", "http://a.b")],
)
def test_moved_from(written, recorded):
    """The former registry is spelt as state spells it, and may be copied from a message."""
    assert resolve({**SANDBOX, "movedFrom": written}.get, {}).moved_from == recorded
