"""Building the sample city."""

from wangge.demo.actions.city import DEFAULT_CASES, build_city
from wangge.demo.actions.township import expect_visits, register_township

__all__ = ["DEFAULT_CASES", "build_city", "expect_visits", "register_township"]
