"""What a phone may still send after it was reported lost (docs/decisions/0006): what its worker wrote until then, and not more than a
phone may hold. Pure.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

#: A phone without a network for weeks holds some hundreds of commands and photos.
MOST_COMMANDS = 5_000
MOST_PHOTOS = 1_000
#: Photos are shrunk to 300 kB and voices end after minutes.
MOST_BYTES = 2 * 1024 * 1024
#: Clocks that differ by less are not put right.
_SLACK = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class LastWords:
    """The lost phone, since when it is, and how much it may still send."""

    device_id: UUID
    since: datetime
    commands: int
    photos: int

    def takes(self, at: datetime) -> bool:
        """Whether it was written before the phone was reported lost. Who reported it did not have it in their hands any more."""
        return at <= self.since + _SLACK

    @property
    def bytes_each(self) -> int:
        """So large may what it brings now be."""
        return MOST_BYTES if self.photos > 0 else 0
