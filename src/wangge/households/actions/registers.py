"""Households and residents from a community's own list: read row by row, sealed, taken in set-wise, all of it or nothing."""

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from wangge.access import Verb, Viewer
from wangge.access.viewer import common_path
from wangge.areas import queries as areas
from wangge.areas.models import Area
from wangge.base.calendar import SHANGHAI
from wangge.base.digests import digest_of_file
from wangge.base.problems import Invalid, NotAllowed
from wangge.base.tables.reading import Fault, Row, rows_of
from wangge.households.actions.arriving import Arriving, Lines, escaped, new_ids
from wangge.households.models import ColumnMapping, Compound
from wangge.households.queries.lists import columns_of_list
from wangge.households.rules import RegisterImportRefused
from wangge.households.rules.headings import Kind, check_mapping
from wangge.households.rules.people import PLATE_LETTERS, RESIDENCIES
from wangge.households.rules.register_rows import RegisterRow, place_in, row_reader
from wangge.journal.actions import record

Progress = Callable[[str, int], None]

#: Rows that are taken in by one pass of the statements: more cost memory, and the database longer waits for the first; fewer
#: cost statements.
AT_ONCE = 10_000
_BLOCK = 2_000


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class RegisterReport:
    """What came new; how many rows the register knew already; how many were wrong and left out, as asked."""

    homes_added: int
    households_added: int
    residents_added: int
    known: int
    left_out: int


def import_register(
    viewer: Viewer,
    path: Path,
    kind: Kind,
    *,
    now: datetime,
    area: str = "",
    mapping: Mapping[str, str] | None = None,
    residency: str = "registered_present",
    leave_out_wrong: bool = False,
    sheet: str | None = None,
    made_up: bool = False,
    progress: Progress | None = None,
) -> RegisterReport:
    """Takes a CSV or spreadsheet of households or of residents into the registers of `area`, by default the viewer's.

    `mapping` (heading → column) says what the columns mean, else what was said for this area before and what the headings
    seem to mean (`rules.headings`); it is remembered. Where a row names no residency, `residency` holds. What stands in the
    register already is left as it is, so that the same list adds nothing twice. RegisterImportRefused names every wrong
    cell, without its private words, and nothing is written; with `leave_out_wrong` only these rows are left out.
    """
    if residency not in RESIDENCIES:
        raise Invalid(field="residency", expected=", ".join(RESIDENCIES))
    home = _home(viewer, area)
    columns = (
        check_mapping(mapping, kind)
        if mapping is not None
        else columns_of_list(viewer, path, kind, home, sheet)
    )
    with transaction.atomic():
        ground = Ground(viewer, home)
        taking = _Taking(kind, ground, residency, now, made_up=made_up)
        with closing(rows_of(path, columns, sheet=sheet, faults=taking.faults)) as rows:
            taking.run(rows, progress or (lambda _stage, _done: None))
        report = taking.report(leave_out_wrong=leave_out_wrong)
        remember_columns(viewer, home, kind, columns, now=now)
        if report.homes_added + report.households_added + report.residents_added:
            _record(viewer, home, path, kind, report, now)
    return report


def remember_columns(
    viewer: Viewer, home: str, kind: Kind, columns: Mapping[str, str], *, now: datetime
) -> None:
    """Keeps what the headings of an area's lists mean, beside what was said of other headings before."""
    if not viewer.may(Verb.HOUSEHOLD_CHANGE, home):
        raise NotAllowed
    known = ColumnMapping.objects.filter(path=home, kind=kind).first()
    said = {**(known.columns if known else {}), **columns}
    if known is None:
        ColumnMapping.objects.create(path=home, kind=kind, columns=said, changed_at=now)
    elif known.columns != said:
        known.columns, known.changed_at = said, now
        known.save(update_fields=["columns", "changed_at"])


def _home(viewer: Viewer, area: str) -> str:
    """The path of the area that a list is of; NotAllowed where the viewer keeps no register."""
    path = areas.area_by_code(area).path if area else common_path(viewer.homes)
    if not path or not viewer.may(Verb.HOUSEHOLD_CHANGE, path):
        raise NotAllowed
    return path


_IMPORTED: Mapping[Kind, str] = {"households": "households.imported", "residents": "residents.imported"}


def _record(viewer: Viewer, home: str, path: Path, kind: Kind, report: RegisterReport, now: datetime) -> None:
    record(
        viewer,
        verb=_IMPORTED[kind],
        subject=f"area:{home.rsplit('.', 1)[-1]}",
        path=home,
        at=now,
        after={
            "homes": report.homes_added,
            "households": report.households_added,
            "residents": report.residents_added,
            "left_out": report.left_out,
            "sha256": digest_of_file(path),
        },
    )


