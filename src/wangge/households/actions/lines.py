"""Rows of a list to the lines of COPY: each in its place, its private texts sealed under the id that its person gets.

Whose household a row belongs to is found here: rows of one number, else at one door from one head to the next. A city has
millions of rows: what can be made for many at once is, and no row asks more than it must.
"""

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress

from django.conf import settings

from wangge.access import Verb, Viewer
from wangge.areas import queries as areas
from wangge.areas.models import Area
from wangge.base.tables.reading import Fault
from wangge.households.actions.arriving import Lines, escaped, new_ids
from wangge.households.models import Compound
from wangge.households.rules.headings import Kind
from wangge.households.rules.people import PLATE_LETTERS
from wangge.households.rules.register_rows import RegisterRows, split_place

_GRID, _COMMUNITY = 4, 3
#: Of each byte of chance five bits become a letter: 32 letters, none likelier than another.
PLATES = bytes(PLATE_LETTERS.encode()[byte % len(PLATE_LETTERS)] for byte in range(256))
_PLATE = 16
_NONE = "\\N"
_BYTES = "\\\\x"


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


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


def _above(path: str) -> str:
    """The community of a grid; else the place itself."""
    return path.rpartition(".")[0] if path.count(".") >= _GRID else path


@dataclass(slots=True)
class _Home:
    """One door that rows of a chunk speak of; `at`: its number among those of which a line is written."""

    path: str
    compound: str
    building: str
    door: str
    at: int = -1
    block: int = -1
    heads: int = 0
    last: "_Family | None" = None
    numbered: "dict[str, _Family] | None" = None
    spots: list[tuple[float, float]] | None = None


@dataclass(slots=True)
class _Family:
    at: int
    home: int
    line: int
    number: str
    headed: bool = False
    plot: bool = False


