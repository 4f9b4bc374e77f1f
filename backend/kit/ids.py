"""Identifiers: random ones that reveal nothing, and short ones that people can read aloud."""

import hashlib
import re
import secrets

# No vowels, no 0/O, 1/I: no words by accident, nothing to confuse on the phone.
_ALPHABET = "23456789BCDFGHJKMNPQRSTVWXZ"
CLIENT_ID = re.compile(r"[0-9a-f]{32}")


def new_id() -> str:
    """128 random bits, for a conversation."""
    return secrets.token_hex(16)


def new_token() -> str:
    """256 random bits, for a credential that is shown once."""
    return secrets.token_urlsafe(32)


def short_code(length: int = 5) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def digest(token: str) -> str:
    """What the server keeps of a token. A random token needs no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()
