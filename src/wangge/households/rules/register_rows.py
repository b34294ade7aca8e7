"""Rows of a community's own list of households or residents, read and checked cell by cell.

A city's list has millions of rows. They are read many at once, column by column: what is as most lists have it is checked for
all of them together, or looked up; a row with anything else in it is read for itself (`row_reader`), which alone says what is
wrong.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import compress
from operator import mul
from typing import Any, NamedTuple

from wangge.base.private import mask_identity, mask_name, mask_phone, normal_identity, normal_phone
from wangge.base.problems import Invalid
from wangge.base.tables.reading import Block, Fault, Row
from wangge.base.text import clean_line
from wangge.households.rules.headings import COLUMNS, Kind

LIMITS: Mapping[str, int] = {
    "number": 40,
    "area": 40,
    "compound": 80,
    "building": 20,
    "unit": 20,
    "room": 20,
    "address": 200,
    "lon": 24,
    "lat": 24,
    "name": 60,
    "identity": 30,
    "phone": 30,
    "sex": 10,
    "born_on": 20,
    "residency": 20,
    "registered_at": 200,
    "relation": 20,
    "vegetable_plot": 10,
}
_SHORT = 20  # no column is narrower, but those whose words are all known
#: What is kept from whoever reads the list of wrong cells: of a private cell only its mask is told.
_MASKS: Mapping[str, Callable[[str], str]] = {
    "identity": mask_identity,
    "phone": mask_phone,
    "name": mask_name,
    "address": lambda _value: "•••",
    "registered_at": lambda _value: "•••",
    "born_on": lambda _value: "•••",
}
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = b"10X98765432"
_ZERO = 48 * sum(_WEIGHTS)  # the digits are bytes, and a zero is 48
_IDENTITY = re.compile(r"[1-9]\d{16}[\dX]", re.ASCII)
_PAPER = re.compile(r"(?=.*[A-Z])[0-9A-Z()/-]{5,30}", re.ASCII)
"""The number of another paper has a letter; digits alone are an identity number that was cut."""
_PHONE = re.compile(r"1\d{10}|0\d{2,3}\d{7,8}|[2-9]\d{6,7}|400\d{7}", re.ASCII)
_DAY = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?: 00:00:00)?", re.ASCII)
_OF = re.compile(r"(?:号|栋|幢|单元|室|座|#)*(?:楼|栋|幢)?$")
_LEADING = re.compile(r"^(?:第|[#＃])")
_BUILDING = re.compile(
    r"(?P<before>(?:.*?[^\d\s])?)[\s第]*(?P<number>[A-Za-z]?\d{1,4}[A-Za-z]?)\s*(?:号楼|号?[栋幢]楼?|[#＃]楼?)(?P<rest>.*)"
)
_DOOR = re.compile(
    r"[\s-]*(?:(?P<unit>[A-Za-z\d]{1,4})(?:\s*单元|\s*-)\s*)?(?P<room>[A-Za-z\d]{1,6})\s*[室号户]?"
)
_REGION, _EIGHT, _TAIL = (re.compile(form, re.ASCII) for form in (r"[1-9]\d{5}", r"\d{8}", r"\d{3}[\dX]"))
_REMAINDERS = {chr(check): remainder for remainder, check in enumerate(_CHECKS)}
_FIRST_BIRTH = date(1880, 1, 1)
_LENGTH = 15  # of an identity number, in its older form
_DEGREES = {"lon": 180.0, "lat": 90.0}

_RESIDENCY = {
    "registered_present": ("户籍", "户籍人口", "本地户籍", "户在人在", "户籍在册", "在户", "本地", "人户一致", "人户合一", "registered", "registered_present", "present"),
    "registered_away": ("人户分离", "户在人不在", "空挂户", "空挂", "外出", "户籍外出", "在外", "户籍不在", "registered_away", "away"),
    "permanent": ("常住", "常住人口", "人在户不在", "常住非户籍", "非户籍常住", "寄住", "permanent"),
    "floating": ("流动", "流动人口", "暂住", "暂住人口", "外来", "外来人口", "租住", "租客", "租户", "floating"),
}  # fmt: skip
_RELATIONS = {
    "head": ("户主", "本人", "户主本人", "本人或户主", "head", "self"),
    "spouse": ("配偶", "妻", "妻子", "夫", "丈夫", "爱人", "老婆", "老公", "spouse", "wife", "husband"),
    "child": (
        "子", "儿子", "长子", "次子", "三子", "四子", "五子", "独生子", "女", "女儿", "长女", "次女", "二女", "三女", "四女", "五女", "独生女",
        "子女", "养子", "养女", "继子", "继女", "之子", "之女", "child", "son", "daughter",
    ),
    "in_law": (
        "儿媳", "媳", "媳妇", "女婿", "婿", "儿媳妇", "岳父", "岳母", "公公", "婆婆", "公婆", "家公", "家婆", "in_law", "son-in-law",
        "daughter-in-law",
    ),
    "parent": ("父", "父亲", "母", "母亲", "父母", "爸爸", "妈妈", "继父", "继母", "parent", "father", "mother"),
    "grandparent": ("祖父", "祖母", "爷爷", "奶奶", "外祖父", "外祖母", "外公", "外婆", "祖父母", "grandparent"),
    "grandchild": ("孙子", "孙女", "孙", "外孙", "外孙女", "外孙子", "长孙", "孙子女", "曾孙", "grandchild"),
    "sibling": ("兄", "弟", "姐", "妹", "哥哥", "弟弟", "姐姐", "妹妹", "兄弟", "姐妹", "兄弟姐妹", "sibling", "brother", "sister"),
    "other": ("租客", "租户", "承租人", "合租", "其他", "其它", "非亲属", "亲属", "其他亲属", "侄子", "侄女", "保姆", "寄居", "other"),
}  # fmt: skip
_SEXES = {"m": ("男", "男性", "m", "male", "1"), "f": ("女", "女性", "f", "female", "2")}
_YES_NO = {
    "yes": ("有", "是", "yes", "y", "1", "√", "✓", "true"),
    "no": ("无", "否", "没有", "no", "n", "0", "×", "false"),
}
_PLOT = {"yes": True, "no": False}
_WORDS: Mapping[str, Mapping[str, str]] = {
    column: {word: code for code, words in table.items() for word in words}
    for column, table in (
        ("residency", _RESIDENCY),
        ("relation", _RELATIONS),
        ("sex", _SEXES),
        ("vegetable_plot", _YES_NO),
    )
}


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


_EXPECTED: Mapping[str, str] = {
    "identity": _("an identity number of 18 characters whose last one fits the others"),
    "phone": _("a telephone number: 11 digits, or a fixed line's"),
    "sex": _("男 or 女"),
    "born_on": _("a day of birth like 1990-01-31, the one in the identity number where there is one"),
    "residency": _("户籍, 人户分离, 常住 or 流动"),
    "relation": _("what somebody is to the head: 户主, 配偶, 子, 女, 父, 母…"),
    "vegetable_plot": _("有 or 无"),
    "lon": _("degrees, as 119.36"),
    "lat": _("degrees, as 34.74"),
    "name": _("a name of 1 to 60 characters without control characters"),
}
_CLEAN = _("a text without control characters, not too long")
_WHERE = _("an address, a room, or the number of the household")


class RegisterRow(NamedTuple):
    """What a row says of a household, its dwelling and a person in it; what it leaves open is empty or None."""

    line: int
    number: str
    area: str
    compound: str
    building: str
    unit: str
    room: str
    address: str
    lon: float | None
    lat: float | None
    name: str
    identity: str
    phone: str
    sex: str
    born_on: date | None
    residency: str
    registered_at: str
    relation: str
    vegetable_plot: bool | None


class RegisterRows(NamedTuple):
    """What `RegisterRow` says, of many rows column by column; of a day of birth its year."""

    line: list[int]
    number: list[str]
    area: list[str]
    compound: list[str]
    building: list[str]
    unit: list[str]
    room: list[str]
    address: list[str]
    lon: list[float | None]
    lat: list[float | None]
    name: list[str]
    identity: list[str]
    phone: list[str]
    sex: list[str]
    birth_year: list[int | None]
    residency: list[str]
    registered_at: list[str]
    relation: list[str]
    vegetable_plot: list[bool | None]

    def only(self, kept: Sequence[bool]) -> "RegisterRows":
        """Those rows of which it is true."""
        if all(kept):
            return self
        columns: tuple[list[Any], ...] = self
        return RegisterRows(*[list(compress(column, kept)) for column in columns])

    def put(self, index: int, row: RegisterRow) -> None:
        """The row as it was read for itself, in the place of what the columns say."""
        columns: tuple[list[Any], ...] = self
        for column, value in zip(columns, row, strict=True):
            column[index] = value
        self.birth_year[index] = row.born_on.year if row.born_on else None


def rows_reader(kind: Kind, *, today: date) -> Callable[[Block], tuple[RegisterRows, list[Fault]]]:
    """A function that reads many rows of a list of this kind: those that are right, and what is wrong with each other's cells."""
    read, births, born = row_reader(kind, today=today), _Births(today), _Identities(today)

    def read_all(block: Block) -> tuple[RegisterRows, list[Fault]]:
        said, count = block.columns, len(block.lines)
        odd = _not_clean(said)
        identity, phone = _cells(said, "identity", count), _cells(said, "phone", count)
        years, sexes = born.of(identity, odd)
        if "born_on" in said:
            _compare_births(said["born_on"], identity, years, births, odd)
        told = _codes(said, "sex", count, odd)
        odd.update(index for index, text in enumerate(phone) if text and not _PHONE.fullmatch(text))
        lons, lats = _spots(said, count, odd)
        rows = RegisterRows(
            line=block.lines,
            number=_cells(said, "number", count),
            area=_cells(said, "area", count),
            compound=_cells(said, "compound", count),
            building=_plain_cells(said, "building", count),
            unit=_plain_cells(said, "unit", count),
            room=_plain_cells(said, "room", count),
            address=_cells(said, "address", count),
            lon=lons,
            lat=lats,
            name=_cells(said, "name", count),
            identity=identity,
            phone=phone,
            sex=[sex or other for sex, other in zip(sexes, told, strict=True)],
            birth_year=years,
            residency=_codes(said, "residency", count, odd),
            registered_at=_cells(said, "registered_at", count),
            relation=_codes(said, "relation", count, odd),
            vegetable_plot=list(map(_PLOT.get, _codes(said, "vegetable_plot", count, odd))),
        )
        _find_missing(rows, kind, odd)
        return _mended(rows, block, odd, read)

    return read_all


