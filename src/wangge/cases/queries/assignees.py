"""Who could be given a case: people present with a seat on its path from which it can be handled."""

from datetime import date

from wangge.access import Verb
from wangge.cases.models import Case
from wangge.cases.queries.presence import desks_on, duties_with
from wangge.staff import queries as staff


def people_at(case: Case, today: date) -> list[tuple[int, str]]:
    """Accounts with the code of the area of their seat, from the place upwards; a person once, at the lowest seat."""
    duties = duties_with(Verb.CASE_HANDLE)
    found: dict[int, str] = {}
    for desk in reversed(desks_on(case.path)):
        for account in staff.present_at(desk.code, duties, today=today, confidential=case.confidential):
            found.setdefault(account, desk.code)
    return list(found.items())
