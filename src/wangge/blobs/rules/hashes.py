"""The name of a blob: the SHA-256 of its bytes, so that the same photo sent twice is stored once."""

import hashlib
import re

_HASH = re.compile(r"[0-9a-f]{64}")


def content_hash(content: bytes) -> str:
    """The blob's name: SHA-256 of the bytes as uploaded, 64 lower-case hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def is_hash(text: str) -> bool:
    """Whether `text` is written as `content_hash` writes it; anything else must never reach a path in storage."""
    return _HASH.fullmatch(text) is not None
