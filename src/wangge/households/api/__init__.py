"""The registers over HTTP."""

from wangge.households.api.compounds import router
from wangge.households.api.homes import households, residents

__all__ = ["households", "residents", "router"]
