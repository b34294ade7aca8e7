"""What staff decides on plain values, and the problems that it answers with."""

from wangge.staff.rules.days import check_days
from wangge.staff.rules.post_kinds import (
    KindLine,
    RequiredLine,
    post_kinds_in,
    required_posts_in,
    shipped_post_kinds,
    shipped_required_posts,
)
from wangge.staff.rules.problems import (
    AccountEnded,
    AssignmentOver,
    BadPostKinds,
    DepartmentNeeded,
    LeaveOverlaps,
    OwnAccount,
    OwnPost,
    PostClosed,
    PostHeld,
    StaffImportRefused,
    StandInNotFree,
    UsernameTaken,
    WeakPassword,
    WrongPassword,
)

__all__ = [
    "AccountEnded",
    "AssignmentOver",
    "BadPostKinds",
    "DepartmentNeeded",
    "KindLine",
    "LeaveOverlaps",
    "OwnAccount",
    "OwnPost",
    "PostClosed",
    "PostHeld",
    "RequiredLine",
    "StaffImportRefused",
    "StandInNotFree",
    "UsernameTaken",
    "WeakPassword",
    "WrongPassword",
    "check_days",
    "post_kinds_in",
    "required_posts_in",
    "shipped_post_kinds",
    "shipped_required_posts",
]
