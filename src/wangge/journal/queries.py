"""Reading the journal: an entry's history, a command's answer, and the proof of the chain."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connections
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from wangge.access import Viewer
from wangge.journal.models import Entry


def entries_of(viewer: Viewer, subject: str, *, limit: int = 500) -> list[Entry]:  # noqa: ARG001 - the row policy uses it
    """What was done to `subject`, oldest first, as far as the viewer may see it."""
    return list(Entry.objects.filter(subject=subject).order_by("id")[:limit])


def entry_of_command(viewer: Viewer, command_id: UUID) -> Entry | None:  # noqa: ARG001 - the row policy uses it
    """The entry that a command left, if it was carried out before."""
    return Entry.objects.filter(command_id=command_id).first()


def latest_entries(
    viewer: Viewer,  # noqa: ARG001 - the row policy uses it
    paths: Sequence[str],
    *,
    verb: str = "",
    before: int | None = None,
    limit: int = 50,
) -> list[Entry]:
    """What was done at or below these paths, the newest first, from below the entry whose id is `before`."""
    found = Entry.objects.filter(RawSQL("path <@ any (%s::ltree[])", [list(paths)], BooleanField()))
    if verb:
        found = found.filter(verb=verb)
    if before is not None:
        found = found.filter(id__lt=before)
    return list(found.order_by("-id")[:limit])


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
