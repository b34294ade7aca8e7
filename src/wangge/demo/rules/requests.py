"""Real requests as a file tells them, and what is made of each for the sample city: item, place, finder. Pure."""

import csv
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from wangge.base.calendar import SHANGHAI
from wangge.catalogue.rules import Suggestion, suggest_items

#: What a file must have, and may have beside.
COLUMNS = ("title", "text", "created_at")
OPTIONAL = ("id", "label_l1", "reply", "replied_at")

#: Labels that cities give to requests → the departments that such work belongs to here.
LABELS: Mapping[str, tuple[str, ...]] = {
    "城乡建设": (
        "housing",
        "city-management",
        "natural-resources",
        "water-supply",
        "gas",
        "heating",
        "power",
    ),
    "环境保护": ("ecology", "city-management"),
    "交通运输": ("transport", "traffic-police"),
    "教育文体": ("education", "culture"),
    "劳动和社会保障": ("human-resources", "medical-insurance", "civil-affairs"),
    "商贸旅游": ("market", "commerce", "culture"),
    "卫生计生": ("health", "medical-insurance"),
}
#: An item of the label's departments counts so much more; without any word, this item stands for the label.
LABEL_FACTOR = 2.0
#: Who files it: the tier that finds it, by chance from the seed.
FINDERS = ("worker", "community", "township", "dispatcher")
FINDER_WEIGHTS = (40, 25, 10, 25)
LONGEST_TITLE, LONGEST_TEXT = 200, 4_000


@dataclass(frozen=True, slots=True)
class Request:
    """One line of the file; `moment` and `replied` are None where the file has none or says something unreadable."""

    key: str
    title: str
    text: str
    label: str
    reply: str
    moment: datetime | None
    replied: datetime | None


@dataclass(frozen=True, slots=True)
class Item:
    """A work item as the interface tells it."""

    code: str
    zh: str
    keywords: tuple[str, ...]
    department: str
    business: str
    handle_minutes: int


def requests_in(lines: Iterable[str]) -> Iterator[Request]:
    """The requests of a CSV; ValueError when a column that it must have is missing."""
    reader = csv.DictReader(lines)
    if missing := [name for name in COLUMNS if name not in (reader.fieldnames or ())]:
        raise ValueError(f"the file has no column {missing[0]}; it needs {', '.join(COLUMNS)}")
    for number, row in enumerate(reader, 1):
        told = {name: (row.get(name) or "").strip() for name in (*COLUMNS, *OPTIONAL)}
        yield Request(
            told["id"] or str(number),
            told["title"] or told["text"][:60],
            told["text"],
            told["label_l1"],
            told["reply"],
            _moment(told["created_at"]),
            _moment(told["replied_at"]),
        )


def case_id_of(request: Request, seed: int) -> UUID:
    """The same request has the same id, so a replay that broke off can be run again."""
    return uuid5(NAMESPACE_URL, f"wangge:replay:{seed}:{request.key}:{request.title}")


def choose_item(request: Request, items: Sequence[Item]) -> Item | None:
    """The item that its words speak of most, the title counting twice; the label's departments before others.

    Without any known word, the first item of the label's first department; None without a label too.
    """
    wanted = LABELS.get(request.label, ())
    by_code = {item.code: item for item in items}
    said = f"{request.title}\n{request.title}\n{request.text}"
    found = suggest_items(said, {item.code: item.keywords for item in items}, limit=len(items))

    def rank(suggestion: Suggestion) -> float:
        return suggestion.score * (LABEL_FACTOR if by_code[suggestion.code].department in wanted else 1)

    if found:
        return by_code[max(found, key=rank).code]
    return next((item for item in items if wanted and item.department == wanted[0]), None)


def chance(request: Request, seed: int, what: str) -> float:
    """A number from 0 to 1 that is this request's own for this purpose."""
    digest = hashlib.sha256(f"{seed}:{request.key}:{request.title}:{what}".encode()).digest()
    return int.from_bytes(digest[:6]) / 2**48


def finder_of(request: Request, seed: int) -> str:
    """The account that files it."""
    at = chance(request, seed, "finder") * sum(FINDER_WEIGHTS)
    for name, weight in zip(FINDERS, FINDER_WEIGHTS, strict=True):
        if (at := at - weight) < 0:
            return name
    return FINDERS[-1]


@dataclass(slots=True)
class Outcome:
    """What became of one request; `refused` says why when it was not filed or not closed."""

    found: str = ""
    resolved: str = ""
    late: bool = False
    refused: str = ""


def table(outcomes: Sequence[Outcome]) -> str:
    """The end of a replay, for people."""
    filed = [outcome for outcome in outcomes if outcome.found]
    closed = [outcome for outcome in filed if outcome.resolved]
    lines = [("filed", len(filed)), ("closed", len(closed))]
    lines += _counts("found in the tier", (outcome.found for outcome in filed))
    lines += _counts("resolved in the tier", (outcome.resolved for outcome in closed))
    lines += [("on time", sum(not each.late for each in closed)), ("late", sum(each.late for each in closed))]
    lines += _counts("refused", (outcome.refused for outcome in outcomes if outcome.refused))
    width = max(len(name) for name, _ in lines)
    told = [f"{name:<{width}}  {count:>7,}" for name, count in lines]
    return "\n".join(
        [
            *told,
            "Late is what the file's own reply answered after the item's time; without a reply, nothing is.",
        ]
    )


def _counts(name: str, values: Iterable[str]) -> list[tuple[str, int]]:
    return [(f"{name}: {value}", count) for value, count in Counter(values).most_common()]


def _moment(text: str) -> datetime | None:
    """As files write it, `2019/2/28 11:53:06` or ISO; without an offset it is the city's own time."""
    for form in ("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=SHANGHAI)
        except ValueError:
            continue
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