class LineMaker:
    """Makes lines of the rows of one list, chunk after chunk. What is wrong with a row's place, and who comes twice, is told."""

    def __init__(
        self, ground: Ground, kind: Kind, residency: str, milliseconds: int, faults: list[Fault]
    ) -> None:
        self.ground, self.kind, self.residency, self.faults = ground, kind, residency, faults
        self.milliseconds = milliseconds
        ring = settings.PRIVATE_KEYS
        self.sealers = {
            name: ring.many_sealer("households_resident", name)
            for name in ("identity", "phone", "registered_address")
        }
        self.hashers = {name: ring.hasher(name) for name in ("identity", "phone")}
        self.lookups = ring.lookups
        self.older = len(ring.keys) > 1
        self.places: dict[str, str] = {}

    def lines(self, rows: RegisterRows, ready: Callable[[], object]) -> Lines:
        """`ready` waits until the database may be asked."""
        rows, homes = self._placed(rows, ready)
        first = _first_of_each(rows.identity)
        for line in compress(rows.line, (not one for one in first)):
            self.faults.append(Fault(line, "identity", "•••", _("each person once in a list")))
        rows = rows.only(first)
        chunk = _Chunk(self, rows, list(compress(homes, first)))
        ids = new_ids(self.milliseconds, len(rows.line))
        people = self._people(rows, chunk.family_of, ids)
        told = Lines(
            chunk.homes_told(), chunk.families_told(), people, len(rows.line), not all(rows.identity)
        )
        self.milliseconds += 1
        return told

    def _placed(self, rows: RegisterRows, ready: Callable[[], object]) -> tuple[RegisterRows, list[_Home]]:
        """The rows whose place is found and the viewer's, with the home of each; the others are told."""
        spots = self._places_of_spots(rows, ready)
        known: dict[tuple[str, ...], _Home | str] = {}
        homes: dict[tuple[str, ...], _Home] = {}
        columns = (rows.area, rows.compound, rows.building, rows.unit, rows.room, rows.address, spots)
        keys: list[tuple[str, ...]] = list(zip(*filter(any, columns), strict=True)) or [()] * len(rows.line)
        for index, key in enumerate(keys):
            if key not in known:
                known[key] = self._home([column[index] for column in columns], homes)
        found = list(map(known.__getitem__, keys))
        kept = [True] * len(found)
        for index, home in enumerate(found) if any(type(home) is str for home in known.values()) else ():
            if isinstance(home, str):
                kept[index] = False
                self._refuse(rows, index, home)
        return rows.only(kept), [home for home in found if not isinstance(home, str)]

    def _places_of_spots(self, rows: RegisterRows, ready: Callable[[], object]) -> list[str]:
        """Of rows that name no area but a point: the path of what lies there."""
        spots = [""] * len(rows.line)
        if not _says(rows.lon):
            return spots
        points = [index for index, lon in enumerate(rows.lon) if lon is not None and not rows.area[index]]
        if points:
            ready()  # the atlas asks the database, which one thread may do at a time
            held = areas.locate_many(
                [rows.lon[index] for index in points], [rows.lat[index] for index in points]
            )
            for index, place in zip(points, held, strict=True):
                spots[index] = place.path
        return spots

    def _home(self, words: Sequence[str], homes: dict[tuple[str, ...], _Home]) -> _Home | str:
        """Which home the words of a row mean; the path, where that is none in which the viewer may add one."""
        area, compound, building, unit, room, address, spot = words
        called, building, door = split_place(compound, building, unit, room, address)
        path = self.ground.named.get(area, "") if area else spot
        estate = self.ground.compound(called, path) if called else None
        if not area and not path:
            path = estate[1] if estate else self.ground.home
        if not self.ground.holds_homes(path) or not self.ground.may(path):
            return path
        if called and not estate and called != building:
            building = f"{called}{building}"
        key = (path, estate[0] if estate else "", building[:80], door)
        home = homes.get(key)
        if home is None:
            home = homes[key] = _Home(*key)
        return home

    def _refuse(self, rows: RegisterRows, index: int, path: str) -> None:
        area = rows.area[index]
        column = "area" if area or rows.lon[index] is None else "lon"
        expected = (
            _("a grid in which you keep the register")
            if path and self.ground.holds_homes(path)
            else _("the grid: its code or name, a point inside it, or an estate that is in the register")
        )
        self.faults.append(Fault(rows.line[index], column, area, expected))

    def _people(self, rows: RegisterRows, family_of: Sequence[int], ids: Sequence[str]) -> bytes:
        names, residency = rows.name, self.residency
        if "\\" in "".join(names):
            names = list(map(escaped, names))
        relations = ["head"] * len(names) if self.kind == "households" else rows.relation
        private = self._sealed("identity", rows.identity, ids, f"{_NONE}\t{_NONE}\t{_NONE}")
        called = self._sealed("phone", rows.phone, ids, f"{_NONE}\t{_NONE}\t")
        registered = self._sealed("registered_address", rows.registered_at, ids, _NONE)
        columns = zip(
            rows.line, family_of, ids, names, rows.birth_year, rows.sex, rows.residency, relations, private, called,
            registered, strict=True,
        )  # fmt: skip
        return "".join(
            [
                f"{line}\t{family}\t{rid}\t{name}\t{year or _NONE}\t{sex}\t{lives or residency}\t{relation}\t{one}\t{two}\t{at}\n"
                if name
                else f"{line}\t{family}\t{_NONE}\t\t{_NONE}\t{sex}\t{lives or residency}\t{relation}\t{one}\t{two}\t{at}\n"
                for line, family, rid, name, year, sex, lives, relation, one, two, at in columns
            ]
        ).encode()

    def _sealed(self, column: str, texts: Sequence[str], ids: Sequence[str], none: str) -> list[str]:
        """The columns of COPY for one private text: sealed, and what it is found by."""
        if not any(texts):
            return [none] * len(texts)
        some = texts if all(texts) else list(filter(None, texts))
        sealed = self.sealers[column](some, ids if some is texts else list(compress(ids, texts)))
        hashed = self.hashers.get(column)
        if hashed is None:
            told = [f"{_BYTES}{one.hex()}" for one in sealed]
        else:
            pairs = zip(sealed, map(hashed, some), self._last(column, some), strict=True)
            told = [f"{_BYTES}{one.hex()}\t{_BYTES}{key.hex()}\t{last}" for one, key, last in pairs]
        if some is texts:
            return told
        each = iter(told)
        return [next(each) if text else none for text in texts]

    def _last(self, column: str, texts: Sequence[str]) -> Iterator[str]:
        """The third column: of a telephone its last figures, of an identity number its hashes under older keys."""
        if column == "phone":
            return (text[-4:] for text in texts)
        if not self.older:
            return (_NONE for _text in texts)
        return (_hashes(self.lookups("identity", text)[1:]) for text in texts)

    def place(self, path: str) -> str:
        """The path and its codes of township, community and grid."""
        known = self.places.get(path)
        if known is None:
            codes = [*path.split("."), "", "", ""]
            known = self.places[path] = "\t".join((path, codes[2], codes[3], codes[4]))
        return known


