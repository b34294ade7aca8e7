"""From a sign-in's secret, an account or the system itself to the viewer, with the transaction's scope set for it.

The scope lives as long as the transaction; outside one it is gone with the statement, and then nothing is seen.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connections, transaction

from wangge.access import PUBLIC, Seat, Viewer, system_viewer, verbs_of
from wangge.base.calendar import SHANGHAI
from wangge.base.problems import NotFound

_AS = """
select a.id, a.name, a.username, a.language, staff_set_scope(a.id, %(today)s),
       (select coalesce(jsonb_agg(to_jsonb(s) order by s.path), '[]') from staff_seats(a.id, %(today)s) s)
  from staff_account_to_enter(%(id)s) a
"""

_AS_SYSTEM = """
select set_config('wangge.viewer', '', true), set_config('wangge.departments', '{}', true),
       set_config('wangge.codes', array[%(code)s]::text, true),
       set_config('wangge.admits', '{administer,admit,handle}', true),
       set_config(name, array[%(path)s]::text, true)
  from unnest(array['wangge.scope', 'wangge.confidential', 'wangge.works', 'wangge.manages', 'wangge.mediates',
                    'wangge.oversees', 'wangge.homes']) name
"""


_AS_PUBLIC = """
select set_config('wangge.viewer', '', true), set_config(name, '{}', true)
  from unnest(array['wangge.scope', 'wangge.confidential', 'wangge.works', 'wangge.manages', 'wangge.mediates', 'wangge.oversees',
                    'wangge.homes', 'wangge.departments', 'wangge.codes', 'wangge.admits']) name
"""


def digest_of(secret: str) -> bytes:
    """What is kept of a sign-in's secret. The secret has 256 bits of chance, so a plain hash cannot be guessed back."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def last_words_of(digest: bytes) -> bytes:
    """Where the sign-in of a lost phone goes on: with the same secret, only for what sends what that phone still holds."""
    return hashlib.sha256(b"last words " + digest).digest()


def viewer_entering(secret: str, *, now: datetime, last_words: bool = False) -> Viewer | None:
    """Who holds this open sign-in, in one round trip that also sets the transaction's scope; None: nobody."""
    digest = digest_of(secret)
    with connections["default"].cursor() as cursor:
        cursor.execute("select staff_enter(%s, %s)", [last_words_of(digest) if last_words else digest, now])
        (known,) = cursor.fetchone()
    if known is None:
        return None
    entered: dict[str, Any] = json.loads(known) if isinstance(known, str) else known
    return _viewer(entered["id"], entered["name"], entered["username"], entered["language"], entered["seats"])


_STILL_OPEN = """
select s.digest, a.id, a.name, a.username, a.language,
       (select coalesce(jsonb_agg(to_jsonb(e) order by e.path), '[]') from staff_seats(a.id, %(today)s) e)
  from staff_signin s cross join lateral staff_account_to_enter(s.account_id) a
 where s.digest = any(%(digests)s) and s.expires_at > %(now)s
"""


def viewers_still_entering(digests: Sequence[bytes], *, now: datetime) -> dict[bytes, Viewer]:
    """Who would enter with each of these sign-ins at `now`, with today's posts; those that have ended are left out."""
    asked: dict[str, Any] = {"digests": list(digests), "now": now, "today": now.astimezone(SHANGHAI).date()}
    with connections["default"].cursor() as cursor:
        cursor.execute(_STILL_OPEN, asked)
        rows = cursor.fetchall()
    return {
        bytes(digest): _viewer(
            known, name, username, language, json.loads(seats) if isinstance(seats, str) else seats
        )
        for digest, known, name, username, language, seats in rows
    }


def enter_as(account_id: int, *, now: datetime) -> Viewer:
    """The viewer that this account would be at `now`, for a job or a test; NotFound when it is unknown or ended."""
    today = now.astimezone(SHANGHAI).date()
    with connections["default"].cursor() as cursor:
        cursor.execute(_AS, {"id": account_id, "today": today})
        row = cursor.fetchone()
    if row is None:
        raise NotFound
    known_id, name, username, language, _, seats = row
    return _viewer(known_id, name, username, language, json.loads(seats) if isinstance(seats, str) else seats)


def enter_as_system(path: str, *, using: str = "default") -> Viewer:
    """The system itself within one area, for timers and imports: sees and manages all of it, and nothing elsewhere."""
    with connections[using].cursor() as cursor:
        cursor.execute(_AS_SYSTEM, {"path": path, "code": path.rsplit(".", 1)[-1]})
    return system_viewer(path)


def enter_as_public() -> Viewer:
    """Whoever comes without an account: the row policies show nothing, and take only what anybody may write."""
    with connections["default"].cursor() as cursor:
        cursor.execute(_AS_PUBLIC)
    return PUBLIC


@contextmanager
def seeing_all(viewer: Viewer, path: str, *, now: datetime) -> Iterator[Viewer]:
    """The system within the root of `path`, for these statements alone: for acts of somebody who may do them and does not see
    each row that they concern. When something fails, the savepoint gives the viewer's own scope back.
    """
    if viewer.account_id is None:
        yield viewer
        return
    with transaction.atomic():
        yield enter_as_system(path.split(".", 1)[0])
        enter_as(viewer.account_id, now=now)


def _viewer(account_id: int, name: str, username: str, language: str, seats: list[dict[str, Any]]) -> Viewer:
    return Viewer(
        account_id=account_id,
        name=name,
        username=username,
        language=language,
        seats=tuple(
            Seat(
                path=seat["path"],
                level=seat["level"],
                kind=seat["kind"],
                verbs=verbs_of(seat["duties"]),
                department=seat["department"],
                confidential=seat["confidential"],
                area_name=seat["area_name"],
            )
            for seat in seats
        ),
    )
