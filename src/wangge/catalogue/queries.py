"""Reading the catalogue: items and their history, what a text is about, who asked for refused work, what it all costs.

The catalogue has no place and is read by everyone; refusals are counted within one's own areas.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import cast

from django.db.models import Count, Max, Q, QuerySet

from wangge.access import Verb, Viewer
from wangge.areas.models import Area
from wangge.base.problems import NotAllowed, NotFound
from wangge.catalogue import lifecycle, rules
from wangge.catalogue.models import ItemVersion, Paper, Refusal, WorkItem
from wangge.journal import queries as journal
from wangge.journal.models import Entry
from wangge.staff.models import Department

#: Working minutes of a full-time grid worker's week: five days of seven hours.
WEEK_MINUTES = 2_100

Keywords = MappingProxyType[str, tuple[str, ...]]

# By process: the stamp of the catalogue as it was read, and its keywords.
_kept: tuple[str, Keywords] = ("", MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class ItemHistory:
    """An item with all its versions, newest first, what the journal tells of its admission, oldest first, and its papers."""

    item: WorkItem
    versions: list[ItemVersion]
    entries: list[Entry]
    papers: list[Paper]


@dataclass(frozen=True, slots=True)
class Suggested:
    """An item that a text may be about, with its names; `words` are the keywords found in the text."""

    code: str
    zh: str
    en: str
    score: float
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RefusalCount:
    """How often a department asked for work that was not taken, by ground."""

    department: str
    zh: str
    en: str
    not_admitted: int
    beyond: int
    last_at: datetime

    @property
    def total(self) -> int:
        return self.not_admitted + self.beyond


@dataclass(frozen=True, slots=True)
class ItemBurden:
    """What one item is expected to cost, in minutes; `share` of all that is admitted, were it admitted too."""

    code: str
    zh: str
    en: str
    state: str
    department: str
    first_tier: str
    minutes_per_case: int
    minutes_per_week: int
    share: float


@dataclass(frozen=True, slots=True)
class Burden:
    """Expected minutes a week of all admitted items together and by first tier, and what each proposal would add."""

    minutes_per_week: int
    by_tier: dict[str, int]
    week_minutes: int
    admitted: list[ItemBurden]
    waiting: list[ItemBurden]

    @property
    def minutes_with_waiting(self) -> int:
        """What it would come to if every proposal were admitted."""
        return self.minutes_per_week + sum(item.minutes_per_week for item in self.waiting)


def current_item(code: str) -> ItemVersion:
    """The version that a new case takes; NoSuchItem, or ItemNotOpen unless the item is admitted."""
    item = item_by_code(code)
    if item.state != lifecycle.OPEN:
        raise rules.ItemNotOpen(item=code, state=item.state)
    version = _version(item)
    version.item = item  # those who hold the version ask for it
    return version


def current_items() -> list[ItemVersion]:
    """The versions that new cases take, of every admitted item, by code."""
    return [_version(item) for item in _with_version().filter(state=lifecycle.OPEN).order_by("code")]


def current_names() -> list[tuple[str, str, str]]:
    """Code, Chinese and English name of every admitted item, by code: what a list to choose from needs, and no more."""
    found = WorkItem.objects.filter(state=lifecycle.OPEN).order_by("code")
    return list(found.values_list("code", "version__zh", "version__en"))


def item_by_code(code: str) -> WorkItem:
    """The item in whatever state, with its current version; NoSuchItem."""
    item = _with_version().filter(code=code).first()
    if item is None:
        raise rules.NoSuchItem(item=code)
    return item


def items(
    viewer: Viewer,  # noqa: ARG001 - everyone reads the catalogue
    *,
    business: str = "",
    group: str = "",
    state: str = "",
    text: str = "",
    codes: tuple[str, ...] = (),
) -> list[WorkItem]:
    """Items with their current versions, by code; `text` is looked for in names, keywords and codes."""
    found = _with_version()
    if codes:
        found = found.filter(code__in=codes)
    if business:
        found = found.filter(version__business=business)
    if group:
        found = found.filter(version__group=group)
    if state:
        found = found.filter(state=state)
    if text:
        found = found.filter(
            Q(version__zh__icontains=text)
            | Q(version__en__icontains=text)
            | Q(version__keywords__contains=[text])
            | Q(code__istartswith=text)
        )
    return list(found.order_by("code"))


def item_history(viewer: Viewer, code: str) -> ItemHistory:
    """All that an item ever said, and who brought it in, changed and retired it, when and why; NoSuchItem."""
    item = item_by_code(code)
    versions = list(ItemVersion.objects.filter(item_id=code).select_related("department").order_by("-number"))
    papers = list(Paper.objects.filter(item_id=code).select_related("blob").order_by("id"))
    return ItemHistory(item, versions, journal.entries_of(viewer, f"item:{code}"), papers)


def paper(viewer: Viewer, code: str, digest: str) -> Paper:  # noqa: ARG001 - papers are read by everyone signed in
    """One paper of an item with its blob; NotFound."""
    found = Paper.objects.filter(item_id=code, blob_id=digest).select_related("blob").first()
    if found is None:
        raise NotFound
    return found


def steps_for(viewer: Viewer, item: WorkItem) -> tuple[str, ...]:
    """The steps of admission that the viewer may take now, `change` among them."""
    steps = [
        line.step
        for line in lifecycle.STEPS
        if line.source == item.state and viewer.may_anywhere(Verb(line.verb))
    ]
    changer = {lifecycle.PROPOSED: Verb.ITEM_PROPOSE, lifecycle.ADMITTED: Verb.ITEM_ADMIT}.get(item.state)
    if changer and viewer.may_anywhere(changer):
        steps.append("change")
    return tuple(steps)


def cost_of(item: WorkItem) -> ItemBurden:
    """What one item costs, and its share of all that is admitted, itself included."""
    total = sum(_version(row).minutes_per_week for row in _with_version().filter(state=lifecycle.ADMITTED))
    mine = _version(item).minutes_per_week
    return _burden(item, total if item.state == lifecycle.ADMITTED else total + mine)


def admitted_count() -> int:
    return WorkItem.objects.filter(state=lifecycle.OPEN).count()


def keywords() -> Keywords:
    """Keywords of every admitted item, by code. Kept by the process until an item or its version changes."""
    global _kept  # noqa: PLW0603 - the one thing this process remembers of the catalogue
    rows = WorkItem.objects.filter(state=lifecycle.OPEN)
    stamp = ",".join(
        f"{code}:{version}" for code, version in rows.order_by("code").values_list("code", "version_id")
    )
    if _kept[0] != stamp:
        found = rows.order_by("code").values_list("code", "version__keywords")
        _kept = (stamp, MappingProxyType({code: tuple(words or ()) for code, words in found}))
    return _kept[1]


def suggestions(text: str, limit: int = 5) -> list[Suggested]:
    """The admitted items that a resident's words speak of, best first; none when no keyword stands in them."""
    found = rules.suggest_items(text, keywords(), limit=limit)
    names = {
        code: (zh, en)
        for code, zh, en in WorkItem.objects.filter(code__in=[one.code for one in found]).values_list(
            "code", "version__zh", "version__en"
        )
    }
    return [Suggested(one.code, *names[one.code], one.score, one.words) for one in found if one.code in names]