class Ground:
    """Where rows can lie: the areas at and below the list's own by code and name, and its estates and villages by name."""

    def __init__(self, viewer: Viewer, home: str) -> None:
        self.home = home
        # A list of a grid may name its community: the areas above are known by name too, and lie too high for a home.
        standing = Area.objects.filter(valid_to__isnull=True).extra(
            where=["path <@ %s::ltree"], params=[home]
        )
        found = list(standing.values_list("code", "name", "path", "level", "kind"))
        self.full = {
            path.rpartition(".")[0]
            for _code, _name, path, level, kind in found
            if level == "grid" and kind == "public"
        }
        self.named: dict[str, str] = {}
        for code, name, path, _level, _kind in found:
            self.named[code] = path
            self.named[name] = path if self.named.get(name, path) == path else ""
        self.compounds: dict[str, list[tuple[str, str]]] = {}
        kept = Compound.objects.filter(valid_to__isnull=True).extra(
            where=["path <@ %s::ltree"], params=[_above(home)]
        )
        for code, name, aliases, path in kept.values_list("code", "name", "aliases", "path"):
            for called in (name, *aliases):
                self.compounds.setdefault(called, []).append((code, path))
        self.allowed: dict[str, bool] = {}
        self.viewer = viewer

    def compound(self, called: str, path: str) -> tuple[str, str] | None:
        """The one estate or village of this name in the place or its community; None where none or several are."""
        near = [
            each
            for each in self.compounds.get(called, ())
            if f"{each[1]}.".startswith(f"{_above(path or self.home)}.")
        ]
        return near[0] if len(near) == 1 else None

    def may(self, path: str) -> bool:
        if path not in self.allowed:
            inside = f"{path}.".startswith(f"{self.home}.")
            self.allowed[path] = inside and self.viewer.may(Verb.HOUSEHOLD_CHANGE, path)
        return self.allowed[path]

    def holds_homes(self, path: str) -> bool:
        """A grid, or a community that has none."""
        return path.count(".") >= _GRID or (path.count(".") == _COMMUNITY and path not in self.full)


_GRID, _COMMUNITY = 4, 3
#: Of each byte of chance five bits become a letter: 32 letters, none likelier than another.
_PLATES = bytes(PLATE_LETTERS.encode()[byte % len(PLATE_LETTERS)] for byte in range(256))
_PLATE = 16


def _above(path: str) -> str:
    """The community of a grid; else the place itself."""
    return path.rpartition(".")[0] if path.count(".") >= _GRID else path


_AT_ONE_DOOR = ("number", "area", "compound", "building", "unit", "room", "address")


def _chunks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    """So many rows at once; those of one door that follow each other stay together."""
    chunk = list(islice(rows, AT_ONCE))
    while chunk:
        last, following = chunk[-1].values, []
        for row in rows:
            if any(row.values.get(name) != last.get(name) for name in _AT_ONE_DOOR):
                following = [row]
                break
            chunk.append(row)
        yield chunk
        chunk = following + list(islice(rows, AT_ONCE - len(following)))


@dataclass(slots=True)
class _Taking:
    """One list on its way: what is wrong so far, and the rows that go to the database while the next ones are read."""

    kind: Kind
    ground: Ground
    residency: str
    now: datetime
    made_up: bool = field(kw_only=True)
    faults: list[Fault] = field(default_factory=list)
    arriving: Any = None
    twice: list[int] = field(default_factory=list)

    def run(self, rows: Iterator[Row], told: Progress) -> None:
        today = self.now.astimezone(SHANGHAI).date()
        read, done = row_reader(self.kind, today=today), 0
        connection.ensure_connection()
        # Sealing keeps one core busy and the database another. The driver's own connection may pass between threads;
        # only one of them asks at a time.
        raw = connection.connection
        with raw.cursor() as cursor, ThreadPoolExecutor(1) as other:
            older = len(settings.PRIVATE_KEYS.keys) > 1
            self.arriving = Arriving(cursor, today=today, made_up=self.made_up, older_keys=older)
            sealer = _Sealer(self)
            pending: Future[None] | None = None
            for chunk in _chunks(rows):
                good = []
                for line in chunk:
                    row, wrong = read(line)
                    if row:
                        good.append(row)
                    else:
                        self.faults += wrong
                placed = sealer.placed(good, pending)
                blocks = sealer.blocks(placed)
                if pending:
                    pending.result()
                pending = other.submit(self.arriving.take, blocks)
                done += len(chunk)
                told("taken in", done)
            if pending:
                pending.result()

    def report(self, *, leave_out_wrong: bool) -> RegisterReport:
        for line in self.twice:
            self.faults.append(Fault(line, "identity", "•••", _("each person once in a list")))
        for line in self.arriving.elsewhere:
            self.faults.append(
                Fault(
                    line,
                    "identity",
                    "•••",
                    _("somebody who does not live elsewhere in the register: move them on their page"),
                )
            )
        if self.faults and not leave_out_wrong:
            raise RegisterImportRefused(sorted(self.faults, key=lambda fault: fault.line))
        return RegisterReport(
            self.arriving.homes,
            self.arriving.households,
            self.arriving.residents,
            self.arriving.known,
            len({fault.line for fault in self.faults}),
        )


