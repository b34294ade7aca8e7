"""Writing staff: signing in and out, accounts, posts, who holds them, leave, and what posts there are."""

from wangge.staff.actions.accounts import add_account, end_account, give_temporary_password, set_password
from wangge.staff.actions.dividing import Seats, close_posts_of, reopen_posts, seat_walkers, unseat_walkers
from wangge.staff.actions.filling import add_person, fill_vacancy
from wangge.staff.actions.imports import StaffReport, import_staff
from wangge.staff.actions.leave import grant_leave
from wangge.staff.actions.post_kinds import load_post_kinds
from wangge.staff.actions.posts import assign, close_post, end_assignment, name_stand_in, open_post
from wangge.staff.actions.preferences import set_language, set_preference
from wangge.staff.actions.signing import (
    SignedIn,
    end_last_words,
    end_sign_in,
    end_sign_ins,
    leave_last_words,
    sign_in,
    sign_out,
    sweep_sign_ins,
)

__all__ = [
    "Seats",
    "SignedIn",
    "StaffReport",
    "add_account",
    "add_person",
    "assign",
    "close_post",
    "close_posts_of",
    "end_account",
    "end_assignment",
    "end_last_words",
    "end_sign_in",
    "end_sign_ins",
    "fill_vacancy",
    "give_temporary_password",
    "grant_leave",
    "import_staff",
    "leave_last_words",
    "load_post_kinds",
    "name_stand_in",
    "open_post",
    "reopen_posts",
    "seat_walkers",
    "set_language",
    "set_password",
    "set_preference",
    "sign_in",
    "sign_out",
    "sweep_sign_ins",
    "unseat_walkers",
]