def refusals_by_asker(viewer: Viewer, area_code: str, since: datetime, until: datetime) -> list[RefusalCount]:
    """Work refused at or below an area from `since` until before `until`, by who asked for it, most often first.

    NotFound for an unknown area, NotAllowed outside the viewer's areas.
    """
    path = Area.objects.filter(code=area_code).values_list("path", flat=True).first()
    if path is None:
        raise NotFound
    if not viewer.may(Verb.FIGURES_READ, path):
        raise NotAllowed
    counted = (
        Refusal.objects.extra(where=["catalogue_refusal.path <@ %s::ltree"], params=[path])
        .filter(at__gte=since, at__lt=until)
        .values("asked_by_id", "asked_by__zh", "asked_by__en")
        .annotate(
            not_admitted=Count("id", filter=Q(ground="not_admitted")),
            beyond=Count("id", filter=Q(ground="beyond")),
            last_at=Max("at"),
        )
    )
    counts = [
        RefusalCount(
            row["asked_by_id"],
            row["asked_by__zh"],
            row["asked_by__en"],
            row["not_admitted"],
            row["beyond"],
            row["last_at"],
        )
        for row in counted
    ]
    return sorted(counts, key=lambda count: (-count.total, count.department))


def refusal_by_id(viewer: Viewer, refusal_id: int) -> Refusal:  # noqa: ARG001 - the row policy uses it
    refusal = Refusal.objects.select_related("asked_by").filter(pk=refusal_id).first()
    if refusal is None:
        raise NotFound
    return refusal