class _Sealer:
    """Rows to the lines of COPY, each with its place, its private texts sealed under the id that its person gets."""

    def __init__(self, taking: _Taking) -> None:
        self.taking, self.ground = taking, taking.ground
        ring = settings.PRIVATE_KEYS
        self.identity, self.phone = (
            ring.sealer("households_resident", name) for name in ("identity", "phone")
        )
        self.registered = ring.sealer("households_resident", "registered_address")
        self.identity_hash, self.phone_hash = ring.hasher("identity"), ring.hasher("phone")
        self.lookups = ring.lookups
        self.older = len(ring.keys) > 1
        self.milliseconds = int(taking.now.timestamp() * 1000)
        self.places: dict[str, str] = {}

    def placed(self, rows: Sequence[RegisterRow], pending: Future[None] | None) -> list[tuple[Any, ...]]:
        """Each row with its path, estate, building and door; a row whose place is not found is told as wrong."""
        points = [index for index, row in enumerate(rows) if row.lon is not None and not row.area]
        held: dict[int, str] = {}
        if points:
            if pending:
                pending.result()  # the atlas asks the database, which one thread may do at a time
            found = areas.locate_many(
                [rows[index].lon for index in points], [rows[index].lat for index in points]
            )
            held = {index: place.path for index, place in zip(points, found, strict=True)}
        placed = []
        for index, row in enumerate(rows):
            called, building, door = place_in(row)
            path = self.ground.named.get(row.area, "") if row.area else held.get(index, "")
            estate = self.ground.compound(called, path) if called else None
            if not row.area and not path:
                path = estate[1] if estate else self.ground.home
            if not self.ground.holds_homes(path) or not self.ground.may(path):
                self._refuse(row, path)
                continue
            if called and not estate and called != building:
                building = f"{called}{building}"[:80]
            placed.append((row, path, estate[0] if estate else None, building[:80], door))
        return placed

    def _refuse(self, row: RegisterRow, path: str) -> None:
        column = "area" if row.area or row.lon is None else "lon"
        expected = (
            _("a grid in which you keep the register")
            if path and self.ground.holds_homes(path)
            else _("the grid: its code or name, a point inside it, or an estate that is in the register")
        )
        self.taking.faults.append(Fault(row.line, column, row.area, expected))

    def blocks(self, placed: Sequence[tuple[Any, ...]]) -> Lines:
        """Lines in the text format of COPY. A city has millions of them: what can be made for many at once is, and no line
        asks more than it must. Whose household a row belongs to: rows of one number, else at one door from one head to the next.
        """
        chunk = _Chunk(self, len(placed))
        seen: set[str] = set()
        people = []
        for at, (row, path, compound, building, door) in enumerate(placed):
            if row.identity:
                if row.identity in seen:
                    self.taking.twice.append(row.line)
                    continue
                seen.add(row.identity)
            family = chunk.family_of(row, path, compound, building, door)
            people.append(self._line(row, family, chunk.ids[at]))
        return Lines(chunk.homes_told(), chunk.families_told(), _joined(people))

    def _line(self, row: RegisterRow, family: int, rid: str) -> str:
        identity, phone, name, relation = row.identity, row.phone, row.name, row.relation
        private = "\\N\t\\N\t\\N"
        called = "\\N\t\\N\t"
        if identity:
            older = _hashes(self.lookups("identity", identity)[1:]) if self.older else "\\N"
            private = f"{_BYTES}{self.identity(identity, rid).hex()}\t{_BYTES}{self.identity_hash(identity).hex()}\t{older}"
        if phone:
            called = f"{_BYTES}{self.phone(phone, rid).hex()}\t{_BYTES}{self.phone_hash(phone).hex()}\t{phone[-4:]}"
        if "\\" in name:
            name = escaped(name)
        if self.taking.kind == "households":
            relation = "head"
        at = row.registered_at
        registered = f"{_BYTES}{self.registered(at, rid).hex()}" if at else _NONE
        return (
            f"{row.line}\t{family}\t{rid if name else _NONE}\t{name}"
            f"\t{row.born_on.year if row.born_on and name else _NONE}\t{row.sex}"
            f"\t{row.residency or self.taking.residency}\t{relation}\t{private}\t{called}\t{registered}\n"
        )

    def place(self, path: str) -> str:
        """The path and its codes of township, community and grid."""
        known = self.places.get(path)
        if known is None:
            codes = [*path.split("."), "", "", ""]
            known = self.places[path] = "\t".join((path, codes[2], codes[3], codes[4]))
        return known


