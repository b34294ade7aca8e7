"""How a file is known by its content."""

import hashlib
from pathlib import Path


def digest_of_file(file: Path) -> str:
    """SHA-256 in hexadecimal digits, read in pieces."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
