"""The registers over HTTP."""

from wangge.households.api.compounds import router

__all__ = ["router"]