def _cells(said: Mapping[str, list[str]], column: str, count: int) -> list[str]:
    return said[column] if column in said else [""] * count


def _plain_cells(said: Mapping[str, list[str]], column: str, count: int) -> list[str]:
    return list(map(_plain, said[column])) if column in said else [""] * count


def _codes(said: Mapping[str, Sequence[str]], column: str, count: int, odd: set[int]) -> list[str]:
    """What the words of a column mean; rows with others are odd."""
    if column not in said:
        return [""] * count
    words = said[column]
    codes = {word: _code(column, word) for word in set(words)}
    strange = {word for word, code in codes.items() if word and not code}
    if strange:
        odd.update(index for index, word in enumerate(words) if word in strange)
    return list(map(codes.__getitem__, words))


def _mended(
    rows: RegisterRows,
    block: Block,
    odd: set[int],
    read: Callable[[Row], tuple[RegisterRow | None, list[Fault]]],
) -> tuple[RegisterRows, list[Fault]]:
    """The rows, each odd one read for itself or left out with what is wrong."""
    if not odd:
        return rows, []
    faults: list[Fault] = []
    kept = [True] * len(block.lines)
    # The columns are the block's own lists where nothing was worked out: what is put there is taken from it first.
    singly = {
        index: Row(block.lines[index], {name: cells[index] for name, cells in block.columns.items()})
        for index in sorted(odd)
    }
    for index, line in singly.items():
        row, wrong = read(line)
        if row:
            rows.put(index, row)
        else:
            kept[index] = False
            faults += wrong
    return rows.only(kept), faults


