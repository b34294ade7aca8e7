"""Signing in and out. Happens before anybody is known, so outside of a request's transaction: each part commits itself.

A failed attempt must stay counted although the answer is a problem, or the throttle would forget what it throttles.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from wangge.access import Viewer
from wangge.base.problems import NotFound, NotSignedIn
from wangge.base.tokens import new_secret
from wangge.journal.actions import record
from wangge.staff.actions.appointing import check_would_appoint, today_of
from wangge.staff.actions.throttling import count_attempt, counted_by, take_back
from wangge.staff.models import Account, SignIn
from wangge.staff.queries import (
    account_by_id,
    digest_of,
    enter_as_system,
    home_of,
    last_words_of,
    own_id,
    viewer_entering,
)
from wangge.staff.rules import WrongPassword
from wangge.staff.rules.sign_in import (
    LASTS,
    LOCK_AFTER,
    LOCKED_FOR,
    MOST_BY_NAME,
    MOST_BY_SOURCE,
    MOST_PASSWORD,
    WINDOW,
    agent_of,
    source_of,
    username_of,
)

#: So long a lost phone may come back with what its worker wrote.
_LAST_WORDS_FOR = timedelta(days=30)
#: So long it stays known that a sign-in was ended on purpose.
_ENDED_FOR = timedelta(days=400)
#: What is left of a sign-in that was ended on purpose: a mark that never was open.
_MARK = Q(sends_only=True, expires_at__lte=F("created_at"))
_NOBODYS = "!"  # Django hashes something for as long as it would take to compare with a real one


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An open sign-in. The secret is a browser's cookie or a program's bearer token, and is known nowhere else."""

    secret: str
    expires_at: datetime
    account: Viewer


@dataclass(frozen=True, slots=True)
class _Known:
    id: int
    password: str
    locked_until: datetime | None
    ended_at: datetime | None
    home_path: str


def sign_in(username: str, password: str, *, source: str, agent: str, now: datetime) -> SignedIn:
    """Opens a sign-in; `source` is the asker's address, `agent` what its program says of itself.

    TooMany with the seconds to wait, by name and by source; else WrongPassword, after the same time and in the same
    words for a wrong password, an unknown name, an ended account and one that is locked.
    """
    keys = _keys(username, source)
    count_attempt(keys, now)
    known = _account_named(username_of(username))
    right = is_right(password, known.password if known else _NOBODYS)
    if known is None or (known.ended_at and known.ended_at <= now):
        raise WrongPassword
    if known.locked_until and known.locked_until > now:
        raise WrongPassword
    if not right:
        _note_failure(known, now)
        raise WrongPassword
    with transaction.atomic():
        note_attempt(known.id, failed=False, now=now)
        take_back(keys, now)
        return _open(known, agent, now)


def sign_out(secret: str, *, now: datetime) -> None:
    """Ends the sign-in of this secret, if it is open."""
    with transaction.atomic():
        viewer = viewer_entering(secret, now=now)
        if viewer is not None:
            _end(SignIn.objects.filter(digest=digest_of(secret)), now)
            _record(viewer, "account.signed-out", home_of(viewer), now)


def end_sign_in(viewer: Viewer, key: str, *, now: datetime) -> None:
    """Ends one of the viewer's own sign-ins, named as `queries.sign_ins_of` names it: a phone that was lost."""
    if not _end(SignIn.objects.filter(account_id=own_id(viewer), digest=_digest_named(key)), now):
        raise NotFound
    _record(viewer, "account.signed-out", home_of(viewer), now, elsewhere=True)


def end_sign_ins(
    viewer: Viewer,
    account_id: int,
    *,
    key: str = "",
    keep: str = "",
    now: datetime,
) -> int:
    """Ends the sign-ins of an account, only the one named `key` when given; of one's own, the one of the secret `keep`
    stays. Others' needs the right to change staff where the account is administered, and to give all its posts. Says how many
    ended.
    """
    account = account_by_id(viewer, account_id)
    if account.id != viewer.account_id:
        check_would_appoint(viewer, account, today_of(now))
    found = SignIn.objects.filter(account_id=account.id)
    found = found.filter(digest=_digest_named(key)) if key else found.exclude(digest=digest_of(keep))
    ended = _end(found, now)
    if key and not ended:
        raise NotFound
    if ended:
        _record_elsewhere(viewer, account, ended, now)
    return ended


def _end(found: QuerySet[SignIn], now: datetime) -> int:
    """Ends these on purpose and for good: a mark stays where a lost phone's would go on, so that a report gives them nothing back."""
    ended = list(found.exclude(_MARK))
    SignIn.objects.filter(digest__in=[each.digest for each in ended]).delete()
    marks = {
        bytes(each.digest) if each.sends_only else last_words_of(bytes(each.digest)): each.account_id
        for each in ended
    }
    SignIn.objects.bulk_create(
        [
            SignIn(digest=mark, account_id=account, created_at=now, expires_at=now, sends_only=True)
            for mark, account in marks.items()
        ],
        ignore_conflicts=True,
    )
    return len(ended)


