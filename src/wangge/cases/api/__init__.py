"""Cases over HTTP, and the posts whose change moves cases."""

from wangge.cases.api.cases import router
from wangge.cases.api.handovers import handovers

__all__ = ["handovers", "router"]