@dataclass(slots=True)
class _Home:
    """One door of a chunk, and of whom it heard. `told`: its line of COPY but for the places."""

    told: str
    block: int
    heads: int = 0
    spots: list[tuple[float, float]] = field(default_factory=list)


@dataclass(slots=True)
class _Family:
    home: int
    line: int
    number: str
    headed: bool = False
    plot: bool = False


class _Chunk:
    """The homes and families that the rows of a chunk speak of, each once, with ids for those that are not there yet."""

    def __init__(self, sealer: _Sealer, rows: int) -> None:
        self.sealer = sealer
        self.headed = sealer.taking.kind == "households"
        self.ids = new_ids(sealer.milliseconds, rows)
        sealer.milliseconds += 1
        self.homes: dict[tuple[str, str | None, str, str], int] = {}
        self.blocks: dict[tuple[str, str | None, str], int] = {}
        self.families: dict[tuple[int, str], int] = {}
        self.of_home: list[_Home] = []
        self.of_block: list[list[tuple[float, float]]] = []
        self.of_family: list[_Family] = []

    def family_of(self, row: RegisterRow, path: str, compound: str | None, building: str, door: str) -> int:
        key = (path, compound, building, door)
        at = self.homes.get(key)
        if at is None:
            at = self.homes[key] = self._add_home(path, compound, building, door)
        home = self.of_home[at]
        if row.lon is not None and row.lat is not None:
            home.spots.append((row.lon, row.lat))
            self.of_block[home.block].append((row.lon, row.lat))
        head = self.headed or row.relation == "head"
        if row.number:
            part = row.number
        else:
            home.heads += head
            part = f"\t{max(1, home.heads)}"
        family = self.families.get((at, part))
        if family is None:
            family = self.families[at, part] = len(self.of_family)
            self.of_family.append(_Family(at, row.line, row.number))
        of = self.of_family[family]
        of.headed |= head
        of.plot |= bool(row.vegetable_plot)
        return family

    def _add_home(self, path: str, compound: str | None, building: str, door: str) -> int:
        block = self.blocks.setdefault((path, compound, building), len(self.of_block))
        if block == len(self.of_block):
            self.of_block.append([])
        if "\\" in building or "\\" in door:
            building, door = escaped(building), escaped(door)
        told = f"{block}\t{self.sealer.place(path)}\t{compound or _NONE}\t{building}\t{door}"
        self.of_home.append(_Home(told, block))
        return len(self.of_home) - 1

    def homes_told(self) -> list[bytes]:
        count = len(self.of_home)
        plates = secrets.token_bytes(_PLATE * count).translate(_PLATES).decode()
        buildings = new_ids(self.sealer.milliseconds, len(self.of_block))
        dwellings = new_ids(self.sealer.milliseconds, count)
        blocks = [_middle(spots) for spots in self.of_block]
        return _joined(
            [
                f"{at}\t{home.told}\t{plates[at * _PLATE : (at + 1) * _PLATE]}\t{_middle(home.spots)}\t{blocks[home.block]}"
                f"\t{buildings[home.block]}\t{dwellings[at]}\n"
                for at, home in enumerate(self.of_home)
            ]
        )

    def families_told(self) -> list[bytes]:
        ids = new_ids(self.sealer.milliseconds, len(self.of_family))
        return _joined(
            [
                f"{at}\t{of.home}\t{of.line}\t{escaped(of.number)}\t{'t' if of.headed else 'f'}\t{'t' if of.plot else 'f'}\t{ids[at]}\n"
                for at, of in enumerate(self.of_family)
            ]
        )


def _middle(spots: Sequence[tuple[float, float]]) -> str:
    """Where something lies of which several rows say so."""
    if not spots:
        return f"{_NONE}\t{_NONE}"
    lons, lats = zip(*spots, strict=True)
    return f"{sum(lons) / len(lons)}\t{sum(lats) / len(lats)}"


def _joined(lines: Sequence[str]) -> list[bytes]:
    return ["".join(lines[start : start + _BLOCK]).encode() for start in range(0, len(lines), _BLOCK)]


_NONE = "\\N"
_BYTES = "\\\\x"


def _hashes(hashes: Sequence[bytes]) -> str:
    return "{" + ",".join(f'"\\\\\\\\x{each.hex()}"' for each in hashes) + "}"
