"""The journal's page: its filters, alone and together, and what they may not show."""

from datetime import timedelta
from uuid import UUID

import pytest
from tests import builders
from tests.builders import NOW

from wangge.journal.models import Entry

JOURNAL = "/console/journal"


@pytest.fixture
def told(town):
    """Three entries: yesterday's and today's on a case in the grid, and one on the far side of the city."""
    case = town.add(builders.case, town.add(builders.item), town.grid_a, number="0703-260415-0001")
    worker, lead = town.accounts["worker"], town.accounts["community"]
    for by, verb, at, area, subject in (
        (worker, "case.reported", NOW - timedelta(days=1), town.grid_a, case.subject),
        (lead, "case.accepted", NOW, town.grid_a, case.subject),
        (town.accounts["far_worker"], "case.reported", NOW, town.far_grid, f"case:{UUID(int=1)}"),
        (lead, "area.changed", NOW, town.community, f"area:{town.community.code}"),
    ):
        entry = Entry(
            area_id=area.code,
            path=area.path,
            at=at,
            actor_id=by.pk,
            actor_name=by.name,
            verb=verb,
            subject=subject,
        )
        town.add(builders.insert, entry)
    town.case = case
    return town


def rows(town, name, **asked):
    answer = town.browser(name).get(JOURNAL, asked)
    assert answer.status_code == 200
    return answer.content.decode().count("<tr data-row>")


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({}, 3),
        ({"verb": "case"}, 2),
        ({"verb": "case.accepted"}, 1),
        ({"who": "community"}, 2),
        ({"who": "nobody-is-called-so"}, 0),
        ({"since": "2026-04-15"}, 2),
        ({"until": "2026-04-14"}, 1),
        ({"since": "2026-04-14", "until": "2026-04-15", "verb": "area"}, 1),
        ({"since": "not a day"}, 3),
        ({"since": "9999-12-31", "until": "9999-12-31"}, 0),
        ({"about": "NO-SUCH-CASE-1"}, 0),
    ],
)
def test_filters_narrow_what_is_shown(asked, count, told, open_db):
    assert rows(told, "community", **asked) == count


def test_a_case_is_found_by_its_number_and_an_area_by_its_code(told, open_db):
    assert rows(told, "community", about=told.case.number) == 2
    assert rows(told, "community", about=told.community.code) == 1
    assert rows(told, "community", about=told.case.subject) == 2


def test_an_area_narrows_and_others_areas_are_refused(told, open_db):
    assert rows(told, "community", area=told.grid_a.code) == 2
    assert rows(told, "community", area=told.city.code) == 3
    assert told.browser("community").get(JOURNAL, {"area": told.far_grid.code}).status_code == 403
    assert told.browser("community").get(JOURNAL, {"area": "999999999999"}).status_code == 404


def test_pages_follow_one_another_without_gap_or_repetition(told, open_db):
    for n in range(60):
        at = NOW + timedelta(minutes=n // 3)
        entry = Entry(
            area_id=told.grid_a.code,
            path=told.grid_a.path,
            at=at,
            verb="case.attached",
            subject=f"case:{UUID(int=n)}",
        )
        told.add(builders.insert, entry)
    browser = told.browser("community")
    first = browser.get(JOURNAL, {"verb": "case.attached"}).content.decode()
    following = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = browser.get(f"{JOURNAL}{following}").content.decode()
    seen = [page.split("#")[1:] for page in (first, second)]
    assert first.count("<tr data-row>") == 50
    assert second.count("<tr data-row>") == 10
    assert len({chunk.split("<")[0] for page in seen for chunk in page}) >= 60