def burden() -> Burden:
    """What the catalogue is expected to cost in minutes a week, and what each waiting proposal would add to it.

    So a new demand shows its price before it is admitted, not after.
    """
    rows = list(
        _with_version()
        .filter(state__in=[lifecycle.PROPOSED, lifecycle.REVIEWED, lifecycle.ADMITTED])
        .order_by("code")
    )
    admitted = [row for row in rows if row.state == lifecycle.ADMITTED]
    total = sum(_version(row).minutes_per_week for row in admitted)
    by_tier: dict[str, int] = {}
    for row in admitted:
        version = _version(row)
        by_tier[version.first_tier] = by_tier.get(version.first_tier, 0) + version.minutes_per_week
    dearest = sorted(admitted, key=lambda row: (-_version(row).minutes_per_week, row.code))
    return Burden(
        minutes_per_week=total,
        by_tier=by_tier,
        week_minutes=WEEK_MINUTES,
        admitted=[_burden(row, total) for row in dearest],
        waiting=[
            _burden(row, total + _version(row).minutes_per_week)
            for row in rows
            if row.state != lifecycle.ADMITTED
        ],
    )


def kept(codes: Iterable[str]) -> dict[str, dict[str, object]]:
    """Of these items, those that a phone keeps: what may be reported today, and under which words it is found."""
    found = _with_version().filter(code__in=list(codes), state=lifecycle.OPEN)
    return {
        item.code: {
            "zh": version.zh,
            "en": version.en,
            "business": version.business,
            "group": version.group,
            "group_zh": version.group_zh,
            "group_en": version.group_en,
            "keywords": version.keywords,
            "urgency_levels": version.urgency_levels,
            "proof": version.proof,
            "confidential": version.confidential,
            "first_tier": version.first_tier,
        }
        for item in found
        for version in [_version(item)]
    }


def versions_by_id(ids: Iterable[int]) -> dict[int, ItemVersion]:
    """Versions of items, also of those that have retired: what running and closed cases began with."""
    return ItemVersion.objects.in_bulk(set(ids))


def row_of(version: ItemVersion) -> dict[str, str]:
    """A version as the row of a list that would make it."""
    row = {"code": version.item_id, "department": version.department_id}
    for column in rules.COLUMNS:
        if column in rules.SAMPLE_COLUMNS or column in row:
            continue
        value = getattr(version, column)
        if isinstance(value, list):
            row[column] = " ".join(value)
        else:
            row[column] = str(int(value)) if isinstance(value, bool) else str(value)
    return row


#: By version: nobody may change one, and every account may read it. The catalogue of a city has some hundreds.
_names: dict[int, tuple[str, str]] = {}
_MOST_NAMES = 20_000


def version_names(ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """What these versions call their items, in Chinese and in English."""
    wanted = set(ids)
    if new := wanted - _names.keys():
        if len(_names) + len(new) > _MOST_NAMES:
            _names.clear()
            new = wanted
        found = ItemVersion.objects.filter(id__in=new).values_list("id", "zh", "en")
        _names.update({version: (zh, en) for version, zh, en in found})
    return {version: _names[version] for version in wanted if version in _names}


def departments() -> dict[str, Department]:
    """Every department by code."""
    return {department.code: department for department in Department.objects.order_by("code")}


def _with_version() -> QuerySet[WorkItem]:
    return WorkItem.objects.filter(version__isnull=False).select_related("version", "version__department")


def _version(item: WorkItem) -> ItemVersion:
    return cast("ItemVersion", item.version)  # `_with_version` leaves out what has none


def _burden(item: WorkItem, of: int) -> ItemBurden:
    version = _version(item)
    return ItemBurden(
        code=item.code,
        zh=version.zh,
        en=version.en,
        state=item.state,
        department=version.department_id,
        first_tier=version.first_tier,
        minutes_per_case=version.minutes_per_case,
        minutes_per_week=version.minutes_per_week,
        share=round(version.minutes_per_week / of, 4) if of else 0.0,
    )
