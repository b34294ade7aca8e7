"""Building the sample city."""

from wangge.demo.actions.city import DEFAULT_CASES, build_city
from wangge.demo.actions.township import register_township

__all__ = ["DEFAULT_CASES", "build_city", "register_township"]
