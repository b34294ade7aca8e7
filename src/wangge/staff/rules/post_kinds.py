"""Post kinds and required posts as data: the shipped files and the check that every such file passes (rows M1, M2)."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files

from wangge.access import DUTIES
from wangge.access.viewer import LEVELS
from wangge.staff.rules.problems import BadPostKinds

GRID_KINDS = ("public", "dedicated")


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class KindLine:
    """One kind of post: its names, the duties it carries, whether its holders read confidential cases, and whether
    several may hold one post.
    """

    code: str
    zh: str
    en: str
    duties: tuple[str, ...]
    confidential: bool
    shared: bool


@dataclass(frozen=True, slots=True)
class RequiredLine:
    """So many posts of this kind must each area of the level have; `grid_kind` is set for grids only."""

    level: str
    grid_kind: str
    kind: str
    minimum: int


def post_kinds_in(lines: Iterable[str]) -> list[KindLine]:
    """The kinds in a CSV with the columns code, zh, en, duties, confidential, shared; BadPostKinds names a bad cell."""
    kinds = [_kind(line, row) for line, row in _rows(lines)]
    _refuse_twice("code", [kind.code for kind in kinds])
    return kinds


def required_posts_in(lines: Iterable[str], codes: Iterable[str]) -> list[RequiredLine]:
    """The requirements in a CSV with the columns level, grid_kind, kind, minimum; `codes` are the kinds there are."""
    known = set(codes)
    required = [_required(line, row, known) for line, row in _rows(lines)]
    _refuse_twice("kind", [f"{row.level}/{row.grid_kind}/{row.kind}" for row in required])
    return required


def shipped_post_kinds() -> list[KindLine]:
    return post_kinds_in(_shipped("post_kinds.csv"))


def shipped_required_posts() -> list[RequiredLine]:
    return required_posts_in(_shipped("required_posts.csv"), (kind.code for kind in shipped_post_kinds()))


def _shipped(name: str) -> list[str]:
    return (files("wangge.staff") / "data" / name).read_text("utf-8").splitlines()


def _rows(lines: Iterable[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Each record with its line, counting the header as the first."""
    for line, row in enumerate(csv.DictReader(lines), start=2):
        yield line, {name: (value or "").strip() for name, value in row.items() if isinstance(name, str)}


def _kind(line: int, row: dict[str, str]) -> KindLine:
    for column, limit in (("code", 40), ("zh", 40), ("en", 60)):
        if not 0 < len(row.get(column, "")) <= limit:
            raise BadPostKinds(
                line=line, column=column, value=row.get(column, ""), expected=f"1–{limit} characters"
            )
    duties = tuple(row.get("duties", "").split())
    for duty in duties:
        if duty not in DUTIES:
            raise BadPostKinds(line=line, column="duties", value=duty, expected=" ".join(DUTIES))
    flags = {"yes": True, "no": False}
    for column in ("confidential", "shared"):
        if row.get(column) not in flags:
            raise BadPostKinds(line=line, column=column, value=row.get(column, ""), expected=_("yes, no"))
    return KindLine(
        row["code"], row["zh"], row["en"], duties, flags[row["confidential"]], flags[row["shared"]]
    )


def _required(line: int, row: dict[str, str], known: set[str]) -> RequiredLine:
    grid_kinds = GRID_KINDS if row.get("level") == "grid" else ("",)
    for column, allowed in (("level", LEVELS), ("grid_kind", grid_kinds), ("kind", sorted(known))):
        if row.get(column, "") not in allowed:
            raise BadPostKinds(
                line=line, column=column, value=row.get(column, ""), expected=", ".join(allowed) or "—"
            )
    minimum = row.get("minimum", "")
    if not (minimum.isascii() and minimum.isdigit() and 1 <= int(minimum) <= 99):
        raise BadPostKinds(line=line, column="minimum", value=minimum, expected="1–99")
    return RequiredLine(row["level"], row["grid_kind"], row["kind"], int(minimum))


def _refuse_twice(column: str, keys: list[str]) -> None:
    seen: set[str] = set()
    for line, key in enumerate(keys, start=2):
        if key in seen:
            raise BadPostKinds(line=line, column=column, value=key, expected=_("each one once"))
        seen.add(key)
