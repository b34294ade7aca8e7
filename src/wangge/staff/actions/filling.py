"""A vacancy filled, and a person who comes new with their first post."""

from datetime import date, datetime

from wangge.access import Viewer
from wangge.staff.actions.accounts import add_account
from wangge.staff.actions.posts import assign, open_post
from wangge.staff.models import Account, Assignment, Part
from wangge.staff.queries.directory import vacant_post


def fill_vacancy(
    viewer: Viewer,
    *,
    area: str,
    kind: str,
    account_id: int,
    department: str = "",
    from_on: date,
    part: str = Part.FULL,
    now: datetime,
) -> Assignment:
    """Gives a post of this kind at the area that nobody holds to an account; opens one when all are held."""
    post_id = vacant_post(area, kind, department, from_on)
    if post_id is None:
        post_id = open_post(viewer, kind=kind, area=area, department=department, now=now).id
    return assign(viewer, post_id, account_id, from_on=from_on, part=part, now=now)


def add_person(
    viewer: Viewer,
    *,
    username: str,
    name: str,
    home: str,
    kind: str = "",
    department: str = "",
    part: str = Part.FULL,
    from_on: date,
    now: datetime,
) -> Account:
    """Adds an account that nobody can sign in with yet, and with `kind` gives it its first post in the area `home`."""
    account = add_account(viewer, username=username, name=name, home=home, now=now)
    if kind:
        fill_vacancy(
            viewer,
            area=home,
            kind=kind,
            account_id=account.id,
            department=department,
            from_on=from_on,
            part=part,
            now=now,
        )
    return account
