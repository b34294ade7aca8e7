"""Cases over HTTP, and the posts whose change moves cases."""

from wangge.cases.api.cases import router
from wangge.cases.api.handovers import handovers
from wangge.cases.api.lists import views
from wangge.cases.api.mediations import mediations
from wangge.cases.api.texts import router as texts

__all__ = ["handovers", "mediations", "router", "texts", "views"]
