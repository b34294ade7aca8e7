"""Reading staff: who enters, who holds which post, who is there, and how well each tier is staffed."""

from wangge.staff.queries.entering import digest_of, enter_as, enter_as_system, viewer_entering
from wangge.staff.queries.people import (
    AccountPage,
    OpenSignIn,
    account_by_id,
    accounts,
    assignments_of,
    days_of_change,
    holding_on,
    home_of,
    my_posts,
    own_id,
    sign_ins_of,
    stand_in_for,
)
from wangge.staff.queries.posts import PostPage, departments, post_kinds, posts
from wangge.staff.queries.preferences import preferences
from wangge.staff.queries.presence import names_of, offices_of, present_at, seats_of
from wangge.staff.queries.staffing import Staffing, Standing, Vacancy, VacancyPage, staffing, vacancies

__all__ = [
    "AccountPage",
    "OpenSignIn",
    "PostPage",
    "Staffing",
    "Standing",
    "Vacancy",
    "VacancyPage",
    "account_by_id",
    "accounts",
    "assignments_of",
    "days_of_change",
    "departments",
    "digest_of",
    "enter_as",
    "enter_as_system",
    "holding_on",
    "home_of",
    "my_posts",
    "names_of",
    "offices_of",
    "own_id",
    "post_kinds",
    "posts",
    "preferences",
    "present_at",
    "seats_of",
    "sign_ins_of",
    "staffing",
    "stand_in_for",
    "vacancies",
    "viewer_entering",
]
