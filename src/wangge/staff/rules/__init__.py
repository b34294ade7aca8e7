"""What staff decides on plain values, and the problems that it answers with."""

from wangge.staff.rules.post_kinds import (
    KindLine,
    RequiredLine,
    post_kinds_in,
    required_posts_in,
    shipped_post_kinds,
    shipped_required_posts,
)

__all__ = [
    "KindLine",
    "RequiredLine",
    "post_kinds_in",
    "required_posts_in",
    "shipped_post_kinds",
    "shipped_required_posts",
]