class _Looked(dict[str, Any]):
    """What a part of a cell means, worked out once. What means nothing is not kept, so that it cannot grow without end."""

    nothing: Any

    def __missing__(self, text: str) -> Any:
        found = self.work_out(text)
        if found is None:
            return self.nothing
        self[text] = found
        return found

    def work_out(self, text: str) -> Any:
        raise NotImplementedError


class _Identities:
    """Identity numbers are looked up in three parts, of which a city has few: the region, the day of birth, what follows."""

    def __init__(self, today: date) -> None:
        self.regions, self.days, self.tails = _Regions(), _Days(today), _Tails()

    def of(self, texts: Sequence[str], odd: set[int]) -> tuple[list[int | None], list[str]]:
        """Year of birth and sex of each; whatever is none is odd."""
        regions, days, tails = self.regions, self.days, self.tails
        years: list[int | None] = [None] * len(texts)
        sexes = [""] * len(texts)
        for index, text in enumerate(texts):
            if text:
                day, years[index] = days[text[6:14]]
                tail, sexes[index] = tails[text[14:]]
                if (regions[text[:6]] + day + tail) % 11:
                    odd.add(index)
        return years, sexes


class _Regions(_Looked):
    """The first six characters: what they add to the sum whose remainder by 11 is to be nothing."""

    nothing = 0.5  # with it no sum has that remainder; so the others', whichever come together

    def work_out(self, text: str) -> int | None:
        return _weighed(text, 0) if _REGION.fullmatch(text) else None


