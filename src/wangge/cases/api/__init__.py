"""Cases over HTTP, and the posts whose change moves cases."""

from wangge.cases.api.cases import router
from wangge.cases.api.handovers import handovers
from wangge.cases.api.lists import views

__all__ = ["handovers", "router", "views"]
