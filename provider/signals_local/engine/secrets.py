"""Secrets at rest, in the form that Pulumi's passphrase provider reads and writes.

The key is PBKDF2-HMAC-SHA256 of the passphrase (1,000,000 rounds); a value is its JSON text under AES-256-GCM, written as
`v1:NONCE:CIPHERTEXT`. The salt stands in the deployment with an encrypted known word, so that a wrong passphrase is told
apart from damage. Deriving a key takes a good part of a second: it is done once, and only when a secret turns up.
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
    """Return the passphrase that the environment gives, by the names Pulumi uses; None if it gives none.

    Raises:
        StateError: if the file it names cannot be read.
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
    """Encrypts and decrypts with one passphrase and salt; shared by threads."""

    def __init__(self, passphrase: str | None, salt: str = "") -> None:
        self._passphrase = passphrase
        self._salt = salt
        self._key: bytes | None = None
        self._lock = threading.Lock()

    @classmethod
    def for_deployment(cls, provider: SecretsProvider, passphrase: str | None) -> Crypter:
        """Return the crypter for a deployment's secrets; a deployment that has none so far gets a salt when needed.

        Raises:
            Refused: if its secrets are kept by another provider than the passphrase.
            StateError: if it names no salt.
        """
        if not provider.type:
            return cls(passphrase)
        if provider.type != "passphrase":
            raise Refused(f"secrets kept by the provider {provider.type!r} (only by a passphrase)")
        return cls(passphrase, provider.salt)

    @property
    def salt(self) -> str:
        """The salt in Pulumi's form; empty while there is no secret."""
        return self._salt

    def describe(self) -> dict[str, Any] | None:
        """Return the deployment's `secrets_providers`, or None while there is no secret."""
        return {"type": "passphrase", "state": {"salt": self._salt}} if self._salt else None

    @property
    def ready(self) -> bool:
        """Whether a secret could be kept."""
        return self._passphrase is not None

    def require_passphrase(self) -> None:
        """Raise StateError if secrets cannot be kept."""
        if self._passphrase is None:
            raise StateError(_UNKEPT)

    def encrypt(self, value: Any) -> str:
        """Return a JSON value's ciphertext."""
        return self._seal(json.dumps(value, separators=(",", ":"), ensure_ascii=False), self._compute_key())

    def decrypt(self, ciphertext: str) -> Any:
        """Return the value of a ciphertext.

        Raises:
            StateError: if there is no passphrase, it is the wrong one, or the text is damaged.
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
        # The environment's own bytes, as `pulumi` takes them: they need not be UTF-8.
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
