"""A list of staff taken from a table: accounts, posts and who holds them, all of it or nothing, written set-wise."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from wangge.access import Verb, Viewer
from wangge.access.viewer import common_path
from wangge.areas.models import Area
from wangge.base.digests import digest_of_file
from wangge.base.tables.reading import Fault, rows_of
from wangge.journal.actions import record
from wangge.staff.actions.appointing import has_all, may_give, today_of
from wangge.staff.models import Department, PostKind
from wangge.staff.rules import StaffImportRefused
from wangge.staff.rules.matching import Key, OpenPost, key_of, match_posts
from wangge.staff.rules.rows import COLUMNS, REQUIRED, StaffRow, Words, folded, read_row

Progress = Callable[[str, int], None]


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class StaffReport:
    """What came new, and how many rows stood already as the file says."""

    accounts_added: int
    posts_opened: int
    assigned: int
    unchanged: int


@dataclass(slots=True)
class _Plan:
    """What is to be written, and what is wrong."""

    paths: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, tuple[StaffRow, str]] = field(default_factory=dict)
    account_ids: dict[str, int] = field(default_factory=dict)
    given: list[tuple[StaffRow, int | None]] = field(default_factory=list)
    unchanged: int = 0
    faults: list[Fault] = field(default_factory=list)

    def refuse(self, row: StaffRow, column: str, value: str, expected: str) -> None:
        self.faults.append(Fault(row.line, column, value, expected))


def import_staff(
    viewer: Viewer, path: Path, *, now: datetime, progress: Progress | None = None
) -> StaffReport:
    """Takes a CSV or spreadsheet of who holds which post; headers in Chinese or English (`rules.rows.COLUMNS`).

    A username that is new makes an account, which nobody can sign in with until it has a password. Each row takes a post
    of its kind in its area that nobody holds on its days, else opens one; what stands already is left, so the same file
    can be taken again. StaffImportRefused names every wrong cell; TableProblem a file that cannot be read.
    """
    told = progress or (lambda _stage, _done: None)
    today = today_of(now)
    with transaction.atomic():
        kinds = {kind.code: kind for kind in PostKind.objects.all()}
        plan = _Plan()
        rows = list(_read(path, _words(kinds), today, plan.faults))
        told("read", len(rows))
        _check_places(plan, viewer, rows, kinds)
        _check_accounts(plan, viewer, rows)
        _check_faults(plan)
        _match(plan, rows, kinds, today)
        _check_own(plan, viewer, kinds)
        _check_faults(plan)
        report = _write(plan, now)
        told("written", len(rows))
        if report.assigned:
            _record(viewer, plan, path, report, now)
    return report


def _words(kinds: dict[str, PostKind]) -> Words:
    return Words(
        kinds={folded(name): kind.code for kind in kinds.values() for name in (kind.code, kind.zh, kind.en)},
        departments={
            folded(name): department.code
            for department in Department.objects.all()
            for name in (department.code, department.zh, department.en)
        },
        handling=frozenset(code for code, kind in kinds.items() if "handle" in kind.duties),
    )


def _read(path: Path, words: Words, today: date, faults: list[Fault]) -> Iterator[StaffRow]:
    with closing(rows_of(path, COLUMNS, required=REQUIRED, faults=faults)) as rows:
        for cells in rows:
            row, wrong = read_row(cells, words, today=today)
            faults += wrong
            if row:
                yield row


def _check_places(plan: _Plan, viewer: Viewer, rows: list[StaffRow], kinds: dict[str, PostKind]) -> None:
    """Each area stands, and the viewer may give the rights of the post there; asked once for each pair of both."""
    standing = Area.objects.filter(valid_to__isnull=True, code__in={row.area for row in rows})
    plan.paths = dict(standing.values_list("code", "path"))
    allowed: dict[tuple[str, str], bool] = {}
    for row in rows:
        place = plan.paths.get(row.area)
        if place is None:
            plan.refuse(row, "area", row.area, _("the code of an area that stands"))
            continue
        pair = (row.area, row.kind)
        if pair not in allowed:
            kind = kinds[row.kind]
            allowed[pair] = may_give(viewer, kind.duties, place, confidential=kind.confidential)
        if not allowed[pair]:
            plan.refuse(row, "post", row.kind, _("a post that you may give in this area"))


def _check_accounts(plan: _Plan, viewer: Viewer, rows: list[StaffRow]) -> None:
    """A username is one person: the one who has it, or a new one, the same in every row."""
    first: dict[str, StaffRow] = {}
    seats: set[tuple[str, Key]] = set()
    for row in rows:
        if first.setdefault(row.username, row).name != row.name:
            plan.refuse(row, "name", row.name, _("the same name as in the other row with this username"))
        if (row.username, key_of(row)) in seats:
            plan.refuse(row, "username", row.username, _("each person once for a post in an area"))
        seats.add((row.username, key_of(row)))
    with connection.cursor() as cursor:
        cursor.execute("select username, id, name, home_path, ended from staff_usernames(%s)", [list(first)])
        known = {row[0]: row[1:] for row in cursor.fetchall()}
    for username, row in first.items():
        if username not in known:
            plan.accounts[username] = (row, plan.paths.get(row.area, ""))
            continue
        account_id, name, home, ended = known[username]
        plan.account_ids[username] = account_id
        if ended or not viewer.may(Verb.STAFF_CHANGE, home):
            plan.refuse(row, "username", username, _("a username that nobody has elsewhere or had before"))
        elif name != row.name:
            plan.refuse(row, "name", row.name, _("the name of the account with this username"))


_POSTS = """
select p.id, p.area_id, p.kind_id, coalesce(p.department_id, ''), c.username, s.from_on, s.to_on
  from staff_post p
  left join staff_assignment s on s.post_id = p.id and s.stands_in_for_id is null
       and (s.to_on is null or s.to_on >= s.from_on)
  left join staff_account c on c.id = s.account_id
 where p.area_id = any (%s) and (p.closed_on is null or p.closed_on >= %s)
 order by p.id for update of p