class _Days(_Looked):
    """The day of birth in it: what it adds, and its year."""

    nothing = (0.25, None)

    def __init__(self, today: date) -> None:
        super().__init__()
        self.today = today

    def work_out(self, text: str) -> tuple[int, int] | None:
        day = _day_in(text) if _EIGHT.fullmatch(text) else None
        return (_weighed(text, 6), day.year) if day and day <= self.today else None


class _Tails(_Looked):
    """The last four characters: what they add, and the sex."""

    nothing = (0.125, "")

    def work_out(self, text: str) -> tuple[int, str] | None:
        if not _TAIL.fullmatch(text):
            return None
        return _weighed(text[:3], 14) - _REMAINDERS[text[3]], "m" if int(text[2]) & 1 else "f"


class _Births(_Looked):
    """A day of birth as a list writes it, as the eight digits that an identity number has."""

    nothing = ""

    def __init__(self, today: date) -> None:
        super().__init__()
        self.today = today

    def work_out(self, text: str) -> str | None:
        day = _day(text)
        return f"{day:%Y%m%d}" if day and day <= self.today else None


def _weighed(digits: str, start: int) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS[start:], strict=False))


def _compare_births(
    texts: Sequence[str], identities: Sequence[str], years: list[int | None], born: _Births, odd: set[int]
) -> None:
    for index, text in enumerate(texts):
        if not text:
            continue
        day = born[text]
        if not day or (years[index] and identities[index][6:14] != day):
            odd.add(index)
        else:
            years[index] = int(day[:4])


def _spots(
    said: Mapping[str, Sequence[str]], count: int, odd: set[int]
) -> tuple[list[float | None], list[float | None]]:
    lons: list[float | None] = [None] * count
    lats: list[float | None] = [None] * count
    if "lon" in said or "lat" in said:
        blank = [""] * count
        for index, (lon, lat) in enumerate(zip(said.get("lon", blank), said.get("lat", blank), strict=True)):
            if lon or lat:
                wrong: dict[str, str] = {}
                lons[index], lats[index] = _degrees(lon, "lon", wrong), _degrees(lat, "lat", wrong)
                if wrong:
                    odd.add(index)
    return lons, lats


def _find_missing(rows: RegisterRows, kind: Kind, odd: set[int]) -> None:
    """Rows that lack a name where one is needed, or do not say where."""
    if not all(rows.name):
        odd.update(
            index
            for index, name in enumerate(rows.name)
            if not name and (kind == "residents" or rows.identity[index] or rows.phone[index])
        )
    if not all(rows.address):
        where = zip(rows.room, rows.address, rows.number, strict=True)
        odd.update(index for index, told in enumerate(where) if not any(told))


