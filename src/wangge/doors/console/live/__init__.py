"""What others do appears on a desk without reload: one hub in each web process hears of changes and tells the open desks."""

from wangge.doors.console.live.desks import Desk
from wangge.doors.console.live.hub import HUB, Full, Hub

__all__ = ["HUB", "Desk", "Full", "Hub"]
