"""Where a phone stands: opaque to it, versioned, and no longer good when its viewer's areas or rights are others."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from wangge.base.paging import decode_cursor, encode_cursor

#: After so long a phone takes everything anew: what went by itself meanwhile (a visit of two years ago) goes with it.
LASTS = timedelta(days=30)
#: Raised when what phones are given changes its shape: all then take everything anew.
_SHAPE = 3


@dataclass(frozen=True, slots=True)
class Cursor:
    """`stamp` is the viewer's areas and rights in short, `begun` when everything was taken. All that transactions before
    `since` changed is known. `reach` is to whom cases could be given when that was told last, in short. In the midst of a walk `until` is where the next begins, and (`changed`, `row`) where it stands.
    """

    stamp: str
    begun: datetime
    since: int
    reach: str = ""
    until: int = 0
    changed: int = 0
    row: int = 0

    def text(self) -> str:
        numbers = (self.since, self.until, self.changed, self.row)
        return encode_cursor((_SHAPE, self.stamp, self.begun, self.reach, *numbers))

    def holds(self, stamp: str, now: datetime) -> bool:
        """Whether it can be gone on from; else everything is taken anew."""
        return self.stamp == stamp and now - self.begun < LASTS

    def standing(self, until: int, changed: int, row: int) -> "Cursor":
        return replace(self, until=self.until or until, changed=changed, row=row)

    def ended(self, horizon: int, reach: str) -> "Cursor":
        """After the last page: the next walk begins where the first page of this one found the horizon."""
        return replace(self, since=self.until or horizon, reach=reach, until=0, changed=0, row=0)


def cursor_in(text: str) -> Cursor | None:
    """The cursor; None for one of another shape. BadCursor for what is none of ours."""
    (shape, *_) = decode_cursor(text)
    if shape != _SHAPE:
        return None
    _, stamp, begun, reach, *numbers = decode_cursor(text, int, str, datetime, str, int, int, int, int)
    since, until, changed, row = (int(number) for number in numbers)  # type: ignore[arg-type]  # kinds were asked for
    return Cursor(str(stamp), begun, since, str(reach), until, changed, row)  # type: ignore[arg-type]  # as above
