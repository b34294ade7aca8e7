"""The code by which a resident reads the answer to their comment: sixteen figures, in four groups, to be written down from a screen."""

import hashlib
import hmac
import unicodedata
from uuid import UUID

FIGURES = 16
#: Why somebody of the office looks at a telephone number that a resident left.
REVEAL_REASONS = ("answer", "ask")
_GROUP = 4


def code_of(comment_id: UUID, key: str) -> str:
    """The code of a comment: the same for the same one, so that a form sent twice shows it again, and to be guessed by nobody without
    the installation's own key.
    """
    made = hmac.digest(f"wangge plan comment {key}".encode(), comment_id.bytes, hashlib.sha256)
    return f"{int.from_bytes(made) % 10**FIGURES:0{FIGURES}d}"


def figures_of(typed: str) -> str:
    """A code as somebody typed it, with spaces or full-width figures; empty where it cannot be one."""
    figures = "".join(each for each in unicodedata.normalize("NFKC", typed[:80]) if each not in " -\t\n\r")
    return figures if len(figures) == FIGURES and figures.isascii() and figures.isdigit() else ""


def digest_of(code: str) -> str:
    """What is kept of a code."""
    return hashlib.sha256(f"wangge plan comment {code}".encode()).hexdigest()


def in_groups(code: str) -> str:
    return " ".join(code[at : at + _GROUP] for at in range(0, FIGURES, _GROUP))
