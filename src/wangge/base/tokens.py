"""Secrets of sign-ins, which can be told from made-up ones without asking the database, and by whose they are. No Django.

A secret is 256 bits of chance, a sign of its account and a mark that only this installation can make. The mark opens nothing: whether
a sign-in still holds is asked as ever. It tells those who were let in once from those who never were, where that has to be cheap; and
the sign, which names nobody, that two sign-ins are one account's.
"""

import base64
import hashlib
import hmac
import secrets

#: Guessed once in 2⁹⁶ tries, and then it only stands in another line.
_MARK_BYTES = 12
_SIGN_BYTES = 9


def new_secret(key: str, account: int) -> str:
    """A secret of this account with its mark, under the installation's own key."""
    said = f"{secrets.token_urlsafe(32)}.{_sign(account, key)}"
    return f"{said}.{_mark(said, key)}"


def is_marked(secret: str, key: str) -> bool:
    """Whether this installation gave it out. Those that it gave out before there were marks, or under another key, are not known
    so, and hold all the same.
    """
    said, dot, mark = secret.rpartition(".")
    return bool(dot) and secret.isascii() and hmac.compare_digest(mark, _mark(said, key))


def account_sign(secret: str) -> str:
    """The same for all sign-ins of an account. Only of a marked secret it is true; empty for those from before secrets had a sign."""
    parts = secret.split(".")
    return parts[1] if len(parts) == 3 else ""


def _mark(said: str, key: str) -> str:
    return _made(f"wangge sign-in {key}", said, _MARK_BYTES)


def _sign(account: int, key: str) -> str:
    return _made(f"wangge account {key}", str(account), _SIGN_BYTES)


def _made(key: str, said: str, length: int) -> str:
    made = hmac.digest(key.encode(), said.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(made[:length]).decode()