def _record_elsewhere(viewer: Viewer, account: Account, count: int, now: datetime, **after: Any) -> None:
    record(
        viewer,
        verb="account.signed-out",
        subject=f"account:{account.id}",
        path=account.home_path,
        at=now,
        after={"elsewhere": True, "count": count, **after},
    )


def leave_last_words(viewer: Viewer, account_id: int, digest: bytes, *, now: datetime) -> None:
    """Ends the sign-in with this digest, of a lost phone; its secret may send what the phone holds, for 30 days from now. Also where
    it had ended before, by its time or with a password: what waits on the phone was written while it held. Not where somebody
    had ended it on purpose: that stays ended.

    Others' needs the right to change staff where the account is administered, and to give all its posts.
    """
    account = account_by_id(viewer, account_id)
    if account.id != viewer.account_id:
        check_would_appoint(viewer, account, today_of(now))
    before = SignIn.objects.filter(account_id=account.id, digest=digest).first()
    if before is not None:
        before.delete()
    stays_ended = SignIn.objects.filter(_MARK, digest=last_words_of(digest)).exists()
    was_open = before is not None and before.expires_at > now
    _record_elsewhere(viewer, account, int(was_open), now, sends=not stays_ended)
    if stays_ended:
        return
    after = SignIn(
        digest=last_words_of(digest),
        account_id=account.id,
        created_at=before.created_at if before else now,
        expires_at=now + _LAST_WORDS_FOR,
        agent=before.agent if before else "",
        sends_only=True,
    )
    SignIn.objects.bulk_create([after], ignore_conflicts=True)


def end_last_words(viewer: Viewer, account_id: int, digest: bytes) -> None:  # noqa: ARG001 - who may is asked by the caller
    """The phone has been wiped or found: its secret, which was a sign-in's with this digest, sends nothing any more."""
    SignIn.objects.filter(account_id=account_id, digest=last_words_of(digest), sends_only=True).exclude(
        _MARK
    ).delete()


def sweep_sign_ins(*, now: datetime) -> int:
    """Removes sign-ins that have expired and counts that no longer matter; says how many sign-ins went. That one was ended on
    purpose stays known for longer.

    Leaves no entry: both had lost every effect before.
    """
    with connection.cursor() as cursor:
        cursor.execute("delete from staff_attempts where minute < %s", [now - WINDOW])
        cursor.execute(
            "delete from staff_signin where expires_at <= %s"
            " and (expires_at > created_at or not sends_only or created_at <= %s)",
            [now, now - _ENDED_FOR],
        )
        return int(cursor.rowcount)


def _digest_named(key: str) -> bytes:
    try:
        return bytes.fromhex(key)
    except ValueError as error:
        raise NotFound from error


def _keys(username: str, source: str) -> dict[str, int]:
    """What attempts are counted by, and how many are heard."""
    name = counted_by("name", username_of(username) or username[:200])
    return {name: MOST_BY_NAME, counted_by("source", source_of(source)): MOST_BY_SOURCE}


def _account_named(username: str) -> _Known | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, password, locked_until, ended_at, home_path from staff_account_to_sign_in(%s)",
            [username],
        )
        row = cursor.fetchone()
    return _Known(*row) if row else None


def is_right(password: str, kept: str) -> bool:
    """Compares, and takes as long whatever comes. What is too long, or no text at all, is only hashed cut short."""
    try:
        password.encode()
    except UnicodeEncodeError:
        password, kept = "", _NOBODYS
    if len(password) > MOST_PASSWORD:
        password, kept = password[:MOST_PASSWORD], _NOBODYS
    return bool(check_password(password, kept))


def note_attempt(account_id: int, *, failed: bool, now: datetime) -> bool:
    """Counts a failure, or forgets them; whether the account is locked by it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select staff_note_attempt(%s, %s, %s, %s)", [account_id, failed, LOCK_AFTER, now + LOCKED_FOR]
        )
        return bool(cursor.fetchone()[0])


def _note_failure(known: _Known, now: datetime) -> None:
    """The one entry of a lock is the system's: nobody is known here."""
    with transaction.atomic():
        if note_attempt(known.id, failed=True, now=now):
            system = enter_as_system(known.home_path)
            record(
                system,
                verb="account.locked",
                subject=f"account:{known.id}",
                path=known.home_path,
                at=now,
                after={"until": (now + LOCKED_FOR).isoformat()},
            )


def _open(known: _Known, agent: str, now: datetime) -> SignedIn:
    secret = new_secret(settings.SECRET_KEY, known.id)
    SignIn.objects.create(
        digest=digest_of(secret),
        account_id=known.id,
        created_at=now,
        expires_at=now + LASTS,
        agent=agent_of(agent),
    )
    viewer = viewer_entering(secret, now=now)
    if viewer is None:  # ended between the two statements
        raise NotSignedIn
    _record(viewer, "account.signed-in", known.home_path, now)
    return SignedIn(secret, now + LASTS, viewer)


def _record(viewer: Viewer, verb: str, path: str, now: datetime, **after: Any) -> None:
    record(viewer, verb=verb, subject=f"account:{viewer.account_id}", path=path, at=now, after=after)
