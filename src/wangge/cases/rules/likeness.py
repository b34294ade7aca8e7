"""How like two reports are: how near, the same work item, the same words. Each reason is kept, so that a page can say it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import asin, cos, floor, radians, sin, sqrt

_EARTH_METRES = 6_371_008.8
_METRES_PER_DEGREE = 111_195.0
#: Squares of the map, as the database counts them (migration 0005): so many to a degree.
_CELLS_PER_DEGREE = 200
_CELLS_AROUND = 360 * _CELLS_PER_DEGREE
#: A longer stretch than this finds too much to be about one place; it bounds the squares that are looked up.
MOST_METRES = 2_000
#: Words that almost every report holds tell nothing.
_SAID_EVERYWHERE = (
    "我们 你们 他们 这里 那里 这个 那个 一个 有人 没有 现在 已经 今天 昨天 附近 旁边 门口 前面 后面 问题 情况 居民 群众"
    " 反映 小区 社区 号楼 单元 元有 严重 the a an of in on at is are and to"
)
#: Among fewer kinds of work nothing can be said to stand in most.
_ENOUGH = 3
_EMPTY_WORDS = frozenset(_SAID_EVERYWHERE.split())


@dataclass(frozen=True, slots=True)
class Likeness:
    """Why a case may be the same thing. `metres` is None when one of the two has no point."""

    metres: int | None
    same_item: bool
    shared_words: tuple[str, ...]
    score: float


def metres_between(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Along the surface of the earth."""
    up, aside = radians(other_lat - lat) / 2, radians(other_lon - lon) / 2
    part = sin(up) ** 2 + cos(radians(lat)) * cos(radians(other_lat)) * sin(aside) ** 2
    return 2 * _EARTH_METRES * asin(min(1.0, sqrt(part)))


def cell_of(lon: float, lat: float) -> int:
    """The number of the square that a point lies in."""
    return floor((lat + 90) * _CELLS_PER_DEGREE) * _CELLS_AROUND + floor((lon + 180) * _CELLS_PER_DEGREE)


def cells_within(lon: float, lat: float, metres: float) -> list[int]:
    """The squares that a square of `metres` to each side touches: nine at most up to four hundred metres in China."""
    metres = min(metres, MOST_METRES)
    up = metres / _METRES_PER_DEGREE
    aside = metres / (_METRES_PER_DEGREE * max(0.05, cos(radians(lat))))
    rows = range(floor((lat - up + 90) * _CELLS_PER_DEGREE), floor((lat + up + 90) * _CELLS_PER_DEGREE) + 1)
    columns = range(
        floor((lon - aside + 180) * _CELLS_PER_DEGREE), floor((lon + aside + 180) * _CELLS_PER_DEGREE) + 1
    )
    return [row * _CELLS_AROUND + column for row in rows for column in columns]


def shared_words(tokens: list[str], others: list[str]) -> tuple[str, ...]:
    """The words that both hold, from their search tokens: pairs that follow one another are one word again.

    `["路灯", "灯不", "不亮"]` in both is "路灯不亮". Words that tell nothing are left out, as are lone characters.
    """
    held = set(others)
    words: list[str] = []
    run = ""
    for token in [*tokens, ""]:
        follows = bool(run) and token in held and len(token) == 2 and run[-1] == token[0]
        if follows:
            run += token[1]
            continue
        if len(run) > 1 and run not in _EMPTY_WORDS:
            words.append(run)
        run = token if token in held else ""
    longest = sorted(dict.fromkeys(words), key=len, reverse=True)
    return tuple(word for n, word in enumerate(longest) if not any(word in other for other in longest[:n]))


def telling(tokens: list[str], by_item: Mapping[str, set[str]]) -> list[str]:
    """Without the tokens that reports of most other work hold too: the name of the place, the phrase that all begin with.

    `by_item` are the tokens of the reports around, by their item: many reports of the same thing take no word away.
    """
    if len(by_item) < _ENOUGH:
        return tokens
    held = Counter(token for each in by_item.values() for token in each)
    return [token for token in tokens if 2 * held[token] <= len(by_item)]


def likeness(
    *, metres: float | None, reach: float, same_item: bool, words: tuple[str, ...], is_open: bool
) -> Likeness:
    """The reasons with their weight. First what shares the work or words, open before closed; then what is merely near."""
    near = 0.0 if metres is None else max(0.0, 1 - metres / max(reach, 1))
    said = min(3.0, sum(min(len(word) - 1, 3) for word in words) / 2)
    alike = same_item or bool(words)
    score = 20.0 * alike + 10.0 * is_open + 3.0 * same_item + said + 2.0 * near
    return Likeness(None if metres is None else round(metres), same_item, words, round(score, 3))