def _not_clean(said: Mapping[str, Sequence[str]]) -> set[int]:
    """The rows with a cell that is to be cleaned or is too long. A column without any is seen at one look."""
    odd: set[int] = set()
    for column, cells in said.items():
        limit = LIMITS[column]
        if not _is_clean_text("".join(cells)) or max(map(len, cells), default=0) > limit:
            odd.update(
                index for index, cell in enumerate(cells) if len(cell) > limit or not _is_clean_text(cell)
            )
    return odd


def row_reader(kind: Kind, *, today: date) -> Callable[[Row], tuple[RegisterRow | None, list[Fault]]]:
    """A function that reads a row of a list of this kind: the row, or what is wrong with each of its cells."""
    columns = tuple(COLUMNS[kind])
    names_needed = kind == "residents"

    def read(row: Row) -> tuple[RegisterRow | None, list[Fault]]:
        wrong: dict[str, str] = {}
        said = row.values
        if not _is_clean(said):
            said = _cleaned(said, wrong)
        get = said.get
        identity, born_on, sex = _person(said, today, wrong)
        phone = get("phone", "")
        if phone:
            phone = _phone(phone, wrong)
        lon = lat = None
        if get("lon") or get("lat"):
            lon, lat = (_degrees(get(column, ""), column, wrong) for column in ("lon", "lat"))
        name = get("name", "")
        if not name and (names_needed or identity or phone):
            wrong.setdefault("name", _EXPECTED["name"])
        room, address, number = get("room", ""), get("address", ""), get("number", "")
        if not (room or address or number):
            wrong.setdefault("address", _WHERE)
        residency = _word(said, "residency", wrong) if get("residency") else ""
        relation = _word(said, "relation", wrong) if get("relation") else ""
        plot = _word(said, "vegetable_plot", wrong) if get("vegetable_plot") else ""
        if wrong:
            return None, [
                _fault(row, column, expected) for column, expected in wrong.items() if column in columns
            ]
        return RegisterRow(
            row.line, number, get("area", ""), get("compound", ""),
            _plain(get("building", "")), _plain(get("unit", "")), _plain(room), address, lon, lat,
            name, identity, phone, sex, born_on, residency, get("registered_at", ""), relation,
            plot == "yes" if plot else None,
        ), []  # fmt: skip

    return read


def identity_number(text: str) -> str:
    """A resident's identity number as it is kept, or nothing where it is none: wrong form, day of birth or check."""
    kept = text if _IDENTITY.fullmatch(text) else normal_identity(text)
    return kept if _IDENTITY.fullmatch(kept) and _checks(kept) and _day_in(kept[6:14]) else ""


def born_and_sex(identity: str) -> tuple[date | None, str]:
    """What an identity number says of its owner: the day of birth, and m or f."""
    return _day_in(identity[6:14]), "m" if ord(identity[16]) & 1 else "f"


def split_place(compound: str, building: str, unit: str, room: str, address: str) -> tuple[str, str, str]:
    """Compound, building and door as a row's columns say them, or as its address does where they say none."""
    if room or building:
        number = _building(building) if building else address
        return compound, number or compound or address, _door(unit, room)
    found, number, door = split_address(address)
    return compound or found, number, door


@lru_cache(maxsize=20_000)
def split_address(address: str) -> tuple[str, str, str]:
    """What stands before a building's number, the building and the door: 锦湖家园3号楼2单元501室 → 锦湖家园, 3号楼, 2单元501.

    Where no building is numbered the whole is the building, as 荷花村12号 is a house.
    """
    if found := _BUILDING.fullmatch(address):
        door = _DOOR.fullmatch(found["rest"])
        said = _door(door["unit"] or "", door["room"]) if door else found["rest"].strip(" -－,，")[:40]
        return found["before"].strip(), _building(found["number"]), said
    return "", address, ""


def _building(number: str) -> str:
    """3, as a list says it, is called 3号楼; a name is a name."""
    return f"{number}号楼" if number.isascii() and number.isalnum() and len(number) <= 6 else number