"""


def _match(plan: _Plan, rows: list[StaffRow], kinds: dict[str, PostKind], today: date) -> None:
    """Reads the open posts there, locked so that nobody takes one meanwhile, and chooses for each row."""
    posts: dict[Key, dict[int, OpenPost]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_POSTS, [list(plan.paths), today])
        for post_id, area, kind, department, holder, from_on, to_on in cursor.fetchall():
            held = posts[area, kind, department].setdefault(post_id, OpenPost(post_id))
            if from_on is not None:
                held.days.append((holder or "", from_on, to_on))
    shared = frozenset(code for code, kind in kinds.items() if kind.shared)
    by_key = {key: list(found.values()) for key, found in posts.items()}
    plan.given, plan.unchanged = match_posts(rows, by_key, shared)


def _check_own(plan: _Plan, viewer: Viewer, kinds: dict[str, PostKind]) -> None:
    """What is new of oneself gives nothing that one has not; what stands already somebody else has given."""
    for row, _post in plan.given:
        kind, place = kinds[row.kind], plan.paths[row.area]
        own = viewer.account_id is not None and plan.account_ids.get(row.username) == viewer.account_id
        if own and not has_all(viewer, kind.duties, place, confidential=kind.confidential):
            plan.refuse(row, "post", row.kind, _("no post for yourself that gives more than you have"))


def _check_faults(plan: _Plan) -> None:
    if plan.faults:
        raise StaffImportRefused(sorted(plan.faults, key=lambda fault: fault.line))


def _write(plan: _Plan, now: datetime) -> StaffReport:
    with connection.cursor() as cursor:
        _add_accounts(cursor, plan, now)
        opened = _open_posts(cursor, plan)
        _assign(cursor, plan)
    return StaffReport(len(plan.accounts), opened, len(plan.given), plan.unchanged)


def _add_accounts(cursor: Any, plan: _Plan, now: datetime) -> None:
    made = list(plan.accounts.items())
    cursor.execute(
        "insert into staff_account (username, name, password, home_path, language, created_at, failures)"
        " select u, n, '!', h::ltree, '', %s, 0 from unnest(%s::text[], %s::text[], %s::text[]) as t(u, n, h)"
        " returning username, id",
        [
            now,
            [name for name, _ in made],
            [row.name for _, (row, _) in made],
            [home for _, (_, home) in made],
        ],
    )
    plan.account_ids |= dict(cursor.fetchall())


def _open_posts(cursor: Any, plan: _Plan) -> int:
    """Numbers first, so that each row knows the post that it opened."""
    missing = sum(post is None for _, post in plan.given)
    cursor.execute(
        "select nextval(pg_get_serial_sequence('staff_post', 'id')) from generate_series(1, %s)", [missing]
    )
    numbers = iter([number for (number,) in cursor.fetchall()])
    new: dict[int, StaffRow] = {}
    for index, (row, post) in enumerate(plan.given):
        if post is None:
            number = next(numbers)
            new[number] = row
            plan.given[index] = (row, number)
    cursor.execute(
        "insert into staff_post (id, kind_id, area_id, path, department_id)"
        " select i, k, a, p::ltree, nullif(d, '')"
        " from unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[]) as t(i, k, a, p, d)",
        [
            list(new),
            [row.kind for row in new.values()],
            [row.area for row in new.values()],
            [plan.paths[row.area] for row in new.values()],
            [row.department for row in new.values()],
        ],
    )
    return len(new)


def _assign(cursor: Any, plan: _Plan) -> None:
    rows = [row for row, _ in plan.given]
    cursor.execute(
        "insert into staff_assignment (post_id, account_id, path, part, from_on, to_on)"
        " select p, a, h::ltree, w, f, t from unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[],"
        " %s::date[], %s::date[]) as x(p, a, h, w, f, t)",
        [
            [post for _, post in plan.given],
            [plan.account_ids[row.username] for row in rows],
            [plan.paths[row.area] for row in rows],
            [row.part for row in rows],
            [row.from_on for row in rows],
            [row.to_on for row in rows],
        ],
    )


def _record(viewer: Viewer, plan: _Plan, path: Path, report: StaffReport, now: datetime) -> None:
    """One entry at the lowest area that holds all rows; the file's hash says which list it was."""
    home = common_path(plan.paths[row.area] for row, _ in plan.given)
    record(
        viewer,
        verb="staff.imported",
        subject=f"area:{home.rsplit('.', 1)[-1]}",
        path=home,
        at=now,
        after={
            "accounts_added": report.accounts_added,
            "posts_opened": report.posts_opened,
            "assigned": report.assigned,
            "sha256": digest_of_file(path),
        },
    )
