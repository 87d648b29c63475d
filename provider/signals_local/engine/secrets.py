"""Encrypt secrets at rest, in the format of Pulumi's passphrase provider.

The key is PBKDF2-HMAC-SHA256 of the passphrase (1,000,000 rounds). A value is its JSON encrypted with AES-256-GCM, written as
`v1:NONCE:CIPHERTEXT`. The deployment contains the salt and a known encrypted word, which distinguishes a wrong passphrase from
damage. Deriving the key takes most of a second, so it happens once, and only if there is a secret.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from signals_local.engine.errors import Refused, StateError, reason
from signals_local.engine.stored import SecretsProvider
from signals_local.engine.validation import parse_json

_ROUNDS: Final = 1_000_000
_KNOWN_WORD: Final = "pulumi"
_UNKEPT: Final = (
    "this needs a secret kept in the state, and no passphrase to encrypt it with is set. Set PULUMI_CONFIG_PASSPHRASE"
    " (or PULUMI_CONFIG_PASSPHRASE_FILE) and keep it: the state cannot be read without it. A dynamic provider is itself"
    " kept as a secret unless its class says `serialize_as_secret_always = False`"
)


def passphrase_from(environment: Mapping[str, str]) -> str | None:
    """Return the passphrase from the environment variables that Pulumi uses, or None if they are not set.

    Raises:
        StateError: The file that they name cannot be read.
    """
    if "PULUMI_CONFIG_PASSPHRASE" in environment:
        return environment["PULUMI_CONFIG_PASSPHRASE"]
    file = environment.get("PULUMI_CONFIG_PASSPHRASE_FILE")
    if not file:
        return None
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except OSError as fault:
        raise StateError(
            f"PULUMI_CONFIG_PASSPHRASE_FILE names {file}, which cannot be read: {reason(fault)}"
        ) from None
    except UnicodeDecodeError:
        raise StateError(f"PULUMI_CONFIG_PASSPHRASE_FILE names {file}, which is not UTF-8 text") from None


class Crypter:
    """Encrypts and decrypts with one passphrase and salt. It is thread-safe."""

    def __init__(self, passphrase: str | None, salt: str = "") -> None:
        self._passphrase = passphrase
        self._salt = salt
        self._key: bytes | None = None
        self._lock = threading.Lock()

    @classmethod
    def for_deployment(cls, provider: SecretsProvider, passphrase: str | None) -> Crypter:
        """Return the crypter for a deployment's secrets. A deployment without secrets gets a salt when it needs one.

        Raises:
            Refused: Its secrets provider is not the passphrase provider.
            StateError: It contains no salt.
        """
        if not provider.type:
            return cls(passphrase)
        if provider.type != "passphrase":
            raise Refused(f"secrets kept by the provider {provider.type!r} (only by a passphrase)")
        return cls(passphrase, provider.salt)

    @property
    def salt(self) -> str:
        """The salt in Pulumi's format; empty while there is no secret."""
        return self._salt

    def describe(self) -> dict[str, Any] | None:
        """Return the deployment's `secrets_providers`, or None while there is no secret."""
        return {"type": "passphrase", "state": {"salt": self._salt}} if self._salt else None

    @property
    def ready(self) -> bool:
        """Whether a secret can be stored."""
        return self._passphrase is not None

    def require_passphrase(self) -> None:
        """Raise StateError if secrets cannot be stored."""
        if self._passphrase is None:
            raise StateError(_UNKEPT)

    def encrypt(self, value: Any) -> str:
        """Return the ciphertext of a JSON value."""
        return self._seal(json.dumps(value, separators=(",", ":"), ensure_ascii=False), self._compute_key())

    def decrypt(self, ciphertext: str) -> Any:
        """Return the value of a ciphertext.

        Raises:
            StateError: There is no passphrase, it is wrong, or the ciphertext is damaged.
        """
        damaged = "a secret in the state is damaged"
        text = self._open(ciphertext, self._compute_key(), damaged)
        try:
            return parse_json(text)
        except ValueError:
            raise StateError(damaged) from None

    def _compute_key(self) -> bytes:
        with self._lock:
            if self._key is None:
                self.require_passphrase()
                self._key = self._check_or_start()
            return self._key

    def _check_or_start(self) -> bytes:
        if not self._salt:
            raw = os.urandom(8)
            key = self._derive(raw)
            self._salt = f"v1:{base64.b64encode(raw).decode()}:{self._seal(_KNOWN_WORD, key)}"
            return key
        _, raw_text, word = self._salt.split(":", 2)
        key = self._derive(_decode(raw_text, "the state names no usable salt for its secrets"))
        wrong = "the passphrase in PULUMI_CONFIG_PASSPHRASE is not the one this state's secrets were encrypted with"
        if self._open(word, key, wrong) != _KNOWN_WORD:
            raise StateError(wrong)
        return key

    def _derive(self, salt: bytes) -> bytes:
        # Like `pulumi`, use the raw bytes of the environment variable, which need not be UTF-8.
        return hashlib.pbkdf2_hmac("sha256", os.fsencode(self._passphrase or ""), salt, _ROUNDS, 32)

    @staticmethod
    def _seal(text: str, key: bytes) -> str:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 -- few runs have a secret

        nonce = os.urandom(12)
        sealed = AESGCM(key).encrypt(nonce, text.encode(), None)
        return f"v1:{base64.b64encode(nonce).decode()}:{base64.b64encode(sealed).decode()}"

    @staticmethod
    def _open(text: str, key: bytes, fault: str) -> str:
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 -- few runs have a secret
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 -- few runs have a secret

        try:
            _, nonce, sealed = text.split(":")
            return AESGCM(key).decrypt(base64.b64decode(nonce), base64.b64decode(sealed), None).decode()
        except (InvalidTag, ValueError, binascii.Error):
            raise StateError(fault) from None


def _decode(text: str, fault: str) -> bytes:
    try:
        return base64.b64decode(text)
    except binascii.Error:
        raise StateError(fault) from None
