"""Reading the journal: an entry's history, a command's answer, and the proof of the chain."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connections
from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL

from wangge.access import Viewer
from wangge.base.problems import OtherContent
from wangge.journal.models import Entry


def entries_of(viewer: Viewer, subject: str, *, limit: int = 500) -> list[Entry]:  # noqa: ARG001 - the row policy uses it
    """What was done to `subject`, oldest first, as far as the viewer may see it."""
    return list(Entry.objects.filter(subject=subject).order_by("id")[:limit])


def story_of(
    viewer: Viewer,  # noqa: ARG001 - the row policy uses it
    subject: str,
    *,
    before: int | None = None,
    most: int = 60,
) -> tuple[list[Entry], int]:
    """The newest entries about `subject` (older than the one with the id `before`), oldest first, and how many are older."""
    about = Entry.objects.filter(subject=subject)
    newest = about if before is None else about.filter(id__lt=before)
    entries = list(newest.order_by("-id")[:most])[::-1]
    earlier = about.filter(id__lt=entries[0].id).count() if len(entries) == most else 0
    return entries, earlier


def reasons_given(viewer: Viewer, subjects: Collection[str]) -> list[Entry]:  # noqa: ARG001 - the row policy uses it
    """What people gave as a reason when they did something about these subjects, oldest first."""
    given = Entry.objects.filter(subject__in=list(subjects), actor_id__isnull=False).exclude(reason="")
    return list(given.order_by("id"))


def entry_of_command(viewer: Viewer, command_id: UUID) -> Entry | None:  # noqa: ARG001 - the row policy uses it
    """The entry that a command left, if it was carried out before."""
    return Entry.objects.filter(command_id=command_id).first()


def carried_out(viewer: Viewer, command_id: UUID, *, verb: str, subject: str) -> bool:
    """Whether this command has done this to the subject before; OtherContent when it did something else."""
    entry = entry_of_command(viewer, command_id)
    if entry is not None and not entry.tells(verb=verb, subject=subject):
        raise OtherContent
    return entry is not None


def entries_of_commands(viewer: Viewer, command_ids: Iterable[UUID]) -> dict[UUID, Entry]:  # noqa: ARG001 - the row policy uses it
    """The entries that these commands left, by command, of those that were carried out before."""
    found = Entry.objects.filter(command_id__in=list(command_ids))
    return {entry.command_id: entry for entry in found if entry.command_id}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the journal is asked for: `paths` at or below which it was done; `verb` a journal verb, or the noun before its
    point; `actors` accounts; `subject` as the journal names it; `since` ≤ at < `until`.
    """

    paths: tuple[str, ...]
    verb: str = ""
    actors: tuple[int, ...] | None = None
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None


def latest_entries(
    viewer: Viewer,  # noqa: ARG001 - the row policy uses it
    wanted: Wanted,
    *,
    before: tuple[datetime, int] | None = None,
    limit: int = 50,
) -> list[Entry]:
    """The newest entries that are asked for, from below the one whose moment and id are `before`."""
    found = Entry.objects.filter(RawSQL("path <@ any (%s::ltree[])", [list(wanted.paths)], BooleanField()))
    if wanted.verb:
        noun = "." not in wanted.verb
        found = found.filter(verb__startswith=f"{wanted.verb}.") if noun else found.filter(verb=wanted.verb)
    if wanted.actors is not None:
        found = found.filter(actor_id__in=wanted.actors)
    if wanted.subject:
        found = found.filter(subject=wanted.subject)
    if wanted.since:
        found = found.filter(at__gte=wanted.since)
    if wanted.until:
        found = found.filter(at__lt=wanted.until)
    if before:
        at, entry_id = before
        found = found.filter(Q(at__lt=at) | Q(id__lt=entry_id), at__lte=at)
    return list(found.order_by("-at", "-id")[:limit])


@dataclass(frozen=True)
class Break:
    """The first entry of a chain that is not as it was written."""

    area_id: str
    seq: int
    entry_id: int | None
    what: str


# One pass over the chain in its own order; the server recomputes each hash as the trigger made it.
_BREAKS = """
with linked as (
  select e.area_id, e.seq, e.id, e.hash, e.prev_hash,
         coalesce(lag(e.hash) over chain, ''::bytea) as before_hash,
         coalesce(lag(e.seq) over chain, 0) as before_seq,
         journal_digest(e, e.prev_hash) as right_hash
    from journal_entry e window chain as (partition by e.area_id order by e.seq)),
broken as (
  select area_id, seq, id, case
      when seq <> before_seq + 1 then 'removed'
      when hash <> right_hash then 'changed'
      when prev_hash <> before_hash then 'inserted' end as what
    from linked
   where seq <> before_seq + 1 or hash <> right_hash or prev_hash <> before_hash
  union all
  select h.area_id, coalesce(max(e.seq), 0) + 1, null, 'removed'
    from journal_head h left join journal_entry e using (area_id)
   group by h.area_id, h.seq having coalesce(max(e.seq), 0) < h.seq
  union all
  select e.area_id, max(e.seq), max(e.id), 'inserted'
    from journal_entry e left join journal_head h using (area_id)
   group by e.area_id, h.seq having max(e.seq) > coalesce(h.seq, 0))
select distinct on (area_id) area_id, case when what = 'removed' and id is not null then before_missing else seq end, id, what
  from (select b.*, (select coalesce(max(e.seq), 0) + 1 from journal_entry e
                      where e.area_id = b.area_id and e.seq < b.seq) as before_missing from broken b) as first
 order by area_id, seq, id
"""


def chain_breaks() -> tuple[int, list[Break]]:
    """All entries counted, and the first wrong one per area. Reads as the owner: the proof covers every area."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("select count(*) from journal_entry")
        (total,) = cursor.fetchone()
        cursor.execute(_BREAKS)
        return total, [Break(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Act:
    """An entry as those hear of it who watch: nothing of what was said."""

    id: int
    at: datetime
    by: str
    by_id: int | None
    verb: str
    subject: str
    path: str
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """`newest` is the last number drawn, wherever the entry lies. Transactions below `oldest_open` have ended, those from `next_one` on
    had not begun.
    """

    newest: int
    oldest_open: int
    next_one: int


_READING = """
select coalesce(pg_sequence_last_value('journal_entry_id_seq'), 0),
       pg_snapshot_xmin(now)::text::bigint, pg_snapshot_xmax(now)::text::bigint from pg_current_snapshot() now
"""


def journal_reading() -> Reading:
    """How far the journal is written. Numbers are drawn before an entry is committed: a lower one may still come."""
    with connections["default"].cursor() as cursor:
        cursor.execute(_READING)
        return Reading(*cursor.fetchone())


def acts_after(viewer: Viewer, after: int, *, known: Collection[int] = (), limit: int = 1000) -> list[Act]:  # noqa: ARG001 - the row policy uses it
    """What was written with numbers above `after`, but for what is `known`, in the order of the numbers."""
    rows = Entry.objects.filter(id__gt=after).exclude(id__in=list(known)).order_by("id")
    columns = ("id", "at", "actor_name", "actor_id", "verb", "subject", "path", "before", "after")
    return [Act(*row) for row in rows.values_list(*columns)[:limit]]
