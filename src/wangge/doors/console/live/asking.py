"""The same news for whoever asks now and then, read in the request's own transaction under its own scope."""

from dataclasses import dataclass
from datetime import timedelta

from wangge.access import Viewer
from wangge.base import clock
from wangge.cases import queries as cases
from wangge.doors.console.live.desks import News
from wangge.doors.console.live.hub import BEFORE_SECONDS, KEPT, MOST_AT_ONCE, case_of
from wangge.journal import queries as journal

#: Entries so young may still be followed by one with a lower number: the next answer tells them again.
JUST_NOW = timedelta(seconds=BEFORE_SECONDS)


@dataclass(frozen=True, slots=True)
class Standing:
    """What was done after the entry that was asked about; `since` is where to go on from."""

    since: int
    missed: bool
    news: list[News]


def standing_since(viewer: Viewer, since: int | None) -> Standing:
    """Without `since` what was done since the page was made, a moment ago. `missed` when it is too much to be told one by one."""
    newest = journal.journal_reading().newest
    now = clock.now()
    if since is not None and since < newest - KEPT:
        return Standing(newest, missed=True, news=[])
    acts = journal.acts_after(viewer, max(newest - KEPT, 0) if since is None else since, limit=KEPT)
    if since is None:
        acts = [act for act in acts if act.at > now - JUST_NOW]
        since = newest
    settled = max((act.id for act in acts if act.at < now - JUST_NOW), default=since)
    about = {act.id: case_id for act in acts if (case_id := case_of(act))}
    standing = cases.cases_now(viewer, set(about.values())) if about else {}
    last = {about[act.id]: act for act in acts if about.get(act.id) in standing}
    if len(last) > MOST_AT_ONCE:
        return Standing(newest, missed=True, news=[])
    return Standing(settled, missed=False, news=[News(act, standing[case]) for case, act in last.items()])
