"""What kinds of post there are."""

from wangge.staff.models import PostKind


def post_kinds() -> dict[str, PostKind]:
    """Every kind of post by its code, with its names and duties."""
    return PostKind.objects.in_bulk()
