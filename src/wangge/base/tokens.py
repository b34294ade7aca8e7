"""Secrets of sign-ins, which can be told from made-up ones without asking the database. No Django.

A secret is 256 bits of chance and a mark that only this installation can make. The mark opens nothing: whether a sign-in still
holds is asked as ever. It tells those who were let in once from those who never were, where that has to be cheap.
"""

import base64
import hashlib
import hmac
import secrets

#: Guessed once in 2⁹⁶ tries, and then it only stands in another line.
_MARK_BYTES = 12


def new_secret(key: str) -> str:
    """A secret with its mark, under the installation's own key."""
    chance = secrets.token_urlsafe(32)
    return f"{chance}.{_mark(chance, key)}"


def is_marked(secret: str, key: str) -> bool:
    """Whether this installation gave it out. Those that it gave out before there were marks, or under another key, are not known
    so, and hold all the same.
    """
    chance, dot, mark = secret.rpartition(".")
    return bool(dot) and secret.isascii() and hmac.compare_digest(mark, _mark(chance, key))


def _mark(chance: str, key: str) -> str:
    made = hmac.digest(f"wangge sign-in {key}".encode(), chance.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(made[:_MARK_BYTES]).decode()
