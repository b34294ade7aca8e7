"""Staff over HTTP: signing in, oneself, posts and who holds them, accounts."""

from ninja import Router

from wangge.staff.api import accounts, entry, posts
from wangge.staff.api.entry import COOKIE, keep_signed_in, secret_of

__all__ = ["COOKIE", "keep_signed_in", "router", "secret_of"]

router = Router(tags=["staff"])
router.add_router("", entry.router)
router.add_router("/staff", posts.router)
router.add_router("/staff", accounts.router)
