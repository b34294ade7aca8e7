"""Plans over HTTP: drafted, looked at in arrays, changed, commented, led through their states, tried out and applied."""

from wangge.plans.api import applying, comments, grounds, posts, proofs, searches
from wangge.plans.api.plans import router

for _room in (grounds, searches, proofs, posts, applying, comments):
    router.add_router("", _room.router)

__all__ = ["router"]
