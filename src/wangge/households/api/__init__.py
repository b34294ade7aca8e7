"""The registers over HTTP."""

from wangge.households.api.compounds import router
from wangge.households.api.households import households
from wangge.households.api.residents import residents

__all__ = ["households", "residents", "router"]
