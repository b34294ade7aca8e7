"""Accounts: added, ended, given a password."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F

from wangge.access import Verb, Viewer
from wangge.areas.queries import area_by_code
from wangge.base.problems import Invalid, NotAllowed
from wangge.base.text import clean_line
from wangge.journal.actions import record
from wangge.staff.actions.appointing import check_would_appoint, open_account, today_of
from wangge.staff.actions.signing import is_right, note_attempt
from wangge.staff.models import Account, Assignment, SignIn
from wangge.staff.rules import OwnAccount, UsernameTaken, WeakPassword, WrongPassword
from wangge.staff.rules.sign_in import (
    LEAST_PASSWORD,
    LOCKED_FOR,
    MOST_PASSWORD,
    temporary_password,
    username_of,
)

LANGUAGES = ("", "zh-hans", "en")


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


def add_account(
    viewer: Viewer,
    *,
    username: str,
    name: str,
    home: str,
    password: str = "",
    language: str = "",
    now: datetime,
) -> Account:
    """Adds an account that the area `home` administers. Without a password nobody can sign in with it yet."""
    area = area_by_code(home)
    if not viewer.may(Verb.STAFF_CHANGE, area.path):
        raise NotAllowed
    called = username_of(username)
    if not called:
        raise Invalid(field="username", expected=_("2–60 letters, digits and . _ - @"))
    said = clean_line(name, limit=60, name="name")
    if not said:
        raise Invalid(field="name", expected=_("1–60 characters"))
    if language not in LANGUAGES:
        raise Invalid(field="language", expected=", ".join(LANGUAGES[1:]))
    try:
        with transaction.atomic():
            account = Account.objects.create(
                username=called,
                name=said,
                home_path=area.path,
                language=language,
                password=_hashed(password, called) if password else "!",
                created_at=now,
            )
    except IntegrityError as error:
        raise UsernameTaken(username=called) from error
    _record(viewer, "account.added", account, now)
    return account


def end_account(viewer: Viewer, account_id: int, *, now: datetime) -> Account:
    """Ends an account, its sign-ins and what it holds; what waits for it is moved by the nouns above."""
    account = open_account(account_id)
    if not viewer.may(Verb.STAFF_CHANGE, account.home_path):
        raise NotAllowed
    if account.id == viewer.account_id:
        raise OwnAccount
    check_would_appoint(viewer, account, today_of(now))
    account.ended_at = now
    account.save(update_fields=["ended_at"])
    SignIn.objects.filter(account_id=account.id).delete()
    _end_assignments(account, now)
    _record(viewer, "account.ended", account, now)
    return account


def set_password(
    viewer: Viewer,
    account_id: int,
    *,
    password: str,
    current: str = "",
    keep: bytes | None = None,
    now: datetime,
) -> None:
    """Gives an account another password and ends its sign-ins, but for the one whose digest is `keep`. What a lost phone of theirs
    may still send it still may: whoever lost it is often given another password, and is to lose nothing by it.

    One's own needs the `current` one too, since a phone lies open on a desk; another's needs the right to change staff.
    """
    account = open_account(account_id)
    if account.id == viewer.account_id:
        _check_current(viewer, account.id, current, now)
    else:
        check_would_appoint(viewer, account, today_of(now))
    account.password = _hashed(password, account.username)
    account.failures, account.locked_until = 0, None
    account.save(update_fields=["password", "failures", "locked_until"])
    SignIn.objects.filter(account_id=account.id, sends_only=False).exclude(digest=keep or b"").delete()
    _record(viewer, "account.password-set", account, now)


def give_temporary_password(viewer: Viewer, account_id: int, *, now: datetime) -> str:
    """Gives somebody else a password made by chance, ends their sign-ins, and says it once: it is kept nowhere."""
    if account_id == viewer.account_id:
        raise OwnAccount
    password = temporary_password(secrets.choice)
    set_password(viewer, account_id, password=password, now=now)
    return password


def _check_current(viewer: Viewer, account_id: int, current: str, now: datetime) -> None:
    """WrongPassword when it is wrong, and while the account is locked; failures count as those of signing in do.

    Nothing typed is no guess: it is refused and not counted.
    """
    if not current:
        raise WrongPassword
    # Locked row, so that guesses sent at once are heard one after the other.
    account = Account.objects.select_for_update().get(id=account_id)
    if account.locked_until and account.locked_until > now:
        raise WrongPassword
    if is_right(current, account.password):
        return
    if note_attempt(account.id, failed=True, now=now):
        _record(viewer, "account.locked", account, now, until=(now + LOCKED_FOR).isoformat())
    raise WrongPassword


def _hashed(password: str, username: str) -> str:
    if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD or username in password.casefold():
        raise WeakPassword(field="password", least=LEAST_PASSWORD)
    try:
        password.encode()
        CommonPasswordValidator().validate(password)
    except (UnicodeEncodeError, ValidationError) as error:
        raise WeakPassword(field="password", least=LEAST_PASSWORD) from error
    return make_password(password)


def _end_assignments(account: Account, now: datetime) -> None:
    """Those that run end today; those that lie ahead are withdrawn."""
    today = today_of(now)
    running = Assignment.objects.filter(account_id=account.id).exclude(to_on__lte=today)
    running.filter(from_on__lte=today).update(to_on=today)
    running.filter(from_on__gt=today).update(to_on=F("from_on") - timedelta(days=1))


def _record(viewer: Viewer, verb: str, account: Account, now: datetime, **after: Any) -> None:
    record(viewer, verb=verb, subject=f"account:{account.id}", path=account.home_path, at=now, after=after)