class _Chunk:
    """The homes and families that the rows of a chunk speak of, each once, with ids for those that are not there yet."""

    def __init__(self, maker: LineMaker, rows: RegisterRows, homes: Sequence[_Home]) -> None:
        self.maker = maker
        self.homes: list[_Home] = []
        self.blocks: dict[tuple[str, str, str], int] = {}
        self.of_block: list[list[tuple[float, float]]] = []
        self.families: list[_Family] = []
        self.family_of = self._families(rows, homes)
        if _says(rows.lon):
            self._put_spots(rows, homes)
        if any(rows.vegetable_plot):
            for plot, at in zip(rows.vegetable_plot, self.family_of, strict=True):
                self.families[at].plot |= bool(plot)

    def _families(self, rows: RegisterRows, homes: Sequence[_Home]) -> list[int]:
        """Of each row its family's number."""
        everyone = self.maker.kind == "households"
        found = []
        for line, home, number, relation in zip(rows.line, homes, rows.number, rows.relation, strict=True):
            if home.at < 0:
                self._add_home(home)
            head = everyone or relation == "head"
            if number:
                home.numbered = home.numbered or {}
                family = home.numbered.get(number)
                if family is None:
                    family = home.numbered[number] = self._add_family(home, line, number)
            else:
                home.heads += head
                family = home.last
                if family is None or (head and home.heads > 1):
                    family = home.last = self._add_family(home, line, "")
            if head:
                family.headed = True
            found.append(family.at)
        return found

    def _add_home(self, home: _Home) -> None:
        home.at = len(self.homes)
        self.homes.append(home)
        home.block = self.blocks.setdefault((home.path, home.compound, home.building), len(self.of_block))
        if home.block == len(self.of_block):
            self.of_block.append([])

    def _add_family(self, home: _Home, line: int, number: str) -> _Family:
        family = _Family(len(self.families), home.at, line, number)
        self.families.append(family)
        return family

    def _put_spots(self, rows: RegisterRows, homes: Sequence[_Home]) -> None:
        for home, lon, lat in zip(homes, rows.lon, rows.lat, strict=True):
            if lon is not None and lat is not None:
                home.spots = [*(home.spots or ()), (lon, lat)]
                self.of_block[home.block].append((lon, lat))

    def homes_told(self) -> bytes:
        count = len(self.homes)
        plates = secrets.token_bytes(_PLATE * count).translate(PLATES).decode()
        buildings = new_ids(self.maker.milliseconds, len(self.of_block))
        dwellings = new_ids(self.maker.milliseconds, count)
        middles = [_middle(spots) for spots in self.of_block]
        place = self.maker.place
        return "".join(
            [
                f"{at}\t{home.block}\t{place(home.path)}\t{home.compound or _NONE}\t{escaped(home.building)}\t{escaped(home.door)}"
                f"\t{plates[at * _PLATE : (at + 1) * _PLATE]}\t{_middle(home.spots)}\t{middles[home.block]}"
                f"\t{buildings[home.block]}\t{dwellings[at]}\n"
                for at, home in enumerate(self.homes)
            ]
        ).encode()

    def families_told(self) -> bytes:
        ids = new_ids(self.maker.milliseconds, len(self.families))
        return "".join(
            [
                f"{of.at}\t{of.home}\t{of.line}\t{escaped(of.number)}\t{of.headed}\t{of.plot}\t{one}\n"
                for of, one in zip(self.families, ids, strict=True)
            ]
        ).encode()


def _says(column: Sequence[float | None]) -> bool:
    return column.count(None) < len(column)


def _first_of_each(identities: Sequence[str]) -> list[bool]:
    """Whether nobody before in this chunk has the number."""
    some = list(filter(None, identities))
    if len(set(some)) == len(some):
        return [True] * len(identities)
    seen: set[str] = set()
    first = []
    for identity in identities:
        first.append(not identity or identity not in seen)
        seen.add(identity)
    return first


def _middle(spots: Sequence[tuple[float, float]] | None) -> str:
    """Where something lies of which several rows say so."""
    if not spots:
        return f"{_NONE}\t{_NONE}"
    lons, lats = zip(*spots, strict=True)
    return f"{sum(lons) / len(lons)}\t{sum(lats) / len(lats)}"


def _hashes(hashes: Sequence[bytes]) -> str:
    return "{" + ",".join(f'"\\\\\\\\x{each.hex()}"' for each in hashes) + "}"
