"""Writing staff: signing in and out, accounts, posts, who holds them, leave, and what posts there are."""

from wangge.staff.actions.accounts import add_account, end_account, set_password
from wangge.staff.actions.imports import StaffReport, import_staff
from wangge.staff.actions.leave import grant_leave
from wangge.staff.actions.post_kinds import load_post_kinds
from wangge.staff.actions.posts import assign, close_post, end_assignment, name_stand_in, open_post
from wangge.staff.actions.preferences import set_language, set_preference
from wangge.staff.actions.signing import SignedIn, end_sign_in, sign_in, sign_out, sweep_sign_ins

__all__ = [
    "SignedIn",
    "StaffReport",
    "add_account",
    "assign",
    "close_post",
    "end_account",
    "end_assignment",
    "end_sign_in",
    "grant_leave",
    "import_staff",
    "load_post_kinds",
    "name_stand_in",
    "open_post",
    "set_language",
    "set_password",
    "set_preference",
    "sign_in",
    "sign_out",
    "sweep_sign_ins",
]
