"""Keys, sealing, shredding. Words are AES-256-GCM under a key per conversation; that key is wrapped by a master key
that lives in a file outside the database (CRY-1). The associated data binds a sealed text to its conversation and
its seq, so that rows cannot be swapped (SEC-11)."""

import hashlib
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12


class Unreadable(Exception):
    """The key is gone, or the row was tampered with. Never says which words."""


class ConversationKey:
    """Seals and opens the words of one conversation. Its repr shows nothing (CRY-5)."""

    __slots__ = ("_cipher", "_raw")

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._cipher = AESGCM(raw)

    def __repr__(self) -> str:
        return "<ConversationKey>"

    def seal(self, conversation: str, seq: int, words: str) -> bytes:
        nonce = secrets.token_bytes(NONCE)
        return nonce + self._cipher.encrypt(nonce, words.encode(), f"{conversation}:{seq}".encode())

    def open(self, conversation: str, seq: int, sealed: bytes) -> str:
        try:
            return self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], f"{conversation}:{seq}".encode()).decode()
        except InvalidTag as error:
            raise Unreadable from error


class Vault:
    """Makes and wraps keys with one master key of 32 bytes."""

    def __init__(self, master: bytes) -> None:
        if len(master) != 32:
            raise ValueError("the master key must be 32 bytes")
        self._cipher = AESGCM(master)
        self.master_id = hashlib.sha256(b"wegwijs master " + master).hexdigest()[:16]

    def __repr__(self) -> str:
        return f"<Vault {self.master_id}>"

    @classmethod
    def from_file(cls, path: Path) -> "Vault":
        """Reads the master key, or makes it on a first start with rights for the owner only."""
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_hex(32) + "\n")
        return cls(bytes.fromhex(path.read_text().strip()))

    def new_key(self, conversation: str) -> tuple[ConversationKey, bytes]:
        """A fresh key and its wrapped form for the database."""
        raw = secrets.token_bytes(32)
        return ConversationKey(raw), self.seal_secret(f"key:{conversation}", raw)

    def unwrap(self, conversation: str, wrapped: bytes) -> ConversationKey:
        return ConversationKey(self.open_secret(f"key:{conversation}", wrapped))

    def seal_secret(self, purpose: str, secret: bytes) -> bytes:
        nonce = secrets.token_bytes(NONCE)
        return nonce + self._cipher.encrypt(nonce, secret, purpose.encode())

    def open_secret(self, purpose: str, sealed: bytes) -> bytes:
        try:
            return self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], purpose.encode())
        except InvalidTag as error:
            raise Unreadable from error
