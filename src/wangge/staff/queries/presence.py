"""Which offices there are and who is present at them: what routing asks, whoever the viewer is."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db import connections


def offices_of(department: str, path: str, *, today: date | None = None) -> list[str]:
    """Codes of the areas at or above `path` with an open post of the department, nearest first."""
    with connections["default"].cursor() as cursor:
        cursor.execute("select * from staff_offices(%s, %s::ltree, %s)", [department, path, today])
        return [code for (code,) in cursor.fetchall()]


def present_at(
    area_code: str, duties: Sequence[str], department: str = "", *, today: date, confidential: bool = False
) -> list[int]:
    """Accounts that hold a seat with one of `duties` at exactly this area today and are not on leave, by id."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "select * from staff_present(%s, %s, %s, %s, %s) order by 1",
            [area_code, list(duties), department, today, confidential],
        )
        return [account for (account,) in cursor.fetchall()]


def given_seats(account_id: int, *, today: date) -> list[tuple[str, list[str], bool]]:
    """Of the posts that an account holds today or will hold, wherever they are: path, duties, whether confidential."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "select path::text, duties, confidential from staff_given_seats(%s, %s) order by 1",
            [account_id, today],
        )
        return list(cursor.fetchall())


def names_of(ids: Iterable[int | None]) -> dict[int, str]:
    """The names of these accounts, wherever they belong: who sees a case also reads who did what to it."""
    wanted = sorted({account for account in ids if account is not None})
    if not wanted:
        return {}
    with connections["default"].cursor() as cursor:
        cursor.execute("select id, name from staff_names(%s)", [wanted])
        return dict(cursor.fetchall())