def _door(unit: str, room: str) -> str:
    return f"{unit}单元{room}"[:40] if unit else room[:40]


def _checks(identity: str) -> bool:
    digits = identity.encode()
    told: int = sum(map(mul, _WEIGHTS, digits)) - _ZERO
    return _CHECKS[told % 11] == digits[17]


@lru_cache(maxsize=60_000)
def _day_in(digits: str) -> date | None:
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None
    return day if day >= _FIRST_BIRTH else None


def _person(said: Mapping[str, str], today: date, wrong: dict[str, str]) -> tuple[str, date | None, str]:
    """Identity, day of birth and sex, which must not say different things."""
    written = said.get("identity", "")
    identity = identity_number(written) if written else ""
    born_on, sex = born_and_sex(identity) if identity else (None, "")
    if written and not identity:
        identity = normal_identity(written)
        if len(identity) >= _LENGTH or not _PAPER.fullmatch(identity):
            wrong["identity"] = _EXPECTED["identity"]
    if said.get("born_on"):
        day = _day(said["born_on"])
        if day is None or day > today or (born_on and day != born_on):
            wrong["born_on"] = _EXPECTED["born_on"]
        born_on = day
    elif born_on and born_on > today:
        wrong["identity"] = _EXPECTED["identity"]
    if said.get("sex"):
        told = _word(said, "sex", wrong)
        sex = sex or told
    return identity, born_on, sex


@lru_cache(maxsize=60_000)
def _day(text: str) -> date | None:
    parts = _DAY.fullmatch(text)
    if not parts:
        return None
    try:
        day = date(*map(int, parts.groups()))
    except ValueError:
        return None
    return day if day >= _FIRST_BIRTH else None


def _phone(text: str, wrong: dict[str, str]) -> str:
    kept = text if len(text) == 11 and text.isascii() and text.isdigit() else normal_phone(text)
    if not _PHONE.fullmatch(kept):
        wrong["phone"] = _EXPECTED["phone"]
    return kept


def _degrees(text: str, column: str, wrong: dict[str, str]) -> float | None:
    most = _DEGREES[column]
    try:
        degrees = float(text)
    except ValueError:
        degrees = most + 1
    if not -most <= degrees <= most:
        wrong[column] = _EXPECTED[column]
        return None
    return degrees


def _word(said: Mapping[str, str], column: str, wrong: dict[str, str]) -> str:
    code = _code(column, said[column])
    if not code:
        wrong[column] = _EXPECTED[column]
    return code


@lru_cache(maxsize=4_000)
def _code(column: str, text: str) -> str:
    return _WORDS[column].get(text.casefold(), "")


@lru_cache(maxsize=60_000)
def _plain(text: str) -> str:
    """3号楼, #3 and 3栋 are the same building, as 501室 and 501 are the same room."""
    return _OF.sub("", _LEADING.sub("", unicodedata.normalize("NFKC", text))).strip() or text


def _is_clean(said: Mapping[str, str]) -> bool:
    """Whether no cell holds anything that is to be cleaned, and none is longer than the shortest limit that matters."""
    if not _is_clean_text("".join(said.values())):
        return False
    for column, cell in said.items():  # noqa: SIM110 - a generator takes twice as long, for each of millions of rows
        if len(cell) > _SHORT and len(cell) > LIMITS[column]:
            return False
    return True


def _is_clean_text(text: str) -> bool:
    """Cells may be looked at together: whatever is wrong in one of them is wrong in all that hold it."""
    return text.isprintable() and "  " not in text and unicodedata.is_normalized("NFC", text)


def _cleaned(said: Mapping[str, str], wrong: dict[str, str]) -> dict[str, str]:
    kept = {}
    for column, cell in said.items():
        try:
            kept[column] = clean_line(cell, limit=LIMITS[column], name=column)
        except Invalid:
            wrong[column] = _EXPECTED.get(column, _CLEAN)
            kept[column] = ""
    return kept


def _fault(row: Row, column: str, expected: str) -> Fault:
    value = row.values.get(column, "")
    mask = _MASKS.get(column)
    return Fault(row.line, column, mask(value) if mask and value else value[:60], expected)
