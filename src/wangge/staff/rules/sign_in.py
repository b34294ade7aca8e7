"""How sign-in is throttled and locked, as rules on plain values."""

import ipaddress
import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from math import ceil

#: How long one sign-in lasts. A phone that was off the net for a week signs in again.
LASTS = timedelta(days=7)
#: So many failures in a row lock an account, and for so long; the next failure after it locks it again.
LOCK_AFTER = 10
LOCKED_FOR = timedelta(minutes=15)
#: Attempts that failed count for so long…
WINDOW = timedelta(minutes=10)
#: …against the name that was tried, whether or not anybody has it,
MOST_BY_NAME = 8
#: …and against where they came from. Offices share one address, so this is wide.
MOST_BY_SOURCE = 60
#: A password has at least so many characters; at most so many are looked at, since hashing costs by length.
LEAST_PASSWORD = 10
MOST_PASSWORD = 200

_USERNAME = re.compile(r"[^\W_][\w.@-]{1,59}")


#: Letters and digits that nobody takes for one another, read aloud or from paper.
_PLAIN = "abcdefghkmnpqrstuvwxyz23456789"


def temporary_password(choose: Callable[[str], str]) -> str:
    """Sixteen characters in four groups, each chosen by `choose`: 78 bits, to be said over the telephone."""
    return "-".join("".join(choose(_PLAIN) for _ in range(4)) for _ in range(4))


def username_of(typed: str) -> str:
    """A username as it is kept: forms and case do not matter. Empty when it cannot be one."""
    folded = unicodedata.normalize("NFKC", typed[:200]).strip().casefold()
    return folded if _USERNAME.fullmatch(folded) else ""


def source_of(address: str) -> str:
    """Where an attempt came from: the address, of IPv6 the network of one household or office (/64)."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return "elsewhere"
    if isinstance(known, ipaddress.IPv6Address):
        mapped = known.ipv4_mapped
        return str(mapped) if mapped else str(ipaddress.ip_network((known, 64), strict=False))
    return str(known)


def wait_seconds(counts: Iterable[tuple[datetime, int]], *, most: int, now: datetime) -> int:
    """How many seconds until another attempt is heard, 0 for at once; `counts` are failed attempts by minute.

    A minute's attempts are forgotten together, WINDOW after the minute began.
    """
    standing = sorted((minute, count) for minute, count in counts if minute + WINDOW > now)
    total = sum(count for _, count in standing)
    for minute, count in standing:
        if total < most:
            break
        total -= count
        if total < most:
            return max(1, ceil((minute + WINDOW - now).total_seconds()))
    return 0


def agent_of(header: str) -> str:
    """What a program says of itself, for the list of one's own sign-ins."""
    return "".join(character for character in header[:400] if character.isprintable())[:120]
