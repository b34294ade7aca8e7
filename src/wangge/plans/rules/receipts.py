"""The code by which a resident reads the answer to their comment: sixteen figures, in four groups, to be written down from a screen.

Code and number of a comment both come from the number of the form on which it was written, by hashes under the installation's key. The
form's number is kept nowhere: whoever reads comments knows their numbers, and neither makes the code from one nor sends the form again.
"""

import hashlib
import hmac
import unicodedata
from uuid import UUID

FIGURES = 16
#: Why somebody of the office looks at a telephone number that a resident left.
REVEAL_REASONS = ("answer", "ask")
_GROUP = 4


def number_of(form: UUID, key: str) -> UUID:
    """The number of the comment that is written on a form: the same for the same one, so that sent twice it is one comment."""
    return UUID(bytes=_made("number", form, key)[:16], version=4)


def code_of(form: UUID, key: str) -> str:
    """The code of the comment that is written on a form: the same for the same one, so that sent twice it shows the code again."""
    return f"{int.from_bytes(_made('code', form, key)) % 10**FIGURES:0{FIGURES}d}"


def _made(what: str, form: UUID, key: str) -> bytes:
    return hmac.digest(f"wangge plan comment {what} {key}".encode(), form.bytes, hashlib.sha256)


def figures_of(typed: str) -> str:
    """A code as somebody typed it, with spaces or full-width figures; empty where it cannot be one."""
    figures = "".join(each for each in unicodedata.normalize("NFKC", typed[:80]) if each not in " -\t\n\r")
    return figures if len(figures) == FIGURES and figures.isascii() and figures.isdigit() else ""


def digest_of(code: str) -> str:
    """What is kept of a code. No key is in it: codes that were given out go on when the installation gets another one."""
    return hashlib.sha256(f"wangge plan comment {code}".encode()).hexdigest()


def in_groups(code: str) -> str:
    return " ".join(code[at : at + _GROUP] for at in range(0, FIGURES, _GROUP))
