"""Building the sample city."""

from wangge.demo.actions.city import DEFAULT_CASES, build_city

__all__ = ["DEFAULT_CASES", "build_city"]
